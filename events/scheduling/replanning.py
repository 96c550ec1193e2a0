"""Plan again with the least disturbance: what is live stays, unless a wish is gained.

First whatever is live and still possible is held where it was. Wishes that fit without moving
anybody follow; then those for which something has to move, by the move of several that the fewest
people have to be told. A small problem is then solved to the end.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from events.scheduling.boards import board_of, overwrite
from events.scheduling.exact import SMALL
from events.scheduling.insertion import insert, insert_all, insert_free, keep_live, return_home
from events.scheduling.kernels import KEPT, LOGGED, Board, release, undo
from events.scheduling.measuring import disturbance
from events.scheduling.neighbourhoods import reopen
from events.scheduling.problem import NONE, Flags, Ints, Problem, Progress, Result
from events.scheduling.runs import Run
from events.scheduling.smoothing import smooth
from events.scheduling.solving import finish

# Different ways to make room, of which the one that disturbs the fewest people is taken.
WAYS = 12
CLOSENESS = 1e-4


def replan(
    problem: Problem,
    *,
    seconds: float,
    report: Callable[[Progress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Result:
    """Return a schedule near the live one that holds what it held, and whatever more can be."""
    run = Run(problem, seconds, 1, report, should_stop)
    overwrite(run.board, settled(run))
    run.board.locked[run.pins.held] = KEPT
    run.tell("live")
    was_held = run.board.slots != NONE
    insert_free(run.table, run.board, waiting(run))
    run.tell("free slots")
    make_room(run)
    put_back(run)
    run.tell("room")
    if not run.is_over():
        run.relax(CLOSENESS)
        finish_small(run, was_held)
    run.tell("relaxation")
    settle_new(run)
    return finish(run)


def settled(run: Run) -> Board:
    """Return the board with everything live that can stay, and all pins that can be held."""
    variants = run.at_home.argmax(axis=1)
    board = board_of(run.table, run.problem.seed)
    keep_live(run.table, board, run.live_slots, variants)
    insert_all(run.table, board, np.flatnonzero(run.pins.held & (board.slots == NONE)))
    if not (board.slots[run.pins.held] != NONE).all():
        board = run.board_at(run.pins.slots, run.pins.variants)
        keep_live(run.table, board, run.live_slots, variants)
    board.locked[run.pins.held] = KEPT
    return board


def waiting(run: Run) -> Ints:
    """Return the wishes that are not held: live ones first, then of people below the floor."""
    short = run.board.counts < run.needs
    of_short = np.maximum.reduceat(short[run.options.members], run.options.starts[:-1])
    order = np.lexsort((-run.table.weights, ~of_short, run.live_slots == NONE))
    return order[run.board.slots[order] == NONE]


def make_room(run: Run) -> None:
    """Hold waiting wishes for which something has to move: each by the way that disturbs least."""
    for wish in waiting(run).tolist():
        if run.is_over():
            return
        best, told = None, len(run.table.limits) + 1
        for _way in range(WAYS):
            state = int(run.board.random[0])
            cost = cost_of_inserting(run, wish)
            if cost is None:
                break
            if cost < told:
                best, told = state, cost
        if best is not None:
            run.board.random[0] = best
            insert(run.table, run.board, wish)
            run.board.totals[LOGGED] = 0


def cost_of_inserting(run: Run, wish: int) -> int | None:
    """Return how many people a way to hold a wish would disturb; None if there is no way."""
    run.board.totals[LOGGED] = 0
    if not insert(run.table, run.board, wish):
        return None
    moved = np.unique(run.board.log[: run.board.totals[LOGGED], 0])
    people = told_of(run, moved[~is_at_home(run, run.board)[moved]])
    undo(run.table, run.board, 0)
    return len(people)


def is_at_home(run: Run, board: Board) -> Flags:
    """Return (wishes,) which keep their live slot and place, as far as pools tell places apart."""
    keeps_place = run.at_home[np.arange(len(board.slots)), board.variants]
    return (board.slots == run.live_slots) & keeps_place


def told_of(run: Run, wishes: Ints) -> set[int]:
    """Return the people of those wishes that are live."""
    moved = wishes[run.live_slots[wishes] != NONE]
    return {person for wish in moved.tolist() for person in run.problem.wishes[wish].people}


def put_back(run: Run) -> None:
    """Move live meetings back where nothing stands against it any more: their slot, then place."""
    live, board = run.live_slots, run.board
    for wish in np.flatnonzero((live != NONE) & (board.slots != NONE)).tolist():
        board.totals[LOGGED] = 0
        if board.slots[wish] != live[wish] and run.table.allowed[wish, live[wish]]:
            return_home(run.table, board, wish, live[wish])
        if board.slots[wish] == live[wish] and not run.at_home[wish, board.variants[wish]]:
            rehouse(run, wish)


def rehouse(run: Run, wish: int) -> None:
    """Hold a live meeting where it is, at its own kind of place if there is room."""
    only = np.full_like(run.live_slots, NONE)
    only[wish] = run.live_slots[wish]
    release(run.table, run.board, wish)
    keep_live(run.table, run.board, only, run.at_home.argmax(axis=1))


def finish_small(run: Run, was_held: Flags) -> None:
    """Solve a small problem to the end, and take that if it is better or disturbs fewer."""
    if not 0 < run.largest_piece <= SMALL:
        return
    everything = np.ones(len(run.problem.wishes), dtype=np.bool_)
    found = reopen(run, run.board, everything, was_held, run.live_slots, run.left / 2)
    if found is not None and key_of(run, found.board) > key_of(run, run.board):
        overwrite(run.board, found.board)


def key_of(run: Run, board: Board) -> tuple[int, int, int]:
    """Return what schedules are compared by: floor, value, people told."""
    _moved, told = disturbance(run.problem, run.schedule(board))
    return (*run.score(board), -len(told))


def settle_new(run: Run) -> None:
    """Give the new meetings good hours, and move no others."""
    smooth(run, (run.live_slots == NONE) & (run.board.slots != NONE))
