"""A formula in clauses alone, for solvers that know nothing else.

Counts become sums in unary (the totalizer of Bailleux and Boufkhad, CP 2003): what a solver learns
about these sums proves in seconds what it cannot say of linear constraints.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from itertools import combinations

from events.scheduling.holes.formula import Count, Formula


class Clauses:
    """The clauses of a formula, with further variables for its sums."""

    def __init__(self, formula: Formula) -> None:
        """Take over what the formula states."""
        self.variables = formula.variables
        self.listed = [*formula.clauses, *formula.choices]
        for choice in formula.choices:
            self.listed.extend([-one, -other] for one, other in combinations(choice, 2))
        for count in formula.counts:
            self._count(count)

    def _count(self, count: Count) -> None:
        sums = self.sums(count.literals, count.most + 1)
        self.listed.extend([sums[place]] for place in range(count.fewest))
        self.listed.extend([-above] for above in sums[count.most :])

    def sums(self, literals: Sequence[int], top: int) -> list[int]:
        """Return literals of "at least 1, at least 2, …, at least `top` are true"."""
        nodes = [[literal] for literal in literals]
        while len(nodes) > 1:
            pairs = zip(nodes[::2], nodes[1::2], strict=False)
            nodes = [self._sum(one, other, top) for one, other in pairs] + nodes[len(nodes) & ~1 :]
        return nodes[0] if nodes else []

    def packed(self) -> bytes:
        """Return the clauses as 32-bit numbers, with a 0 at the end of each."""
        numbers = array("i")
        for clause in self.listed:
            numbers.extend(clause)
            numbers.append(0)
        return numbers.tobytes()

    def _sum(self, one: Sequence[int], other: Sequence[int], top: int) -> list[int]:
        """Return the sum of two sums: clauses in both directions."""
        size = min(top, len(one) + len(other))
        total = list(range(self.variables + 1, self.variables + size + 1))
        self.variables += size
        for x in range(len(one) + 1):
            for y in range(min(len(other), size - x) + 1):
                if x + y:
                    reached = [-row[have - 1] for row, have in ((one, x), (other, y)) if have]
                    self.listed.append([*reached, total[x + y - 1]])
                if x + y < size:
                    missed = [row[have] for row, have in ((one, x), (other, y)) if have < len(row)]
                    self.listed.append([*missed, -total[x + y]])
        return total
