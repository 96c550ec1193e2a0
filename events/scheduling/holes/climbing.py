"""Asking upwards from the bound: are so few holes enough? If not, one more?"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

from events.scheduling.holes.knowledge import Bound, Found, Infeasible, Known, Tell

# Seconds between two words to whoever does not hear at once.
PAUSE = 0.05
# Seconds for which a question is left alone though others have answered it: the bound may rise on.
PATIENCE = 1.0


class SolverGoneError(Exception):
    """Whoever was asked has ended, or was ended, before the answer."""


class Asker(Protocol):
    """A solver with one formula and variables of which few are to be true."""

    def ask(self, most: int | None) -> frozenset[int] | None:
        """Return true variables with at most so many, or nothing if there are none.

        Raises:
            SolverGoneError: it was killed; it answers no more.
        """

    def kill(self) -> None:
        """End the search, from any thread; said before a search it may not be heard."""


class Climber:
    """A thread that asks one solver after the other, until all is known or it is stopped."""

    def __init__(
        self, known: Known, tell: Tell, open_asker: Callable[[], AbstractContextManager[Asker]],
        after: float,
    ) -> None:  # fmt: skip
        """Start after so many seconds; `known` is read here and changed by whoever is told."""
        self.known, self.tell, self.open_asker, self.after = known, tell, open_asker, after
        self.ended = threading.Event()
        self.asker: Asker | None = None
        # What is being asked, and since when.
        self.most = 0
        self.since = 0.0
        self.thread = threading.Thread(target=self.climb, daemon=True)
        self.thread.start()

    def look(self) -> None:
        """Leave a question that others have answered for the one that is open now."""
        outdated = self.most < self.known.bound
        if self.asker and outdated and time.monotonic() - self.since > PATIENCE:
            self.since = time.monotonic()
            self.asker.kill()

    def stop(self) -> None:
        """End the search and the thread."""
        self.ended.set()
        while self.thread.is_alive():
            if asker := self.asker:
                asker.kill()
            self.thread.join(PAUSE)

    def climb(self) -> None:
        """Ask with one solver until it is gone, then with another from the bound of that time."""
        is_left = not self.ended.wait(self.after)
        while is_left and not self.ended.is_set():
            self.begin(self.known.bound)
            with self.open_asker() as self.asker:
                is_left = self.ask_on(self.asker)
            self.asker = None

    def begin(self, most: int) -> None:
        """Remember which question is open, and since when."""
        self.most, self.since = most, time.monotonic()

    def ask_on(self, asker: Asker) -> bool:
        """Ask until all is known; whether another solver should go on from a higher bound."""
        try:
            while not self.holds(asker, self.most):
                self.tell(Bound(self.most + 1))
                if self.known.schedule is None and not self.holds(asker, None):
                    self.tell(Infeasible())
                    return False
                self.begin(max(self.most + 1, self.known.bound))
        except SolverGoneError:
            return self.most < self.known.bound
        return False

    def holds(self, asker: Asker, most: int | None) -> bool:
        """Ask whether there is such a schedule; tell of the one that shows it."""
        true = asker.ask(most)
        if true is not None:
            self.tell(Found(true))
        return true is not None
