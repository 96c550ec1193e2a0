"""One pass over all pairs, in pieces that any number of workers can do in any order.

The left side is cut into blocks (`plan_blocks`). `Pass.score_block` scores one block against all
of the right: it has the complete lists of the block's people and, for each person on the right,
the pairs that may be among their best. `Pass.merge` makes the lists of the right of them.
Thresholds for the right come from the first block; without them everything is still exact, only
slower. Spans count positions in the order of the pass, not rows.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from matching.scoring.audit import missed_in_block, missed_lists
from matching.scoring.compiler import is_worth_loading
from matching.scoring.exact import exact_keys
from matching.scoring.lists import (
    NOBODY,
    Ranked,
    best_keys,
    is_doubtful,
    keys_of,
    ranked_of,
    scores_of,
)
from matching.scoring.quantised import Int8Filter
from matching.scoring.rules import Groups, PairRules
from matching.scoring.sides import Direction, Side, directions
from matching.scoring.tiles import Filter, FloatFilter
from matching.scoring.vectors import Integers, Vectors

if TYPE_CHECKING:
    from matching.scoring.search import Search

logger = logging.getLogger(__name__)

Floats = NDArray[np.float32]
Progress = Callable[[int, int], None]
Method = Literal["float32", "int8"]
FILTERS: dict[Method, Callable[[Side, Side], Filter]] = {
    "float32": FloatFilter,
    "int8": Int8Filter,
}
BLOCK = 2048


@dataclass(frozen=True)
class Survivors:
    """Pairs that may be among the best of a person on the right.

    column, row: int32 (s,), rows of the right's and the left's vectors as given; score: int64
    (s,), exact, in units of 2**-30.
    """

    column: NDArray[np.int32]
    row: NDArray[np.int32]
    score: Integers

    def __len__(self) -> int:
        return len(self.column)


@dataclass(frozen=True)
class BlockResult:
    """What one block gives.

    rows: the lists of its people; columns: what the right's lists are made of. thresholds:
    float32 (m,), by row of the right: every pair of the block that is not in `columns` scores
    less. pairs: how many were scored; redone: how many lists were computed a second time.
    """

    rows: Ranked
    columns: Survivors
    thresholds: Floats
    pairs: int
    redone: int


def plan_blocks(count: int, block: int = BLOCK) -> list[tuple[int, int]]:
    """Return the spans of `count` people on the left, at most `block` each.

    Raises:
        ValueError: a block of less than one person.
    """
    if block < 1:
        raise ValueError(f"A block has at least one person, not {block}")
    return [(start, min(start + block, count)) for start in range(0, count, block)]


class Pass:
    """All pairs of two sides under some rules: what blocks of one run have in common.

    Building it looks the rules up once; a worker that does several blocks keeps it. exact: use
    exact arithmetic throughout, without compiled code; by default for small populations and
    where there is no compiler.
    """

    def __init__(
        self,
        left: Vectors,
        right: Vectors,
        rules: PairRules | None = None,
        *,
        left_groups: Groups | None = None,
        right_groups: Groups | None = None,
        keep: int,
        method: Method = "float32",
        exact: bool | None = None,
    ) -> None:
        if keep < 1:
            raise ValueError(f"A list has at least one place, not {keep}")
        self.left, self.right = Side.of(left, left_groups), Side.of(right, right_groups)
        self.forward, self.backward = directions(self.left, self.right, rules or PairRules())
        self.keep, self.method = keep, method
        if exact is None:
            exact = not is_worth_loading(max(len(left), len(right)))
        self.is_exact = exact or is_empty(left, right)

    @cached_property
    def search(self) -> Search:
        """The filtered search."""
        from matching.scoring.search import Search  # noqa: PLC0415 - loads the compiler

        return Search(
            FILTERS[self.method](self.left, self.right), self.forward, self.backward, self.keep
        )

    def all_lists(
        self, spans: list[tuple[int, int]], progress: Progress | None = None
    ) -> tuple[Ranked, Ranked]:
        """Do all blocks here, one after the other; return both sides' lists by row.

        Cheaper than the same blocks apart: every block raises the floors of the next.
        """
        sides = (self.forward, self.backward)
        if self.is_exact:
            keys = [exact_keys(way, np.arange(len(way.subjects)), self.keep) for way in sides]
            if progress:
                progress(len(spans), len(spans))
        else:
            keys = list(self.search.all_keys(spans, progress))
            pairs = zip(sides, keys, strict=True)
            if self.method == "int8" and self.is_wrong(sum(missed_lists(*pair) for pair in pairs)):
                return self.all_lists(spans, progress)
        left, right = (
            self.ranked(way, way.subjects.places, found[way.subjects.places])
            for way, found in zip(sides, keys, strict=True)
        )
        return left, right

    def is_wrong(self, missed: int) -> bool:
        """Tell whether an audit found wrong lists; from then on this pass uses float32."""
        if missed:
            logger.warning("The int8 filter lost somebody in %s audited lists", missed)
            self.method = "float32"
            del self.search
        return missed > 0

    def ranked(self, way: Direction, positions: Integers, keys: Integers) -> Ranked:
        """Turn sorted keys of some subjects into their lists."""
        ids, objects = way.subjects.ids(positions), way.objects
        found_by = "exact" if self.is_exact else self.method
        return ranked_of(ids, keys, objects.sorted_ids, objects.bits, found_by)

    def score_block(self, span: tuple[int, int], thresholds: Floats | None) -> BlockResult:
        """Score a span of the left against all of the right.

        thresholds: float32 (m,), by row of the right; without, the block makes its own.
        """
        work = self.exact_block if self.is_exact else self.filtered_block
        rows, columns, limits, redone = work(slice(*span), thresholds)
        positions, everybody = np.arange(*span), np.arange(len(self.right))
        return BlockResult(
            self.ranked(self.forward, positions, rows),
            survivors_of(self.backward, everybody, columns),
            limits,
            len(positions) * len(everybody),
            redone,
        )

    def exact_block(
        self, span: slice, thresholds: Floats | None
    ) -> tuple[Integers, Integers, Floats, int]:
        """Return keys of rows and of columns, thresholds, and how many lists were redone."""
        rows = exact_keys(self.forward, np.arange(span.start, span.stop), self.keep)
        columns = exact_keys(self.backward, np.arange(len(self.right)), self.keep, span)
        if thresholds is None:
            thresholds = np.full(len(self.right), -np.inf, dtype=np.float32)
        return rows, columns, thresholds, 0

    def filtered_block(
        self, span: slice, thresholds: Floats | None
    ) -> tuple[Integers, Integers, Floats, int]:
        """Return keys of rows and of columns, thresholds, and how many lists were redone."""
        limits = None if thresholds is None else thresholds[self.right.order]
        columns = self.search.columns_of_block(span, limits)
        rows = self.search.scan(span, columns, is_first=limits is None)
        found, redone = self.search.finished_rows(span, rows)
        keys, own_limits, lost = self.search.finished_columns_of_block(span, columns)
        limits = own_limits if limits is None else limits
        if self.method == "int8" and self.is_wrong(
            missed_in_block(self.forward, self.backward, span, found, keys, limits)
        ):
            return self.filtered_block(span, thresholds)
        return found, keys, limits[self.right.places], redone + lost

    def merge(
        self,
        survivors: list[Survivors],
        thresholds: Floats | None,
        columns: tuple[int, int] | None = None,
    ) -> Ranked:
        """Return the lists of the right, or of some rows of it, from all blocks' survivors."""
        first, last = columns or (0, len(self.right))
        keys = merged_keys(self.backward, survivors, self.keep, first, last)
        positions = self.right.places[first:last]
        if thresholds is not None:
            redo = np.flatnonzero(is_doubtful(keys, thresholds[first:last], self.left.bits))
            keys[redo] = exact_keys(self.backward, positions[redo], self.keep)
        return self.ranked(self.backward, positions, keys)


def is_empty(left: Vectors, right: Vectors) -> bool:
    """Tell whether there is nobody on one side."""
    return not len(left) or not len(right)


def survivors_of(direction: Direction, subjects: Integers, keys: Integers) -> Survivors:
    """Turn sorted keys of subjects on the right into survivors."""
    objects = direction.objects
    which, place = np.nonzero(keys != NOBODY)
    found = keys[which, place]
    ranks = (1 << objects.bits) - 1 - (found & ((1 << objects.bits) - 1))
    row_of_rank = np.argsort(objects.vectors.ids, kind="stable")
    return Survivors(
        direction.subjects.order[subjects[which]].astype(np.int32),
        row_of_rank[ranks].astype(np.int32),
        scores_of(found, objects.bits),
    )


def merged_keys(
    direction: Direction, survivors: list[Survivors], keep: int, first: int, last: int
) -> Integers:
    """Return the sorted keys of rows first to last of the right, int64 (n, keep)."""
    chosen = [(part.column >= first) & (part.column < last) for part in survivors]
    pairs = list(zip(survivors, chosen, strict=True))
    empty = [np.zeros(0, dtype=np.int64)]
    column = np.concatenate(empty + [part.column[mask] - first for part, mask in pairs])
    row = np.concatenate(empty + [part.row[mask] for part, mask in pairs])
    score = np.concatenate(empty + [part.score[mask] for part, mask in pairs])
    objects = direction.objects
    keys = keys_of(score, objects.id_ranks[objects.places[row]], objects.bits)
    return best_keys(in_rows(column, keys, last - first), keep)


def in_rows(subjects: Integers, keys: Integers, count: int) -> Integers:
    """Put each subject's keys into a row of a matrix (count, most), NOBODY elsewhere."""
    order = np.argsort(subjects, kind="stable")
    subjects, keys = subjects[order], keys[order]
    counts = np.bincount(subjects, minlength=count)
    places = np.arange(len(subjects)) - np.repeat(np.cumsum(counts) - counts, counts)
    matrix = np.full((count, int(counts.max(initial=0))), NOBODY, dtype=np.int64)
    matrix[subjects, places] = keys
    return matrix
