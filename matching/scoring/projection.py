"""Fewer dimensions for what people offer and seek, where the first pass only has to find them.

The second look compares the single texts in full, so the first pass may see them through the
directions in which they differ most. The basis is made once a run and frozen with it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matching.scoring.terms import COMPONENT, STORED

Short = NDArray[np.int16]
# Measured: of 512 dimensions, 256 find the translation of a paragraph as often as all do.
KEPT_DIMENSIONS = 256
ROWS_AT_ONCE = 4096


def basis_of(rows: Short, *, dimensions: int = KEPT_DIMENSIONS) -> Short:
    """Return the directions in which unit vectors lie most: int16 (d, k) times 2**15.

    rows: int16 (n, d), unit vectors times 32,767. k is the smaller of `dimensions` and d. They
    are the first eigenvectors of the second moments, so no other k directions keep more of the
    products (Eckart and Young); not centred, because products are kept and not variances. When
    nothing is to be gained, the basis is the identity.
    """
    width = rows.shape[1]
    if width <= dimensions:
        # 32,767 / 32,768: the largest component that int16 holds.
        return (np.eye(width) * (COMPONENT - 1)).astype(np.int16)
    moments = np.zeros((width, width))
    for start in range(0, len(rows), ROWS_AT_ONCE):
        some = rows[start : start + ROWS_AT_ONCE].astype(np.float64)
        moments += some.T @ some
    _values, directions = np.linalg.eigh(moments)
    kept = directions[:, ::-1][:, :dimensions]
    return np.rint(kept * (COMPONENT - 1)).astype(np.int16)


def projected(rows: Short, basis: Short) -> Short:
    """Return vectors in the basis: int16 (n, k) times 32,767, never longer than they were.

    The sums are exact in float64, so a person projected alone gets the same numbers.
    """
    found = np.empty((len(rows), basis.shape[1]), dtype=np.int16)
    wide = basis.astype(np.float64)
    for start in range(0, len(rows), ROWS_AT_ONCE):
        some = rows[start : start + ROWS_AT_ONCE].astype(np.float64)
        # A rounded unit vector may be a little too long for int16 along a direction of its own.
        found[start : start + ROWS_AT_ONCE] = np.clip(
            np.trunc(some @ wide / COMPONENT), -STORED, STORED
        )
    return found
