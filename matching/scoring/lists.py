"""Lists of best partners as arrays, and the one order that everybody's list has.

A pair's place in a list is one integer, its *key*: the score in the upper bits and, in the
lower, the partner's rank among all ids, counted from the end. Keys of one list are all
different; sorting them puts the best score first and, among equals, the smaller id.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching.scoring.vectors import Integers

# The key of nobody; scores are far smaller in size than 2**33.
NOBODY = -(2**63)


@dataclass(frozen=True)
class Ranked:
    """The best partners of n people, best first, ties by id.

    person_ids: int64 (n,). partner_ids: int64 (n, keep), -1 beyond the count. scores: int64
    (n, keep) in units of 2**-30, 0 beyond the count. counts: int64 (n,). found_by: the filter
    that the lists went through; "float32" where the audit of an "int8" pass failed, "exact" where
    there was none.
    """

    person_ids: Integers
    partner_ids: Integers
    scores: Integers
    counts: Integers
    found_by: str = "float32"

    def __len__(self) -> int:
        return len(self.person_ids)

    def of(self, chosen: Integers | NDArray[np.bool_] | list[int]) -> Ranked:
        """Return some people's lists only."""
        return Ranked(
            self.person_ids[chosen],
            self.partner_ids[chosen],
            self.scores[chosen],
            self.counts[chosen],
            self.found_by,
        )


def bits_for(count: int) -> int:
    """Return how many bits the rank of an id needs among `count` people."""
    return max(int(count - 1).bit_length(), 1)


def keys_of(scores: Integers, id_ranks: Integers, bits: int) -> Integers:
    """Return the keys of pairs, int64, same shape as the scores."""
    return (scores << bits) | ((1 << bits) - 1 - id_ranks)


def scores_of(keys: Integers, bits: int) -> Integers:
    """Return the scores that keys stand for."""
    return keys >> bits


def best_keys(keys: Integers, keep: int) -> Integers:
    """Return the `keep` largest keys of each row, largest first; NOBODY fills up. (n, keep)."""
    count = keys.shape[1]
    if count > keep:
        keys = np.partition(keys, count - keep, axis=1)[:, count - keep :]
    best = np.full((len(keys), keep), NOBODY, dtype=np.int64)
    best[:, : keys.shape[1]] = np.sort(keys, axis=1)[:, ::-1]
    return best


def ranked_of(
    person_ids: Integers,
    keys: Integers,
    sorted_ids: Integers,
    bits: int,
    found_by: str = "float32",
) -> Ranked:
    """Turn sorted keys (n, keep) into lists; sorted_ids: the other side's ids, ascending."""
    there = keys != NOBODY
    id_ranks = (1 << bits) - 1 - (keys & ((1 << bits) - 1))
    partners = np.full(keys.shape, -1, dtype=np.int64)
    partners[there] = sorted_ids[id_ranks[there]]
    scores = np.where(there, scores_of(keys, bits), 0)
    return Ranked(person_ids, partners, scores, there.sum(axis=1), found_by)


def is_doubtful(
    keys: Integers, limits: NDArray[np.float64] | NDArray[np.float32], bits: int
) -> NDArray[np.bool_]:
    """Tell which lists (n, keep) may lack somebody, whoever was left out scoring below a limit."""
    worst = np.where(keys[:, -1] == NOBODY, -np.inf, scores_of(keys[:, -1], bits))
    found: NDArray[np.bool_] = worst < limits
    return found
