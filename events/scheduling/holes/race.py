"""Solvers at one problem: CP-SAT by cores and upwards in threads, CaDiCaL upwards in a process.

What one proves or finds counts for all. By cores the bound rises quickly where many holes are
forced. Asked "with so few?" from the bound upwards, CP-SAT decides what is tight on sessions and
tables together, and CaDiCaL what is tight on tables alone. The first proof ends the race.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, field
from functools import cached_property
from queue import Empty, SimpleQueue

from events.scheduling.holes.cadical_process import CadicalProcess
from events.scheduling.holes.clauses import Clauses
from events.scheduling.holes.climbing import PAUSE, Asker, Climber
from events.scheduling.holes.cp_sat import Minimiser, Question
from events.scheduling.holes.encoding import Encoded
from events.scheduling.holes.knowledge import Bound, Found, Infeasible, Known, News
from events.scheduling.holes.problem import HolesProblem, ShouldStop, holes_of

# Seconds after which CP-SAT and CaDiCaL are asked upwards: most races are over by then.
CP_SAT_AFTER, CADICAL_AFTER = 0.5, 1.5
# Seconds without news after which the search by cores leaves its place to the others.
BY_CORES = 4.0


@dataclass
class Race:
    """One race; use it once."""

    problem: HolesProblem
    encoded: Encoded
    known: Known
    seed: int = 1
    # One queue a race: what a stopped contender still says is lost with it.
    news: SimpleQueue[News] = field(default_factory=SimpleQueue)

    def run(self, seconds: float, should_stop: ShouldStop) -> Known:
        """Race until all is known, the time is up or somebody stops it; leave nothing running."""
        ends = time.monotonic() + seconds
        by_cores = ByCores(self)
        climbers = self._climbers()
        try:
            while not (self.known.is_decided or time.monotonic() > ends or should_stop()):
                for climber in climbers:
                    climber.look()
                by_cores.look()
                self._hear()
        finally:
            for climber in climbers:
                climber.stop()
            by_cores.stop()
        return self.known

    def _climbers(self) -> tuple[Climber, ...]:
        known, tell = self.known, self.news.put
        return (
            Climber(known, tell, self._question, CP_SAT_AFTER),
            Climber(known, tell, self._process, CADICAL_AFTER),
        )

    def _question(self) -> AbstractContextManager[Asker]:
        return nullcontext(Question(self.encoded.formula, self.encoded.objective, self.seed))

    def _process(self) -> AbstractContextManager[Asker]:
        packed, sums = self._packed
        return CadicalProcess(packed, sums)

    @cached_property
    def _packed(self) -> tuple[bytes, Sequence[int]]:
        """The formula in clauses, with literals of "more holes than 0, than 1, …"."""
        clauses = Clauses(self.encoded.formula)
        sums = clauses.sums(self.encoded.objective, len(self.encoded.objective))
        return clauses.packed(), sums

    def _hear(self) -> None:
        """Take in one piece of news, if there is any."""
        with suppress(Empty):
            match self.news.get(timeout=PAUSE):
                case Bound(value):
                    self.known.bound = max(self.known.bound, value)
                case Found(true):
                    self._take(true)
                case Infeasible():
                    self.known.is_infeasible = True

    def _take(self, true: frozenset[int]) -> None:
        schedule = self.encoded.schedule(true)
        holes = sum(holes_of(self.problem, schedule))
        if self.known.holes is None or holes < self.known.holes:
            self.known.schedule, self.known.holes = schedule, holes


class ByCores:
    """CP-SAT in a thread: the solver does not hold Python's lock while it searches."""

    def __init__(self, race: Race) -> None:
        """Start at once."""
        self.tell = race.news.put
        self.minimiser = Minimiser(race.encoded.formula, race.encoded.objective, race.seed)
        self.told = time.monotonic()
        self.thread = threading.Thread(target=self.search, daemon=True)
        self.thread.start()

    def search(self) -> None:
        """Search until all is known or it is stopped."""
        if self.minimiser.search(on_bound=self._bound, on_solution=self._found) is False:
            self.tell(Infeasible())

    def _bound(self, bound: int) -> None:
        self.told = time.monotonic()
        self.tell(Bound(bound))

    def _found(self, true: frozenset[int]) -> None:
        self.told = time.monotonic()
        self.tell(Found(true))

    def look(self) -> None:
        """Leave the place to the others once there is no news any more."""
        if time.monotonic() - self.told > BY_CORES:
            self.minimiser.stop()

    def stop(self) -> None:
        """End the search; said again and again, as a search that only begins does not hear it."""
        while self.thread.is_alive():
            self.minimiser.stop()
            self.thread.join(PAUSE)
