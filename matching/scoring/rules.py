"""What is decided about single pairs and groups before anybody is ranked."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from matching.scoring.vectors import Integers

Groups = NDArray[np.uint64]


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


def row_numbers(
    wanted: Integers, ids: Integers, order: Integers | None = None
) -> tuple[Integers, NDArray[np.bool_]]:
    """Return each wanted id's row and whether it has one. order: the rows by rising id."""
    if not len(ids):
        return np.zeros(len(wanted), np.int64), np.zeros(len(wanted), np.bool_)
    if order is None:
        order = np.argsort(ids, kind="stable")
    places = np.minimum(np.searchsorted(ids, wanted, sorter=order), len(ids) - 1)
    rows = order[places]
    return rows, ids[rows] == wanted


@dataclass(frozen=True)
class PairTable:
    """One kind of pair, by subject: who of the objects each subject is paired with.

    Subjects and objects are counted by position. starts: int64 (subjects + 1,); objects: int64,
    ascending within a subject; width: how many objects there are; keys: subject x width + object.
    """

    starts: Integers
    objects: Integers
    width: int
    keys: Integers

    @classmethod
    def of(cls, subjects: Integers, objects: Integers, count: int, width: int) -> PairTable:
        """Build the table of pairs of positions; pairs that stand twice count once."""
        keys = np.unique(subjects * max(width, 1) + objects)
        starts = np.searchsorted(keys, np.arange(count + 1) * max(width, 1))
        return cls(starts, keys % max(width, 1), width, keys)

    def among(self, subjects: Integers, objects: slice) -> tuple[Integers, Integers]:
        """Return the pairs of some subjects with a range of objects.

        As indices into `subjects` and into the range.
        """
        lengths = self.starts[subjects + 1] - self.starts[subjects]
        rows = np.repeat(np.arange(len(subjects)), lengths)
        offsets = np.arange(len(rows)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        columns = self.objects[self.starts[subjects[rows]] + offsets]
        inside = (columns >= objects.start) & (columns < objects.stop)
        return rows[inside], columns[inside] - objects.start

    def has(self, subjects: Integers, objects: Integers) -> NDArray[np.bool_]:
        """Tell which pairs stand in the table."""
        if not len(self.keys):
            return np.zeros(len(subjects), dtype=np.bool_)
        wanted = subjects * self.width + objects
        places = np.minimum(np.searchsorted(self.keys, wanted), len(self.keys) - 1)
        found: NDArray[np.bool_] = self.keys[places] == wanted
        return found
