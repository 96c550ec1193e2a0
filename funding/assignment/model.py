"""The rules of an assignment as sparse rows over a choice of pairs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix, vstack

from funding.assignment.problem import Flags, Floats, Ints, Pair, Problem, members_of, pinned_pairs


@dataclass(frozen=True)
class Rows:
    """`low <= matrix @ x <= high`, and for which application or reviewer each row stands."""

    matrix: csr_matrix
    low: Floats
    high: Floats


@dataclass(frozen=True)
class Columns:
    """The pairs that a model may use, numbered in the order of `numpy.nonzero`."""

    # Shaped (reviewers, applications).
    chosen: Flags
    # A number for each pair.
    reviewers: Ints
    applications: Ints

    @classmethod
    def of(cls, chosen: Flags) -> Columns:
        """Return the columns of some pairs."""
        reviewers, applications = np.nonzero(chosen)
        return cls(chosen, reviewers.astype(np.int64), applications.astype(np.int64))

    def table(self, values: Floats) -> Flags:
        """Return which pairs are assigned, (reviewers, applications), from the columns' values."""
        assigned = np.zeros_like(self.chosen)
        assigned[self.reviewers, self.applications] = values > 0.5
        return assigned


def rows_of(problem: Problem, columns: Columns) -> list[Rows]:
    """Return demands, loads, quotas and mutual pairs, one block each, in this order."""
    blocks = [demand_rows(problem, columns), load_rows(problem, columns)]
    blocks += [group_rows(problem, columns, number) for number in range(len(problem.groups))]
    return [*blocks, mutual_rows(problem, columns)]


def stacked(blocks: list[Rows]) -> Rows:
    """Return several blocks of rows as one."""
    return Rows(
        vstack([block.matrix for block in blocks], format="csr"),
        np.concatenate([block.low for block in blocks]),
        np.concatenate([block.high for block in blocks]),
    )


def incidence(rows: Ints, columns: Ints, shape: tuple[int, int]) -> csr_matrix:
    """Return a matrix with 1 at each place named; a place named twice holds 2."""
    return csr_matrix((np.ones(len(rows)), (rows, columns)), shape)


def demand_rows(problem: Problem, columns: Columns) -> Rows:
    """Return that each application has as many reviewers as it needs."""
    numbers = np.arange(len(columns.applications))
    shape = (len(problem.demand), len(numbers))
    demand = problem.demand.astype(np.float64)
    return Rows(incidence(columns.applications, numbers, shape), demand, demand)


def load_rows(problem: Problem, columns: Columns) -> Rows:
    """Return that each reviewer has neither too little nor too much."""
    numbers = np.arange(len(columns.reviewers))
    return Rows(
        incidence(columns.reviewers, numbers, (len(problem.most), len(numbers))),
        problem.least.astype(np.float64),
        problem.most.astype(np.float64),
    )


def group_rows(problem: Problem, columns: Columns, number: int) -> Rows:
    """Return that each application has enough reviewers of one group; a row an application."""
    group = problem.groups[number]
    members = members_of(problem, group)[columns.reviewers, columns.applications]
    own = np.flatnonzero(members)
    shape = (len(problem.demand), len(members))
    matrix = incidence(columns.applications[own], own, shape)
    return Rows(matrix, group.wanted.astype(np.float64), np.full(shape[0], np.inf))


def mutual_rows(problem: Problem, columns: Columns) -> Rows:
    """Return that of two mutual pairs at most one is assigned."""
    matrix = named_rows(columns, problem.mutual)
    count = len(problem.mutual)
    return Rows(matrix, np.full(count, -np.inf), np.ones(count))


def pin_rows(problem: Problem, columns: Columns) -> Rows:
    """Return that each pinned pair is assigned; where the columns lack one, nothing can be."""
    pairs = sorted(set(problem.pinned))
    matrix = named_rows(columns, [(pair,) for pair in pairs])
    return Rows(matrix, np.ones(len(pairs)), np.full(len(pairs), np.inf))


def named_rows(columns: Columns, named: Sequence[tuple[Pair, ...]]) -> csr_matrix:
    """Return a matrix with a row for each tuple of pairs, and 1 where the columns have them."""
    order = np.cumsum(columns.chosen.ravel()).reshape(columns.chosen.shape) - 1
    places = [
        (row, int(order[pair]))
        for row, pairs in enumerate(named)
        for pair in pairs
        if columns.chosen[pair]
    ]
    rows = np.array(places, dtype=np.int64).reshape(-1, 2)
    return incidence(rows[:, 0], rows[:, 1], (len(named), len(columns.reviewers)))


def worth_rows(problem: Problem, columns: Columns, worth: Floats, floor: float) -> Rows:
    """Return that the affinities of each application that wants reviewers reach a sum."""
    asked = problem.demand > 0
    shape = (len(asked), len(columns.applications))
    places = (columns.applications, np.arange(shape[1]))
    matrix = csr_matrix((worth[columns.reviewers, columns.applications], places), shape)
    return Rows(matrix, np.where(asked, floor, -np.inf), np.full(shape[0], np.inf))


def open_pairs(problem: Problem) -> Flags:
    """Return which pairs may be assigned at all, (reviewers, applications)."""
    return ~problem.forbidden & (problem.demand > 0)[None, :] & (problem.most > 0)[:, None]


def has_forbidden_pin(problem: Problem) -> bool:
    """Return whether an officer fixed a pair that can never be."""
    return bool((pinned_pairs(problem) & ~open_pairs(problem)).any())
