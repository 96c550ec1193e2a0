"""The best total where pairs are assigned or not, with the proof that no other one is better."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from funding.assignment.checking import faults
from funding.assignment.linear import Linear, linear
from funding.assignment.model import (
    Columns,
    Rows,
    open_pairs,
    rows_of,
    stacked,
    worth_rows,
)
from funding.assignment.problem import (
    STEPS,
    UNITS,
    Flags,
    Floats,
    Ints,
    Problem,
    pinned_pairs,
    worth_of,
)

# An assignment is looked for among pairs that take off at most so much affinity each; where there
# is none among them, among more.
NARROW = 0.01
WIDTHS = (NARROW, 4 * NARROW, 16 * NARROW, np.inf)
# The solver's own limit is in seconds; none at all would mean no limit.
SHORTEST = 0.05


@dataclass(frozen=True)
class Whole:
    """An assignment, if there is one, and what none exceeds."""

    # (reviewers, applications), or None.
    assigned: Flags | None
    # Steps of total affinity that no assignment exceeds.
    bound: int
    # Either the assignment is the best one or there is none.
    is_proved: bool
    # Pairs that may be in an assignment as good as this one, (reviewers, applications).
    useful: Flags


class Clock:
    """How much time a run has left, and whether somebody wants it to stop."""

    def __init__(self, seconds: float, should_stop: Callable[[], bool] | None = None) -> None:
        """Start now."""
        self.started = monotonic()
        self.seconds = seconds
        self.should_stop = should_stop

    @property
    def spent(self) -> float:
        """Seconds since the start."""
        return monotonic() - self.started

    @property
    def left(self) -> float:
        """Seconds that are left, 0 when it is over or somebody wants to stop."""
        if self.should_stop is not None and self.should_stop():
            return 0.0
        return max(0.0, self.seconds - self.spent)


def best_whole(problem: Problem, steps: Ints, floor: int | None, clock: Clock) -> Whole:
    """Return the highest total in which each application reaches `floor` steps."""
    worth = worth_of(steps)
    allowed = open_pairs(problem)
    if not allowed.any():
        return Whole(
            None if faults(problem, allowed) else allowed, 0, is_proved=True, useful=allowed
        )
    lowest = None if floor is None else floor * UNITS
    try:
        found = linear(problem, worth, lowest, np.ones(worth.shape), clock.left)
    except TimeoutError:
        return Whole(None, 0, is_proved=False, useful=allowed)
    if found is None:
        return Whole(None, 0, is_proved=True, useful=allowed)
    if found.is_whole:
        return ended(problem, steps, found, found.columns.table(found.parts), is_proved=True)
    return rounded(problem, steps, floor, found, clock)


def rounded(
    problem: Problem, steps: Ints, floor: int | None, found: Linear, clock: Clock
) -> Whole:
    """Return the best assignment where the best parts are not whole.

    First among pairs that lose next to nothing. What that finds says how much a pair may lose
    at most and still be in a better one: with those the search ends.
    """
    allowed, pinned = open_pairs(problem), pinned_pairs(problem)
    first, bound, is_proved = None, np.inf, False
    for width in WIDTHS:
        chosen = pinned | (allowed & (found.losses <= width * STEPS * UNITS))
        first, bound, is_proved = searched(problem, steps, floor, chosen, clock)
        if first is not None or clock.left <= 0:
            break
    if first is None:
        is_proved = is_proved and bool(chosen.sum() == (pinned | allowed).sum())
        return ended(problem, steps, found, None, is_proved=is_proved)
    gap = found.bound - float(steps[first].sum()) * UNITS
    wide = pinned | (allowed & (found.losses <= gap + 0.5 * UNITS))
    second, bound, is_proved = searched(problem, steps, floor, wide, clock)
    if second is None or steps[second].sum() < steps[first].sum():
        second = first
    return ended(problem, steps, found, second, is_proved=is_proved, bound=bound)


def ended(
    problem: Problem,
    steps: Ints,
    found: Linear,
    assigned: Flags | None,
    *,
    is_proved: bool,
    bound: float = np.inf,
) -> Whole:
    """Return an end with the better of two bounds."""
    allowed = open_pairs(problem)
    lowest = int(np.floor(min(found.bound, bound) / UNITS + 0.1))
    if assigned is None:
        return Whole(None, lowest, is_proved=is_proved, useful=allowed)
    total = int(steps[assigned].sum())
    gap = found.bound - total * UNITS
    useful = assigned | (allowed & (found.losses <= gap + 0.5 * UNITS))
    is_proved = is_proved or lowest <= total
    return Whole(assigned, total if is_proved else max(lowest, total), is_proved, useful)


def searched(
    problem: Problem, steps: Ints, floor: int | None, chosen: Flags, clock: Clock
) -> tuple[Flags | None, float, bool]:
    """Return the best assignment among some pairs, a bound among them, and whether it is proved."""
    columns, worth = Columns.of(chosen), worth_of(steps)
    blocks = rows_of(problem, columns)
    if floor is not None:
        blocks.append(worth_rows(problem, columns, worth, (floor - 0.5) * UNITS))
    costs = -worth[columns.reviewers, columns.applications]
    return searched_with(problem, columns, stacked(blocks), costs, clock)


def searched_with(
    problem: Problem,
    columns: Columns,
    rows: Rows,
    costs: Floats,
    clock: Clock,
    *,
    most_other: float = np.inf,
) -> tuple[Flags | None, float, bool]:
    """Return the cheapest assignment, minus the least cost possible, and whether it is proved.

    Columns of the rows beyond those of the pairs are numbers from 0 to `most_other`.
    """
    pairs = len(columns.reviewers)
    others = np.zeros(len(costs) - pairs)
    fixed = pinned_pairs(problem)[columns.reviewers, columns.applications]
    found = milp(
        costs,
        integrality=np.concatenate((np.ones(pairs), others)),
        bounds=Bounds(
            np.concatenate((fixed * 1.0, others)),
            np.concatenate((np.ones(pairs), others + most_other)),
        ),
        constraints=LinearConstraint(rows.matrix, rows.low, rows.high),
        options={"time_limit": max(SHORTEST, clock.left), "mip_rel_gap": 0.0},
    )
    is_proved = found.status in (0, 2)
    if found.x is None:
        return None, np.inf, is_proved
    return columns.table(found.x[:pairs]), -found.mip_dual_bound, is_proved
