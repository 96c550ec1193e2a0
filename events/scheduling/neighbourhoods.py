"""The best for some wishes while all others stay: a small program cut out of the model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import optimize, sparse

from events.scheduling.bounds import wish_rows
from events.scheduling.exact import in_turn
from events.scheduling.kernels import Board
from events.scheduling.problem import NONE, Flags, Ints
from events.scheduling.runs import Run


@dataclass(frozen=True)
class Opened:
    """Wishes that may move, the options of these, and what the others leave of each limit."""

    free: Flags
    options: Ints
    columns: Ints
    rest: Ints


@dataclass(frozen=True)
class Answered:
    """A board, and whether the opened part cannot be better."""

    board: Board
    is_optimal: bool


def opened(run: Run, board: Board, free: Flags) -> Opened:
    """Open the free wishes of a board; all others stay where they are."""
    model = run.model
    fixed = np.flatnonzero(is_chosen(run, board) & ~free[model.wish])
    options = np.flatnonzero(free[model.wish])
    missed = np.arange(model.size, model.size + len(model.floored))
    rest = model.limits - np.asarray(model.rows[:, fixed].sum(axis=1)).ravel()
    return Opened(free, options, np.concatenate((options, missed)), rest)


def is_chosen(run: Run, board: Board) -> Flags:
    """Return which options of the model are where the board's meetings are."""
    wish = run.model.wish
    return (board.slots[wish] == run.model.slot) & (board.variants[wish] == run.model.variant)


def reopen(
    run: Run, board: Board, free: Flags, kept: Flags, live: Ints, seconds: float
) -> Answered | None:
    """Place the free wishes of a board anew: fewest below the floor, most value, fewest told.

    kept: (wishes,) those that must stay held. live: (wishes,) slots whose change has to be told,
    or NONE. Returns the new board, or None when there was no time.
    """
    part = opened(run, board, free)
    told = people_told(run, part, np.where(kept, live, NONE))
    width, count = len(part.columns), len(np.unique(told[1]))
    is_option = np.arange(width + count) < len(part.options)
    is_missed = (np.arange(width + count) < width) & ~is_option
    values = np.zeros(width + count)
    values[: len(part.options)] = -run.model.weights[part.options]
    persons = np.where(np.arange(width + count) >= width, 1.0, 0.0)
    aims = [aim for aim in (is_missed.astype(np.float64), values, persons) if aim.any()]
    found = in_turn(aims, constraints_of(run, part, kept, told), seconds)
    if found is None:
        return None
    chosen = part.options[found.x[: len(part.options)] > 0.5]
    stays = np.flatnonzero(is_chosen(run, board) & ~free[run.model.wish])
    return Answered(run.board_with(np.concatenate((stays, chosen))), found.is_optimal)


def people_told(run: Run, part: Opened, live: Ints) -> tuple[Ints, Ints]:
    """Return pairs of a live wish and a person of it, for the free wishes that are live."""
    wishes = np.flatnonzero(part.free & (live != NONE))
    starts = run.options.starts
    lengths = starts[wishes + 1] - starts[wishes]
    people = [run.options.members[starts[wish] : starts[wish + 1]] for wish in wishes.tolist()]
    together = np.concatenate(people) if people else np.zeros(0, dtype=np.int64)
    return np.repeat(wishes, lengths), together


def constraints_of(
    run: Run, part: Opened, kept: Flags, told: tuple[Ints, Ints]
) -> list[optimize.LinearConstraint]:
    """Return the rows of an opened part: limits, wishes once, and who is told of a move."""
    wishes, people = told
    names, person = np.unique(people, return_inverse=True)
    rows = run.model.rows[:, part.columns]
    used = np.diff(rows.indptr) > 0
    once = wish_rows(run.model)[:, part.columns]
    asked = np.diff(once.indptr) > 0
    wide = sparse.csr_matrix((int(used.sum()), len(names)))
    least = np.where((kept | run.model.must)[asked], 1.0, -np.inf)
    bare = sparse.csr_matrix((int(asked.sum()), len(names)))
    constraints = [
        optimize.LinearConstraint(sparse.hstack((rows[used], wide)), -np.inf, part.rest[used]),
        optimize.LinearConstraint(sparse.hstack((once[asked], bare)), least, 1.0),
    ]
    if len(wishes):
        constraints.append(moved_rows(run, part, wishes, person, len(names)))
    return constraints


def moved_rows(
    run: Run, part: Opened, wishes: Ints, person: Ints, count: int
) -> optimize.LinearConstraint:
    """Return rows by which a person is told unless each of her live meetings stays."""
    own, slot = run.model.wish[part.options], run.model.slot[part.options]
    keeps_place = run.at_home[own, run.model.variant[part.options]]
    at_home = np.flatnonzero((run.live_slots[own] == slot) & keeps_place)
    home = sparse.csr_matrix(
        (np.ones(len(at_home)), (own[at_home], at_home)),
        shape=(run.options.shape[0], len(part.columns)),
    )
    names = sparse.csr_matrix(
        (np.ones(len(wishes)), (np.arange(len(wishes)), person)), shape=(len(wishes), count)
    )
    return optimize.LinearConstraint(sparse.hstack((home[wishes], names)), 1.0, np.inf)
