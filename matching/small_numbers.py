"""Counts that say nothing of single people, in tables whose sums do not give them away.

A number from one to four is told as *fewer than five*. A sum is told as the range that the told
numbers allow, and so depends on nothing else: whoever reads the whole table learns nothing of a
hidden number but that it lies between one and four. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

SMALLEST_SHOWN = 5


@dataclass(frozen=True)
class Told:
    """What is told of a number: it lies between two, both included."""

    low: int
    high: int

    @property
    def is_exact(self) -> bool:
        """Whether the number itself is told."""
        return self.low == self.high

    @property
    def is_small(self) -> bool:
        """Whether only this is told: that there are some, fewer than five."""
        return not self.is_exact and self.high < SMALLEST_SHOWN


def told(count: int) -> Told:
    """Return what is told of a count: itself, when it is none or large enough."""
    if 0 < count < SMALLEST_SHOWN:
        return Told(1, SMALLEST_SHOWN - 1)
    return Told(count, count)


def total(numbers: Iterable[Told]) -> Told:
    """Return what is told of a sum: nothing that its told parts do not say."""
    parts = list(numbers)
    return Told(sum(part.low for part in parts), sum(part.high for part in parts))
