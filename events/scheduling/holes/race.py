"""Two solvers at one problem: CP-SAT by cores in a thread, CaDiCaL upwards in a process.

What either proves or finds counts for both. CP-SAT lifts the bound quickly where many holes are
forced; CaDiCaL, asked "with so few?" from the bound upwards, decides what is tight on tables. The
first proof ends the race.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue

from events.scheduling.holes.cadical_process import CadicalProcess, SolverGoneError
from events.scheduling.holes.clauses import Clauses
from events.scheduling.holes.cp_sat import Minimiser
from events.scheduling.holes.encoding import Encoded
from events.scheduling.holes.problem import HolesProblem, ShouldStop, holes_of

# Seconds between two looks at the clock and at whether to stop.
PAUSE = 0.05
# Seconds after which the second contender starts: most races are over by then.
HEAD_START = 1.0
# Seconds for which a question is left alone though others have answered it: the bound may rise on.
PATIENCE = 1.0

Schedule = tuple[int, ...]


@dataclass
class Known:
    """What has been proved and found so far."""

    bound: int
    schedule: Schedule | None = None
    holes: int | None = None
    is_infeasible: bool = False

    @property
    def is_decided(self) -> bool:
        """Whether nothing is left to prove."""
        return self.is_infeasible or (self.holes is not None and self.holes <= self.bound)


@dataclass(frozen=True)
class _Bound:
    value: int


@dataclass(frozen=True)
class _Found:
    schedule: Schedule


@dataclass(frozen=True)
class _Infeasible:
    pass


@dataclass(frozen=True)
class _Ended:
    """The thread of CP-SAT has no more to say."""


_News = _Bound | _Found | _Infeasible | _Ended


@dataclass
class Race:
    """One race; use it once."""

    problem: HolesProblem
    encoded: Encoded
    known: Known
    seed: int = 1
    # One queue a race: what a stopped contender still says is lost with it.
    news: SimpleQueue[_News] = field(default_factory=SimpleQueue)

    def run(self, seconds: float, should_stop: ShouldStop) -> Known:
        """Race until all is known, the time is up or somebody stops it; leave nothing running."""
        ends = time.monotonic() + seconds
        by_cores = _ByCores(self)
        upwards = _Upwards(self)
        try:
            while not (self.known.is_decided or time.monotonic() > ends or should_stop()):
                upwards.look()
                if not self._hear():
                    break
        finally:
            upwards.stop()
            by_cores.stop()
        return self.known

    def _hear(self) -> bool:
        """Take in one piece of news, if there is any; whether the race goes on."""
        try:
            news = self.news.get(timeout=PAUSE)
        except Empty:
            return True
        match news:
            case _Bound(value):
                self.known.bound = max(self.known.bound, value)
            case _Found(schedule):
                self._take(schedule)
            case _Infeasible():
                self.known.is_infeasible = True
        return not isinstance(news, _Ended)

    def _take(self, schedule: Schedule) -> None:
        holes = sum(holes_of(self.problem, schedule))
        if self.known.holes is None or holes < self.known.holes:
            self.known.schedule, self.known.holes = schedule, holes


class _ByCores:
    """CP-SAT in a thread: the solver does not hold Python's lock while it searches."""

    def __init__(self, race: Race) -> None:
        self.race = race
        self.minimiser = Minimiser(race.encoded.formula, race.encoded.objective, race.seed)
        self.thread = threading.Thread(target=self._search, daemon=True)
        self.thread.start()

    def _search(self) -> None:
        news, encoded = self.race.news, self.race.encoded
        status = self.minimiser.search(
            on_bound=lambda bound: news.put(_Bound(bound)),
            on_solution=lambda true: news.put(_Found(encoded.schedule(true))),
        )
        news.put(_Infeasible() if status is False else _Ended())

    def stop(self) -> None:
        """End the search; said again and again, as a search that only begins does not hear it."""
        while self.thread.is_alive():
            self.minimiser.stop()
            self.thread.join(PAUSE)


class _Upwards:
    """CaDiCaL in a process: are as few holes as the bound enough? If not, one more?"""

    def __init__(self, race: Race) -> None:
        self.race = race
        self.ended = threading.Event()
        self.process: CadicalProcess | None = None
        # What is being asked, and since when.
        self.most = 0
        self.since = 0.0
        self.thread = threading.Thread(target=self._climb, daemon=True)
        self.thread.start()

    def look(self) -> None:
        """Leave a question that others have answered for the one that is open now."""
        outdated = self.most < self.race.known.bound
        if self.process and outdated and time.monotonic() - self.since > PATIENCE:
            self.since = time.monotonic()
            self.process.kill()

    def stop(self) -> None:
        """End the process and the thread."""
        self.ended.set()
        while self.thread.is_alive():
            if process := self.process:
                process.kill()
            self.thread.join(PAUSE)

    def _climb(self) -> None:
        if self.ended.wait(HEAD_START):
            return
        clauses = Clauses(self.race.encoded.formula)
        objective = self.race.encoded.objective
        sums = clauses.sums(objective, len(objective))
        packed = clauses.packed()
        is_left = True
        while is_left and not self.ended.is_set():
            self.most = self.race.known.bound
            self.since = time.monotonic()
            with CadicalProcess(packed) as self.process:
                is_left = self._ask_on(self.process, sums)
            self.process = None

    def _ask_on(self, process: CadicalProcess, sums: Sequence[int]) -> bool:
        """Ask until all is known; whether another process should go on from a higher bound."""
        news, known = self.race.news, self.race.known
        try:
            while not self._holds(process, [-over for over in sums[self.most : self.most + 1]]):
                news.put(_Bound(self.most + 1))
                if known.schedule is None and not self._holds(process, []):
                    news.put(_Infeasible())
                    return False
                self.most = max(self.most + 1, known.bound)
                self.since = time.monotonic()
        except SolverGoneError:
            return self.most < known.bound
        return False

    def _holds(self, process: CadicalProcess, assumptions: Sequence[int]) -> bool:
        """Ask whether there is such a schedule; tell of the one that shows it."""
        true = process.ask(assumptions)
        if true is not None:
            self.race.news.put(_Found(self.race.encoded.schedule(true)))
        return true is not None
