"""Clauses, choices and counts over true-or-false variables, for whichever solver reads them.

Literals are as in DIMACS: 1, 2, … for variables, negative for their opposites.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Count:
    """How many of some literals are true."""

    literals: tuple[int, ...]
    fewest: int
    most: int


@dataclass
class Formula:
    """What must hold: every clause, of each choice exactly one, every count."""

    variables: int = 0
    clauses: list[list[int]] = field(default_factory=list)
    choices: list[list[int]] = field(default_factory=list)
    counts: list[Count] = field(default_factory=list)

    def variable(self) -> int:
        """Return a new variable."""
        self.variables += 1
        return self.variables

    def need(self, *literals: int) -> None:
        """State that at least one is true."""
        self.clauses.append(list(literals))

    def imply(self, cause: int, *effects: int) -> None:
        """State that all effects are true where the cause is."""
        for effect in effects:
            self.need(-cause, effect)

    def choose(self, literals: Iterable[int]) -> None:
        """State that exactly one is true."""
        self.choices.append(list(literals))

    def count(self, literals: Iterable[int], fewest: int, most: int) -> None:
        """State how many are true; what holds anyway is left out, what cannot be is a contradiction."""
        listed = tuple(literals)
        low, high = max(fewest, 0), min(most, len(listed))
        if low > high:
            self.need()
        elif low > 0 or high < len(listed):
            self.counts.append(Count(listed, low, high))

    def any_of(self, literals: Iterable[int]) -> int:
        """Return a variable that is true where one of the literals is."""
        either, listed = self.variable(), list(literals)
        self.need(-either, *listed)
        for literal in listed:
            self.need(-literal, either)
        return either
