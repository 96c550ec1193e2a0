"""Pools: the exact beginning of everybody's order by the first pass, kept exact edit by edit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching.services.list_rows import SMALLEST

Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Pool:
    """Whom one person's list is chosen from, best first, ties by id.

    ids, scores: int64 (k,), units of 2**-30. is_complete: it is everybody; else others follow,
    none of whom ranks before the last one here.
    """

    ids: Integers
    scores: Integers
    is_complete: bool

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def floor(self) -> int:
        """The score below which nobody enters; the smallest integer when it is everybody."""
        return SMALLEST if self.is_complete or not len(self) else int(self.scores[-1])

    def beginning(self, count: int) -> Pool:
        """Return the first so many."""
        return Pool(self.ids[:count], self.scores[:count], self.is_complete)

    def among(self, chosen: Sequence[bool] | NDArray[np.bool_]) -> Pool:
        """Return some of them only."""
        flags = np.asarray(chosen, dtype=np.bool_)
        return Pool(self.ids[flags], self.scores[flags], is_complete=False)

    def same_as(self, other: Pool) -> bool:
        """Tell whether two pools are the same, to the bit."""
        return (
            self.is_complete == other.is_complete
            and np.array_equal(self.ids, other.ids)
            and np.array_equal(self.scores, other.scores)
        )

    def without(self, person_id: int) -> Pool:
        """Return the pool without somebody: shorter, and still a beginning."""
        stay = self.ids != person_id
        return Pool(self.ids[stay], self.scores[stay], self.is_complete)

    def joined_by(self, person_id: int, score: int, reserve: int) -> Pool:
        """Return the pool with somebody who is not in it, if they rank before its end."""
        place = int(np.searchsorted(-self.scores, -score, side="left"))
        while place < len(self) and self.scores[place] == score and self.ids[place] < person_id:
            place += 1
        if place == len(self) and not self.is_complete:
            return self
        ids = np.insert(self.ids, place, person_id)[:reserve]
        scores = np.insert(self.scores, place, score)[:reserve]
        return Pool(ids, scores, self.is_complete and len(self) < reserve)


def best_pool(
    ids: Integers, scores: Integers, is_allowed: NDArray[np.bool_], reserve: int
) -> Pool:
    """Return the pool of somebody whose scores with everybody opposite are known."""
    chosen = np.flatnonzero(is_allowed)
    if len(chosen) > reserve:
        last = len(chosen) - reserve
        worst = np.partition(scores[chosen], last)[last]
        chosen = chosen[scores[chosen] >= worst]
    order = chosen[np.lexsort((ids[chosen], -scores[chosen]))][:reserve]
    return Pool(ids[order], scores[order], len(order) < reserve)
