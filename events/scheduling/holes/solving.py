"""The fewest holes, proved: slots and bounds without search, then solvers in a race."""

from __future__ import annotations

import time

from events.scheduling.holes.bounds import forced
from events.scheduling.holes.domains import narrowed
from events.scheduling.holes.encoding import encoded, most_holes
from events.scheduling.holes.knowledge import Known
from events.scheduling.holes.likeness import ordered
from events.scheduling.holes.problem import HolesProblem, HolesResult, ShouldStop, Status
from events.scheduling.holes.race import Race


def solve(
    problem: HolesProblem,
    *,
    fairness: int,
    seconds: float,
    should_stop: ShouldStop | None = None,
) -> HolesResult:
    """Return a schedule with the fewest holes, or the best within so many seconds.

    The holes of any two people differ by at most `fairness`. Holds everything that it starts:
    no thread and no process is left when it returns.
    """
    started = time.monotonic()
    known = _decide(problem, fairness, seconds, should_stop or (lambda: False))
    return HolesResult(
        _status(known), known.schedule, known.holes, known.bound, time.monotonic() - started
    )


def _decide(
    problem: HolesProblem, fairness: int, seconds: float, should_stop: ShouldStop
) -> Known:
    problem = ordered(problem)
    masks = narrowed(problem)
    if masks is None:
        return Known(0, is_infeasible=True)
    floors = forced(problem, masks)
    # Somebody's forced holes are everybody's, less what may differ.
    floors = [max(floor, max(floors) - fairness) for floor in floors]
    caps = most_holes(problem, fairness)
    if any(floor > cap for floor, cap in zip(floors, caps, strict=True)):
        return Known(sum(floors), is_infeasible=True)
    race = Race(problem, encoded(problem, masks, floors, fairness), Known(sum(floors)))
    return race.run(seconds, should_stop)


def _status(known: Known) -> Status:
    if known.is_infeasible:
        return Status.INFEASIBLE
    if known.is_decided:
        return Status.OPTIMAL
    return Status.UNKNOWN if known.schedule is None else Status.FEASIBLE
