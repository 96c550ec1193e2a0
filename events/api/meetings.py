"""One's own meetings, what one says of them, and when one is taken."""

from __future__ import annotations

from typing import Any, cast

from django.db.models import Prefetch, QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import (
    OpenApiExample,
    extend_schema,
    extend_schema_field,
    extend_schema_serializer,
)
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from events.api.events import PlaceSerializer
from events.api.examples import ENTRY, FEEDBACK, MEETING
from events.api.narrowing import MeetingFilter
from events.models import Meeting, MeetingFeedback, MeetingState, NextStep, Registration, Seat
from events.services.meetings import cancel_meeting, give_feedback, report_late
from konnect.accounts.api.bodies import Given, TimeField
from konnect.accounts.api.views import Listed, Resource, Retrieved
from matching.api.lines import PersonInLine


@extend_schema_serializer(examples=[OpenApiExample("Feedback", FEEDBACK, response_only=True)])
class FeedbackSerializer(serializers.Serializer[MeetingFeedback]):
    """What one said of a meeting; only oneself and the organisers read it."""

    took_place = serializers.BooleanField()
    usefulness = serializers.IntegerField(allow_null=True, help_text="1, not at all, to 5, very.")
    next_step = serializers.ChoiceField(NextStep.choices, allow_blank=True)
    words = serializers.CharField(allow_blank=True)
    given_at = TimeField()


@extend_schema_serializer(examples=[OpenApiExample("Meeting", MEETING, response_only=True)])
class MeetingSerializer(serializers.Serializer[Meeting]):
    """One meeting of a published schedule."""

    id = serializers.IntegerField()
    page = serializers.CharField(source="get_absolute_url", help_text="The page for people.")
    event = serializers.IntegerField(source="event_id")
    request = serializers.IntegerField(source="request_id", help_text="The meeting request.")
    state = serializers.ChoiceField(MeetingState.choices)
    starts_at = TimeField(source="during.lower")
    ends_at = TimeField(source="during.upper")
    place = PlaceSerializer(allow_null=True)
    people = serializers.SerializerMethodField(help_text="The others at the meeting.")
    uid = serializers.UUIDField(help_text="Of calendars; stays when the meeting moves.")
    sequence = serializers.IntegerField(help_text="Rises with every change.")
    cancellation_reason = serializers.CharField(allow_blank=True)
    feedback = serializers.SerializerMethodField(help_text="One's own.")

    @property
    def user(self) -> Any:
        """Return who reads."""
        return self.context["request"].user

    @extend_schema_field(PersonInLine(many=True))
    def get_people(self, row: Meeting) -> Any:
        """Return everybody but the reader."""
        seats = [seat for seat in row.seats.all() if seat.profile.user_id != self.user.pk]
        return [PersonInLine(seat.profile).data for seat in seats]

    @extend_schema_field(FeedbackSerializer(allow_null=True))
    def get_feedback(self, row: Any) -> Any:
        """Return what the reader said of a meeting, which the query put beside it."""
        own = next(iter(row.own_feedback), None)
        return FeedbackSerializer(own).data if own else None


class FeedbackRequestSerializer(Given):
    """What one says of a meeting; saying it again takes the place of the first."""

    took_place = serializers.BooleanField(default=True)
    usefulness = serializers.IntegerField(min_value=1, max_value=5, allow_null=True, default=None)
    next_step = serializers.ChoiceField(NextStep.choices, allow_blank=True, default="")
    words = serializers.CharField(max_length=1000, allow_blank=True, default="")


class CancellationRequestSerializer(Given):
    """Why a meeting cannot take place."""

    reason = serializers.CharField(max_length=300, allow_blank=True, default="")
    is_still_wanted = serializers.BooleanField(
        default=False, help_text="You still want to meet, at another time."
    )


class LateRequestSerializer(Given):
    """How late one will be."""

    minutes = serializers.IntegerField(min_value=1, max_value=240)


@extend_schema(tags=["meetings"])
class Meetings(Listed, Retrieved, Resource):
    """One's own meetings at all events."""

    queryset = Meeting.objects.all()
    serializer_class = MeetingSerializer
    filterset_class = MeetingFilter

    def rows(self) -> QuerySet[Any]:
        """Return those at which the reader sits."""
        seats = Seat.objects.select_related("profile__user", "profile__organisation")
        own = MeetingFeedback.objects.filter(registration__profile__user=self.reader)
        sat = Seat.objects.filter(profile__user=self.reader, meeting__isnull=False)
        return (
            Meeting.objects.filter(pk__in=sat.values("meeting_id"))
            .select_related("place", "event", "request")
            .prefetch_related(
                Prefetch("seats", seats.order_by("pk")),
                Prefetch("feedback", own, to_attr="own_feedback"),
            )
        )

    def own_side(self, meeting: Meeting) -> Registration:
        """Return as whom the reader sits there."""
        seat = get_object_or_404(
            meeting.seats.select_related("registration__profile__user"),
            profile__user=self.reader, registration__isnull=False,
        )  # fmt: skip
        return cast("Registration", seat.registration)

    @extend_schema(
        request=CancellationRequestSerializer, responses=MeetingSerializer,
        summary="Cancel a meeting",
    )  # fmt: skip
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: int) -> Response:
        """The others are told, here and in their calendars."""
        meeting = self.get_object()
        cancel_meeting(meeting, actor=self.reader, **self.given(CancellationRequestSerializer))
        return Response(self.shown(self.get_object()))

    @extend_schema(
        request=LateRequestSerializer, responses=MeetingSerializer, summary="Say that one is late"
    )
    @action(detail=True, methods=["post"])
    def late(self, request: Request, pk: int) -> Response:
        """The others are told at once."""
        meeting = self.get_object()
        minutes = self.given(LateRequestSerializer)["minutes"]
        own = self.own_side(meeting)
        report_late(meeting, registration=own, minutes=minutes, actor=self.reader)
        return Response(self.shown(self.get_object()))

    @extend_schema(
        request=FeedbackRequestSerializer, responses=MeetingSerializer,
        summary="Say how a meeting was",
    )  # fmt: skip
    @action(detail=True, methods=["put"])
    def feedback(self, request: Request, pk: int) -> Response:
        """As soon as it has begun."""
        meeting = self.get_object()
        values = self.given(FeedbackRequestSerializer)
        own = self.own_side(meeting)
        give_feedback(meeting, registration=own, actor=self.reader, **values)
        return Response(self.shown(self.get_object()))


@extend_schema_serializer(examples=[OpenApiExample("Entry", ENTRY, response_only=True)])
class EntrySerializer(serializers.Serializer[Seat]):
    """A time at which one is taken: by a meeting, or by a session in which one speaks."""

    id = serializers.IntegerField()
    event = serializers.SerializerMethodField()
    starts_at = TimeField(source="during.lower")
    ends_at = TimeField(source="during.upper")
    meeting = serializers.IntegerField(source="meeting_id", allow_null=True)
    session = serializers.IntegerField(source="session_id", allow_null=True)

    def get_event(self, row: Seat) -> int:
        """Return the number of the event."""
        owner = row.meeting or row.session
        return owner.event_id if owner else 0


@extend_schema(tags=["meetings"])
class Agenda(Listed, Resource):
    """When one is taken, over all events; what was cancelled is not there."""

    queryset = Seat.objects.all()
    serializer_class = EntrySerializer

    def rows(self) -> QuerySet[Any]:
        """Return the reader's own."""
        own = Seat.objects.filter(profile__user=self.reader, is_live=True)
        return own.select_related("meeting", "session")
