"""Events and their agendas."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_serializer
from rest_framework import serializers

from events.api.examples import EVENT, PLACE, SESSION
from events.filters import EventFilter
from events.models import (
    Event,
    EventKind,
    EventMode,
    EventState,
    Place,
    PlaceKind,
    Session,
    SessionKind,
)
from events.phases import Phase, phase_of
from events.services.programmes import Speaker, people_by_pk, shown_speaker
from konnect.accounts.api.authentication import MayWrite, SignedInToWrite
from konnect.accounts.api.bodies import TimeField
from konnect.accounts.api.pages import ByNumberUp
from konnect.accounts.api.views import Listed, Resource, Retrieved
from matching.api.people import CodesField

PHASES = [(phase.value, phase.value) for phase in Phase]


@extend_schema_serializer(examples=[OpenApiExample("Event", EVENT, response_only=True)])
class EventSerializer(serializers.Serializer[Event]):
    """An occasion to meet, with its windows of time."""

    id = serializers.IntegerField()
    page = serializers.CharField(source="get_absolute_url", help_text="The page for people.")
    kind = serializers.ChoiceField(EventKind.choices)
    mode = serializers.ChoiceField(EventMode.choices)
    state = serializers.ChoiceField(EventState.choices)
    phase = serializers.SerializerMethodField(help_text="What the clock says of it now.")
    title_en = serializers.CharField(allow_blank=True)
    title_ko = serializers.CharField(allow_blank=True)
    summary_en = serializers.CharField(allow_blank=True)
    summary_ko = serializers.CharField(allow_blank=True)
    description_en = serializers.CharField(allow_blank=True)
    description_ko = serializers.CharField(allow_blank=True)
    areas = CodesField(source="areas.all", help_text="Codes of areas.")
    languages = serializers.ListField(child=serializers.CharField())
    venue_en = serializers.CharField(allow_blank=True)
    venue_ko = serializers.CharField(allow_blank=True)
    address = serializers.CharField(allow_blank=True)
    city = serializers.CharField(allow_blank=True)
    country_code = serializers.CharField(allow_blank=True)
    time_zone = serializers.CharField(source="zone", help_text="In which its clocks run.")
    starts_at = TimeField()
    ends_at = TimeField()
    registration_opens_at = TimeField(allow_null=True)
    registration_closes_at = TimeField(allow_null=True)
    requests_open_at = TimeField(allow_null=True)
    requests_close_at = TimeField(allow_null=True)
    feedback_closes_at = TimeField(allow_null=True)
    capacity = serializers.IntegerField(allow_null=True)
    needs_approval = serializers.BooleanField()
    has_meetings = serializers.BooleanField(help_text="Whether people ask for meetings here.")
    schedule_version = serializers.IntegerField(help_text="Of the published schedule; 0: none.")

    def get_phase(self, event: Event) -> Phase:
        """Return where it stands by the clock."""
        return phase_of(event, timezone.now())


@extend_schema(tags=["events"])
class Events(Listed, Retrieved, Resource):
    """Events; drafts only for those who prepare them."""

    permission_classes = (SignedInToWrite, MayWrite)
    queryset = Event.objects.all()
    serializer_class = EventSerializer
    filterset_class = EventFilter

    def rows(self) -> QuerySet[Any]:
        """Return what this reader may see."""
        return Event.objects.visible_to(self.request.user).prefetch_related("areas")


@extend_schema_serializer(examples=[OpenApiExample("Place", PLACE, response_only=True)])
class PlaceSerializer(serializers.Serializer[Place]):
    """A table, an online room or a hall."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(PlaceKind.choices)
    name_en = serializers.CharField(allow_blank=True)
    name_ko = serializers.CharField(allow_blank=True)
    seats = serializers.IntegerField()


class SpeakerSerializer(serializers.Serializer[Speaker]):
    """Somebody who speaks."""

    name = serializers.CharField(allow_blank=True, help_text="Empty for a member who is hidden.")
    affiliation = serializers.CharField(allow_blank=True)


@dataclass(frozen=True)
class Line:
    """One line of an agenda, with the speakers as the reader may see them."""

    session: Session
    speakers: list[Speaker]


@extend_schema_serializer(examples=[OpenApiExample("Session", SESSION, response_only=True)])
class SessionSerializer(serializers.Serializer[Line]):
    """One line of an agenda."""

    id = serializers.IntegerField(source="session.pk")
    kind = serializers.ChoiceField(SessionKind.choices, source="session.kind")
    title_en = serializers.CharField(source="session.title_en", allow_blank=True)
    title_ko = serializers.CharField(source="session.title_ko", allow_blank=True)
    description_en = serializers.CharField(source="session.description_en", allow_blank=True)
    description_ko = serializers.CharField(source="session.description_ko", allow_blank=True)
    starts_at = TimeField(source="session.during.lower")
    ends_at = TimeField(source="session.during.upper")
    place = PlaceSerializer(source="session.place", allow_null=True)
    speakers = SpeakerSerializer(many=True)


@extend_schema(tags=["events"])
class Sessions(Listed, Resource):
    """The agenda of one event."""

    permission_classes = (SignedInToWrite, MayWrite)
    pagination_class = ByNumberUp
    queryset = Session.objects.all()
    serializer_class = SessionSerializer

    def rows(self) -> QuerySet[Any]:
        """Return the lines of an event that this reader may see."""
        visible = Event.objects.visible_to(self.request.user)
        event = get_object_or_404(visible, pk=self.kwargs["event"])
        sessions = Session.objects.filter(event=event).select_related("place")
        return sessions.prefetch_related("speakers")

    def present(self, rows: Sequence[Session]) -> Sequence[Line]:
        """Return them with their speakers; members as far as this reader may see them."""
        people = people_by_pk(rows, self.request.user)
        return [
            Line(row, [shown_speaker(speaker, people) for speaker in row.speakers.all()])
            for row in rows
        ]
