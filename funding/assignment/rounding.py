"""From probabilities to a draw: each pair with its probability, each sum as it was.

Dependent rounding (Gandhi, Khuller, Parthasarathy and Srinivasan 2006), as Jecmen and others (2020)
use it against collusion: along a cycle of open pairs, probabilities go up and down in turn until
one is 0 or 1, one way or the other with the odds that leave every expectation as it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from funding.assignment.problem import Flags, Floats, Ints

# What is nearer to 0 or 1 than this, is.
TINY = 1e-7
# A reviewer or a part of an application, by kind and number.
_Place = tuple[int, int]
_REVIEWER, _PART = 0, 1


def rounded(chances: Floats, parts: Ints, random: np.random.Generator) -> Flags:
    """Return a draw, (reviewers, applications).

    `parts` numbers, for each pair, the part of its application that the reviewer counts for; the
    probabilities of a part add up to a whole number, and so many of it are drawn. A reviewer is
    drawn as often as their probabilities add up to, rounded up or down.
    """
    graph = _Graph(chances, parts)
    while graph.near:
        graph.turn(list(graph.cycle()), random.random())
    return graph.table > 0.5


class _Graph:
    """Pairs that are neither drawn nor not drawn yet."""

    def __init__(self, chances: Floats, parts: Ints) -> None:
        self.table = chances.copy()
        self.loads: dict[int, float] = {}
        # Of each place, those that it is open with, and how probable that is.
        self.near: dict[_Place, dict[_Place, float]] = {}
        self.names: dict[tuple[_Place, _Place], tuple[int, int]] = {}
        open_pairs = np.nonzero((chances > TINY) & (chances < 1 - TINY))
        for reviewer, application in zip(*(one.tolist() for one in open_pairs), strict=True):
            places = (_REVIEWER, reviewer), (_PART, int(parts[reviewer, application]))
            self.names[places] = reviewer, application
            self.link(*places, float(chances[reviewer, application]))
        self.close(chances)

    def link(self, reviewer: _Place, part: _Place, chance: float) -> None:
        self.near.setdefault(reviewer, {})[part] = chance
        self.near.setdefault(part, {})[reviewer] = chance

    def close(self, chances: Floats) -> None:
        """Give each reviewer whose load is not whole what it lacks, at a place of its own."""
        for reviewer, load in enumerate(chances.sum(axis=1).tolist()):
            lack = float(np.ceil(load - TINY)) - load
            if lack > TINY:
                self.link((_REVIEWER, reviewer), (_PART, -1), lack)

    def cycle(self) -> Iterator[tuple[_Place, _Place]]:
        """Yield the pairs of a cycle, reviewer first; with each place, one has always two ways."""
        path = [next(iter(self.near))]
        seen = {path[0]: 0}
        while True:
            before = path[-2] if len(path) > 1 else None
            following = next((one for one in self.near[path[-1]] if one != before), before)
            assert following is not None
            if following in seen:
                around = [*path[seen[following] :], following]
                break
            seen[following] = len(path)
            path.append(following)
        for one, other in pairwise(around):
            yield (one, other) if one[0] == _REVIEWER else (other, one)

    def turn(self, cycle: list[tuple[_Place, _Place]], lot: float) -> None:
        """Move along a cycle, one way or the other, until a pair is decided."""
        chances = [self.near[one][other] for one, other in cycle]
        rising, falling = chances[::2], chances[1::2]
        up = min([1 - chance for chance in rising] + falling)
        down = min([1 - chance for chance in falling] + rising)
        change = up if lot * (up + down) < down else -down
        for number, places in enumerate(cycle):
            self.settle(places, chances[number] + (change if number % 2 == 0 else -change))

    def settle(self, places: tuple[_Place, _Place], chance: float) -> None:
        """Write down a new probability; a pair that is decided leaves."""
        if places in self.names:
            self.table[self.names[places]] = chance
        if TINY < chance < 1 - TINY:
            self.link(*places, chance)
            return
        for one, other in (places, places[::-1]):
            del self.near[one][other]
            if not self.near[one]:
                del self.near[one]
