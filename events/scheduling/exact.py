"""Small problems solved to the end, piece by piece: a mixed-integer program with HiGHS."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from time import monotonic

import numpy as np
from scipy import optimize, sparse

from events.scheduling.bounds import Floats, costs_of, wish_rows
from events.scheduling.model import Model
from events.scheduling.problem import Flags, Ints

# Options of one connected piece up to which branch and bound ends soon.
SMALL = 3_000


@dataclass(frozen=True)
class Exact:
    """The chosen options, and whether nothing better exists."""

    chosen: Ints
    is_optimal: bool


def pieces_of(model: Model) -> Ints:
    """Return the connected piece of each column: columns that share no row decide alone."""
    joined = sparse.vstack((model.rows, wish_rows(model))).tocsc()
    rows, columns = joined.shape
    joined.data = np.ones_like(joined.data)
    graph = sparse.bmat([[None, joined], [joined.T, None]], format="csr")
    _count, labels = sparse.csgraph.connected_components(graph, directed=False)
    return labels[rows : rows + columns]


def largest_piece(model: Model) -> int:
    """Return how many columns the largest piece has."""
    if not model.size:
        return 0
    return int(np.bincount(pieces_of(model)).max())


def solve_exactly(model: Model, seconds: float, first: Floats | None = None) -> Exact | None:
    """Return the best options: fewest people below the floor, then most value; None in no time.

    first: (columns,) costs of what counts before both.
    """
    ends = monotonic() + seconds
    chosen, is_optimal = [], True
    for columns in columns_of_pieces(model):
        piece = Piece(model, columns, first)
        found = piece.best(max(0.05, ends - monotonic()))
        if found is None:
            return None
        chosen.append(found.chosen)
        is_optimal &= found.is_optimal
    together = np.concatenate(chosen) if chosen else np.zeros(0, dtype=np.int64)
    return Exact(np.sort(together), is_optimal)


def columns_of_pieces(model: Model) -> Iterator[Ints]:
    """Yield the columns of each piece."""
    if not model.size:
        return
    labels = pieces_of(model)
    order = np.argsort(labels, kind="stable")
    yield from np.split(order, np.flatnonzero(np.diff(labels[order])) + 1)


class Piece:
    """One connected piece of a model as a program of its own."""

    def __init__(self, model: Model, columns: Ints, first: Floats | None = None) -> None:
        """Cut the columns out of the model, and the rows that hold any of them."""
        self.first = np.zeros(len(columns)) if first is None else first[columns]
        self.columns = columns
        self.is_option: Flags = columns < model.size
        self.costs = costs_of(model)[columns]
        rows = model.rows[:, columns]
        used = np.diff(rows.indptr) > 0
        wishes = wish_rows(model)[:, columns]
        asked = np.diff(wishes.indptr) > 0
        least = np.where(model.must[asked], 1.0, -np.inf)
        self.constraints = [
            optimize.LinearConstraint(rows[used], -np.inf, model.limits[used]),
            optimize.LinearConstraint(wishes[asked], least, 1.0),
        ]

    def best(self, seconds: float) -> Exact | None:
        """Return the best options by what counts first, people below the floor, and value."""
        ends = monotonic() + seconds
        missed = np.where(self.is_option, 0.0, 1.0)
        values = np.where(self.is_option, self.costs, 0.0)
        # Without asking for the floor it is quicker, and often nobody is below it.
        found = self.answer([self.first, values], seconds / 2)
        if found is None or not (found.is_optimal and self.reaches_floor(found)):
            known = found and replace(found, is_optimal=False)
            found = self.answer([self.first, missed, values], ends - monotonic()) or known
        if found is None:
            return None
        chosen = self.columns[(found.x > 0.5) & self.is_option]
        return Exact(chosen, found.is_optimal)

    def answer(self, aims: list[Floats], seconds: float) -> Answer | None:
        """Return what is best by one aim after the other, leaving out those that say nothing."""
        return in_turn([aim for aim in aims if aim.any()], self.constraints, seconds)

    def reaches_floor(self, answer: Answer) -> bool:
        """Tell whether an answer's options alone keep all limits: nobody is below the floor."""
        limits = self.constraints[0]
        return bool((limits.A @ np.where(self.is_option, answer.x, 0.0) <= limits.ub).all())


@dataclass(frozen=True)
class Answer:
    """Values of zero-one columns, and whether no better ones exist."""

    x: Floats
    is_optimal: bool


def in_turn(
    aims: list[Floats], constraints: list[optimize.LinearConstraint], seconds: float
) -> Answer | None:
    """Minimise each aim without giving up any before it; None when there is nothing in time."""
    ends, answer = monotonic() + seconds, None
    constraints = list(constraints)
    for number, aim in enumerate(aims):
        share = max(0.05, ends - monotonic()) / (len(aims) - number)
        found = optimize.milp(
            aim,
            integrality=np.ones(len(aim)),
            bounds=optimize.Bounds(0, 1),
            constraints=constraints,
            options={"time_limit": share, "mip_rel_gap": 0.0},
        )
        if found.x is None:
            return answer and Answer(answer.x, is_optimal=False)
        is_optimal = found.status == 0 and (answer is None or answer.is_optimal)
        answer = Answer(np.rint(found.x), is_optimal)
        most = aim @ answer.x
        constraints.append(optimize.LinearConstraint(aim[None, :], -np.inf, most))
    return answer
