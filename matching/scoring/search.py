"""The filtered pass: one block of the left against all of the right, for both at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from matching.scoring import kernels
from matching.scoring.candidates import Candidates, rank_at, room_for
from matching.scoring.exact import exact_keys
from matching.scoring.kernels import Floats, Values
from matching.scoring.lists import NOBODY, best_keys, is_doubtful, keys_of, scores_of
from matching.scoring.rules import PairTable
from matching.scoring.sides import Direction
from matching.scoring.terms import NOVELTY_PENALTY
from matching.scoring.tiles import WIDTH, Filter
from matching.scoring.vectors import Integers

NO_GROUPS = np.zeros(0, dtype=np.uint64)
# People whose candidates are scored exactly at a time.
PORTION = 2048


@dataclass(frozen=True)
class BlockPairs:
    """The pairs of one table in a block, by column; rows count from the block's first."""

    rows: Integers
    columns: Integers

    @classmethod
    def of(cls, table: PairTable, positions: Integers) -> BlockPairs:
        """Gather those of some subjects."""
        rows, columns = table.among(positions, slice(0, table.width))
        order = np.argsort(columns, kind="stable")
        return cls(rows[order], columns[order])

    def within(self, span: slice) -> tuple[Integers, Integers]:
        """Return those of a range of columns, counted from its first."""
        first, last = np.searchsorted(self.columns, [span.start, span.stop])
        return self.rows[first:last], self.columns[first:last] - span.start


@dataclass(frozen=True)
class Search:
    """What searching a block needs: the filter and what each side gets of the other."""

    filter: Filter
    forward: Direction
    backward: Direction
    keep: int

    def all_keys(
        self, spans: list[tuple[int, int]], progress: Callable[[int, int], None] | None
    ) -> tuple[Integers, Integers]:
        """Do all blocks; return the sorted keys of the left and the right, by position."""
        columns, raised_at = self.all_columns(), 0
        found = []
        for done, span in enumerate(spans, start=1):
            rows = self.scan(slice(*span), columns, is_first=done == 1)
            found.append(self.finished_rows(slice(*span), rows)[0])
            if span[1] >= 2 * raised_at:
                raised_at = span[1]
                share = raised_at / len(self.forward.subjects)
                columns.raise_floors(rank_at(self.keep, share), self.filter.margin)
            if progress:
                progress(done, len(spans))
        return np.concatenate(found), self.finished_columns(columns)[0]

    def scan(self, span: slice, columns: Candidates, *, is_first: bool) -> Candidates:
        """Scan a block; return its rows' candidates and add to those of the columns.

        is_first: the columns have no floors yet, and get them from this block.
        """
        positions, count = np.arange(span.start, span.stop), len(self.forward.objects)
        rows = Candidates.empty(len(positions), room_for(self.keep))
        worked = BlockPairs.of(self.forward.worked, positions)
        forbidden = BlockPairs.of(self.forward.forbidden, positions)
        self.filter.take_block(span)
        raised_at = 0
        for start in range(0, count, WIDTH):
            across = slice(start, min(start + WIDTH, count))
            tile = self.filter.values(across)
            tile[worked.within(across)] -= tile.dtype.type(NOVELTY_PENALTY / self.filter.unit)
            tile[forbidden.within(across)] = self.filter.lowest
            if start == 0:
                self.sample_rows(rows, tile, span, across)
            if is_first:
                self.sample_columns(columns.part(across), tile, span, across)
            self.note(tile, span, across, rows, columns.part(across))
            if across.stop >= 2 * raised_at or across.stop == count:
                raised_at = across.stop
                rows.raise_floors(rank_at(self.keep, raised_at / count), self.filter.margin)
        return rows

    def all_columns(self) -> Candidates:
        """Return room for the columns of a pass in one process."""
        return Candidates.empty(len(self.backward.subjects), room_for(self.keep))

    def columns_of_block(self, span: slice, limits: Floats | None) -> Candidates:
        """Return room for the columns of one block; limits: below which true scores do not count.

        float32 (m,) by position, None when there are none yet.
        """
        share = (span.stop - span.start) / len(self.backward.objects)
        columns = Candidates.empty(len(self.backward.subjects), room_for(self.keep, share))
        if limits is not None:
            columns.floors[:] = limits / np.float32(self.filter.unit) - self.filter.margin
        return columns

    def finished_rows(self, span: slice, rows: Candidates) -> tuple[Integers, int]:
        """Return the keys of a block's rows and how many were redone."""
        return finished_keys(self.forward, span.start, rows, self.keep, self.filter)

    def finished_columns(self, columns: Candidates) -> tuple[Integers, int]:
        """Return the keys of all columns after all blocks, and how many were redone."""
        return finished_keys(self.backward, 0, columns, self.keep, self.filter)

    def finished_columns_of_block(
        self, span: slice, columns: Candidates
    ) -> tuple[Integers, Floats, int]:
        """Return the keys of the columns of one block, int64 (m, keep), and their limits.

        The limits are float32 (m,), by position. Third, how many were redone for want of room.
        """
        lost = np.flatnonzero(columns.lost())
        limits = (columns.floors + self.filter.margin) * np.float32(self.filter.unit)
        keys = candidate_keys(self.backward, 0, columns, self.keep, self.filter.unit)
        keys[lost] = exact_keys(self.backward, lost, self.keep, span)
        worst = keys[lost, -1]
        scores = scores_of(worst, self.backward.objects.bits)
        limits[lost] = np.where(worst == NOBODY, -np.inf, scores)
        return keys, limits, len(lost)

    def sample_rows(self, rows: Candidates, tile: Values, span: slice, across: slice) -> None:
        """Set the floors of rows by the first tile."""
        rank = rank_at(self.keep, (across.stop - across.start) / len(self.forward.objects))
        values = allowed(self.forward, as_floats(tile, self.filter.lowest), span, across)
        rows.sample(values, rank, self.filter.margin)

    def sample_columns(
        self, columns: Candidates, tile: Values, span: slice, across: slice
    ) -> None:
        """Set the floors of columns by the first block."""
        rank = rank_at(self.keep, (span.stop - span.start) / len(self.backward.objects))
        values = kernels.transposed(as_floats(tile, self.filter.lowest))
        values = allowed(self.backward, values, across, span)
        columns.sample(values, rank, self.filter.margin)

    def note(
        self, tile: Values, span: slice, across: slice, rows: Candidates, columns: Candidates
    ) -> None:
        """Note the candidates of a tile."""
        marks = np.zeros((tile.shape[1] + 7) // 8 * 8, dtype=np.uint8)
        groups = (self.forward.subjects.groups, self.forward.objects.groups)
        kernels.scan(
            tile,
            self.filter.lowest,
            (span.start, across.start),
            (marks, np.empty(len(marks), dtype=np.int32)),
            (NO_GROUPS, NO_GROUPS)
            if groups[0] is None or groups[1] is None
            else (groups[0][span], groups[1][across]),
            (
                self.forward.hidden.starts,
                self.forward.hidden.objects,
                self.backward.hidden.starts,
                self.backward.hidden.objects,
            ),
            (rows.values, rows.partners, rows.counts, rows.floors),
            (columns.values, columns.partners, columns.counts, columns.floors),
        )


def as_floats(tile: Values, lowest: np.float32) -> Floats:
    """Return a copy of a tile as float32, minus infinity for forbidden pairs."""
    values = tile.astype(np.float32)
    if lowest > -np.inf:
        values[values <= lowest] = -np.inf
    return values


def allowed(direction: Direction, values: Floats, span: slice, across: slice) -> Floats:
    """Return the values (subjects, objects) of allowed pairs, minus infinity elsewhere.

    Overwrites the values, and puts each subject's in another order.
    """
    values[direction.hidden.among(np.arange(span.start, span.stop), across)] = -np.inf
    mine, theirs = direction.subjects.groups, direction.objects.groups
    if mine is None or theirs is None:
        return values
    return values[:, : kernels.gather(values, mine[span], theirs[across])]


def candidate_keys(
    direction: Direction, first: int, candidates: Candidates, keep: int, unit: float
) -> Integers:
    """Score candidates exactly; return the sorted keys of the best, int64 (n, keep).

    first: the position of the first of the subjects; unit: of the candidates' values.
    """
    found = [
        portion_keys(
            direction, first + start, candidates.part(slice(start, start + PORTION)), keep, unit
        )
        for start in range(0, len(candidates.counts), PORTION)
    ]
    return np.concatenate(found) if found else np.zeros((0, keep), dtype=np.int64)


def portion_keys(
    direction: Direction, first: int, candidates: Candidates, keep: int, unit: float
) -> Integers:
    """Score the candidates of some subjects exactly."""
    used = int(candidates.counts.max(initial=0))
    there = np.arange(used)[None, :] < candidates.counts[:, None]
    who = np.nonzero(there)[0]
    partners = candidates.partners[:, :used][there].astype(np.int64)
    near = candidates.values[:, :used][there] * np.float32(unit)
    objects = direction.objects
    scores = exact_products(direction, who + first, partners, near)
    scores -= np.where(direction.worked.has(who + first, partners), NOVELTY_PENALTY, 0)
    keys = np.full(there.shape, NOBODY, dtype=np.int64)
    keys[there] = keys_of(scores, objects.id_ranks[partners], objects.bits)
    return best_keys(keys, keep)


def exact_products(
    direction: Direction, subjects: Integers, objects: Integers, near: Floats
) -> Integers:
    """Return the exact products of pairs of positions.

    subjects: ascending, from a narrow range: their rows are copied side by side, and the pairs
    are visited in the order of the objects' rows, so that memory is read nearly in sequence.
    """
    first = int(subjects[0]) if len(subjects) else 0
    last = int(subjects[-1]) + 1 if len(subjects) else 0
    rows = direction.objects.order[objects]
    order = np.argsort(rows)
    found = np.empty(len(order), dtype=np.int64)
    found[order] = kernels.products(
        direction.subjects.rows(slice(first, last)),
        np.asarray(direction.objects.vectors.rows),
        subjects[order] - first,
        rows[order],
        near[order],
    )
    return found


def finished_keys(
    direction: Direction, first: int, candidates: Candidates, keep: int, used: Filter
) -> tuple[Integers, int]:
    """Return the keys of complete lists, int64 (n, keep), and how many had to be redone.

    Whoever was not noted lies below the floor, so truly below floor + margin: a list whose last
    reaches that is complete.
    """
    candidates.raise_floors(keep, used.margin)
    keys = candidate_keys(direction, first, candidates, keep, used.unit)
    limits = (candidates.floors.astype(np.float64) + float(used.margin)) * used.unit
    redo = np.flatnonzero(is_doubtful(keys, limits, direction.objects.bits))
    keys[redo] = exact_keys(direction, first + redo, keep)
    return keys, len(redo)
