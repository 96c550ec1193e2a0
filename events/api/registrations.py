"""Taking part in events: one's own registrations, and who else comes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_serializer
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from events.api.examples import INTENT, PARTICIPANT, REGISTRATION
from events.api.narrowing import RegistrationFilter
from events.forms.registrations import RegistrationForm, name_of
from events.models import Answer, Event, EventMode, Intent, Registration, RegistrationState
from events.permissions import may_see_participants
from events.services.answers import NOTHING
from events.services.intents import LONGEST, MOST_INTENTS, Wish, wishes_of
from events.services.participants import participants_for
from events.services.registrations import (
    change_registration,
    register,
    take_offer,
    withdraw_registration,
)
from konnect.accounts.api.bodies import Changes, Given, TimeField
from konnect.accounts.api.views import Listed, Resource, Retrieved
from matching.api.lines import PersonInLine
from matching.models import Listing, ListingKind
from matching.services.profiles import ensure_profile


@extend_schema_serializer(examples=[OpenApiExample("Intent", INTENT, response_only=True)])
class IntentSerializer(serializers.Serializer[Intent]):
    """What somebody offers or seeks at an event."""

    kind = serializers.ChoiceField(ListingKind.choices)
    text_en = serializers.CharField(allow_blank=True)
    text_ko = serializers.CharField(allow_blank=True)
    listing = serializers.IntegerField(source="listing_id", allow_null=True)


class AnswerSerializer(serializers.Serializer[Answer]):
    """What somebody answered to one question of the organisers."""

    question = serializers.IntegerField(source="question_id")
    text_en = serializers.CharField(source="question.text_en", allow_blank=True)
    text_ko = serializers.CharField(source="question.text_ko", allow_blank=True)
    value = serializers.JSONField(help_text="A text, a list of places among the choices, or yes.")


@extend_schema_serializer(
    examples=[OpenApiExample("Registration", REGISTRATION, response_only=True)]
)
class RegistrationSerializer(serializers.Serializer[Registration]):
    """One's own place at one event."""

    id = serializers.IntegerField()
    page = serializers.SerializerMethodField(help_text="The page for people.")
    event = serializers.IntegerField(source="event_id")
    state = serializers.ChoiceField(RegistrationState.choices)
    mode = serializers.ChoiceField(EventMode.choices)
    is_listed = serializers.BooleanField(help_text="Stands in the list of participants.")
    wants_meetings = serializers.BooleanField()
    maximum_meetings = serializers.IntegerField(allow_null=True)
    time_zone = serializers.CharField(source="zone")
    note = serializers.CharField(allow_blank=True, help_text="For the organisers.")
    decision_reason = serializers.CharField(allow_blank=True)
    offer_expires_at = TimeField(allow_null=True)
    created_at = TimeField()
    intents = IntentSerializer(source="intents.all", many=True)
    answers = AnswerSerializer(source="answers.all", many=True)

    def get_page(self, registration: Registration) -> str:
        """Return the address of its page."""
        return reverse("events:registration_detail", args=[registration.event_id])


class IntentRequestSerializer(Given):
    """An offer or a wish, in one language or both."""

    kind = serializers.ChoiceField(ListingKind.choices)
    text_en = serializers.CharField(max_length=LONGEST, allow_blank=True, default="")
    text_ko = serializers.CharField(max_length=LONGEST, allow_blank=True, default="")
    listing = serializers.IntegerField(min_value=1, allow_null=True, default=None)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse an intent without words.

        Raises:
            ValidationError: it has a text in neither language.
        """
        if not attrs["text_en"] and not attrs["text_ko"]:
            raise serializers.ValidationError(_("Write something in one of the languages."))
        return attrs


class AnswerGivenSerializer(Given):
    """An answer to one question of the event's form."""

    question = serializers.IntegerField(min_value=1)
    value = serializers.JSONField()


class RegistrationFields(serializers.Serializer[Any]):
    """What one says about taking part."""

    mode = serializers.ChoiceField(EventMode.choices)
    is_listed = serializers.BooleanField()
    wants_meetings = serializers.BooleanField()
    maximum_meetings = serializers.IntegerField(min_value=0, max_value=200, allow_null=True)
    time_zone = serializers.CharField(max_length=40)
    note = serializers.CharField(max_length=1000, allow_blank=True)
    answers = serializers.ListField(child=AnswerGivenSerializer(), max_length=100)
    intents = serializers.ListField(
        child=IntentRequestSerializer(), max_length=2 * MOST_INTENTS,
        help_text="Left out: one's open listings.",
    )  # fmt: skip


class RegistrationChangesSerializer(RegistrationFields, Changes):
    """What changes about taking part; lists are replaced as a whole."""


class RegistrationRequestSerializer(RegistrationFields, Changes):
    """For which event one registers, and how one takes part."""

    event = serializers.IntegerField(min_value=1)

    def get_fields(self) -> dict[str, Any]:
        """Return the fields; the event must be named."""
        fields = super().get_fields()
        fields["event"].required = True
        return fields


@extend_schema(tags=["events"])
class Registrations(Listed, Retrieved, Resource):
    """One's own registrations for events."""

    queryset = Registration.objects.all()
    serializer_class = RegistrationSerializer
    filterset_class = RegistrationFilter

    def rows(self) -> QuerySet[Any]:
        """Return one's own."""
        own = Registration.objects.of(self.reader).select_related("event", "profile__user")
        return own.prefetch_related("intents", "answers__question")

    @extend_schema(
        request=RegistrationRequestSerializer, responses={201: RegistrationSerializer},
        summary="Register for an event",
    )  # fmt: skip
    def create(self, request: Request) -> Response:
        """In, waiting for approval, or on the waiting list: the state says which."""
        values = self.given(RegistrationRequestSerializer)
        visible = Event.objects.visible_to(self.reader)
        event = visible.filter(pk=values.pop("event")).first()
        if event is None:
            words = _("There is no such event, or none that you may see.")
            raise serializers.ValidationError({"event": [words]}, "does_not_exist")
        defaults = {"mode": event.mode, "time_zone": self.reader.time_zone, "wants_meetings": True}
        form = checked(event, defaults | values)
        registration = register(
            event, profile=ensure_profile(self.reader), actor=self.reader, answers=form.answers(),
            intents=self.wishes(values), **form.columns(),
        )  # fmt: skip
        self.kwargs["pk"] = registration.pk
        return Response(self.shown(self.get_object()), status.HTTP_201_CREATED)

    @extend_schema(
        request=RegistrationChangesSerializer, responses=RegistrationSerializer,
        summary="Change how one takes part",
    )  # fmt: skip
    @transaction.atomic
    def partial_update(self, request: Request, pk: int) -> Response:
        """What is left out stays as it is."""
        registration = self.locked(self.get_object())
        values = self.given(RegistrationChangesSerializer)
        form = checked(registration.event, standing(registration) | values)
        wishes = self.wishes(values)
        change_registration(
            registration, actor=self.reader, columns=form.columns(), answers=form.answers(),
            intents=wishes_of(registration) if wishes is None else wishes,
        )  # fmt: skip
        return Response(self.shown(self.get_object()))

    def wishes(self, values: Mapping[str, Any]) -> list[Wish] | None:
        """Return the intents of a body, None when it has none; listings are one's own.

        Raises:
            ValidationError: a listing is not the reader's.
        """
        if "intents" not in values:
            return None
        own = set(Listing.objects.filter(profile__user=self.reader).values_list("pk", flat=True))
        if any(row["listing"] and row["listing"] not in own for row in values["intents"]):
            words = _("There is no such listing of yours.")
            raise serializers.ValidationError({"intents": [words]}, "does_not_exist")
        return [
            Wish(row["kind"], row["text_en"], row["text_ko"], row["listing"])
            for row in values["intents"]
        ]

    @extend_schema(request=None, responses=RegistrationSerializer, summary="Take an offered place")
    @action(detail=True, methods=["post"])
    def take(self, request: Request, pk: int) -> Response:
        """Before the time of the offer is over."""
        take_offer(self.get_object(), actor=self.reader)
        return Response(self.shown(self.get_object()))

    @extend_schema(request=None, responses=RegistrationSerializer, summary="Do not come after all")
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: int) -> Response:
        """Meetings are cancelled, and the place goes to the next."""
        withdraw_registration(self.get_object(), actor=self.reader)
        return Response(self.shown(self.get_object()))


def standing(registration: Registration) -> dict[str, Any]:
    """Return what a registration says now, as a body would."""
    names = ("mode", "is_listed", "wants_meetings", "maximum_meetings", "note")
    answers = registration.answers.values("question_id", "value")
    return {
        **{name: getattr(registration, name) for name in names},
        "time_zone": registration.zone,
        "answers": [{"question": row["question_id"], "value": row["value"]} for row in answers],
    }


def checked(event: Event, values: Mapping[str, Any]) -> RegistrationForm:
    """Return the form of the page, filled from a body: both check the same.

    Raises:
        ValidationError: the form complains, or a question is not of this event.
    """
    answers = {row["question"]: row["value"] for row in values.get("answers", ())}
    data: dict[str, Any] = {name: values[name] for name in SAME_NAMES if name in values}
    data["zone"] = values["time_zone"]
    form = RegistrationForm(event=event, wishes=())
    questions = {question.pk: question for question in form.questions}
    if unknown := sorted(set(answers) - set(questions)):
        words = _("This event does not ask that.")
        raise serializers.ValidationError({"answers": {str(pk): [words] for pk in unknown}})
    for pk, value in answers.items():
        if value not in NOTHING:
            data[name_of(questions[pk])] = typed(value)
    form = RegistrationForm(data, event=event, wishes=())
    if not form.is_valid():
        errors = {name: [str(each) for each in found] for name, found in form.errors.items()}
        raise serializers.ValidationError(errors, "invalid")
    return form


def typed(value: Any) -> Any:
    """Return an answer as a form sends it: places among the choices are texts there."""
    if isinstance(value, list):
        return [str(each) for each in value]
    return value if isinstance(value, bool | str) else str(value)


SAME_NAMES = ("mode", "is_listed", "wants_meetings", "maximum_meetings", "note")


@extend_schema_serializer(
    examples=[OpenApiExample("Participant", PARTICIPANT, response_only=True)]
)
class ParticipantSerializer(serializers.Serializer[Registration]):
    """Somebody who takes part in an event."""

    id = serializers.IntegerField(help_text="Of the participant; asking for a meeting names it.")
    page = serializers.SerializerMethodField(help_text="The page for people.")
    person = PersonInLine(source="profile")
    mode = serializers.ChoiceField(EventMode.choices)
    wants_meetings = serializers.BooleanField()
    intents = IntentSerializer(source="intents.all", many=True)

    def get_page(self, registration: Registration) -> str:
        """Return the address of the participant's page."""
        place = [registration.event_id, registration.pk]
        return reverse("events:participant_detail", args=place)


@extend_schema(tags=["events"])
class Participants(Listed, Resource):
    """Who takes part in an event, for those who take part as well: who agreed to be listed."""

    queryset = Registration.objects.all()
    serializer_class = ParticipantSerializer

    def rows(self) -> QuerySet[Any]:
        """Return whom this reader may see.

        Raises:
            Http404: the reader does not take part.
        """
        visible = Event.objects.visible_to(self.reader)
        event = get_object_or_404(visible, pk=self.kwargs["event"])
        if not may_see_participants(event, self.reader):
            raise Http404
        return participants_for(event, self.reader).with_people().prefetch_related("intents")

    def retrieve(self, request: Request, event: int, pk: int) -> Response:
        # No docstring: the description says what the class says.
        return Response(self.shown(self.get_object()))
