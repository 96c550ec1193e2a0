"""Mend a schedule around the wishes that are missing: a few hundred at a time, each part exactly.

A part is what hangs together around one missing wish: its people's meetings, their partners'
meetings, and so on until it is large enough. All else stays. Parts grow when small ones gain
nothing any more.
"""

from __future__ import annotations

import numpy as np

from events.scheduling.boards import overwrite
from events.scheduling.bounds import IN_QUESTION
from events.scheduling.neighbourhoods import reopen
from events.scheduling.problem import NONE, Flags, Ints
from events.scheduling.runs import Run

# Wishes of a part: at first, at most, and what they grow by after so many parts without a gain.
FIRST, MOST, GROWTH, PATIENCE = 300, 900, 1.3, 8
SECONDS_A_PART = 4.0
# The share from which the relaxation wants a wish.
WANTED = 0.5


class Mender:
    """Solves one part after the other anew, as long as something is missing and parts gain."""

    def __init__(self, run: Run, shares: Ints) -> None:
        """Begin with small parts. shares: (wishes,) of the relaxation."""
        self.run, self.shares = run, shares
        self.random = np.random.default_rng(run.problem.seed)
        self.size, self.idle = FIRST, 0

    def mend(self) -> bool:
        """Solve one part; tell whether there was any left to try."""
        missing = missing_wishes(self.run, self.shares)
        if not len(missing) or self.size > MOST:
            return False
        wish = int(self.random.choice(missing))
        part = around(self.run, wish, self.size, self.shares, self.random)
        self.idle = 0 if solve_part(self.run, part) else self.idle + 1
        if self.idle >= PATIENCE:
            self.size, self.idle = int(self.size * GROWTH), 0
        return True


def missing_wishes(run: Run, shares: Ints) -> Ints:
    """Return wishes that are not held and should be, or else those that might be."""
    is_missing = run.board.slots == NONE
    wanted = np.flatnonzero(is_missing & (shares > WANTED))
    return wanted if len(wanted) else np.flatnonzero(is_missing & (shares > IN_QUESTION))


def around(run: Run, wish: int, size: int, shares: Ints, random: np.random.Generator) -> Flags:
    """Return (wishes,) about `size` wishes around one: held ones, and those in question."""
    part = np.zeros(len(shares), dtype=np.bool_)
    useful = (run.board.slots != NONE) | (shares > IN_QUESTION)
    part[wish] = True
    queue = list(run.problem.wishes[wish].people)
    seen, left = set(queue), size - 1
    for person in queue:
        own = run.table.own[run.table.own_starts[person] : run.table.own_starts[person + 1]]
        own = random.permutation(own[useful[own] & ~part[own]])[:left]
        part[own] = True
        left -= len(own)
        partners = {other for near in own.tolist() for other in run.problem.wishes[near].people}
        queue += sorted(partners - seen)
        seen |= partners
        if left <= 0:
            break
    return part


def solve_part(run: Run, part: Flags) -> bool:
    """Solve a part; take it over unless it is worse; tell whether it is better."""
    if not part[run.model.wish].any():
        return False
    nobody = np.zeros_like(part)
    nowhere = np.full(len(part), NONE, dtype=np.int64)
    before = run.score(run.board)
    found = reopen(run, run.board, part, nobody, nowhere, min(SECONDS_A_PART, run.left))
    if found is None or run.score(found.board) < before:
        return False
    overwrite(run.board, found.board)
    return run.score(run.board) > before
