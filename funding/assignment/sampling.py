"""Assignments by lot: no pair more probable than a cap, so that nobody can count on one.

A reviewer who wants one application and bids for nothing else gets it at most that often. What is
best is best in expectation; every draw keeps every rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import block_array, csr_matrix, eye

from funding.assignment.linear import linear
from funding.assignment.model import (
    Columns,
    Rows,
    incidence,
    named_rows,
    open_pairs,
    rows_of,
    stacked,
    worth_rows,
)
from funding.assignment.problem import (
    STEPS,
    UNITS,
    Floats,
    Ints,
    Objective,
    Problem,
    Result,
    Status,
    members_of,
    nothing_found,
    pinned_pairs,
    steps_of,
    worth_of,
)
from funding.assignment.rounding import rounded
from funding.assignment.whole import NARROW, SHORTEST, Clock


@dataclass(frozen=True)
class Lottery:
    """The probabilities of a draw, and what nothing exceeds in expectation."""

    # (reviewers, applications), both; a part is numbered for each pair.
    chances: Floats
    parts: Ints
    # In affinity, not steps.
    bound_total: float
    bound_worst: float


def drawn(problem: Problem, objective: Objective, clock: Clock) -> Result:
    """Return an assignment drawn with the problem's seed; its chances keep the cap."""
    lottery = lottery_of(problem, objective, clock)
    if isinstance(lottery, Status):
        return nothing_found(problem, lottery, clock.spent)
    random = np.random.default_rng(problem.seed)
    assigned = rounded(lottery.chances, lottery.parts, random)
    sums = np.where(assigned, problem.affinity, 0.0).sum(axis=0)
    asked = sums[problem.demand > 0]
    return Result(
        assigned=assigned,
        total=float(sums.sum()),
        worst=float(asked.min()) if len(asked) else 0.0,
        bound_total=lottery.bound_total,
        bound_worst=lottery.bound_worst,
        loads=assigned.sum(axis=1).astype(np.int64),
        is_optimal=False,
        seconds=clock.spent,
        status=Status.FEASIBLE,
        chances=lottery.chances,
    )


def parts_of(problem: Problem) -> Ints:
    """Return, for each pair, the part of its application: alike in every quota that it has."""
    kinds = np.zeros(problem.affinity.shape, dtype=np.int64)
    for group in problem.groups:
        kinds = 2 * kinds + (members_of(problem, group) & (group.wanted > 0)[None, :])
    names = kinds * len(problem.demand) + np.arange(len(problem.demand))[None, :]
    return np.unique(names, return_inverse=True)[1].reshape(names.shape).astype(np.int64)


def lottery_of(problem: Problem, objective: Objective, clock: Clock) -> Lottery | Status:
    """Return the best probabilities under the cap, or why there are none.

    Quotas hold in every draw because each part of an application has a whole number of places,
    and mutual pairs because one of the two is left out. That is more than the cap asks for: where
    it leaves nothing, though probabilities alone would be possible, the answer is UNKNOWN.
    """
    worth = worth_of(steps_of(problem))
    cap = np.where(pinned_pairs(problem), 1.0, problem.cap or 1.0)
    try:
        bound = linear(problem, worth, None, cap, clock.left)
    except TimeoutError:
        return Status.UNKNOWN
    if bound is None:
        return Status.INFEASIBLE
    tight = bound.columns.chosen | (open_pairs(problem) & (bound.losses < NARROW * STEPS * UNITS))
    for chosen in (tight, open_pairs(problem) | pinned_pairs(problem)):
        model = _Model(problem, Columns.of(chosen), worth, cap)
        found = model.best(objective, clock)
        if found is not None:
            top = bound.bound / UNITS / STEPS
            return Lottery(found[0], model.parts, top, found[1])
    return Status.UNKNOWN


class _Model:
    """Probabilities, places of each part, one of each two mutual pairs, and the worst-off sum."""

    def __init__(self, problem: Problem, columns: Columns, worth: Floats, cap: Floats) -> None:
        self.columns, self.parts = columns, parts_of(problem)
        self.gain = worth[columns.reviewers, columns.applications]
        places = (columns.reviewers, columns.applications)
        used, own = np.unique(self.parts[places], return_inverse=True)
        self.sizes = (len(self.gain), len(used), len(problem.mutual), 1)
        self.rows = _rows(problem, columns, worth, own)
        self.ends = Bounds(
            np.concatenate((pinned_pairs(problem)[places], np.zeros(sum(self.sizes[1:])))),
            np.concatenate((cap[places], *map(np.full, self.sizes[1:], (np.inf, 1.0, np.inf)))),
        )

    def best(self, objective: Objective, clock: Clock) -> tuple[Floats, float] | None:
        """Return probabilities and the highest worst-off sum expected, or None if there are none."""
        bound = np.inf
        if objective == Objective.WORST:
            found = self.run(np.concatenate((self.gain * 0, self.nothing(), [-1.0])), clock)
            if found.x is None:
                return None
            bound = -float(found.mip_dual_bound) / UNITS / STEPS
            # A little less, or the next run would have no room for what is lost in rounding.
            self.ends.lb[-1] = max(0.0, found.x[-1] - UNITS)
        found = self.run(np.concatenate((-self.gain, self.nothing(), [0.0])), clock)
        if found.x is None:
            return None
        chances = np.zeros(self.columns.chosen.shape)
        chances[self.columns.reviewers, self.columns.applications] = found.x[: len(self.gain)]
        return np.clip(chances, 0.0, 1.0), bound

    def nothing(self) -> Floats:
        """Return that places and choices cost nothing."""
        return np.zeros(self.sizes[1] + self.sizes[2])

    def run(self, costs: Floats, clock: Clock) -> Any:
        """Return what the solver finds at these costs."""
        kinds = np.repeat((0, 1, 1, 0), self.sizes)
        rows = LinearConstraint(self.rows.matrix, self.rows.low, self.rows.high)
        limit = {"time_limit": max(SHORTEST, clock.left), "mip_rel_gap": 1e-4}
        return milp(costs, integrality=kinds, bounds=self.ends, constraints=rows, options=limit)


def _rows(problem: Problem, columns: Columns, worth: Floats, own: Ints) -> Rows:
    """Return the rules over probabilities, places, choices and the worst-off sum."""
    numbers, places, choices = (
        np.arange(len(own)),
        int(own.max(initial=-1)) + 1,
        len(problem.mutual),
    )
    base = stacked(rows_of(problem, columns))
    sums = worth_rows(problem, columns, worth, 0.0)
    ones, others = (
        named_rows(columns, [(both[side],) for both in problem.mutual]) for side in (0, 1)
    )
    least = csr_matrix(-1.0 * (problem.demand > 0)[:, None])
    matrix = block_array(
        [
            [base.matrix, csr_matrix((len(base.low), places)), None, None],
            [incidence(own, numbers, (places, len(own))), -eye(places), None, None],
            [ones, None, -eye(choices), None],
            [others, None, eye(choices), None],
            [sums.matrix, None, None, least],
        ],
        format="csr",
    )
    whole, half = np.zeros(places), np.full(choices, -np.inf)
    low = np.concatenate((base.low, whole, half, half, sums.low))
    high = np.concatenate((base.high, whole, np.zeros(choices), np.ones(choices), sums.high))
    return Rows(matrix, low, high)
