"""The sign of life of a worker that computes for long, from a thread of its own."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from threading import Event as Signal
from threading import Thread
from types import TracebackType
from typing import ClassVar, Self

from django.db import Error, connection

logger = logging.getLogger(__name__)


class Pulse(ABC):
    """Gives a sign of life again and again while its `with` block works.

    In a thread of its own, because single steps of a solver take many seconds. What a sign is,
    those say who derive from it; whoever finds the work taken away notes that in `is_lost`.
    """

    every_seconds: ClassVar[float] = 1.0

    def __init__(self, name: str) -> None:
        self.is_lost = False
        self.done = Signal()
        self.thread = Thread(target=self.live, name=name, daemon=True)

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.done.set()
        self.thread.join()

    @abstractmethod
    def sign(self) -> None:
        """Write that the work goes on, and how far it is."""

    def live(self) -> None:
        """Beat until the work is done."""
        try:
            while not self.done.wait(self.every_seconds):
                self.beat()
        finally:
            connection.close()

    def beat(self) -> None:
        """Give one sign; a database that is away for a moment costs a beat."""
        try:
            self.sign()
        except Error:
            logger.warning("The database did not take the sign of life of %s.", self.thread.name)
            connection.close()
