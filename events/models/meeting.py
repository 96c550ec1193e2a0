"""Meetings of a published schedule, and who is taken when."""

from __future__ import annotations

from typing import ClassVar
from uuid import uuid4

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import Deferrable
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from events.models.event import Event
from events.models.meeting_request import MeetingRequest
from events.models.place import OneRow, Place, Session, Slot
from events.models.registration import Registration
from events.models.schedule_run import ScheduleRun
from konnect.states import StateChange, Stateful, Transitions
from matching.models import Profile, Twinning


class MeetingState(models.TextChoices):
    """Where a meeting stands."""

    SCHEDULED = "scheduled", _("scheduled")
    HELD = "held", _("held")
    NO_SHOW = "no_show", _("somebody did not come")
    CANCELLED = "cancelled", _("cancelled")


class Meeting(Stateful):
    """One meeting of a published schedule; a move keeps the row and its number in calendars."""

    TRANSITIONS: ClassVar[Transitions] = {
        MeetingState.SCHEDULED: frozenset(
            {MeetingState.HELD, MeetingState.NO_SHOW, MeetingState.CANCELLED}
        ),
        MeetingState.HELD: frozenset({MeetingState.NO_SHOW}),
        MeetingState.NO_SHOW: frozenset({MeetingState.HELD}),
        MeetingState.CANCELLED: frozenset(),
    }

    event = models.ForeignKey(Event, models.CASCADE, related_name="meetings")
    request = models.ForeignKey(MeetingRequest, models.CASCADE, related_name="meetings")
    run = models.ForeignKey(ScheduleRun, models.SET_NULL, null=True, related_name="meetings")
    state = models.CharField(max_length=10, choices=MeetingState, default=MeetingState.SCHEDULED)
    slot = models.ForeignKey(Slot, models.RESTRICT, related_name="meetings")
    # The slot's time, so that the constraints can see it.
    during = DateTimeRangeField()
    place = models.ForeignKey(Place, models.RESTRICT, null=True, related_name="meetings")
    # People and places are taken: until it is cancelled, or somebody did not come.
    is_live = models.BooleanField(default=True)
    # Of calendars: made once, never again; the second rises with every change that is sent.
    uid = models.UUIDField(default=uuid4, unique=True, editable=False)
    sequence = models.PositiveIntegerField(default=0)
    # Since when a schedule has changed it and calendars were not told; the worker tells them.
    untold_since = models.DateTimeField(null=True, editable=False)
    # The way into the online room, unguessable; only the people of the meeting get it.
    room_key = models.CharField(max_length=43, unique=True, editable=False)
    cancelled_by = models.ForeignKey("accounts.User", models.SET_NULL, null=True, related_name="+")
    cancelled_at = models.DateTimeField(null=True)
    cancellation_reason = models.CharField(max_length=300, blank=True)
    is_late_cancellation = models.BooleanField(default=False)
    twinning = models.ForeignKey(Twinning, models.SET_NULL, null=True, related_name="meetings")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("meeting")
        verbose_name_plural = _("meetings")
        ordering = ("during", "pk")
        indexes = [
            models.Index(
                fields=["untold_since"],
                condition=models.Q(untold_since__isnull=False),
                name="meetings_untold",
            )
        ]
        constraints = [
            ExclusionConstraint(
                name="one_meeting_a_place",
                expressions=[
                    (OneRow("place"), RangeOperators.OVERLAPS),
                    ("during", RangeOperators.OVERLAPS),
                ],
                condition=models.Q(is_live=True, place__isnull=False),
                deferrable=Deferrable.IMMEDIATE,
            ),
            models.UniqueConstraint(
                fields=["request"], condition=models.Q(is_live=True),
                name="one_live_meeting_a_request",
            ),
            models.CheckConstraint(
                condition=models.Q(state="cancelled", is_live=False, cancelled_at__isnull=False)
                | models.Q(state="no_show", cancelled_at__isnull=True)
                | models.Q(state__in=("scheduled", "held"), is_live=True,
                           cancelled_at__isnull=True),
                name="meeting_live_while_it_stands",
            ),
            # What seats point at, with their time.
            models.UniqueConstraint(fields=["id", "during", "is_live"], name="meeting_with_time"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.request_id}: {self.during}"

    def get_absolute_url(self) -> str:
        """Return the address of the page about this meeting."""
        return reverse("events:meeting_detail", args=[self.pk])


class MeetingChange(StateChange):
    """One state change of a meeting."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="changes")


class MeetingMove(models.Model):
    """A meeting got another slot or place."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="moves")
    old_slot = models.ForeignKey(Slot, models.SET_NULL, null=True, related_name="+")
    new_slot = models.ForeignKey(Slot, models.SET_NULL, null=True, related_name="+")
    old_place = models.ForeignKey(Place, models.SET_NULL, null=True, related_name="+")
    new_place = models.ForeignKey(Place, models.SET_NULL, null=True, related_name="+")
    sequence = models.PositiveIntegerField()
    moved_by = models.ForeignKey("accounts.User", models.SET_NULL, null=True, related_name="+")
    moved_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("move of a meeting")
        verbose_name_plural = _("moves of meetings")
        ordering = ("moved_at", "pk")

    def __str__(self) -> str:
        return f"{self.meeting_id}: {self.sequence}"


class Seat(models.Model):
    """A person is taken at a time: by a meeting, or by a duty on the agenda, over all events.

    Two composite foreign keys, written by hand in the migration, make `during` and `is_live`
    follow the meeting or the session: there are never two truths.
    """

    profile = models.ForeignKey(Profile, models.CASCADE, related_name="seats")
    meeting = models.ForeignKey(Meeting, models.CASCADE, null=True, related_name="seats")
    session = models.ForeignKey(Session, models.CASCADE, null=True, related_name="seats")
    registration = models.ForeignKey(Registration, models.CASCADE, null=True, related_name="seats")
    during = DateTimeRangeField()
    is_live = models.BooleanField(default=True)
    # Somebody said that this person did not come.
    is_absent = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("seat")
        verbose_name_plural = _("seats")
        ordering = ("during", "pk")
        constraints = [
            ExclusionConstraint(
                name="one_seat_a_person",
                expressions=[
                    (OneRow("profile"), RangeOperators.OVERLAPS),
                    ("during", RangeOperators.OVERLAPS),
                ],
                condition=models.Q(is_live=True),
                deferrable=Deferrable.IMMEDIATE,
            ),
            models.UniqueConstraint(
                fields=["meeting", "profile"], name="one_seat_a_person_and_meeting"
            ),
            models.CheckConstraint(
                condition=models.Q(meeting__isnull=False, session__isnull=True)
                | models.Q(meeting__isnull=True, session__isnull=False),
                name="seat_of_meeting_or_session",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.profile_id}: {self.during}"
