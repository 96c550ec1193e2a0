"""Boards for the kernels: from a problem's options and back to a schedule."""

from __future__ import annotations

import numpy as np

from events.scheduling.kernels import Board, Table
from events.scheduling.options import Options
from events.scheduling.problem import NONE, Ints, Problem

# Steps that a board can take back.
LOG_ROOM = 200_000


def table_of(problem: Problem, options: Options, needs: Ints) -> Table:
    """Return what the kernels need of a problem."""
    count = options.shape[0]
    earlier_starts, earlier = grouped(options.precedence[:, 1], options.precedence[:, 0], count)
    later_starts, later = grouped(options.precedence[:, 0], options.precedence[:, 1], count)
    of_member = np.repeat(np.arange(count, dtype=np.int64), np.diff(options.starts))
    own_starts, own = grouped(options.members, of_member, len(problem.limits))
    return Table(
        starts=options.starts,
        members=options.members,
        pools=options.pools,
        allowed=options.allowed,
        capacity=options.capacity,
        parents=options.parents,
        earlier_starts=earlier_starts,
        earlier=earlier,
        later_starts=later_starts,
        later=later,
        weights=np.array([wish.weight for wish in problem.wishes], dtype=np.int64),
        limits=problem.limits.astype(np.int64),
        needs=needs,
        own_starts=own_starts,
        own=own,
    )


def grouped(keys: Ints, values: Ints, count: int) -> tuple[Ints, Ints]:
    """Return where each key's values begin, and the values by key."""
    order = np.argsort(keys, kind="stable")
    lengths = np.bincount(keys, minlength=count)
    return np.concatenate(([0], np.cumsum(lengths))).astype(np.int64), values[order]


def board_of(table: Table, seed: int) -> Board:
    """Return an empty board."""
    wishes, slots = table.allowed.shape
    people = len(table.limits)
    below = int((table.needs > 0).sum())
    return Board(
        at=np.full((people, slots), NONE, dtype=np.int64),
        slots=np.full(wishes, NONE, dtype=np.int64),
        variants=np.full(wishes, NONE, dtype=np.int64),
        load=np.zeros_like(table.capacity),
        counts=np.zeros(people, dtype=np.int64),
        locked=np.zeros(wishes, dtype=np.int64),
        chain=np.zeros(wishes + 1, dtype=np.int64),
        marks=np.zeros(wishes + 1, dtype=np.int64),
        log=np.zeros((LOG_ROOM, 3), dtype=np.int64),
        totals=np.array([0, below, 0], dtype=np.int64),
        random=np.array([mixed(seed)], dtype=np.int64),
    )


def mixed(seed: int) -> int:
    """Return a state of the generator that is never zero, different for neighbouring seeds."""
    drawn = int(np.random.SeedSequence(abs(seed)).generate_state(1, np.uint64)[0])
    return 1 + drawn % 2_147_483_646


def copy_of(board: Board, seed: int | None = None) -> Board:
    """Return a board that moves alone; with a seed, by other chances."""
    twin = board._replace(**{name: part.copy() for name, part in board._asdict().items()})
    if seed is not None:
        twin.random[0] = mixed(seed)
    return twin


def overwrite(board: Board, other: Board) -> None:
    """Make a board equal to another one, but for its chances."""
    for name in ("at", "slots", "variants", "load", "counts", "totals"):
        getattr(board, name)[...] = getattr(other, name)
