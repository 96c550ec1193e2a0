"""CP-SAT on what the relaxation holds: it mends what placing one by one could not.

Wishes that the relaxation holds whole must be held, those that it leaves are left, the few in
between are free. Should that be impossible, everything becomes free to be left. Each worker is a
solver of its own with one thread, no linear relaxation and its own seed: two threads of one
solver are many times slower here.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from itertools import pairwise
from queue import Empty, SimpleQueue
from typing import Protocol

import numpy as np
from ortools.sat.python import cp_model

from events.scheduling.annealing import Annealer
from events.scheduling.bounds import IN_QUESTION
from events.scheduling.mending import Mender
from events.scheduling.neighbourhoods import is_chosen
from events.scheduling.problem import NONE, Flags, Ints
from events.scheduling.runs import MANY_OPTIONS, Run

CERTAIN = 0.98
SECONDS_BETWEEN_LOOKS = 0.1
# Of the time that is left, for each of the two attempts.
SHARE = 0.8


# Of that, for annealing where a schedule is large; the rest mends part by part.
ANNEALING = 0.4

# A search that a thread is at.
Answering = Future[cp_model.CpSolverStatus]


class Mending(Protocol):
    """Betters the schedule of a run a little at a time."""

    def mend(self) -> bool:
        """Try once; tell whether there was anything left to try."""


@dataclass
class Encoded:
    """A model for CP-SAT, and the option of each of its variables."""

    model: cp_model.CpModel
    options: Ints
    literals: list[cp_model.IntVar]


def repair(run: Run, shares: Ints) -> None:
    """Place the relaxation's wishes all at once; keep what is better."""
    must = (shares >= CERTAIN) | run.pins.held
    wanted = must | (shares > IN_QUESTION)
    if not wanted[run.model.wish].any():
        return
    menders = menders_of(run, shares)
    found = race(run, encode(run, wanted, must), menders, run.left * SHARE)
    if found == cp_model.INFEASIBLE and not (run.is_over() or run.is_proved()):
        everything = wanted | (run.board.slots != NONE)
        race(run, encode(run, everything, run.pins.held), menders, run.left * SHARE)


def menders_of(run: Run, shares: Ints) -> list[Mending]:
    """Return who mends beside the solver, one after the other."""
    by_parts = Mender(run, shares)
    if run.model.size < MANY_OPTIONS:
        return [by_parts]
    return [Annealer(run, shares, run.left * SHARE * ANNEALING), by_parts]


def encode(run: Run, wanted: Flags, must: Flags) -> Encoded:
    """Return the model of the wanted wishes, hinting at the board."""
    options = np.flatnonzero(wanted[run.model.wish])
    model = cp_model.CpModel()
    literals = [model.new_bool_var("") for _option in options]
    encoded = Encoded(model, options, literals)
    add_wishes(run, encoded, must)
    add_rows(run, encoded)
    add_hints(run, encoded)
    return encoded


def add_wishes(run: Run, encoded: Encoded, must: Flags) -> None:
    """Hold each wish at most once, and those that must be, once."""
    wishes = run.model.wish[encoded.options]
    edges = [0, *(np.flatnonzero(np.diff(wishes)) + 1).tolist(), len(wishes)]
    for start, end in pairwise(edges):
        if must[wishes[start]]:
            encoded.model.add_exactly_one(encoded.literals[start:end])
        else:
            encoded.model.add_at_most_one(encoded.literals[start:end])


def add_rows(run: Run, encoded: Encoded) -> None:
    """Add the rows of the model that hold any of the options; maximise value less penalties."""
    columns = np.arange(run.model.size, run.model.size + len(run.model.floored))
    rows = run.model.rows[:, np.concatenate((encoded.options, columns))].tocsr()
    below = [encoded.model.new_bool_var("") for _person in columns]
    literals = encoded.literals + below
    for row, limit in enumerate(run.model.limits.tolist()):
        part = slice(rows.indptr[row], rows.indptr[row + 1])
        own = [literals[column] for column in rows.indices[part].tolist()]
        factors = rows.data[part].tolist()
        if limit == 1 and all(factor == 1 for factor in factors):
            encoded.model.add_at_most_one(own)
        elif sum(max(0, factor) for factor in factors) > limit:
            encoded.model.add(cp_model.LinearExpr.weighted_sum(own, factors) <= limit)
    # Nobody is left below the floor for the sake of value.
    penalty = int(run.table.weights.sum()) + 1
    factors = run.model.weights[encoded.options].tolist() + [-penalty] * len(below)
    encoded.model.maximize(cp_model.LinearExpr.weighted_sum(literals, factors))


def add_hints(run: Run, encoded: Encoded) -> None:
    """Hint at where everything is now."""
    chosen = is_chosen(run, run.board)[encoded.options]
    for literal, value in zip(encoded.literals, chosen.tolist(), strict=True):
        encoded.model.add_hint(literal, value)


class Best(cp_model.CpSolverSolutionCallback):
    """Hands on what a search finds, and ends it when its value reaches the bound."""

    def __init__(self, bound: int, found: SimpleQueue[Ints]) -> None:
        """Remember the bound, and where schedules go."""
        super().__init__()
        self.bound, self.found = bound, found

    def on_solution_callback(self) -> None:
        """Hand the values of all variables on; stop at the bound."""
        self.found.put(np.array(self.response_proto.solution, dtype=np.int64))
        if self.objective_value >= self.bound - 0.5:
            self.stop_search()


def race(
    run: Run, encoded: Encoded, menders: list[Mending], seconds: float
) -> cp_model.CpSolverStatus:
    """Run solvers until one ends, and mend in this thread; keep the best, return a status.

    One worker's place is the menders', if there are two.
    """
    count = max(1, run.workers - 1)
    found: SimpleQueue[Ints] = SimpleQueue()
    solvers = [solver_of(run.problem.seed + number, seconds) for number in range(count)]
    bests = [Best(run.bound(0), found) for _solver in solvers]
    with ThreadPoolExecutor(count) as threads:
        futures = [
            threads.submit(solver.solve, encoded.model, best)
            for solver, best in zip(solvers, bests, strict=True)
        ]
        try:
            mending = menders if run.workers > 1 else []
            while not any(future.done() for future in futures) and not run.is_over():
                mend(mending, futures)
                take_over(run, encoded, found)
                run.tell("repair", breaks=run.last_breaks)
                if run.is_proved():
                    break
        finally:
            end(solvers, futures)
    take_over(run, encoded, found)
    statuses = [future.result() for future in futures]
    return cp_model.INFEASIBLE if cp_model.INFEASIBLE in statuses else statuses[0]


def solver_of(seed: int, seconds: float) -> cp_model.CpSolver:
    """Return a solver with one thread and no linear relaxation."""
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.linearization_level = 0
    solver.parameters.random_seed = seed % (1 << 31)
    solver.parameters.max_time_in_seconds = max(0.1, seconds)
    return solver


def mend(menders: list[Mending], futures: list[Answering]) -> None:
    """Let the first mender who has anything left to try do so; wait where none has."""
    while menders:
        if menders[0].mend():
            return
        menders.pop(0)
    wait(futures, timeout=SECONDS_BETWEEN_LOOKS, return_when="FIRST_COMPLETED")


def end(solvers: list[cp_model.CpSolver], futures: list[Answering]) -> None:
    """End all searches; said again and again, as one that only begins does not hear it."""
    while not all(future.done() for future in futures):
        for solver in solvers:
            solver.stop_search()
        wait(futures, timeout=SECONDS_BETWEEN_LOOKS)


def take_over(run: Run, encoded: Encoded, found: SimpleQueue[Ints]) -> None:
    """Take over what solvers have found since, if it is better than the board."""
    while True:
        try:
            values = found.get_nowait()
        except Empty:
            return
        # The options' variables are the first ones of the model.
        chosen = encoded.options[values[: len(encoded.options)] > 0]
        run.keep_better(run.board_with(chosen))
