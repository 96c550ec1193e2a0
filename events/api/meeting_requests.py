"""Asking participants for meetings, and answering."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import (
    OpenApiExample,
    extend_schema,
    extend_schema_field,
    extend_schema_serializer,
)
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from events.api.examples import MEETING_REQUEST
from events.api.narrowing import MeetingRequestFilter
from events.forms.meetings import AskForm
from events.models import (
    DeclineReason,
    Event,
    EventMode,
    MeetingRequest,
    Registration,
    RequestState,
    Strength,
)
from events.permissions import registration_of
from events.services.meeting_requests import (
    accept_meeting_request,
    decline_meeting_request,
    send_meeting_request,
    withdraw_meeting_request,
)
from events.services.participants import participants_for
from konnect.accounts.api.bodies import Given, TimeField
from konnect.accounts.api.views import Listed, Resource, Retrieved
from matching.api.lines import PersonInLine


class ParticipantInLine(serializers.Serializer[Registration]):
    """One of the two people of a request."""

    participant = serializers.IntegerField(source="pk")
    person = PersonInLine(source="profile")


@extend_schema_serializer(
    examples=[OpenApiExample("Meeting request", MEETING_REQUEST, response_only=True)]
)
class MeetingRequestSerializer(serializers.Serializer[MeetingRequest]):
    """One participant asks another for a meeting; a schedule says when it takes place."""

    id = serializers.IntegerField()
    page = serializers.CharField(source="get_absolute_url", help_text="The page for people.")
    event = serializers.IntegerField(source="event_id")
    state = serializers.ChoiceField(RequestState.choices)
    is_sent_by_me = serializers.SerializerMethodField()
    sender = ParticipantInLine()
    recipient = ParticipantInLine()
    message = serializers.CharField(allow_blank=True)
    strength = serializers.ChoiceField(Strength.choices, help_text="How much the sender wants it.")
    answer_strength = serializers.ChoiceField(Strength.choices, allow_null=True)
    is_mutual = serializers.BooleanField(help_text="Both asked each other.")
    mode = serializers.ChoiceField(EventMode.choices)
    is_organisational = serializers.BooleanField()
    purpose = serializers.CharField(allow_blank=True)
    decline_reason = serializers.ChoiceField(DeclineReason.choices, allow_blank=True)
    decline_words = serializers.CharField(allow_blank=True)
    created_at = TimeField()
    expires_at = TimeField()
    answered_at = TimeField(allow_null=True)

    @extend_schema_field(bool)
    def get_is_sent_by_me(self, row: MeetingRequest) -> bool:
        """Tell which side the reader is."""
        return row.sender.profile.user_id == self.context["request"].user.pk


class MeetingRequestRequestSerializer(Given):
    """Whom one asks for a meeting, and why."""

    event = serializers.IntegerField(min_value=1)
    participant = serializers.IntegerField(min_value=1, help_text="The number of a participant.")
    message = serializers.CharField(max_length=500)
    strength = serializers.ChoiceField(Strength.choices, default=Strength.WANTED.value)
    mode = serializers.ChoiceField(
        EventMode.choices, required=False,
        help_text="Hybrid, either way, if left out; only hybrid events have a choice.",
    )  # fmt: skip
    is_organisational = serializers.BooleanField(
        default=False, help_text="Both sides may bring several people; only at twinning events."
    )
    purpose = serializers.CharField(
        max_length=500, allow_blank=True, default="",
        help_text="Needed where organisations meet.",
    )  # fmt: skip


class AcceptRequestSerializer(Given):
    """How much one wants the meeting oneself."""

    strength = serializers.ChoiceField(Strength.choices, default=Strength.WANTED.value)
    purpose = serializers.CharField(max_length=500, allow_blank=True, default="")


class DeclineRequestSerializer(Given):
    """Why not."""

    decline_reason = serializers.ChoiceField(
        DeclineReason.choices, default=DeclineReason.OTHER.value
    )
    decline_words = serializers.CharField(max_length=300, allow_blank=True, default="")


@extend_schema(tags=["meetings"])
class MeetingRequests(Listed, Retrieved, Resource):
    """The meeting requests that one sent, received, or was asked to join, at all events."""

    queryset = MeetingRequest.objects.all()
    serializer_class = MeetingRequestSerializer
    filterset_class = MeetingRequestFilter

    def rows(self) -> QuerySet[Any]:
        """Return one's own, blocks apart."""
        return MeetingRequest.objects.visible_to(self.reader).with_people()

    @extend_schema(
        request=MeetingRequestRequestSerializer, responses={201: MeetingRequestSerializer},
        summary="Ask a participant for a meeting",
    )  # fmt: skip
    def create(self, request: Request) -> Response:
        """Whoever was asked by that participant already accepts by asking."""
        values = self.given(MeetingRequestRequestSerializer)
        event, own = self.own_at(values.pop("event"))
        people = participants_for(event, self.reader).with_people().exclude(pk=own.pk)
        partner = people.filter(pk=values.pop("participant")).first()
        if partner is None:
            words = _("There is no such participant, or none whom you may see.")
            raise serializers.ValidationError({"participant": [words]}, "does_not_exist")
        sent = send_meeting_request(
            event, sender=own, recipient=partner, actor=self.reader, **asked(event, values)
        )
        self.kwargs["pk"] = sent.pk
        return Response(self.shown(self.get_object()), status.HTTP_201_CREATED)

    def own_at(self, number: int) -> tuple[Event, Registration]:
        """Return an event and the reader's registration there.

        Raises:
            ValidationError: they are not registered for it.
        """
        event = Event.objects.visible_to(self.reader).filter(pk=number).first()
        own = registration_of(event, self.reader) if event else None
        if event is None or own is None:
            words = _("You are not registered for such an event.")
            raise serializers.ValidationError({"event": [words]}, "does_not_exist")
        return event, own

    def received(self) -> MeetingRequest:
        """Return a request that the reader received; others are not there."""
        received = self.rows().filter(recipient__profile__user=self.reader)
        found: MeetingRequest = get_object_or_404(received, pk=self.kwargs["pk"])
        return found

    @extend_schema(
        request=AcceptRequestSerializer, responses=MeetingRequestSerializer, summary="Say yes"
    )
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, pk: int) -> Response:
        """Agree to meet; the schedule says when."""
        found = self.received()
        accept_meeting_request(found, actor=self.reader, **self.given(AcceptRequestSerializer))
        return Response(self.shown(self.get_object()))

    @extend_schema(
        request=DeclineRequestSerializer, responses=MeetingRequestSerializer, summary="Say no"
    )
    @action(detail=True, methods=["post"])
    def decline(self, request: Request, pk: int) -> Response:
        """With one of the reasons, and words if you like."""
        found = self.received()
        values = self.given(DeclineRequestSerializer)
        decline_meeting_request(
            found, actor=self.reader, reason=values["decline_reason"],
            words=values["decline_words"],
        )  # fmt: skip
        return Response(self.shown(self.get_object()))

    @extend_schema(request=None, responses=MeetingRequestSerializer, summary="Take it back")
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: int) -> Response:
        """A request of one's own, or a yes of either side while no meeting stands."""
        sides = self.rows().exclude(members__registration__profile__user=self.reader)
        found = get_object_or_404(sides, pk=pk)
        is_sender = found.sender.profile.user_id == self.reader.pk
        if not is_sender and found.state != RequestState.ACCEPTED:
            found = get_object_or_404(sides.filter(sender__profile__user=self.reader), pk=pk)
        by = found.sender if is_sender else found.recipient
        withdraw_meeting_request(found, actor=self.reader, by=by)
        return Response(self.shown(self.get_object()))


def asked(event: Event, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return a body as the form of the page reads it: both check the same.

    Raises:
        ValidationError: the form complains, or the event has no such choice.
    """
    form = AskForm({"mode": EventMode.HYBRID, **values}, event=event)
    # What says nothing, or what the event is anyway, may be there.
    foreign = {
        name
        for name, value in values.items()
        if name not in form.fields and value not in ("", False, event.mode)
    }
    if foreign:
        words = _("This event does not have this choice.")
        raise serializers.ValidationError({name: [words] for name in sorted(foreign)}, "invalid")
    if not form.is_valid():
        errors = {name: [str(each) for each in found] for name, found in form.errors.items()}
        raise serializers.ValidationError(errors, "invalid")
    return form.cleaned_data
