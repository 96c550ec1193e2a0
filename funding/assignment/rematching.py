"""Better assignments out of one: a place of every application is given away anew, all at once.

Each application lends one of its places. Who then takes which place is an assignment problem of
its own (Kuhn 1955; here scipy's Jonker and Volgenant), solved exactly: as no application changes
in two places, its sum and its quotas can be told for each newcomer alone. So the worst-off rise
together, each by what the others can spare, where one exchange after the other gets stuck.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from funding.assignment.problem import (
    STEPS,
    Flags,
    Floats,
    Ints,
    Problem,
    members_of,
    pinned_pairs,
    steps_of,
    worst_of,
)
from funding.assignment.whole import Clock

# What a step below the floor counts, in steps of the total.
DEFICIT = 1000
# More than anything else: a reviewer who has too little otherwise.
NEEDED = 1e13
# Rounds without any gain after which nothing more is expected.
PATIENCE = 15
# The smallest rise that is looked for.
LEAST_RISE = STEPS // 500


@dataclass(frozen=True)
class Lent:
    """A place of each application that has one to lend, and what is left without them."""

    # One number a place.
    applications: Ints
    reviewers: Ints
    # (reviewers, applications).
    rest: Flags


class Rematching:
    """One problem; the same seed gives the same rounds."""

    def __init__(self, problem: Problem) -> None:
        """Read what stays the same in all rounds."""
        self.problem = problem
        self.steps = steps_of(problem)
        self.random = np.random.default_rng(problem.seed)
        self.pinned = pinned_pairs(problem)
        self.members = [members_of(problem, group) for group in problem.groups]
        pairs = np.array(problem.mutual, dtype=np.int64).reshape(-1, 2, 2)
        self.one, self.other = pairs[:, 0], pairs[:, 1]

    def sums(self, assigned: Flags) -> Ints:
        """Return the steps that each application has, (applications,)."""
        return np.where(assigned, self.steps, 0).sum(axis=0)

    def worst(self, assigned: Flags) -> int:
        """Return the steps of the application that has the least."""
        return worst_of(self.sums(assigned), self.problem.demand)

    def lacking(self, assigned: Flags, floor: int) -> int:
        """Return the steps that applications lack below a floor, in sum."""
        asked = self.problem.demand > 0
        return int(np.maximum(0, floor - self.sums(assigned)[asked]).sum())

    def fairer(
        self, assigned: Flags, top: int, clock: Clock, tell: Callable[[Flags], None]
    ) -> Flags:
        """Return an assignment whose worst-off application has as much as is found in time.

        It keeps every rule that `assigned` keeps. `top`: nothing above it is looked for.
        """
        low = self.worst(assigned)
        rise = top - low
        while rise >= min(LEAST_RISE, top - low) > 0 and clock.left > 0:
            found = self.raised(assigned, low + rise, clock)
            worst = self.worst(found)
            rise = rise // 2 if worst < low + rise else rise
            if worst > low:
                assigned, low = found, worst
                tell(assigned)
            rise = min(rise, top - low)
        return assigned

    def raised(self, assigned: Flags, floor: int, clock: Clock) -> Flags:
        """Return what lacks least below a floor, once nothing is gained any more."""
        waited, lacking = 0, self.lacking(assigned, floor)
        while lacking and waited < PATIENCE and clock.left > 0:
            assigned = self.round(assigned, floor)
            before, lacking = lacking, self.lacking(assigned, floor)
            waited = 0 if lacking < before else waited + 1
        return assigned

    def richer(self, assigned: Flags, clock: Clock) -> Flags:
        """Return an assignment with a higher total whose worst-off has no less."""
        floor, waited = self.worst(assigned), 0
        while waited < PATIENCE and clock.left > 0:
            found = self.round(assigned, floor, is_firm=True)
            waited = 0 if self.steps[found].sum() > self.steps[assigned].sum() else waited + 1
            assigned = found
        return assigned

    def round(self, assigned: Flags, floor: int, *, is_firm: bool = False) -> Flags:
        """Return the best of all assignments that differ in the lent places alone.

        is_firm: nobody falls below the floor, whatever others would gain; all are there already.
        """
        lent = self.lent(assigned)
        takers = self.takers(lent)
        worth = self.worth(lent, floor)
        if is_firm:
            worth[self.lacks(lent, floor) > 0] = -np.inf
        worth = worth[takers] + NEEDED * self.needed(lent, takers)[:, None]
        chosen, places = linear_sum_assignment(worth, maximize=True)
        found = lent.rest.copy()
        found[takers[chosen], lent.applications[places]] = True
        both = found[tuple(self.one.T)] & found[tuple(self.other.T)]
        return assigned if both.any() else found

    def lent(self, assigned: Flags) -> Lent:
        """Return a place of each application: any one, or rather one that is worth little."""
        draw = self.random.random(assigned.shape)
        if self.random.random() < 0.5:
            draw -= self.steps / STEPS
        free = assigned & ~self.pinned
        reviewers = np.where(free, draw, -np.inf).argmax(axis=0)
        applications = np.flatnonzero(free[reviewers, np.arange(len(reviewers))])
        reviewers, rest = reviewers[applications], assigned.copy()
        rest[reviewers, applications] = False
        return Lent(applications, reviewers, rest)

    def takers(self, lent: Lent) -> Ints:
        """Return who can take a place: each reviewer as often as there is room, one number each."""
        room = np.minimum(self.problem.most - lent.rest.sum(axis=1), len(lent.applications))
        return np.repeat(np.arange(len(room)), np.maximum(room, 0))

    def needed(self, lent: Lent, takers: Ints) -> Flags:
        """Return which takers must take a place, for their reviewer to have enough."""
        lack = self.problem.least - lent.rest.sum(axis=1)
        turns = np.arange(len(takers)) - np.searchsorted(takers, takers)
        return np.asarray(turns < lack[takers])

    def worth(self, lent: Lent, floor: int) -> Floats:
        """Return what each reviewer is worth at each place, (reviewers, places); -inf for never."""
        steps, lacks = self.steps[:, lent.applications], self.lacks(lent, floor)
        return np.where(self.allowed(lent), steps - DEFICIT * lacks.astype(np.float64), -np.inf)

    def lacks(self, lent: Lent, floor: int) -> Ints:
        """Return what each application lacks with each reviewer at its place."""
        rest = self.sums(lent.rest)[lent.applications]
        return np.maximum(0, floor - (rest[None, :] + self.steps[:, lent.applications]))

    def allowed(self, lent: Lent) -> Flags:
        """Return who may take which place, (reviewers, places); who lent it always may."""
        problem, places = self.problem, lent.applications
        allowed: Flags = ~problem.forbidden[:, places] & ~lent.rest[:, places]
        for group, members in zip(problem.groups, self.members, strict=True):
            is_enough = (lent.rest & members).sum(axis=0) >= group.wanted
            allowed &= members[:, places] | is_enough[places][None, :]
        at = np.full(problem.affinity.shape[1], -1)
        at[places] = np.arange(len(places))
        for pairs, others in ((self.one, self.other), (self.other, self.one)):
            met = pairs[lent.rest[tuple(others.T)]]
            met = met[at[met[:, 1]] >= 0]
            allowed[met[:, 0], at[met[:, 1]]] = False
        return allowed
