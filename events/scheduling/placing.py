"""Which wishes are held: from first come, first served to the best that can be proved."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait

import numpy as np

from events.scheduling.boards import board_of, copy_of, overwrite
from events.scheduling.bounds import CLOSE, IN_QUESTION
from events.scheduling.exact import SMALL, solve_exactly
from events.scheduling.insertion import improve, insert_all, serve
from events.scheduling.kernels import KEPT, Board, hold_all
from events.scheduling.pins import missing, pinned_of
from events.scheduling.problem import Ints
from events.scheduling.repairing import repair
from events.scheduling.runs import MANY_OPTIONS, Run

# Rounds of exchanges between two looks at the clock.
ROUNDS = 2_000
# What an exchange may cost, by turns; turns without a gain before all boards begin again from the
# best one, and before the end; the share of the time after which others take over.
SLACKS = (0.0, 30.0, 10.0)
RESTART, PATIENCE = 9, 15
EXCHANGE_SHARE = 0.2
# Seconds for branch and bound, and their share of what is left, beyond which the relaxation's way is
# the better one; nobody can stop it in between.
EXACT_SECONDS, EXACT_SHARE = 10.0, 0.5


def fill(run: Run) -> None:
    """Hold as many and as weighty wishes as there is time for."""
    begin(run, run.board)
    start_greedily(run)
    run.tell("greedy")
    if run.is_over():
        return
    shares = relax(run)
    run.tell("relaxation")
    insert_by_shares(run, shares)
    run.tell("insertion")
    if run.largest_piece <= SMALL and not is_done(run):
        finish_exactly(run)
        run.tell("exact")
    if not is_done(run):
        exchange(run, shares)
        run.tell("exchange")
    if not is_done(run) and run.model.size >= MANY_OPTIONS:
        # What is held whole and what not is worth knowing closely before it is taken as given.
        shares = relax(run, CLOSE)
    if not is_done(run):
        repair(run, shares)
        run.tell("repair")


def is_done(run: Run) -> bool:
    """Tell whether there is nothing left to gain, or no time."""
    return run.is_over() or run.is_proved_exactly or run.is_proved()


def begin(run: Run, board: Board) -> None:
    """Hold the pins that can be held, for good."""
    hold_all(run.table, board, run.pins.slots, run.pins.variants)
    board.locked[run.pins.held] = KEPT


def fresh(run: Run, number: int) -> Board:
    """Return a board with nothing but the pins."""
    board = board_of(run.table, run.problem.seed + number)
    begin(run, board)
    return board


def start_greedily(run: Run) -> None:
    """Serve who comes first, and then who weighs most with chains; keep the better one."""
    serve(run.table, run.board, np.arange(len(run.problem.wishes), dtype=np.int64))
    board = fresh(run, 1)
    insert_all(run.table, board, np.argsort(-run.table.weights, kind="stable"))
    run.keep_better(board)


def relax(run: Run, closeness: float | None = None) -> Ints:
    """Solve the relaxation; return (wishes,) the share of each wish."""
    found = run.relax(closeness)
    return np.bincount(run.model.wish, found.shares, minlength=len(run.problem.wishes))


def insert_by_shares(run: Run, shares: Ints) -> None:
    """Hold what the relaxation holds, then everything else that fits."""
    board = fresh(run, 2)
    order = np.lexsort((-run.table.weights, -(shares >= 0.5).astype(np.int64)))
    insert_all(run.table, board, order)
    run.keep_better(board)


def exchange(run: Run, shares: Ints) -> None:
    """Exchange held wishes for waiting ones on every worker, as long as that gains."""
    waiting = np.flatnonzero(shares > IN_QUESTION)
    boards = [copy_of(run.board, run.problem.seed + 10 + number) for number in range(run.workers)]
    idle, penalty, ends = 0, run.model.penalty, run.elapsed + run.left * EXCHANGE_SHARE
    with ThreadPoolExecutor(run.workers) as threads:
        while len(waiting) and idle < PATIENCE and not (run.is_over() or run.is_proved()):
            slack = SLACKS[idle % len(SLACKS)]
            jobs = [
                threads.submit(improve, run.table, board, waiting, ROUNDS, penalty, slack)
                for board in boards
            ]
            wait(jobs)
            gains = [run.keep_better(board) for board in boards]
            idle = 0 if any(gains) else idle + 1
            if idle % RESTART == RESTART - 1:
                for board in boards:
                    overwrite(board, run.board)
            run.tell("exchange", breaks=run.last_breaks)
            if run.elapsed > ends:
                break


def finish_exactly(run: Run) -> None:
    """Solve a small problem to the end, with the choice of pins where they leave one."""
    seconds = min(run.left * EXACT_SHARE, EXACT_SECONDS)
    if not run.pins.are_best:
        settle_pins(run, seconds)
        return
    found = solve_exactly(run.model, seconds)
    if found is None:
        return
    if found.is_optimal:
        run.proved = found
    run.keep_better(run.board_with(found.chosen))


def settle_pins(run: Run, seconds: float) -> None:
    """Choose among pins that exclude each other those of the best schedule, if there is time."""
    model = run.proof_model
    found = solve_exactly(model, seconds, missing(model, pinned_of(run.problem)))
    if found is not None and found.is_optimal:
        run.settle(found)
