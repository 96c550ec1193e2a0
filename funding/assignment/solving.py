"""An assignment of reviewers, with the proof that there is no better one."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from funding.assignment.evening import evened, fairest_of
from funding.assignment.fairness import Fair, best_floor
from funding.assignment.model import has_forbidden_pin, open_pairs
from funding.assignment.problem import (
    STEPS,
    Flags,
    Ints,
    Objective,
    Problem,
    Progress,
    Result,
    Status,
    nothing_found,
    steps_of,
    worst_of,
)
from funding.assignment.sampling import drawn
from funding.assignment.whole import Clock, best_whole


def solve(
    problem: Problem,
    *,
    objective: Objective | str = Objective.WORST,
    seconds: float = 60.0,
    tell: Callable[[Progress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Result:
    """Return the best assignment found in time, and how much better another one could be.

    The aims of "worst", in their order: the highest sum of affinities of the application that has
    the least, the highest total, even loads (the smallest sum of squares). Of "total": the highest
    total, then the others. `tell` hears of each better assignment, `should_stop` is asked between
    steps. The problem is readable: `faults_of_problem` finds nothing.
    """
    clock = Clock(seconds, should_stop)
    if has_forbidden_pin(problem):
        return nothing_found(problem, Status.INFEASIBLE, clock.spent)
    if problem.cap is not None and problem.cap < 1 and open_pairs(problem).any():
        return drawn(problem, Objective(objective), clock)
    return _Run(problem, clock, tell).result(Objective(objective))


class _Run:
    """One run: the best total first, then what the objective puts before or behind it."""

    def __init__(
        self, problem: Problem, clock: Clock, tell: Callable[[Progress], None] | None
    ) -> None:
        self.problem = problem
        self.steps = steps_of(problem)
        self.clock = clock
        self.tell = tell

    def result(self, objective: Objective) -> Result:
        first = best_whole(self.problem, self.steps, None, self.clock)
        if first.assigned is None:
            status = Status.INFEASIBLE if first.is_proved else Status.UNKNOWN
            return nothing_found(self.problem, status, self.clock.spent)
        self.report(
            Fair(
                first, self.worst(first.assigned), STEPS * int(self.problem.demand.max(initial=0))
            )
        )
        if objective == Objective.TOTAL:
            fair = fairest_of(self.problem, self.steps, first, self.clock)
        else:
            fair = best_floor(self.problem, self.steps, first, self.clock, self.report)
        self.report(fair)
        assigned = evened(self.problem, self.steps, fair, self.clock)
        return self.ended(fair, assigned)

    def worst(self, assigned: Flags) -> int:
        return worst_of(self.sums(assigned), self.problem.demand)

    def sums(self, assigned: Flags) -> Ints:
        return np.where(assigned, self.steps, 0).sum(axis=0)

    def report(self, fair: Fair) -> None:
        if self.tell is None or fair.whole.assigned is None:
            return
        total = int(self.sums(fair.whole.assigned).sum())
        numbers = (total, fair.worst, fair.whole.bound, fair.bound)
        self.tell(Progress("solving", self.clock.spent, *(number / STEPS for number in numbers)))

    def ended(self, fair: Fair, assigned: Flags) -> Result:
        affinity = np.where(assigned, self.problem.affinity, 0.0)
        sums = affinity.sum(axis=0)[self.problem.demand > 0]
        total, worst = float(affinity.sum()), float(sums.min(initial=np.inf) if len(sums) else 0.0)
        is_optimal = fair.whole.is_proved and fair.worst >= fair.bound
        # Affinities are rounded to steps: each may be a little more than it counts.
        more = float(np.abs(self.problem.affinity - self.steps / STEPS).max(initial=0.0))
        return Result(
            assigned=assigned,
            total=total,
            worst=worst,
            bound_total=max(
                total, fair.whole.bound / STEPS + more * int(self.problem.demand.sum())
            ),
            bound_worst=max(
                worst, fair.bound / STEPS + more * int(self.problem.demand.max(initial=0))
            ),
            loads=assigned.sum(axis=1).astype(np.int64),
            is_optimal=is_optimal,
            seconds=self.clock.spent,
            status=Status.OPTIMAL if is_optimal else Status.FEASIBLE,
        )
