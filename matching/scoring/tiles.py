"""The filter: products of a block of the left with tiles of the right, nearly exact.

For vectors x, y of dimension D the float32 product differs from the true one by at most g |x| |y|
with g = D u / (1 - D u), u = 2**-24, in whatever order it is summed (Higham, Accuracy and
Stability, section 3.1); int16 components are exact in float32. That bound is the margin: whoever
lies more than twice the margin below a person's K-th value cannot be among the best K.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from matching.scoring.sides import Side
from matching.scoring.terms import NOVELTY_PENALTY

Floats = NDArray[np.float32]
# Columns of a tile: with 2,048 rows its values stay in the last-level cache.
WIDTH = 1024
# Roundings besides those of the product's own sum: the novelty term, and sums with the margin when
# floors become thresholds and thresholds floors.
EXTRA_ROUNDINGS = 8
# The right side is held as float32 up to so many bytes, else converted tile by tile.
HELD = 2**29


class Filter(Protocol):
    """What yields the values of tiles.

    unit: what 1 of a value is, in units of 2**-30. margin: how far a value can lie from the true
    product, as a value. lowest: what stands for a pair that is forbidden.
    """

    unit: float
    margin: np.float32
    lowest: np.float32

    def take_block(self, span: slice) -> None:
        """Get ready for a block of positions on the left."""

    def values(self, span: slice) -> Floats | NDArray[np.int32]:
        """Return the block's values with a range of positions on the right, (r, c).

        They are overwritten by the next call.
        """


class FloatFilter:
    """Products in float32, by BLAS."""

    unit = 1.0
    lowest = np.float32(-np.inf)

    def __init__(self, left: Side, right: Side) -> None:
        self.left, self.right = left, right
        self.held = held_floats(right)
        self.block = np.zeros((0, left.vectors.rows.shape[1]), dtype=np.float32)
        self.memory = np.zeros(0, dtype=np.float32)
        self.margin = error_bound(left, right)

    def take_block(self, span: slice) -> None:
        """Convert a block of the left."""
        self.block = self.left.rows(span).astype(np.float32)

    def values(self, span: slice) -> Floats:
        """Multiply the block with a tile of the right."""
        tile = self.right.rows(span).astype(np.float32) if self.held is None else self.held[span]
        size = len(self.block) * len(tile)
        if len(self.memory) < size:
            self.memory = np.empty(size, dtype=np.float32)
        return np.dot(self.block, tile.T, out=self.memory[:size].reshape(-1, len(tile)))


def held_floats(side: Side) -> Floats | None:
    """Return a whole side as float32 in the order of the pass, or None when that is too much."""
    if 4 * side.vectors.rows.size > HELD:
        return None
    floats = np.empty(side.vectors.rows.shape, dtype=np.float32)
    for start in range(0, len(side), WIDTH):
        floats[start : start + WIDTH] = side.rows(slice(start, start + WIDTH))
    return floats


def error_bound(left: Side, right: Side) -> np.float32:
    """Return how far a computed float32 score can lie from the true one, in units of 2**-30."""
    roundings = (left.vectors.rows.shape[1] + EXTRA_ROUNDINGS) * 2.0**-24
    largest = longest(left) * longest(right) + NOVELTY_PENALTY
    return np.float32(np.ceil(roundings / (1 - roundings) * largest))


def longest(side: Side) -> float:
    """Return the length of the longest vector, rounded up well beyond what float32 can lose."""
    squares = 0.0
    for start in range(0, len(side), WIDTH):
        rows = np.asarray(side.vectors.rows[start : start + WIDTH]).astype(np.float32)
        squares = max(squares, float(np.einsum("ij,ij->i", rows, rows).max()))
    return float(np.sqrt(squares)) * 1.001
