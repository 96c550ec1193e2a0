"""What the worker does for schedules: claims runs, computes them, takes up what lost its worker.

Kept apart from what pages call, because it brings the solvers along.
"""

from __future__ import annotations

import logging
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_noop

from events.models import ScheduleRun, ScheduleRunState
from events.scheduling.checking import faults, faults_of_problem
from events.scheduling.explaining import reasons
from events.scheduling.problem import Result
from events.scheduling.replanning import replan
from events.scheduling.solving import solve
from events.services.heartbeats import Heartbeat
from events.services.run_reasons import stored_reasons
from events.services.schedule_facts import facts_of
from events.services.schedule_problem import EventProblem, problem_from
from konnect.states import TransitionError

logger = logging.getLogger(__name__)

SILENCE = timedelta(seconds=60)
TRIES = 3
LOST = gettext_noop("The worker was ended three times while it computed. Nothing was changed.")
NO_MEMORY = gettext_noop("There was not enough memory for this many people.")
BROKEN_RULE = gettext_noop("The result did not pass the check and was thrown away.")
UNREADABLE = gettext_noop(
    "The wishes contradict each other: look for meetings that wait for each other in a circle."
)


def work_on_runs() -> int:
    """Take up what lost its worker, then compute run after run; return how many."""
    requeue_silent_runs()
    done = 0
    while (run := claim_run()) is not None:
        work_on(run)
        done += 1
    return done


def requeue_silent_runs() -> None:
    """Put runs whose worker is silent back into the queue, or give them up after some tries."""
    silent = ScheduleRun.objects.filter(
        state=ScheduleRunState.RUNNING, seen_at__lt=Now() - SILENCE
    )
    with transaction.atomic():
        for run in silent.select_for_update(skip_locked=True, of=("self",)):
            if run.tries >= TRIES:
                fail_run(run, LOST)
            else:
                run.move_to(ScheduleRunState.QUEUED, actor=None, reason="silent")


def claim_run() -> ScheduleRun | None:
    """Return a run that now belongs to this worker alone, the oldest first; none while one runs.

    A run keeps its worker busy for minutes: another process stays free for letters and news. Two
    that ask at the very same moment may each begin one; nothing comes of it but a busy minute.
    """
    if ScheduleRun.objects.filter(state=ScheduleRunState.RUNNING).exists():
        return None
    waiting: QuerySet[ScheduleRun] = ScheduleRun.objects.filter(state=ScheduleRunState.QUEUED)
    for run in waiting.select_related("event").order_by("pk"):
        columns: dict[str, Any] = {
            "tries": F("tries") + 1, "began_at": timezone.now(), "seen_at": timezone.now(),
            "progress": [],
        }  # fmt: skip
        try:
            run.move_to(ScheduleRunState.RUNNING, actor=None, columns=columns)
        except TransitionError:
            continue
        run.refresh_from_db()
        return run
    return None


def work_on(run: ScheduleRun) -> None:
    """Compute a run to its end, whatever that is."""
    try:
        with Heartbeat(run) as heart:
            compute(run, heart)
    except TransitionError:
        logger.info("Run %s was taken up or put away by somebody else.", run.pk)
    except MemoryError:
        fail_run(run, NO_MEMORY)
    except Exception as error:
        logger.exception("Run %s failed", run.pk)
        fail_run(run, f"{type(error).__name__}: {error}".removesuffix(": "))


def compute(run: ScheduleRun, heart: Heartbeat) -> None:
    """Read the facts, look for the best schedule, have it checked, and keep what it proposes."""
    # The version first: what is published between the two readings is noticed then.
    run.event.refresh_from_db(fields=["schedule_version"])
    run.base_version = run.event.schedule_version
    found = problem_from(facts_of(run.event), seed=run.seed)
    if faults_of_problem(found.problem):
        fail_run(run, UNREADABLE)
        return
    search = replan if run.is_repair else solve
    result = search(
        found.problem, seconds=run.seconds_allowed, report=heart.report, should_stop=heart.is_over
    )
    if faults(found.problem, result.schedule):
        fail_run(run, BROKEN_RULE)
        return
    columns = columns_of(found, result)
    if heart.is_lost:
        raise TransitionError("another worker has it")
    columns |= {"base_version": run.base_version, "progress": heart.rows}
    run.move_to(ScheduleRunState.FINISHED, actor=None, columns=columns)


def columns_of(found: EventProblem, result: Result) -> dict[str, Any]:
    """Return what a run keeps of its result, in numbers of rows."""
    pins = [found.requests[wish] for wish in result.infeasible_pins]
    measures = {
        **{name: int(value) for name, value in asdict(result.measures).items()}, "seconds": round(result.seconds, 2),
        "infeasible_pins": pins, "faults": 0,
    }  # fmt: skip
    return {
        "inputs": found.facts,
        "input_hash": found.input_hash,
        "proposals": found.proposals(result.schedule),
        "reasons": stored_reasons(found, reasons(found.problem, result.schedule)),
        "measures": measures,
        "value": int(result.measures.value),
        "bound": int(result.bound),
        "is_optimal": bool(result.is_optimal),
        "was_stopped": result.was_stopped,
        "solver_versions": result.solver_versions,
        "ended_at": timezone.now(),
    }


def fail_run(run: ScheduleRun, words: str) -> None:
    """Give a run up, with words for the organisers; they are translated where they are shown."""
    columns = {"error": words[:500], "ended_at": timezone.now()}
    try:
        run.move_to(ScheduleRunState.FAILED, actor=None, columns=columns)
    except TransitionError:
        logger.info("Run %s was over when it failed.", run.pk)
