"""Compile the kernels before a clock runs: half a minute once on a machine, a second a process."""

from __future__ import annotations

from functools import cache

import numpy as np

from events.scheduling.boards import board_of, table_of
from events.scheduling.insertion import (
    improve,
    insert,
    insert_all,
    insert_free,
    keep_live,
    return_home,
    serve,
)
from events.scheduling.kernels import hold_all, undo
from events.scheduling.options import options_of
from events.scheduling.polishing import anneal
from events.scheduling.problem import NONE, ON_SITE, Problem, Wish


@cache
def warm() -> None:
    """Call every kernel once, on two people who meet."""
    problem = pair()
    nobody = np.zeros(2, dtype=np.int64)
    table = table_of(problem, options_of(problem), nobody)
    board, all_wishes, first = board_of(table, 1), np.arange(1), np.zeros(1, dtype=np.int64)
    serve(table, board, all_wishes)
    insert_all(table, board, all_wishes)
    insert_free(table, board, all_wishes)
    insert(table, board, 0)
    improve(table, board, all_wishes, 1, 1, 0.0)
    return_home(table, board, 0, 1)
    bounds = np.array([[0, 2], [0, 2]], dtype=np.int64)
    best, plan = np.zeros((2, 1), dtype=np.int64), np.ones(3)
    state = np.zeros(4, dtype=np.int64)
    anneal(table, board, all_wishes, bounds, problem.discomfort, state, best, plan, 1)
    undo(table, board, 0)
    for step in (hold_all, keep_live):
        step(table, board_of(table, 1), first, first)


def pair() -> Problem:
    """Return the problem of two people and two slots."""
    return Problem(
        modes=np.full((2, 2), ON_SITE, dtype=np.int64),
        limits=np.full(2, 2, dtype=np.int64),
        sessions=np.zeros(2, dtype=np.int64),
        place_modes=np.full(1, ON_SITE, dtype=np.int64),
        place_open=np.ones((1, 2), dtype=np.bool_),
        wishes=(Wish((0, 1)),),
        host_places=np.full(2, NONE, dtype=np.int64),
        discomfort=np.zeros((2, 2), dtype=np.int64),
    )
