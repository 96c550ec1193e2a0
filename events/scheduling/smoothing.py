"""Fewest breaks, then best hours, with the meetings that are held."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from time import monotonic

import numpy as np
from numpy.typing import NDArray

from events.scheduling.boards import copy_of, overwrite
from events.scheduling.kernels import FIXED, Board
from events.scheduling.polishing import anneal
from events.scheduling.problem import NONE, Flags, Ints
from events.scheduling.runs import Run

# Tried moves for each meeting and slot; more hardly finds better ones.
MOVES = 600
HOT, COLD = 1.2, 0.08
ROUNDS = 20_000


@dataclass
class Cooling:
    """One thread's board while it gets colder."""

    board: Board
    held: Ints
    # breaks and discomfort: now, and at best
    state: Ints
    best: Ints
    # temperature, its factor, weight of discomfort
    plan: NDArray[np.float64]
    done: int = 0
    seconds: float = 0.0


def smooth(run: Run, movable: Flags | None = None) -> None:
    """Anneal on every worker, and take the best.

    movable: (wishes,) held ones that may move, by default all.
    """
    if movable is None:
        movable = run.board.slots != NONE
    else:
        run.board.locked[~movable] = FIXED
    held = np.flatnonzero(movable)
    if not len(held) or run.is_over():
        return
    rounds = MOVES * len(held) * run.table.allowed.shape[1] // 10
    bounds = session_bounds(run.problem.sessions)
    before = worth_of(run)
    coolings = [cooling_of(run, held, before, number) for number in range(run.workers)]
    with ThreadPoolExecutor(run.workers) as threads:
        while coolings[0].done < rounds and not run.is_over():
            list(threads.map(lambda one: cool(run, one, bounds, rounds), coolings))
            run.tell("breaks", breaks=min(int(one.state[2]) for one in coolings))
    best = min(coolings, key=lambda one: (one.state[2], one.state[3]))
    if (best.state[2], best.state[3]) < before:
        overwrite(run.board, run.board_at(best.best[0], best.best[1]))
    run.tell("breaks")


def worth_of(run: Run) -> tuple[int, int]:
    """Return breaks and discomfort of the run's board."""
    uneasy = run.problem.discomfort[run.board.at >= 0].sum()
    return run.breaks(), int(uneasy)


def cooling_of(run: Run, held: Ints, before: tuple[int, int], number: int) -> Cooling:
    """Return a worker's start."""
    board = copy_of(run.board, run.problem.seed + 100 + number)
    # One break weighs more than what one meeting's hour can cost.
    comfort = 0.25 / max(1, int(run.problem.discomfort.max(initial=0)))
    return Cooling(
        board=board,
        held=held,
        state=np.array([*before, *before], dtype=np.int64),
        best=np.vstack((board.slots, board.variants)),
        plan=np.array([HOT, 1.0, comfort]),
    )


def cool(run: Run, cooling: Cooling, bounds: Ints, rounds: int) -> None:
    """Anneal for one batch; only a clock that is short makes it cool faster than planned."""
    left = max(1, rounds - cooling.done)
    if cooling.seconds:
        left = max(1, min(left, int(cooling.done / cooling.seconds * run.left)))
    cooling.plan[1] = (COLD / cooling.plan[0]) ** (1 / left)
    batch, started = min(ROUNDS, left), monotonic()
    anneal(
        run.table, cooling.board, cooling.held, bounds, run.problem.discomfort,
        cooling.state, cooling.best, cooling.plan, batch,
    )  # fmt: skip
    cooling.done += batch
    cooling.seconds += monotonic() - started


def session_bounds(sessions: Ints) -> Ints:
    """Return (slots, 2) the first slot and the end of each slot's session, whatever its number."""
    changes = np.flatnonzero(np.diff(sessions)) + 1
    edges = np.concatenate(([0], changes, [len(sessions)]))
    number = np.searchsorted(edges, np.arange(len(sessions)), side="right") - 1
    return np.column_stack((edges[number], edges[number + 1])).astype(np.int64)
