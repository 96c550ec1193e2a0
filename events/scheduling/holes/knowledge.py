"""What contenders tell each other about the fewest holes, and what is known of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

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
class Bound:
    """No schedule has fewer holes."""

    value: int


@dataclass(frozen=True)
class Found:
    """The variables that are true in a schedule."""

    true: frozenset[int]


@dataclass(frozen=True)
class Infeasible:
    """There is no schedule."""


News = Bound | Found | Infeasible
Tell = Callable[[News], None]
