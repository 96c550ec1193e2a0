"""Everybody's best by exact arithmetic alone: for few people, and where a filter was in doubt.

A float64 product of int16 vectors is exact in any order, since its sums are integers below
2**53; so is everything that follows, on int64. It needs twice the time of the filtered pass and
no compiled code: small populations never load a compiler.
"""

from __future__ import annotations

import numpy as np

from matching.scoring.lists import NOBODY, best_keys, keys_of
from matching.scoring.sides import Direction
from matching.scoring.terms import NOVELTY_PENALTY
from matching.scoring.vectors import Integers

BATCH, PORTION = 256, 2048


def exact_keys(
    direction: Direction, subjects: Integers, keep: int, objects: slice | None = None
) -> Integers:
    """Return the sorted keys of the best objects of some subjects, int64 (n, keep).

    subjects: positions; objects: a range of positions, all when None.
    """
    within = objects or slice(0, len(direction.objects))
    batches = [
        batch_keys(direction, subjects[start : start + BATCH], keep, within)
        for start in range(0, len(subjects), BATCH)
    ]
    return np.concatenate(batches) if batches else np.zeros((0, keep), dtype=np.int64)


def batch_keys(direction: Direction, subjects: Integers, keep: int, within: slice) -> Integers:
    """Return the sorted keys of a few subjects, a portion of the objects at a time."""
    best = np.full((len(subjects), keep), NOBODY, dtype=np.int64)
    rows = direction.subjects.rows(subjects).astype(np.float64)
    for start in range(within.start, within.stop, PORTION):
        portion = slice(start, min(start + PORTION, within.stop))
        products = rows @ direction.objects.rows(portion).astype(np.float64).T
        keys = masked_keys(direction, subjects, portion, products.astype(np.int64))
        best = best_keys(np.concatenate([best, keys], axis=1), keep)
    return best


def masked_keys(
    direction: Direction, subjects: Integers, portion: slice, scores: Integers
) -> Integers:
    """Return keys of scores (subjects, portion) after the rules: NOBODY for who is not allowed."""
    worked = direction.worked.among(subjects, portion)
    scores[worked] -= NOVELTY_PENALTY
    keys = keys_of(scores, direction.objects.id_ranks[portion][None, :], direction.objects.bits)
    for table in (direction.forbidden, direction.hidden):
        keys[table.among(subjects, portion)] = NOBODY
    mine, theirs = direction.subjects.groups, direction.objects.groups
    if mine is not None and theirs is not None:
        keys[(mine[subjects][:, None] & theirs[portion][None, :]) == 0] = NOBODY
    return keys
