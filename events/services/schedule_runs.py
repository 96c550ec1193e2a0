"""Runs of schedules: asked for, stopped, put away. The worker computes them (schedule_work).

A run touches nobody: it writes what it proposes into its own row, until it is published.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction

from events.models import Event, ScheduleRun, ScheduleRunState
from konnect.accounts.doorbell import ring
from konnect.states import TransitionError

if TYPE_CHECKING:
    from konnect.accounts.models import User

TASK = "events.tasks.work_on_schedule_runs"
SHORTEST, USUAL, LONGEST = 5, 60, 600


def queue_run(
    event: Event, *, actor: User | None, seconds: int = USUAL, is_repair: bool = False,
    seed: int = 1,
) -> ScheduleRun | None:  # fmt: skip
    """Ask for a schedule; None while another one is being made: the database allows one an event.

    seconds: for the computation; is_repair: move what is published only where a wish is gained.
    """
    try:
        with transaction.atomic():
            run = ScheduleRun.objects.create(
                event=event, created_by=actor, is_repair=is_repair, seed=seed,
                seconds_allowed=min(max(seconds, SHORTEST), LONGEST),
            )  # fmt: skip
            ring(TASK)
            return run
    except IntegrityError:
        return None


def repeat_run(run: ScheduleRun, *, actor: User | None) -> ScheduleRun | None:
    """Ask for the same computation from what is true now; from the same facts follows the same."""
    return queue_run(
        run.event, actor=actor, seconds=run.seconds_allowed, is_repair=run.is_repair,
        seed=run.seed,
    )  # fmt: skip


def stop_run(run: ScheduleRun, *, actor: User | None) -> None:
    """End a run early: it finishes with the best so far; one that waits is discarded.

    Raises:
        TransitionError: it is over.
    """
    rows = ScheduleRun.objects.filter(pk=run.pk, state=ScheduleRunState.RUNNING)
    if rows.update(stop_wanted=True):
        return
    run.refresh_from_db(fields=["state"])
    if run.state != ScheduleRunState.QUEUED:
        raise TransitionError(f"{run.state}: over")
    run.move_to(ScheduleRunState.DISCARDED, actor=actor)


def discard_run(run: ScheduleRun, *, actor: User | None) -> None:
    """Put a finished run away; what it was given is not kept.

    Raises:
        TransitionError: it was published or put away before.
    """
    if run.state != ScheduleRunState.FINISHED:
        raise TransitionError(f"{run.state}: not finished")
    run.move_to(ScheduleRunState.DISCARDED, actor=actor, columns={"inputs": {}})
