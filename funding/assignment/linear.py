"""The best total where pairs may be assigned in parts, over all pairs, with prices as its proof.

Most pairs are far too bad to matter. The program starts with the best of each application and of
each reviewer and takes in whatever the prices call for, until nothing does; so its bound holds
for all pairs, though a solver only ever sees a few of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic
from typing import Any

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_matrix, eye, hstack, vstack

from funding.assignment.model import Columns, Rows, open_pairs, rows_of, stacked, worth_rows
from funding.assignment.pricing import NEVER, best_of, bound_of, guessed, losses_of, start_of
from funding.assignment.problem import Flags, Floats, Problem, pinned_pairs

# How many of the best each application and each reviewer starts with, and how many an application
# may take in at a time.
START, MORE = 24, 12
# What is below is 0 to the solver.
TINY = 1e-7
# Seconds that a program has in any case, and how the solver says that they were too few.
SHORTEST, OUT_OF_TIME = 1.0, 1


@dataclass(frozen=True)
class Linear:
    """The best that parts can make, at the prices that prove it."""

    columns: Columns
    # (pairs of the columns,): how much of each pair.
    parts: Floats
    # No assignment has a higher total; in the units of `worth`.
    bound: float
    # (reviewers, applications): what a pair would take off the bound, at least.
    losses: Floats

    @property
    def is_whole(self) -> bool:
        """Whether no pair is assigned in part."""
        return bool(np.abs(self.parts - np.rint(self.parts)).max(initial=0.0) < 1e-6)


def linear(
    problem: Problem, worth: Floats, floor: float | None, most: Floats, seconds: float = np.inf
) -> Linear | None:
    """Return the best parts of up to `most` a pair, or None if not even parts keep every rule.

    `worth` and `most` are (reviewers, applications); the worth of each application's reviewers
    reaches `floor`, if there is one. Raises TimeoutError.
    """
    until = monotonic() + seconds
    allowed, pinned = open_pairs(problem), pinned_pairs(problem)
    chosen: Flags | None = start_of(problem, guessed(problem, worth), START)
    is_mended = False
    while chosen is not None:
        columns = Columns.of(chosen)
        blocks = _blocks(problem, columns, worth, floor)
        rows, places = stacked(blocks), (columns.reviewers, columns.applications)
        found = _program(rows, -worth[places], _ends(columns, pinned, most), until)
        if found.x is None:
            chosen = None if is_mended else _mended(problem, worth, floor, most, chosen, until)
            is_mended = True
            continue
        prices = _prices_of(blocks, rows, found)
        losses = losses_of(problem, worth, worth, prices)
        wanted = best_of(np.where(allowed & ~chosen, -losses, NEVER), MORE, TINY)
        if not wanted.any():
            bound = bound_of(problem, blocks, prices, losses, most)
            return Linear(columns, found.x, bound, losses)
        chosen |= wanted
    return None


def _mended(
    problem: Problem,
    worth: Floats,
    floor: float | None,
    most: Floats,
    chosen: Flags,
    until: float,
) -> Flags | None:
    """Return more pairs, with which parts keep every rule, or None if with none they do.

    What the rules are missed by is made as small as it can be. As soon as prices prove that it
    cannot be 0, that is the end.
    """
    allowed, pinned, nothing = open_pairs(problem), pinned_pairs(problem), np.zeros_like(worth)
    while True:
        columns = Columns.of(chosen)
        blocks = _blocks(problem, columns, worth, floor)
        rows = stacked(blocks)
        slack = _slack_of(rows)
        wider = Rows(hstack((rows.matrix, slack), format="csr"), rows.low, rows.high)
        pairs, others = len(columns.reviewers), slack.shape[1]
        free = np.column_stack((np.zeros(others), np.full(others, np.inf)))
        ends = np.vstack((_ends(columns, pinned, most), free))
        found = _program(wider, np.repeat((0.0, 1.0), (pairs, others)), ends, until)
        if found.fun <= TINY:
            return chosen
        prices = _prices_of(blocks, rows, found)
        losses = losses_of(problem, nothing, worth, prices)
        wanted = best_of(np.where(allowed & ~chosen, -losses, NEVER), MORE, TINY)
        if not wanted.any() or bound_of(problem, blocks, prices, losses, most) < -10 * TINY:
            return None
        chosen = chosen | wanted


def _blocks(problem: Problem, columns: Columns, worth: Floats, floor: float | None) -> list[Rows]:
    """Return the rules over some pairs, with what each application must reach as the last."""
    blocks = rows_of(problem, columns)
    if floor is not None:
        blocks.append(worth_rows(problem, columns, worth, floor))
    return blocks


def _ends(columns: Columns, pinned: Flags, most: Floats) -> Floats:
    """Return the least and the most of each pair, (pairs, 2)."""
    places = (columns.reviewers, columns.applications)
    return np.column_stack((pinned[places], np.where(pinned[places], 1.0, most[places])))


def _slack_of(rows: Rows) -> csr_matrix:
    """Return a column for each limit that may be missed."""
    whole = eye(len(rows.low), format="csc")
    return hstack((whole[:, np.isfinite(rows.low)], -whole[:, np.isfinite(rows.high)]), "csr")


def _kinds(rows: Rows) -> tuple[Flags, Flags, Flags]:
    """Return which rows have one limit, which one above, and which one below."""
    same = rows.low == rows.high
    return same, ~same & np.isfinite(rows.high), ~same & np.isfinite(rows.low)


def _program(rows: Rows, costs: Floats, ends: Floats, until: float) -> Any:
    """Return what the solver says about rows, costs, and the ends of each column."""
    left = until - monotonic()
    same, above, below = _kinds(rows)
    found = linprog(
        costs,
        A_ub=vstack((rows.matrix[above], -rows.matrix[below])),
        b_ub=np.concatenate((rows.high[above], -rows.low[below])),
        A_eq=rows.matrix[same],
        b_eq=rows.low[same],
        bounds=ends,
        method="highs",
        options={"time_limit": max(SHORTEST, left)} if np.isfinite(left) else {},
    )
    if found.x is None and found.status == OUT_OF_TIME:
        raise TimeoutError
    return found


def _prices_of(blocks: list[Rows], rows: Rows, found: Any) -> list[Floats]:
    """Return what a unit of each row costs, block by block."""
    same, above, below = _kinds(rows)
    prices = np.zeros(len(same))
    prices[same] = found.eqlin.marginals
    count = int(above.sum())
    prices[above] += found.ineqlin.marginals[:count]
    prices[below] -= found.ineqlin.marginals[count:]
    return np.split(prices, np.cumsum([len(block.low) for block in blocks])[:-1])
