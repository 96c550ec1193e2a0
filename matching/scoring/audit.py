"""The check that the int8 pass makes of itself: a sample of its lists against exact arithmetic."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matching.scoring.exact import exact_keys
from matching.scoring.lists import NOBODY, scores_of
from matching.scoring.sides import Direction
from matching.scoring.vectors import Integers

# Lists of each side that a whole pass looks at, and at least for a block.
AUDITED, FEWEST = 200, 4


def spread_out(count: int, wanted: int) -> Integers:
    """Return positions spread evenly over a side in its random order."""
    return np.unique(np.linspace(0, count - 1, min(count, wanted)).astype(np.int64))


def missed_lists(direction: Direction, keys: Integers) -> int:
    """Return how many of the sampled complete lists (n, keep), by position, are wrong."""
    sample = spread_out(len(keys), AUDITED)
    true = exact_keys(direction, sample, keys.shape[1])
    return int((true != keys[sample]).any(axis=1).sum())


def missed_in_block(
    forward: Direction, backward: Direction, span: slice, rows: Integers, columns: Integers,
    limits: NDArray[np.float32],
) -> int:  # fmt: skip
    """Return how many of the sampled lists of a block are wrong.

    rows: keys of the span, (r, keep). columns: keys of all columns among the span, (m, keep),
    right when they hold all that score at least the column's limit, float32 (m,).
    """
    wanted = max(FEWEST, AUDITED * len(rows) // len(forward.subjects))
    mine, theirs = spread_out(len(rows), wanted), spread_out(len(columns), wanted)
    true_rows = exact_keys(forward, span.start + mine, rows.shape[1])
    true_columns = exact_keys(backward, theirs, columns.shape[1], span)
    scores = scores_of(true_columns, backward.objects.bits)
    counts = (true_columns != NOBODY) & (scores >= limits[theirs, None])
    wrong_rows = (true_rows != rows[mine]).any(axis=1)
    wrong_columns = (counts & (true_columns != columns[theirs])).any(axis=1)
    return int(wrong_rows.sum() + wrong_columns.sum())
