"""The loops of the pass that numpy has no word for, compiled by numba.

Loaded only for large populations: importing the compiler takes a third of a second. What is
compiled is kept beside this file, or in NUMBA_CACHE_DIR, or, where nothing can be written, not.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

Function = TypeVar("Function", bound=Callable[..., object])
Floats = NDArray[np.float32]


def compiled(function: Function) -> Function:
    """Compile a function on its first call, and keep the result where there is a place for it."""
    try:
        made = numba.njit(cache=True, nogil=True)(function)
    except RuntimeError:
        made = numba.njit(nogil=True)(function)
    return cast("Function", made)


@compiled
def is_hidden(starts: NDArray[np.int64], objects: NDArray[np.int64], one: int, other: int) -> bool:
    """Tell whether a subject does not get an object; see `PairTable`."""
    for place in range(starts[one], starts[one + 1]):  # noqa: SIM110 - compiled
        if objects[place] == other:
            return True
    return False


@compiled
def push(
    values: Floats, partners: NDArray[np.int32], counts: NDArray[np.int32], floors: Floats,
    one: int, other: int, value: float,
) -> None:  # fmt: skip
    """Note a candidate; a row that is full is given up: its floor becomes infinite."""
    place = counts[one]
    if place < values.shape[1]:
        values[one, place] = value
        partners[one, place] = other
        counts[one] = place + 1
    else:
        floors[one] = np.inf


@compiled
def scan(  # noqa: C901 - one loop, inlined by hand
    tile: Floats, corner: tuple[int, int], marks: NDArray[np.uint8], words: NDArray[np.uint64],
    groups: tuple[NDArray[np.uint64], NDArray[np.uint64]],
    hidden: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]],
    rows: tuple[Floats, NDArray[np.int32], NDArray[np.int32], Floats],
    columns: tuple[Floats, NDArray[np.int32], NDArray[np.int32], Floats],
) -> None:  # fmt: skip
    """Note every value of a tile that reaches the floor of its row or of its column.

    tile: float32 (r, c), minus infinity for forbidden pairs; corner: positions of its first row
    and column. marks: uint8, at least c, a multiple of eight; words: the same memory. groups:
    by row and by column of the tile, or empty. hidden: starts and objects of both directions'
    tables, by position. rows, columns: values, partners, counts and floors by row and by column
    of the tile.
    """
    is_grouped = groups[0].shape[0] > 0
    count = tile.shape[1]
    for row in range(tile.shape[0]):
        line, floor = tile[row], rows[3][row]
        for column in range(count):
            marks[column] = (line[column] >= floor) | (line[column] >= columns[3][column])
        for word in range((count + 7) // 8):
            if words[word] == 0:
                continue
            for column in range(8 * word, min(8 * word + 8, count)):
                value = line[column]
                if marks[column] == 0 or value == -np.inf:
                    continue
                if is_grouped and groups[0][row] & groups[1][column] == 0:
                    continue
                one, other = corner[0] + row, corner[1] + column
                if value >= rows[3][row] and not is_hidden(hidden[0], hidden[1], one, other):
                    push(rows[0], rows[1], rows[2], rows[3], row, other, value)
                if value >= columns[3][column] and not is_hidden(hidden[2], hidden[3], other, one):
                    push(columns[0], columns[1], columns[2], columns[3], column, one, value)


@compiled
def compact(
    values: Floats, partners: NDArray[np.int32], counts: NDArray[np.int32], floors: Floats
) -> None:
    """Forget candidates below their row's floor; minus infinity stands beyond the count."""
    for row in range(values.shape[0]):
        kept = 0
        for place in range(counts[row]):
            if values[row, place] >= floors[row]:
                values[row, kept] = values[row, place]
                partners[row, kept] = partners[row, place]
                kept += 1
        values[row, kept : counts[row]] = -np.inf
        counts[row] = kept


@compiled
def product(one: NDArray[np.int16], other: NDArray[np.int16]) -> np.int32:
    """Return the product of two int16 rows modulo 2**32: the shape that compilers make SIMD of."""
    total = np.int32(0)
    for place in range(one.shape[0]):
        total = np.int32(total + np.int32(np.int32(one[place]) * np.int32(other[place])))
    return total


@compiled
def products(
    left: NDArray[np.int16], right: NDArray[np.int16],
    rows: NDArray[np.int64], columns: NDArray[np.int64], near: Floats,
) -> NDArray[np.int64]:  # fmt: skip
    """Return the exact products of pairs of int16 rows, int64 (pairs,).

    near: float32 (pairs,), the products to within 2**31: they tell which of the integers that
    are equal modulo 2**32 is meant.
    """
    found = np.empty(len(rows), dtype=np.int64)
    for pair in range(len(rows)):
        low = np.int64(product(left[rows[pair]], right[columns[pair]]))
        turns = np.int64(np.rint((np.float64(near[pair]) - low) / 2.0**32))
        found[pair] = low + (turns << 32)
    return found


@compiled
def products_with_one(rows: NDArray[np.int16], one: NDArray[np.int16]) -> NDArray[np.int64]:
    """Return the exact products of int16 rows with one, int64 (n,), all below 2**31 in size."""
    found = np.empty(len(rows), dtype=np.int64)
    for row in range(len(rows)):
        found[row] = product(rows[row], one)
    return found
