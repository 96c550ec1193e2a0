"""The truth to compare with: brute force on integers, in float64, where every sum is exact.

Products of int16 add up to less than 2**53 in any order, so BLAS cannot round.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bench.speed.population import Side

Integers = NDArray[np.int64]


def best(
    viewers: Side, others: Side, keep: int, *, masked: bool = False
) -> tuple[Integers, Integers]:
    """Return ids and scores of each viewer's best: int64 (n, keep), -1 where there are fewer.

    Larger scores first, ties to the smaller id. masked: only who shares an area.
    """
    scores = viewers.rows.astype(np.float64) @ as_doubles(others).T
    if masked:
        scores[(viewers.areas[:, None] & others.areas[None, :]) == 0] = -np.inf
    return ranked(scores, others.ids, keep)


def ranked(scores: NDArray[np.float64], others: Integers, keep: int) -> tuple[Integers, Integers]:
    """Return ids and scores of each row's best; minus infinity stands for who is not allowed."""
    ids = np.full((len(scores), keep), -1, dtype=np.int64)
    values = np.full((len(scores), keep), -1, dtype=np.int64)
    for row, line in enumerate(scores):
        order = np.lexsort((others, -line))[:keep]
        order = order[line[order] > -np.inf]
        ids[row, : len(order)] = others[order]
        values[row, : len(order)] = line[order]
    return ids, values


def as_doubles(side: Side) -> NDArray[np.float64]:
    """Return the rows as float64."""
    return np.asarray(side.rows, dtype=np.float64)


def sample(count: int, size: int, seed: int = 3) -> Integers:
    """Return some row numbers, in order."""
    chosen = np.random.default_rng(seed).choice(count, size=min(size, count), replace=False)
    ordered: Integers = np.sort(chosen).astype(np.int64)
    return ordered


def recall(found: Integers, truth: Integers) -> float:
    """Return which part of the true partners was found."""
    hits = [len(np.intersect1d(mine, true)) for mine, true in zip(found, truth, strict=True)]
    return sum(hits) / truth.size
