"""The best partners of everybody, exactly.

A float32 product of blocks only *filters*. For vectors x, y of dimension D the computed product
differs from the true one by at most g |x| |y| with g = D u / (1 - D u), u = 2**-24, in whatever
order it is summed (Higham, Accuracy and Stability, section 3.1); int16 components are exact in
float32. So nobody whose true score reaches the true K-th place lies below the computed K-th value
minus twice that bound, and those survivors are scored again on integers. Ties go to the smaller
id. Block size, thread count and BLAS cannot change a list.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from matching.scoring.terms import NOVELTY_PENALTY, PRODUCT_TERMS, SWAPPED, TERMS, UNIT
from matching.scoring.vectors import Integers, Vectors

Floats = NDArray[np.float32]
KEEP = 64
BLOCK = 512
# Additions and roundings of the filter besides the product's own.
EXTRA_ROUNDINGS = 8


def no_pairs() -> Integers:
    """Return an empty list of pairs."""
    return np.zeros((0, 2), dtype=np.int64)


@dataclass(frozen=True)
class PairRules:
    """What is decided about single pairs before anybody is ranked; (left id, right id) rows.

    forbidden: suggested to neither. hidden_from_left, hidden_from_right: dismissed by one, not
    suggested to that one. worked_together: the novelty term counts.
    """

    forbidden: Integers = field(default_factory=no_pairs)
    hidden_from_left: Integers = field(default_factory=no_pairs)
    hidden_from_right: Integers = field(default_factory=no_pairs)
    worked_together: Integers = field(default_factory=no_pairs)


@dataclass(frozen=True)
class RankedList:
    """One person's partners, best first.

    partner_ids: int64 (k,); parts: int64 (k, terms) in units of 2**-30, in the order of TERMS,
    seen from the person; they add up to the score.
    """

    person_id: int
    partner_ids: Integers
    parts: Integers

    @property
    def scores(self) -> Integers:
        """The scores in units of 2**-30, int64 (k,)."""
        return self.parts.sum(axis=1)


@dataclass(frozen=True)
class PairRows:
    """One kind of pair as row numbers, sorted by the left row."""

    left: Integers
    right: Integers

    def within(self, start: int, end: int) -> tuple[Integers, Integers]:
        """Return the pairs of a block of left rows, left rows counted from its start."""
        first, last = np.searchsorted(self.left, [start, end])
        return self.left[first:last] - start, self.right[first:last]


def rows_of(pairs: Integers, left: Vectors, right: Vectors) -> PairRows:
    """Turn pairs of ids into pairs of rows; pairs with strangers are left out."""
    row_left, known_left = row_numbers(pairs[:, 0], left.ids)
    row_right, known_right = row_numbers(pairs[:, 1], right.ids)
    both = known_left & known_right
    rows = np.unique(np.stack([row_left[both], row_right[both]], axis=1), axis=0)
    return PairRows(rows[:, 0], rows[:, 1])


def row_numbers(wanted: Integers, ids: Integers) -> tuple[Integers, NDArray[np.bool_]]:
    """Return each wanted id's row and whether it has one."""
    if not len(ids):
        return np.zeros(len(wanted), np.int64), np.zeros(len(wanted), np.bool_)
    order = np.argsort(ids, kind="stable")
    places = np.minimum(np.searchsorted(ids, wanted, sorter=order), len(ids) - 1)
    rows = order[places]
    return rows, ids[rows] == wanted


def score_parts(left: Vectors, right: Vectors, worked_together: NDArray[np.bool_]) -> Integers:
    """Return the weighted terms of pairs (left row n, right row n), seen from the left.

    int64 (n, terms) in units of 2**-30. Either side may have one row for all pairs. This is the
    definition of the score: everything else only finds whom it is largest for.
    """
    products = left.rows.astype(np.int64) * right.rows
    parts = np.add.reduceat(products, left.starts, axis=1)
    late = np.zeros((len(parts), len(TERMS) - len(PRODUCT_TERMS)), dtype=np.int64)
    late[:, 0] = np.where(worked_together, -NOVELTY_PENALTY, 0)
    return np.concatenate([parts, late], axis=1)


def seen_from_right(parts: Integers) -> Integers:
    """Return the same parts as the person on the right sees them."""
    return parts[:, SWAPPED]


def best_first(
    person: Vectors, others: Vectors, worked: NDArray[np.bool_], keep: int
) -> RankedList:
    """Score one person against some others on integers and keep the best."""
    parts = score_parts(person, others, worked)
    order = np.lexsort((others.ids, -parts.sum(axis=1)))[:keep]
    seen = parts[order] if person.position == "left" else seen_from_right(parts[order])
    return RankedList(int(person.ids[0]), others.ids[order], seen)


def top_for_one(
    person: Vectors,
    others: Vectors,
    *,
    excluded: Integers,
    worked_together: Integers,
    keep: int = KEEP,
) -> RankedList:
    """Return one person's list, bit for bit what `top_pairs` gives.

    person: one row; excluded, worked_together: ids of others, int64.
    """
    scores = exact_scores(person, others)
    scores -= np.where(np.isin(others.ids, worked_together), NOVELTY_PENALTY, 0)
    allowed = np.flatnonzero(~np.isin(others.ids, excluded))
    order = np.lexsort((others.ids[allowed], -scores[allowed]))[:keep]
    chosen = others.of(allowed[order])
    return best_first(person, chosen, np.isin(chosen.ids, worked_together), keep)


def exact_scores(person: Vectors, others: Vectors) -> Integers:
    """Return one person's products with all others, novelty apart: int64 (n,).

    In float64 every sum of products of int16 is an integer below 2**53, so BLAS is exact.
    """
    row = person.rows[0].astype(np.float64)
    scores = np.zeros(len(others), dtype=np.int64)
    for start in range(0, len(others), BLOCK):
        block = others.rows[start : start + BLOCK].astype(np.float64)
        scores[start : start + BLOCK] = block @ row
    return scores


def top_pairs(
    left: Vectors,
    right: Vectors,
    *,
    rules: PairRules | None = None,
    keep: int = KEEP,
    block: int = BLOCK,
) -> tuple[list[RankedList], list[RankedList]]:
    """Return everybody's best `keep` partners on the other side: the left's, the right's lists.

    One product of blocks serves both sides.
    """
    tables = Tables.of(rules or PairRules(), left, right)
    if not len(left) or not len(right):
        return [empty_list(left, row) for row in range(len(left))], [
            empty_list(right, row) for row in range(len(right))
        ]
    columns = ColumnSurvivors.empty(len(right), keep)
    rows: list[RankedList] = []
    margin = 2 * error_bound(left, right)
    for start, likeness in likeness_blocks(left, right, block):
        tables.apply(likeness, start)
        with_hidden = tables.hide(likeness, start, tables.hidden_from_left)
        found = row_survivors(likeness, keep, margin)
        rows += rescored_rows(left, right, start, found, tables, keep)
        tables.restore(likeness, start, tables.hidden_from_left, with_hidden)
        tables.hide(likeness, start, tables.hidden_from_right)
        columns.add(np.ascontiguousarray(likeness.T), start, margin)
    return rows, columns.rescored(left, right, tables, margin)


@dataclass(frozen=True)
class Tables:
    """The rules about pairs as row numbers."""

    forbidden: PairRows
    hidden_from_left: PairRows
    hidden_from_right: PairRows
    worked: PairRows
    worked_keys: Integers
    width: int

    @classmethod
    def of(cls, rules: PairRules, left: Vectors, right: Vectors) -> Tables:
        """Look every id up."""
        worked = rows_of(rules.worked_together, left, right)
        return cls(
            rows_of(rules.forbidden, left, right),
            rows_of(rules.hidden_from_left, left, right),
            rows_of(rules.hidden_from_right, left, right),
            worked,
            worked.left * len(right) + worked.right,
            len(right),
        )

    def apply(self, likeness: Floats, start: int) -> None:
        """Take forbidden pairs out of a block and the novelty term off known ones."""
        end = start + len(likeness)
        likeness[self.worked.within(start, end)] -= np.float32(NOVELTY_PENALTY)
        likeness[self.forbidden.within(start, end)] = -np.inf

    def hide(self, likeness: Floats, start: int, pairs: PairRows) -> Floats:
        """Take out what one side dismissed; return the values that stood there."""
        where = pairs.within(start, start + len(likeness))
        before = likeness[where].copy()
        likeness[where] = -np.inf
        return before

    def restore(self, likeness: Floats, start: int, pairs: PairRows, before: Floats) -> None:
        """Put back what `hide` took out."""
        likeness[pairs.within(start, start + len(likeness))] = before

    def are_known(self, left_rows: Integers, right_rows: Integers) -> NDArray[np.bool_]:
        """Tell which pairs of rows have worked together."""
        return np.isin(left_rows * self.width + right_rows, self.worked_keys)


def empty_list(side: Vectors, row: int) -> RankedList:
    """Return the list of somebody who has nobody opposite."""
    nobody = np.zeros(0, dtype=np.int64)
    return RankedList(int(side.ids[row]), nobody, np.zeros((0, len(TERMS)), dtype=np.int64))


def error_bound(left: Vectors, right: Vectors) -> np.float32:
    """Return how far a computed float32 score can lie from the true one, in units of 2**-30."""
    roundings = (left.rows.shape[1] + EXTRA_ROUNDINGS) * 2.0**-24
    largest = longest(left) * longest(right) + NOVELTY_PENALTY
    return np.float32(np.ceil(roundings / (1 - roundings) * largest))


def longest(side: Vectors) -> float:
    """Return the length of the longest vector, rounded up."""
    squares = [
        np.square(side.rows[start : start + BLOCK], dtype=np.int64).sum(axis=1).max()
        for start in range(0, len(side), BLOCK)
    ]
    return float(np.sqrt(max(squares))) * (1 + 2.0**-40)


def likeness_blocks(left: Vectors, right: Vectors, block: int) -> Iterator[tuple[int, Floats]]:
    """Yield the float32 product, a block of left rows against all of the right at a time."""
    opposite = np.ascontiguousarray(right.rows.astype(np.float32).T)
    for start in range(0, len(left), block):
        yield start, left.rows[start : start + block].astype(np.float32) @ opposite


def kth_values(values: Floats, keep: int) -> Floats:
    """Return each row's keep-th largest value, minus infinity where there are fewer."""
    count = values.shape[1]
    if count < keep:
        return np.full(len(values), -np.inf, dtype=np.float32)
    return np.partition(values, count - keep, axis=1)[:, count - keep]


def row_survivors(likeness: Floats, keep: int, margin: np.float32) -> list[Integers]:
    """Return, for each row of a block, the columns that may be among its best."""
    floor = kth_values(likeness, keep) - margin
    rows, columns = np.nonzero((likeness >= floor[:, None]) & (likeness > -np.inf))
    return np.split(columns, np.searchsorted(rows, np.arange(1, len(likeness))))


def rescored_rows(
    left: Vectors, right: Vectors, start: int, found: list[Integers], tables: Tables, keep: int
) -> list[RankedList]:
    """Score a block's survivors on integers."""
    lists = []
    for row, columns in enumerate(found, start=start):
        known = tables.are_known(np.full(len(columns), row), columns)
        lists.append(best_first(left.of([row]), right.of(columns), known, keep))
    return lists


@dataclass
class ColumnSurvivors:
    """Who may be among the best of each column, gathered block by block.

    best: float32 (columns, keep), the largest values so far. A pair that falls below the keep-th
    of them minus the margin can be forgotten, since that value only rises.
    """

    best: Floats
    keep: int
    rows: list[Integers]
    columns: list[Integers]
    values: list[Floats]

    @classmethod
    def empty(cls, count: int, keep: int) -> ColumnSurvivors:
        """Start with nobody."""
        return cls(np.full((count, keep), -np.inf, dtype=np.float32), keep, [], [], [])

    def add(self, likeness: Floats, start: int, margin: np.float32) -> None:
        """Take in a block, transposed: (columns, rows of the block)."""
        together = np.concatenate([self.best, likeness], axis=1)
        self.best = np.partition(together, -self.keep, axis=1)[:, -self.keep :]
        floor = self.best[:, :1] - margin
        columns, rows = np.nonzero((likeness >= floor) & (likeness > -np.inf))
        self.columns.append(columns)
        self.rows.append(rows + start)
        self.values.append(likeness[columns, rows])

    def rescored(
        self, left: Vectors, right: Vectors, tables: Tables, margin: np.float32
    ) -> list[RankedList]:
        """Score the survivors of every column on integers."""
        columns, rows = np.concatenate(self.columns), np.concatenate(self.rows)
        alive = np.concatenate(self.values) >= self.best[columns, 0] - margin
        order = np.lexsort((rows[alive], columns[alive]))
        columns, rows = columns[alive][order], rows[alive][order]
        cuts = np.searchsorted(columns, np.arange(len(right) + 1))
        lists = []
        for column in range(len(right)):
            mine = rows[cuts[column] : cuts[column + 1]]
            known = tables.are_known(mine, np.full(len(mine), column))
            lists.append(best_first(right.of([column]), left.of(mine), known, self.keep))
        return lists


def as_floats(parts: Integers) -> NDArray[np.float64]:
    """Return parts or scores as the exact floats that are stored and shown."""
    return parts / float(UNIT)
