"""Exchange wishes while it gets colder: for schedules too large to be mended part by part."""

from __future__ import annotations

import numpy as np

from events.scheduling.boards import copy_of, overwrite
from events.scheduling.bounds import IN_QUESTION
from events.scheduling.insertion import improve
from events.scheduling.problem import Ints
from events.scheduling.runs import Run

# Exchanges between two looks at the clock.
ROUNDS = 500
# What an exchange may cost on average, at first and in the end, as a share of a usual weight.
HOT, COLD = 0.4, 0.05
# From this part of the time on a better schedule of somebody else is the one to go on from.
JOINS = 0.6


class Annealer:
    """One walk over schedules that never breaks a rule; the run keeps the best one."""

    def __init__(self, run: Run, shares: Ints, seconds: float) -> None:
        """Begin where the run is. shares: (wishes,) of the relaxation."""
        self.run, self.seconds = run, max(seconds, 0.1)
        self.board = copy_of(run.board, run.problem.seed + 20)
        self.waiting = np.flatnonzero(shares > IN_QUESTION)
        self.usual = float(np.median(run.table.weights)) if len(self.waiting) else 0.0
        self.begun = run.elapsed

    def mend(self) -> bool:
        """Walk on for a moment; tell whether there was any time to."""
        passed = (self.run.elapsed - self.begun) / self.seconds
        if passed >= 1 or not len(self.waiting):
            return False
        if passed > JOINS and self.run.score(self.run.board) > self.run.score(self.board):
            overwrite(self.board, self.run.board)
        heat = self.usual * HOT * (COLD / HOT) ** passed
        penalty = self.run.model.penalty
        improve(self.run.table, self.board, self.waiting, ROUNDS, penalty, heat)
        self.run.keep_better(self.board)
        return True
