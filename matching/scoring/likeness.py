"""How alike the texts of one viewer and of many others are, on integers.

Vectors are shortened to a length of 4,000. Every partial sum of such a product is at most
4,013**2 < 2**24 (Cauchy-Schwarz), so float32 holds it exactly, and BLAS may add in any order.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching.scoring.evidence import Evidence, Integers, Items
from matching.scoring.lexical import LIKENESS_UNIT, WeightedWords, word_likeness
from matching.scoring.terms import STORED

Floats = NDArray[np.float32]
LENGTH = 4_000
COSINE = float(LENGTH * LENGTH)
BEST_PAIRS = 3


@dataclass(frozen=True)
class Likeness:
    """One viewer against n others, in units of 2**-20.

    topic: int64 (n,), language-neutral, of mean vectors. english: the rows of those with whom
    English is compared, int64 (m,); works, words: int64 (m,).
    """

    topic: Integers
    english: Integers
    works: Integers
    words: Integers

    def among(self, chosen: NDArray[np.bool_]) -> Likeness:
        """Return some of those with whom English is compared, and nobody else.

        chosen: bool (m,).
        """
        rows = self.english[chosen]
        places = np.arange(len(rows))
        return Likeness(self.topic[rows], places, self.works[chosen], self.words[chosen])


@dataclass(frozen=True)
class Compared:
    """People whose vectors are ready to be multiplied.

    topic: float32 (n, d); english: float32 (k, e); english_rows: who writes English, int64 (m,).
    """

    evidence: Evidence
    topic: Floats
    english: Floats
    words: WeightedWords
    english_rows: Integers

    @classmethod
    def of(cls, evidence: Evidence, weights: NDArray[np.uint16]) -> Compared:
        """Get people's vectors and words ready; weights: `lexical.word_weights`."""
        return cls(
            evidence,
            shortened(evidence.topic),
            shortened(evidence.english.vectors),
            WeightedWords.of(evidence.words, weights),
            np.flatnonzero(evidence.writes_english),
        )


def shortened(vectors: NDArray[np.int16]) -> Floats:
    """Return stored unit vectors as whole float32 numbers, 4,000 long."""
    values = vectors.astype(np.float32)
    values *= np.float32(LENGTH / STORED)
    return np.rint(values, out=values)


def likeness(viewer: Compared, others: Compared, pairs: Floats | None = None) -> Likeness:
    """Compare one viewer with others; English only where both write it.

    pairs: the products of their English texts with the viewer's, when known already.
    """
    topic = as_likeness(products(others.topic, viewer.topic)[:, 0])
    if not len(viewer.english) or not len(others.english):
        nothing = np.zeros(0, dtype=np.int64)
        return Likeness(topic, nothing, nothing, nothing)
    if pairs is None:
        pairs = products(others.english, viewer.english)
    works = best_pairs_mean(pairs, others.evidence.english)
    words = word_likeness(viewer.words, others.words)
    rows = others.english_rows
    return Likeness(topic, rows, works[rows], words[rows])


def products(theirs: Floats, mine: Floats) -> Floats:
    """Return the exact products of shortened vectors: (their texts, my texts)."""
    if not len(theirs) or not len(mine):
        return np.zeros((len(theirs), len(mine)), dtype=np.float32)
    if len(mine) == 1:
        return (theirs @ mine[0])[:, None]
    return theirs @ mine.T


def as_likeness(values: NDArray[np.floating]) -> Integers:
    """Return products of shortened vectors in units of 2**-20."""
    return np.rint(values.astype(np.float64) * (LIKENESS_UNIT / COSINE)).astype(np.int64)


def best_pairs_mean(pairs: Floats, items: Items) -> Integers:
    """Return the mean of the three best pairs of texts, int64 (n,) in units of 2**-20.

    pairs: (texts of the others, texts of the viewer). Fewer pairs: the mean of all; none: 0.
    """
    table = by_owner(pairs, items)
    flat = table.reshape(len(table), table.shape[1] * table.shape[2])
    best = largest(flat, BEST_PAIRS).astype(np.float64)
    real = best > -np.inf
    total = np.where(real, best, 0).sum(axis=1)
    return as_likeness(total / np.maximum(real.sum(axis=1), 1))


def largest(values: Floats, count: int) -> Floats:
    """Return the largest values of each row, all where there are fewer."""
    width = values.shape[1]
    if width <= count:
        return values
    return np.partition(values, width - count, axis=1)[:, width - count :]


def by_owner(values: Floats, items: Items) -> Floats:
    """Return a row a text as a table: (people, most texts of one, width), minus infinity beyond."""
    shape = (len(items), int(items.counts.max(initial=0)), values.shape[1])
    table = np.full(shape, -np.inf, np.float32)
    table[items.slots] = values
    return table


@dataclass(frozen=True)
class Meetings:
    """The best meeting of a viewer's texts with each other person's.

    mine, theirs: the sources of the two texts, 0 where there is none worth naming; int64 (n,).
    """

    mine: Integers
    theirs: Integers


def best_meetings(pairs: Floats, mine: Items, theirs: Items, floor: float) -> Meetings:
    """Return the best pair of texts with each person, when its cosine reaches the floor.

    pairs: (texts of the others, texts of the viewer); mine: the viewer's. Ties go to the first.
    """
    found = np.zeros((2, len(theirs)), dtype=np.int64)
    if pairs.size:
        rows = np.flatnonzero(theirs.counts)
        best_column = pairs.argmax(axis=1)
        values = pairs[np.arange(len(pairs)), best_column]
        table = by_owner(values[:, None], theirs)[:, :, 0]
        places = theirs.owners_start[rows] + table[rows].argmax(axis=1)
        named = values[places] >= floor * COSINE
        found[0, rows] = np.where(named, mine.sources[best_column[places]], 0)
        found[1, rows] = np.where(named, theirs.sources[places], 0)
    return Meetings(found[0], found[1])
