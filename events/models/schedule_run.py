"""Computations of schedules."""

from __future__ import annotations

from enum import nonmember
from typing import ClassVar

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from events.models.event import Event
from konnect.states import StateChange, Stateful, Transitions


class ScheduleRunState(models.TextChoices):
    """Where one computation of a schedule stands."""

    QUEUED = "queued", _("queued")
    RUNNING = "running", _("running")
    FINISHED = "finished", _("finished")
    PUBLISHED = "published", _("published")
    SUPERSEDED = "superseded", _("replaced by a newer one")
    DISCARDED = "discarded", _("discarded")
    FAILED = "failed", _("failed")

    open_states = nonmember(("queued", "running"))


class ScheduleRun(Stateful):
    """One computation of the whole schedule; what it proposes touches nobody until it is published."""

    TRANSITIONS: ClassVar[Transitions] = {
        ScheduleRunState.QUEUED: frozenset(
            {ScheduleRunState.RUNNING, ScheduleRunState.DISCARDED, ScheduleRunState.FAILED}
        ),
        ScheduleRunState.RUNNING: frozenset(
            {ScheduleRunState.FINISHED, ScheduleRunState.QUEUED, ScheduleRunState.FAILED,
             ScheduleRunState.DISCARDED}
        ),
        ScheduleRunState.FINISHED: frozenset(
            {ScheduleRunState.PUBLISHED, ScheduleRunState.DISCARDED}
        ),
        ScheduleRunState.PUBLISHED: frozenset({ScheduleRunState.SUPERSEDED}),
        ScheduleRunState.SUPERSEDED: frozenset(),
        ScheduleRunState.DISCARDED: frozenset(),
        ScheduleRunState.FAILED: frozenset(),
    }  # fmt: skip

    event = models.ForeignKey(Event, models.CASCADE, related_name="schedule_runs")
    state = models.CharField(
        max_length=10, choices=ScheduleRunState, default=ScheduleRunState.QUEUED
    )
    # Moves what is published only where it must.
    is_repair = models.BooleanField(default=False)
    seconds_allowed = models.PositiveIntegerField(default=60)
    seed = models.PositiveIntegerField(default=1)
    # Everything that decides the schedule, in numbers (events.services.schedule_facts), and its
    # SHA-256: publishing compares it with what is now, and can say what has changed.
    inputs = models.JSONField(default=dict)
    input_hash = models.CharField(max_length=64, blank=True)
    base_version = models.PositiveIntegerField(default=0)
    # Rows of (request, slot, place or null); and of why not, by request.
    proposals = models.JSONField(default=list)
    reasons = models.JSONField(default=list)
    measures = models.JSONField(default=dict)
    progress = models.JSONField(default=list)
    value = models.BigIntegerField(null=True)
    bound = models.BigIntegerField(null=True)
    is_optimal = models.BooleanField(default=False)
    was_stopped = models.BooleanField(default=False)
    stop_wanted = models.BooleanField(default=False)
    solver_versions = models.JSONField(default=dict)
    error = models.CharField(max_length=500, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(db_default=Now())
    created_by = models.ForeignKey("accounts.User", models.SET_NULL, null=True, related_name="+")
    began_at = models.DateTimeField(null=True)
    # Written while it runs; one that stays silent for long has lost its worker.
    seen_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(null=True)
    # When what stands in the database was last looked at by the checker, and what it found.
    checked_at = models.DateTimeField(null=True)
    drift = models.JSONField(default=list)

    class Meta:
        verbose_name = _("schedule run")
        verbose_name_plural = _("schedule runs")
        ordering = ("-created_at", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=["event"], condition=models.Q(state="published"),
                name="one_published_schedule",
            ),
            models.UniqueConstraint(
                fields=["event"], condition=models.Q(state__in=ScheduleRunState.open_states),
                name="one_open_run_an_event",
            ),
            models.UniqueConstraint(fields=["event", "version"], name="schedule_version_once"),
            models.CheckConstraint(
                condition=~models.Q(state__in=("published", "superseded"))
                | models.Q(version__isnull=False, published_at__isnull=False),
                name="published_run_has_version",
            ),
            models.CheckConstraint(
                condition=models.Q(bound__isnull=True) | models.Q(value__lte=models.F("bound")),
                name="value_within_bound",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.event_id}: {self.pk}"


class ScheduleRunChange(StateChange):
    """One state change of a run."""

    run = models.ForeignKey(ScheduleRun, models.CASCADE, related_name="changes")
