"""A finished run becomes the schedule: everything at once, or nothing.

Whoever publishes holds the event's row, as everybody does who moves or cancels a single meeting,
and the profiles of all participants, as everybody does who blocks somebody. What was true when the
run was computed is compared with what is true now; organisers then run again, or publish what still
holds. Constraints wait until the end, so that two meetings can change tables.
Invitations to calendars, two a meeting, are written by the worker from what the transaction left.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from events.models import Event, Registration, ScheduleRun, ScheduleRunState
from events.scheduling.checking import Fault, faults
from events.scheduling.problem import NONE, Schedule
from events.services.locking import lock_event
from events.services.publishing_rows import Rewrite, write_meetings
from events.services.schedule_changes import Change, changes_between
from events.services.schedule_facts import facts_of
from events.services.schedule_news import tell_of_schedule
from events.services.schedule_problem import EventProblem, problem_from
from konnect.accounts.doorbell import ring
from matching.models import Profile

if TYPE_CHECKING:
    from konnect.accounts.models import User

CHECK_TASK = "events.tasks.check_schedules"
CALENDAR_TASK = "events.tasks.tell_calendars"
# Why nothing was published.
OUTDATED, CHANGED, TAKEN, NOT_READY = "outdated", "changed", "taken", "not_ready"


class PublishingRefusedError(Exception):
    """Nothing was published; `code` says why, `changes` what is no longer as it was."""

    def __init__(self, code: str, changes: list[Change] | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.changes = changes or []


@dataclass(frozen=True)
class Published:
    """What publishing did."""

    version: int
    created: int
    moved: int
    cancelled: int
    # Proposals that no longer hold and were left out.
    dropped: int
    people_told: int
    rewrite: Rewrite = field(repr=False)


def publish_run(
    run: ScheduleRun, *, actor: User | None, even_if_changed: bool = False
) -> Published:
    """Make what a run proposes the schedule of its event, and tell everybody whom it touches.

    even_if_changed: publish what still holds although something has changed since the run.

    Raises:
        PublishingRefusedError: nothing was written: somebody else published meanwhile
            (`outdated`), something changed (`changed`), somebody or some table was taken by
            something outside of the schedule (`taken`), or the run is not finished (`not_ready`).
    """
    try:
        return write_schedule(run, actor=actor, even_if_changed=even_if_changed)
    except IntegrityError as error:
        raise PublishingRefusedError(TAKEN) from error


@transaction.atomic
def write_schedule(run: ScheduleRun, *, actor: User | None, even_if_changed: bool) -> Published:
    """Write everything in one transaction, under the locks."""
    event = lock_all(run)
    run.refresh_from_db()
    check_standing(run, event)
    found = problem_from(facts_of(event), seed=run.seed)
    changes = changes_between(run.inputs, found.facts)
    if changes and not even_if_changed:
        raise PublishingRefusedError(CHANGED, changes)
    rows = standing_proposals(found, run.proposals)
    defer_constraints()
    rewrite = write_meetings(event, run, found.facts, rows, actor=actor)
    settle(run, event, actor=actor)
    check_constraints()
    told = tell_of_schedule(event, run, rewrite)
    ring(CALENDAR_TASK)
    ring(CHECK_TASK)
    return Published(
        version=event.schedule_version, created=len(rewrite.created), moved=len(rewrite.moved),
        cancelled=len(rewrite.cancelled), dropped=len(run.proposals) - len(rows),
        people_told=told, rewrite=rewrite,
    )  # fmt: skip


def lock_all(run: ScheduleRun) -> Event:
    """Let nobody publish, cancel, move, leave or block until this transaction ends."""
    event = lock_event(run.event_id)
    coming = Registration.objects.confirmed().filter(event=event).values("profile_id")
    profiles = Profile.objects.filter(pk__in=coming).order_by("pk")
    list(profiles.select_for_update(no_key=True, of=("self",)).values_list("pk", flat=True))
    return event


def check_standing(run: ScheduleRun, event: Event) -> None:
    """Make sure that the run can be published, and starts from the schedule that is in force.

    Raises:
        PublishingRefusedError: it does not.
    """
    if run.state != ScheduleRunState.FINISHED:
        raise PublishingRefusedError(NOT_READY)
    if run.base_version != event.schedule_version:
        raise PublishingRefusedError(OUTDATED)


def standing_proposals(found: EventProblem, rows: list[list[int]]) -> list[list[int]]:
    """Return the proposals that break no rule as things are now.

    What the checker names is left out, of two that exclude each other the lighter wish.
    """
    schedule = found.schedule_of(rows)
    while broken := faults(found.problem, schedule):
        gone = {culprit(found, schedule, fault) for fault in broken}
        is_gone = np.isin(np.arange(len(schedule.slots)), list(gone))
        schedule = Schedule(
            np.where(is_gone, NONE, schedule.slots), np.where(is_gone, NONE, schedule.places)
        )
    return found.proposals(schedule)


def culprit(found: EventProblem, schedule: Schedule, fault: Fault) -> int:
    """Return the wish that gives way to a fault."""
    if fault.wish != NONE:
        return fault.wish
    held = [
        number
        for number, wish in enumerate(found.problem.wishes)
        if schedule.slots[number] != NONE
        and fault.slot in (NONE, schedule.slots[number])
        and (fault.person in wish.people or fault.place == schedule.places[number] != NONE)
    ]
    return min(held, key=lambda number: (found.problem.wishes[number].weight, -number))


def settle(run: ScheduleRun, event: Event, *, actor: User | None) -> None:
    """Put the run in the place of the one before, under the next number."""
    version, now = event.schedule_version + 1, timezone.now()
    for old in event.schedule_runs.filter(state=ScheduleRunState.PUBLISHED):
        old.move_to(ScheduleRunState.SUPERSEDED, actor=actor, columns={"inputs": {}})
    run.move_to(
        ScheduleRunState.PUBLISHED, actor=actor,
        columns={"version": version, "published_at": now, "checked_at": None},
    )  # fmt: skip
    Event.objects.filter(pk=event.pk).update(schedule_version=version)
    event.schedule_version = version


def defer_constraints() -> None:
    """Let people and tables change places; the rules are looked at when all is written."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def check_constraints() -> None:
    """Look at the rules now, before anybody is told.

    Raises:
        IntegrityError: one is broken.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
