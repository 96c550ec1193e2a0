"""One published instance read, solved and checked."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.schedule_checker import violations
from bench.schedule_data import AFTERNOON, MORNING, Instance, read_instance
from events.scheduling.holes.problem import HolesProblem
from events.scheduling.holes.solving import solve

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Solved:
    """What is printed of one instance; slots are numbered from 1."""

    instance: str
    gap: int
    # optimal, infeasible, feasible (without proof) or unknown.
    status: str
    objective: int | None
    # No schedule has fewer holes; nothing where there is no schedule at all.
    bound: int | None
    seconds: float
    violations: list[str]
    schedule: list[int] | None


def solved_file(
    path: Path, gap: int, seconds: float, should_stop: Callable[[], bool] | None = None
) -> Solved:
    """Read, solve and check one file; raises BadFileError. Seconds count from before reading it."""
    started = time.monotonic()
    instance = read_instance(path)
    result = solve(problem_of(instance), fairness=gap, seconds=seconds, should_stop=should_stop)
    schedule = None if result.schedule is None else [slot + 1 for slot in result.schedule]
    wrong = []
    if schedule is not None:
        wrong = violations(instance, schedule, gap, result.holes or 0)
    return Solved(
        instance=instance.name,
        gap=gap,
        status=str(result.status),
        objective=result.holes,
        bound=None if result.status == "infeasible" else result.bound,
        seconds=round(time.monotonic() - started, 3),
        violations=wrong,
        schedule=schedule,
    )


def problem_of(instance: Instance) -> HolesProblem:
    """Return an instance as the solver takes it, numbered from 0."""
    slots = range(1, instance.slots + 1)
    return HolesProblem(
        people=instance.people,
        slots=instance.slots,
        tables=instance.tables,
        meetings=tuple((one - 1, other - 1) for one, other, _ in instance.requested),
        allowed=tuple(
            frozenset(slot - 1 for slot in slots if _may_be(instance, meeting, slot))
            for meeting in range(len(instance.requested))
        ),
        before=tuple(tuple(one - 1 for one in sorted(own)) for own in instance.precedences),
    )


def _may_be(instance: Instance, meeting: int, slot: int) -> bool:
    one, other, session = instance.requested[meeting]
    wrong_session = {MORNING: slot > instance.morning, AFTERNOON: slot <= instance.morning}
    return (
        not wrong_session.get(session, False)
        and instance.fixed[meeting] in (0, slot)
        and slot not in instance.forbidden[one - 1]
        and slot not in instance.forbidden[other - 1]
    )
