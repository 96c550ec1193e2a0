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
Values = NDArray[np.float32] | NDArray[np.int32]


def compiled(function: Function) -> Function:
    """Compile a function on its first call, and keep the result where there is a place for it."""
    try:
        made = numba.njit(cache=True, nogil=True)(function)
    except RuntimeError:
        made = numba.njit(nogil=True)(function)
    return cast("Function", made)


@compiled
def transposed(values: Floats) -> Floats:
    """Return a transposed copy, float32 (c, r), square by square."""
    height, width = values.shape
    copy = np.empty((width, height), dtype=np.float32)
    for top in range(0, height, 16):
        for start in range(0, width, 16):
            for column in range(start, min(start + 16, width)):
                for row in range(top, min(top + 16, height)):
                    copy[column, row] = values[row, column]
    return copy


@compiled
def gather(
    values: Floats, row_groups: NDArray[np.uint64], column_groups: NDArray[np.uint64]
) -> int:
    """Move the allowed values of each row to its beginning; return the largest count.

    Minus infinity stands beyond them: finding a rank among many equal values would be slow.
    """
    most = 0
    for row in range(values.shape[0]):
        kept = 0
        for column in range(values.shape[1]):
            value = values[row, column]
            if row_groups[row] & column_groups[column] != 0:
                values[row, kept] = value
                kept += 1
        values[row, kept:] = -np.inf
        most = max(most, kept)
    return most


@compiled
def is_hidden(starts: NDArray[np.int64], objects: NDArray[np.int64], one: int, other: int) -> bool:
    """Tell whether a subject does not get an object; see `PairTable`."""
    for place in range(starts[one], starts[one + 1]):  # noqa: SIM110 - compiled
        if objects[place] == other:
            return True
    return False


@compiled
def reaching(
    line: Values, floor: np.float32, floors: Floats,
    group: NDArray[np.uint64], groups: NDArray[np.uint64],
    marks: NDArray[np.uint8], words: NDArray[np.uint64], found: NDArray[np.int32],
) -> int:  # fmt: skip
    """Find the values of a line that reach its floor or that of their column; return how many.

    group: of the line, one; groups: of the columns; both empty where all pairs are allowed.
    found: int32, at least as long as the line, gets their columns. Comparing all first and then
    looking at eight marks at a time is several times faster than a test a value.
    """
    count = line.shape[0]
    for column in range(count):
        value = np.float32(line[column])
        marks[column] = (value >= floor) | (value >= floors[column])
    for column in range(groups.shape[0]):
        marks[column] &= np.uint8(group[0] & groups[column] != 0)
    total = 0
    for word in range(words.shape[0]):
        if words[word] != 0:
            for column in range(8 * word, min(8 * word + 8, count)):
                found[total] = column
                total += int(marks[column])
    return total


@compiled
def scan(
    tile: Values, lowest: np.float32, corner: tuple[int, int],
    memory: tuple[NDArray[np.uint8], NDArray[np.int32]],
    groups: tuple[NDArray[np.uint64], NDArray[np.uint64]],
    hidden: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]],
    rows: tuple[Floats, NDArray[np.int32], NDArray[np.int32], Floats],
    columns: tuple[Floats, NDArray[np.int32], NDArray[np.int32], Floats],
) -> None:  # fmt: skip
    """Note every value of a tile that reaches the floor of its row or of its column.

    tile: float32 or int32 (r, c), `lowest` for forbidden pairs; corner: positions of its first
    row and column. memory: marks, zeros, at least c and a multiple of eight, and room for c columns.
    groups: by row and by column of the tile, or empty. hidden: starts and objects of both
    directions' tables, by position. rows, columns: values, partners, counts and floors by row
    and by column of the tile. A list whose room is full is given up: its floor becomes infinite.
    """
    marks, found = memory
    words = marks.view(np.uint64)
    row_groups, column_groups = groups
    row_starts, row_hidden, column_starts, column_hidden = hidden
    row_values, row_partners, row_counts, row_floors = rows
    column_values, column_partners, column_counts, column_floors = columns
    room, column_room = row_values.shape[1], column_values.shape[1]
    for row in range(tile.shape[0]):
        line, one = tile[row], corner[0] + row
        count = reaching(
            line, row_floors[row], column_floors, row_groups[row : row + 1], column_groups,
            marks, words, found,
        )  # fmt: skip
        for index in range(count):
            column = found[index]
            value, other = np.float32(line[column]), corner[1] + column
            if value == lowest:
                continue
            # Written out for rows and columns: lists handed to a function as tuples cost a quarter.
            if value >= row_floors[row] and not is_hidden(row_starts, row_hidden, one, other):
                place = row_counts[row]
                if place < room:
                    row_values[row, place], row_partners[row, place] = value, other
                    row_counts[row] = place + 1
                else:
                    row_floors[row] = np.inf
            if value >= column_floors[column] and not is_hidden(
                column_starts, column_hidden, other, one
            ):
                place = column_counts[column]
                if place < column_room:
                    column_values[column, place], column_partners[column, place] = value, one
                    column_counts[column] = place + 1
                else:
                    column_floors[column] = np.inf


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
