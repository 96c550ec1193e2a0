"""What is left to choose among assignments that are equally good: fairness, and even loads."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_matrix, hstack

from funding.assignment.fairness import Fair
from funding.assignment.model import Columns, Rows, rows_of, stacked, worth_rows
from funding.assignment.problem import UNITS, Flags, Ints, Problem, worst_of, worth_of
from funding.assignment.reaching import reachable
from funding.assignment.whole import Clock, Whole, searched_with


def fairest_of(problem: Problem, steps: Ints, first: Whole, clock: Clock) -> Fair:
    """Return the fairest assignment among those of the highest total."""
    assert first.assigned is not None
    worst = worst_of(np.where(first.assigned, steps, 0).sum(axis=0), problem.demand)
    if not first.is_proved or _is_only_one(first):
        return Fair(first, worst, worst if first.is_proved else _top(problem, steps))
    columns = Columns.of(first.useful)
    blocks = [*rows_of(problem, columns), total_row(columns, steps, first.bound)]
    rows = stacked([*blocks, worth_rows(problem, columns, worth_of(steps), 0.0)])
    # One more column: what every application that wants reviewers has at least.
    needs = np.zeros(len(rows.low))
    needs[-len(problem.demand) :] = -1.0 * (problem.demand > 0)
    wider = Rows(hstack((rows.matrix, csr_matrix(needs[:, None])), "csr"), rows.low, rows.high)
    costs = np.append(np.zeros(len(columns.reviewers)), -1.0)
    assigned, bound, is_proved = searched_with(problem, columns, wider, costs, clock)
    if assigned is None:
        return Fair(first, worst, _top(problem, steps))
    worst = worst_of(np.where(assigned, steps, 0).sum(axis=0), problem.demand)
    top = worst if is_proved else int(bound / UNITS + 0.5)
    return Fair(
        Whole(assigned, first.bound, first.is_proved, first.useful), worst, max(worst, top)
    )


def evened(problem: Problem, steps: Ints, fair: Fair, clock: Clock) -> Flags:
    """Return an equally good assignment with the smallest sum of squared loads found in time."""
    assigned = fair.whole.assigned
    assert assigned is not None
    if not fair.whole.is_proved or _is_only_one(fair.whole) or clock.left <= 0:
        return assigned
    columns = Columns.of(fair.whole.useful)
    blocks = [*rows_of(problem, columns), total_row(columns, steps, fair.whole.bound)]
    blocks.append(worth_rows(problem, columns, worth_of(steps), (fair.worst - 0.5) * UNITS))
    loads = columns_of_loads(problem, columns)
    rows = stacked([*blocks, loads])
    # The n-th application of a reviewer costs 2n - 1: in sum, the square of the load.
    turns = [turn for most in problem.most.tolist() for turn in range(1, most + 1)]
    owners = np.repeat(np.arange(len(problem.most)), problem.most)
    shape = (len(rows.low), len(turns))
    places = (len(rows.low) - len(problem.most) + owners, np.arange(len(turns)))
    counted = csr_matrix((-np.ones(len(turns)), places), shape)
    wider = Rows(hstack((rows.matrix, counted), "csr"), rows.low, rows.high)
    costs = np.concatenate((np.zeros(len(columns.reviewers)), 2.0 * np.array(turns) - 1))
    found, _bound, _proved = searched_with(problem, columns, wider, costs, clock, most_other=1.0)
    if found is None or squares(found) >= squares(assigned):
        return assigned
    kept = np.where(found, steps, 0)
    is_as_good = kept.sum() >= np.where(assigned, steps, 0).sum()
    return (
        found
        if is_as_good and worst_of(kept.sum(axis=0), problem.demand) >= fair.worst
        else assigned
    )


def columns_of_loads(problem: Problem, columns: Columns) -> Rows:
    """Return that each reviewer's load is what its turns say."""
    numbers = np.arange(len(columns.reviewers))
    shape = (len(problem.most), len(numbers))
    matrix = csr_matrix((np.ones(len(numbers)), (columns.reviewers, numbers)), shape)
    nothing = np.zeros(shape[0])
    return Rows(matrix, nothing, nothing)


def squares(assigned: Flags) -> int:
    """Return the sum of squared loads."""
    return int((assigned.sum(axis=1) ** 2).sum())


def total_row(columns: Columns, steps: Ints, total: int) -> Rows:
    """Return that an assignment has a total."""
    worth = steps[columns.reviewers, columns.applications] * UNITS
    return Rows(csr_matrix(worth[None, :]), np.array([(total - 0.5) * UNITS]), np.array([np.inf]))


def _is_only_one(whole: Whole) -> bool:
    return whole.assigned is not None and bool(whole.useful.sum() == whole.assigned.sum())


def _top(problem: Problem, steps: Ints) -> int:
    asked = problem.demand > 0
    return int(reachable(problem, steps)[asked].min()) if asked.any() else 0
