"""Who may still be among the best of each person, and below what value nobody is noted.

After a share f of the other side has been seen in random order, about K f of a person's K best
are among them, with a variance of K f (1 - f). So the value of rank K f + 3.3 sqrt(K f (1 - f))
+ 3 among those seen is hardly ever above the final K-th: it is the floor from then on, raised
each time that twice as many have been seen. Where it was too high after all, the finished list
shows it, and is redone.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, sqrt

import numpy as np
from numpy.typing import NDArray

from matching.scoring import kernels

Floats = NDArray[np.float32]
# Rows that are sorted at a time, so that their copy stays small.
PORTION = 8192


def rank_at(keep: int, share: float) -> int:
    """Return the rank, among a share of the other side, whose value makes a floor."""
    if share >= 1:
        return keep
    expected = keep * share
    return min(keep, ceil(expected + 3.3 * sqrt(expected * (1 - share)) + 3))


def room_for(keep: int, share: float = 1.0) -> int:
    """Return how many candidates to have room for when floors come from such a share."""
    return min(2 * keep + 64, 4 * rank_at(keep, share) + 64)


@dataclass(frozen=True)
class Candidates:
    """The candidates of n people.

    values: float32 (n, room), the filter's, minus infinity beyond the count; partners: int32,
    same shape, positions; counts: int32 (n,). floors: float32 (n,), below which nobody is noted;
    infinity where the room was too small: that list has to be redone.
    """

    values: Floats
    partners: NDArray[np.int32]
    counts: NDArray[np.int32]
    floors: Floats

    @classmethod
    def empty(cls, count: int, room: int) -> Candidates:
        """Start with nobody and no floor."""
        return cls(
            np.full((count, room), -np.inf, dtype=np.float32),
            np.empty((count, room), dtype=np.int32),
            np.zeros(count, dtype=np.int32),
            np.full(count, -np.inf, dtype=np.float32),
        )

    def part(self, span: slice) -> Candidates:
        """Return a view of some people."""
        return Candidates(
            self.values[span], self.partners[span], self.counts[span], self.floors[span]
        )

    def sample(self, values: Floats, rank: int, margin: np.float32) -> None:
        """Set the floors by the first values seen, float32 (n, seen); changes their order."""
        seen = values.shape[1]
        if rank <= seen:
            values.partition(seen - rank, axis=1)
            self.floors[:] = values[:, seen - rank] - 2 * margin

    def raise_floors(self, rank: int, margin: np.float32) -> None:
        """Raise the floors to the value of a rank among the candidates, and forget who is below."""
        for start in range(0, len(self.counts), PORTION):
            part = self.part(slice(start, start + PORTION))
            used = int(part.counts.max(initial=0))
            if used < rank:
                continue
            ranked = np.partition(part.values[:, :used], used - rank, axis=1)[:, used - rank]
            np.maximum(part.floors, ranked - 2 * margin, out=part.floors)
            kernels.compact(part.values, part.partners, part.counts, part.floors)

    def lost(self) -> NDArray[np.bool_]:
        """Tell for whom the room was too small."""
        return np.isposinf(self.floors)
