"""The highest sum that the worst-off application can have.

Every sum is between what the best total leaves the worst-off one and what that application could
have alone. The search starts at the top: mostly one application is so hard to review that it
decides, and the others have room.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from funding.assignment.problem import Flags, Ints, Problem, worst_of
from funding.assignment.reaching import highest_floor, narrowed
from funding.assignment.whole import Clock, Whole, best_whole

# The share of the time left that one sum may be looked for.
SHARE = 0.35
# The share of all time that is kept for the total, once the fairest is found.
RESERVE = 0.3


@dataclass(frozen=True)
class Fair:
    """The best assignment found, with the steps that its worst-off application has."""

    whole: Whole
    worst: int
    # Steps that no assignment's worst-off application exceeds.
    bound: int


def at_floor(problem: Problem, steps: Ints, floor: int, clock: Clock) -> Whole:
    """Return the highest total in which each application reaches `floor` steps."""
    problem_there = narrowed(problem, steps, floor)
    if problem_there is None:
        return Whole(None, 0, is_proved=True, useful=np.zeros_like(problem.forbidden))
    return best_whole(problem_there, steps, floor, clock)


def best_floor(
    problem: Problem, steps: Ints, first: Whole, clock: Clock, tell: Callable[[Fair], None]
) -> Fair:
    """Return the fairest assignment found in time, starting with the one of the best total."""
    assert first.assigned is not None
    worst = worst_of(_sums(steps, first.assigned), problem.demand)
    best = Fair(first, worst, highest_floor(problem, steps, worst))
    # Above this nothing was found, though perhaps not proved.
    floor, above = best.bound, best.bound + 1
    while best.worst < above - 1 and clock.left > RESERVE * clock.seconds:
        found = at_floor(problem, steps, floor, _part_of(clock))
        if found.assigned is not None:
            reached = worst_of(_sums(steps, found.assigned), problem.demand)
            best = Fair(found, max(reached, floor), best.bound)
            tell(best)
        else:
            above = floor
            if found.is_proved:
                best = replace(best, bound=min(best.bound, floor - 1))
        floor = (best.worst + above) // 2
    return best if best.whole.is_proved else improved(problem, steps, best, clock)


def improved(problem: Problem, steps: Ints, best: Fair, clock: Clock) -> Fair:
    """Return an assignment as fair, with the highest total that is found in what time is left."""
    if clock.left <= 0:
        return best
    found = at_floor(problem, steps, best.worst, clock)
    if found.assigned is None or best.whole.assigned is None:
        return best
    is_better = steps[found.assigned].sum() > steps[best.whole.assigned].sum()
    return replace(best, whole=found) if is_better or found.is_proved else best


def _sums(steps: Ints, assigned: Flags) -> Ints:
    return np.where(assigned, steps, 0).sum(axis=0)


def _part_of(clock: Clock) -> Clock:
    return Clock(clock.left * SHARE, clock.should_stop)
