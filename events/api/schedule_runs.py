"""Computations of schedules, for those who run the meetings of an event."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_serializer
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from events.api.examples import SCHEDULE_RUN
from events.api.narrowing import ScheduleRunFilter
from events.models import Event, HelperRole, ScheduleRun, ScheduleRunState
from events.services.publishing import publish_run
from events.services.schedule_runs import (
    LONGEST,
    SHORTEST,
    USUAL,
    discard_run,
    queue_run,
    stop_run,
)
from konnect.accounts.api.bodies import Given, TimeField
from konnect.accounts.api.views import Listed, Resource, Retrieved
from konnect.states import TransitionError


@extend_schema_serializer(
    examples=[OpenApiExample("Schedule run", SCHEDULE_RUN, response_only=True)]
)
class ScheduleRunSerializer(serializers.Serializer[ScheduleRun]):
    """One computation of a whole schedule; it touches nobody until it is published."""

    id = serializers.IntegerField()
    page = serializers.SerializerMethodField(help_text="The page for people.")
    event = serializers.IntegerField(source="event_id")
    state = serializers.ChoiceField(ScheduleRunState.choices)
    is_repair = serializers.BooleanField(help_text="Moves only what it must.")
    seconds_allowed = serializers.IntegerField()
    seed = serializers.IntegerField()
    value = serializers.IntegerField(allow_null=True, help_text="The sum of the weights held.")
    bound = serializers.IntegerField(allow_null=True, help_text="No schedule is worth more.")
    is_optimal = serializers.BooleanField()
    was_stopped = serializers.BooleanField()
    meetings = serializers.SerializerMethodField(help_text="How many are proposed.")
    unplaced = serializers.SerializerMethodField(help_text="How many wishes find no place.")
    version = serializers.IntegerField(allow_null=True)
    error = serializers.CharField(allow_blank=True)
    created_at = TimeField()
    began_at = TimeField(allow_null=True)
    ended_at = TimeField(allow_null=True)
    published_at = TimeField(allow_null=True)

    def get_page(self, run: ScheduleRun) -> str:
        """Return the address of its page."""
        return reverse("events:schedule_run_detail", args=[run.pk])

    def get_meetings(self, run: ScheduleRun) -> int:
        """Count the proposals."""
        return len(run.proposals)

    def get_unplaced(self, run: ScheduleRun) -> int:
        """Count the reasons: there is one for each wish that finds no place."""
        return len(run.reasons)


class ScheduleRunRequestSerializer(Given):
    """What is computed, and for how long."""

    event = serializers.IntegerField(min_value=1)
    seconds = serializers.IntegerField(min_value=SHORTEST, max_value=LONGEST, default=USUAL)
    seed = serializers.IntegerField(min_value=1, max_value=1_000_000, default=1)
    is_repair = serializers.BooleanField(default=False)


class PublishRequestSerializer(Given):
    """Whether to publish what still holds although something has changed."""

    even_if_changed = serializers.BooleanField(default=False)


@extend_schema(tags=["schedules"])
class ScheduleRuns(Listed, Retrieved, Resource):
    """Computations of schedules of the events whose meetings one runs."""

    queryset = ScheduleRun.objects.all()
    serializer_class = ScheduleRunSerializer
    filterset_class = ScheduleRunFilter

    def rows(self) -> QuerySet[Any]:
        """Return the runs of the reader's events."""
        events = Event.objects.run_by(self.reader, HelperRole.MEETINGS)
        return ScheduleRun.objects.filter(event__in=events).select_related("event")

    @extend_schema(
        request=ScheduleRunRequestSerializer, responses={201: ScheduleRunSerializer},
        summary="Compute a schedule",
    )  # fmt: skip
    def create(self, request: Request) -> Response:
        """In the background; one at a time and event."""
        values = self.given(ScheduleRunRequestSerializer)
        events = Event.objects.run_by(self.reader, HelperRole.MEETINGS)
        event = events.filter(pk=values.pop("event")).first()
        if event is None:
            words = _("There is no such event whose meetings you run.")
            raise serializers.ValidationError({"event": [words]}, "does_not_exist")
        run = queue_run(event, actor=self.reader, **values)
        if run is None:
            raise TransitionError("another run goes on")
        self.kwargs["pk"] = run.pk
        return Response(self.shown(self.get_object()), status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=ScheduleRunSerializer, summary="End it early")
    @action(detail=True, methods=["post"])
    def stop(self, request: Request, pk: int) -> Response:
        """It finishes with the best so far."""
        stop_run(self.get_object(), actor=self.reader)
        return Response(self.shown(self.get_object()))

    @extend_schema(
        request=PublishRequestSerializer, responses=ScheduleRunSerializer, summary="Publish it"
    )
    @action(detail=True, methods=["post"])
    def publish(self, request: Request, pk: int) -> Response:
        """Everybody whom it touches is told."""
        run = self.get_object()
        values = self.given(PublishRequestSerializer)
        publish_run(run, actor=self.reader, even_if_changed=values["even_if_changed"])
        return Response(self.shown(self.get_object()))

    @extend_schema(request=None, responses=ScheduleRunSerializer, summary="Put it away")
    @action(detail=True, methods=["post"])
    def discard(self, request: Request, pk: int) -> Response:
        """A finished one that is not to be published."""
        discard_run(self.get_object(), actor=self.reader)
        return Response(self.shown(self.get_object()))
