"""Both sides as one pass sees them: in a fixed random order, with the rules looked up.

Thresholds are estimated from whoever comes first, so both sides are put into an order that has
nothing to do with who people are: that of a hash of their ids. It is the same on every machine,
and no list depends on it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching.scoring.lists import bits_for
from matching.scoring.rules import Groups, PairRules, PairTable, row_numbers
from matching.scoring.vectors import Integers, Short, Vectors


def hashes(ids: Integers) -> NDArray[np.uint64]:
    """Return well-mixed 64-bit numbers: the finaliser of SplitMix64 (Steele et al., 2014)."""
    mixed = ids.astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


@dataclass(frozen=True)
class Side:
    """One side in the order of the pass.

    vectors: as given. order: int64 (n,), the row at each position. places: int64 (n,), the
    position of each row. id_ranks: int64 (n,), the rank of the id at each position.
    sorted_ids: int64 (n,). groups: uint64 (n,) by position, or None. bits: of a rank.
    """

    vectors: Vectors
    order: Integers
    places: Integers
    id_ranks: Integers
    sorted_ids: Integers
    groups: Groups | None
    bits: int

    @classmethod
    def of(cls, vectors: Vectors, groups: Groups | None) -> Side:
        """Put a side in order.

        Raises:
            ValueError: two rows have the same id, or the groups are not one a row.
        """
        count = len(vectors)
        by_id = np.argsort(vectors.ids, kind="stable")
        sorted_ids = vectors.ids[by_id]
        if (sorted_ids[1:] == sorted_ids[:-1]).any():
            raise ValueError("Two rows of a side have the same id")
        if groups is not None and len(groups) != count:
            raise ValueError(f"{len(groups)} groups for {count} people")
        order = np.argsort(hashes(vectors.ids), kind="stable")
        places, ranks = np.empty_like(order), np.empty_like(order)
        places[order] = np.arange(count)
        ranks[by_id] = np.arange(count)
        ordered = None if groups is None else np.asarray(groups, dtype=np.uint64)[order]
        return cls(vectors, order, places, ranks[order], sorted_ids, ordered, bits_for(count))

    def __len__(self) -> int:
        return len(self.order)

    def rows(self, positions: slice | Integers) -> Short:
        """Return the int16 rows at some positions."""
        rows: Short = np.asarray(self.vectors.rows)[self.order[positions]]
        return rows

    def ids(self, positions: slice | Integers) -> Integers:
        """Return the ids at some positions."""
        return self.vectors.ids[self.order[positions]]

    def positions_of(self, ids: Integers) -> tuple[Integers, NDArray[np.bool_]]:
        """Return the position of each id and whether it has one."""
        rows, known = row_numbers(ids, self.vectors.ids)
        return (self.places[rows] if len(self) else rows), known


@dataclass(frozen=True)
class Direction:
    """One side getting the best of the other.

    subjects get objects. forbidden, hidden: pairs that a subject does not get. worked: pairs
    that lose the novelty term.
    """

    subjects: Side
    objects: Side
    forbidden: PairTable
    hidden: PairTable
    worked: PairTable


def directions(left: Side, right: Side, rules: PairRules) -> tuple[Direction, Direction]:
    """Look every id up; return what the left gets and what the right gets.

    Pairs with strangers are left out.
    """
    tables = {
        name: look_up(getattr(rules, name), left, right)
        for name in ("forbidden", "hidden_from_left", "hidden_from_right", "worked_together")
    }
    forward, backward = [], []
    for name in ("forbidden", "hidden_from_left", "worked_together"):
        rows, columns = tables[name]
        forward.append(PairTable.of(rows, columns, len(left), len(right)))
    for name in ("forbidden", "hidden_from_right", "worked_together"):
        rows, columns = tables[name]
        backward.append(PairTable.of(columns, rows, len(right), len(left)))
    return Direction(left, right, *forward), Direction(right, left, *backward)


def look_up(pairs: Integers, left: Side, right: Side) -> tuple[Integers, Integers]:
    """Turn pairs of ids into pairs of positions."""
    rows, known_left = left.positions_of(pairs[:, 0])
    columns, known_right = right.positions_of(pairs[:, 1])
    both = known_left & known_right
    return rows[both], columns[both]
