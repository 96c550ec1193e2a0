"""What the score of a pair is, on integers. Everything else only finds whom it is largest for."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matching.scoring.compiler import is_worth_loading
from matching.scoring.terms import SWAPPED
from matching.scoring.vectors import Integers, Vectors

PORTION = 512


def seen_parts(person: Vectors, others: Vectors) -> Integers:
    """Return the parts of one person's scores with others as that person sees them, int64 (n, 8).

    In units of 2**-30, in the order of PRODUCT_TERMS, then the price of both; novelty apart, they
    add up to the score.
    """
    if person.position == "left":
        return coordinate_parts(person, others)
    return seen_from_right(coordinate_parts(others, person))


def coordinate_parts(left: Vectors, right: Vectors) -> Integers:
    """Return the sums of products of each piece of the vectors, the prices last, int64 (n, 8).

    Pairs are left row n and right row n; either side may have one row for all pairs.
    """
    count = max(len(left), len(right)) if len(left) and len(right) else 0
    ends = (*left.starts[1:], left.rows.shape[1])
    parts = np.zeros((count, len(left.starts)), dtype=np.int64)
    for start in range(0, count, PORTION):
        mine, theirs = (
            side.rows if len(side) == 1 else side.rows[start : start + PORTION]
            for side in (left, right)
        )
        products = mine.astype(np.int64) * theirs
        for piece, (first, last) in enumerate(zip(left.starts, ends, strict=True)):
            parts[start : start + PORTION, piece] = products[:, first:last].sum(axis=1)
    return parts


def seen_from_right(parts: Integers) -> Integers:
    """Return parts (n, terms) or the first of them as the person on the right sees them."""
    return parts[:, SWAPPED[: parts.shape[1]]]


def exact_scores(person: Vectors, others: Vectors) -> Integers:
    """Return one person's products with all others, novelty apart: int64 (n,).

    person: one row. others: may be mapped from a file; read once, in order. In float64 every sum
    of products of int16 is an integer below 2**53, so BLAS is exact; compiled code adds in 32
    bits, where the scores of `packed` vectors fit, and is as fast as memory is read.
    """
    row, rows = np.asarray(person.rows[0]), np.asarray(others.rows)
    if is_worth_loading(len(others)) and is_short(row):
        from matching.scoring.kernels import products_with_one  # noqa: PLC0415 - the compiler

        return products_with_one(rows, row)
    wide = row.astype(np.float64)
    scores = np.zeros(len(others), dtype=np.int64)
    for start in range(0, len(others), PORTION):
        scores[start : start + PORTION] = rows[start : start + PORTION].astype(np.float64) @ wide
    return scores


def is_short(row: NDArray[np.int16]) -> bool:
    """Tell whether a row can have come from `packed`, so that scores are below 2**31 in size."""
    return int(np.square(row, dtype=np.int64).sum()) < 2**32
