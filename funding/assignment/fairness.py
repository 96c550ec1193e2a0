"""The highest sum that the worst-off application can have.

Every sum is between what the best total leaves the worst-off one and what that application could
have alone. Places given away anew lead up as far as they can; then the solver looks for what is
above, from the top: mostly one application is so hard to review that it decides, and the others
have room.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from funding.assignment.problem import Flags, Ints, Problem, worst_of
from funding.assignment.reaching import highest_floor, narrowed
from funding.assignment.rematching import Rematching
from funding.assignment.whole import Clock, Whole, best_whole

# The share of the time left that one sum may be looked for.
SHARE = 0.35
# The share of the time left in which places are given away anew, for fairness and for the total.
CLIMB = 0.5
# The share of all time that is kept for the total, once the fairest is found.
RESERVE = 0.3
# After so many sums about which nothing was found nor proved in their time, no more are tried.
DOUBTS = 2


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
    best = climbed(problem, best, clock, tell)
    # Above this nothing was found, though perhaps not proved.
    floor, above, doubts = best.bound, best.bound + 1, 0
    while best.worst < above - 1 and doubts < DOUBTS and clock.left > RESERVE * clock.seconds:
        found = at_floor(problem, steps, floor, _part_of(clock, SHARE))
        if found.assigned is not None:
            reached = worst_of(_sums(steps, found.assigned), problem.demand)
            best = Fair(found, max(reached, floor), best.bound)
            tell(best)
        else:
            above = floor
            doubts += not found.is_proved
            if found.is_proved:
                best = replace(best, bound=min(best.bound, floor - 1))
        floor = (best.worst + above) // 2
    return best if best.whole.is_proved else improved(problem, steps, best, clock)


def climbed(problem: Problem, best: Fair, clock: Clock, tell: Callable[[Fair], None]) -> Fair:
    """Return a fairer assignment, as far as places given away anew lead."""
    matching = Rematching(problem)

    def fair(assigned: Flags) -> Fair:
        return Fair(_unproved(best, assigned), matching.worst(assigned), best.bound)

    assert best.whole.assigned is not None
    found = matching.fairer(
        best.whole.assigned, best.bound, _part_of(clock, CLIMB), lambda each: tell(fair(each))
    )
    return fair(found) if matching.worst(found) > best.worst else best


def improved(problem: Problem, steps: Ints, best: Fair, clock: Clock) -> Fair:
    """Return an assignment as fair, with the highest total that is found in what time is left."""
    if clock.left <= 0 or best.whole.assigned is None:
        return best
    richer = Rematching(problem).richer(best.whole.assigned, _part_of(clock, CLIMB))
    best = replace(best, whole=_unproved(best, richer))
    found = at_floor(problem, steps, best.worst, clock)
    if found.assigned is None:
        # The program in parts says at least what no assignment as fair exceeds.
        least = min(best.whole.bound, found.bound) if found.bound else best.whole.bound
        return replace(best, whole=replace(best.whole, bound=least))
    is_better = steps[found.assigned].sum() > steps[richer].sum()
    return replace(best, whole=found) if is_better or found.is_proved else best


def _unproved(best: Fair, assigned: Flags) -> Whole:
    return replace(best.whole, assigned=assigned, is_proved=False)


def _sums(steps: Ints, assigned: Flags) -> Ints:
    return np.where(assigned, steps, 0).sum(axis=0)


def _part_of(clock: Clock, share: float) -> Clock:
    return Clock(clock.left * share, clock.should_stop)
