"""What the exact second look at a pair reads: single texts instead of one mean vector a person.

Everything is ragged and flat, so that a whole side is a few arrays that can be mapped from a file
and cut by rows: person n owns the entries `owners_start[n]` to `owners_start[n + 1]`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matching.scoring.terms import STORED

Integers = NDArray[np.int64]
Short = NDArray[np.int16]
Arrays = dict[str, NDArray[Any]]

ITEM_KINDS = ("works", "english", "offers", "seeks")


@dataclass(frozen=True)
class Items:
    """The single texts of n people, for one purpose.

    vectors: int16 (k, d), unit vectors times 32,767; owners_start: int64 (n + 1,);
    sources: int64 (k,), the key of the row that the text is from, 0 when it is not a row's.

    Raises:
        ValueError: the arrays do not fit together.
    """

    vectors: Short
    owners_start: Integers
    sources: Integers

    def __post_init__(self) -> None:
        check_ragged(self.owners_start, len(self.vectors), len(self.sources))

    def __len__(self) -> int:
        return len(self.owners_start) - 1

    @cached_property
    def counts(self) -> Integers:
        """How many texts each person has, int64 (n,)."""
        return np.diff(self.owners_start)

    @cached_property
    def slots(self) -> tuple[Integers, Integers]:
        """Whose each text is, and the how-manieth of that person: int64 (k,) each."""
        owners = np.repeat(np.arange(len(self)), self.counts)
        return owners, np.arange(len(self.sources)) - self.owners_start[owners]

    def of(self, rows: Integers | Sequence[int]) -> Items:
        """Return the texts of some people, in the order asked for."""
        places, starts = ragged_rows(self.owners_start, rows)
        return Items(self.vectors[places], starts, self.sources[places])

    @classmethod
    def gathered(
        cls, rows: Sequence[tuple[NDArray[np.int16], Sequence[int]]], dimension: int
    ) -> Items:
        """Return the texts of people, one (vectors, sources) a person; none is an empty array."""
        counts = [len(vectors) for vectors, _sources in rows]
        full = [np.asarray(vectors, dtype=np.int16) for vectors, _sources in rows if len(vectors)]
        vectors = np.concatenate(full) if full else np.zeros((0, dimension), np.int16)
        sources = [int(source) for _vectors, sources in rows for source in sources]
        return cls(vectors, starts_of(counts), np.array(sources, dtype=np.int64))

    @classmethod
    def none(cls, count: int, dimension: int) -> Items:
        """Return no texts for `count` people."""
        return cls.gathered([(np.zeros((0, dimension), np.int16), ())] * count, dimension)


@dataclass(frozen=True)
class Words:
    """The words of n people's English texts (`lexical.words_of`).

    hashes: uint32 (k,), rising and different within a person; counts: uint16 (k,), sixteenths;
    owners_start: int64 (n + 1,).

    Raises:
        ValueError: the arrays do not fit together.
    """

    hashes: NDArray[np.uint32]
    counts: NDArray[np.uint16]
    owners_start: Integers

    def __post_init__(self) -> None:
        check_ragged(self.owners_start, len(self.hashes), len(self.counts))

    def __len__(self) -> int:
        return len(self.owners_start) - 1

    def of(self, rows: Integers | Sequence[int]) -> Words:
        """Return the words of some people, in the order asked for."""
        places, starts = ragged_rows(self.owners_start, rows)
        return Words(self.hashes[places], self.counts[places], starts)

    @classmethod
    def gathered(cls, rows: Sequence[tuple[NDArray[np.uint32], NDArray[np.uint16]]]) -> Words:
        """Return the words of people, one (hashes, counts) a person."""
        hashes = np.concatenate([np.zeros(0, np.uint32), *(row[0] for row in rows)])
        counts = np.concatenate([np.zeros(0, np.uint16), *(row[1] for row in rows)])
        return cls(hashes, counts, starts_of([len(row[0]) for row in rows]))


@dataclass(frozen=True)
class Evidence:
    """What is known of n people of one side for the second look.

    ids: int64 (n,); topic: int16 (n, d), the mean vectors of retrieval, or zeros. works: every
    text in the language-neutral space; english: the English ones in the English model's space;
    offers, seeks: single offers and requests; words: of the English texts.

    Raises:
        ValueError: the parts do not have one row a person.
    """

    ids: Integers
    topic: Short
    works: Items
    english: Items
    offers: Items
    seeks: Items
    words: Words

    def __post_init__(self) -> None:
        lengths = [len(self.ids), len(self.topic), len(self.words)]
        lengths += [len(self.items(kind)) for kind in ITEM_KINDS]
        if len(set(lengths)) != 1:
            raise ValueError(f"Evidence has parts of different lengths: {lengths}")

    def __len__(self) -> int:
        return len(self.ids)

    def items(self, kind: str) -> Items:
        """Return the texts of one of ITEM_KINDS."""
        items: Items = getattr(self, kind)
        return items

    @cached_property
    def writes_english(self) -> NDArray[np.bool_]:
        """Who has English texts, bool (n,): the two strata of candidates."""
        return self.english.counts > 0

    def of(self, rows: Integers | Sequence[int]) -> Evidence:
        """Return some people only, in the order asked for."""
        chosen = np.asarray(rows, dtype=np.int64)
        texts = {kind: self.items(kind).of(chosen) for kind in ITEM_KINDS}
        return Evidence(
            ids=self.ids[chosen], topic=self.topic[chosen], words=self.words.of(chosen), **texts
        )

    def to_arrays(self, prefix: str = "") -> Arrays:
        """Return everything as named plain arrays."""
        arrays: Arrays = {
            "ids": self.ids,
            "topic": self.topic,
            "words_hashes": self.words.hashes,
            "words_counts": self.words.counts,
            "words_start": self.words.owners_start,
        }
        for kind in ITEM_KINDS:
            items = self.items(kind)
            arrays[kind + "_vectors"] = items.vectors
            arrays[kind + "_start"] = items.owners_start
            arrays[kind + "_sources"] = items.sources
        return {prefix + name: array for name, array in arrays.items()}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], prefix: str = "") -> Evidence:
        """Return what `to_arrays` took apart; the arrays may be mapped from a file."""

        def named(*names: str) -> list[NDArray[Any]]:
            return [arrays[prefix + name] for name in names]

        texts = {
            kind: Items(*named(kind + "_vectors", kind + "_start", kind + "_sources"))
            for kind in ITEM_KINDS
        }
        words = Words(*named("words_hashes", "words_counts", "words_start"))
        ids, topic = named("ids", "topic")
        return cls(ids=ids, topic=topic, words=words, **texts)


def joined(parts: Sequence[Evidence]) -> Evidence:
    """Return the people of several pieces of evidence one after another; at least one piece."""
    texts = {}
    for kind in ITEM_KINDS:
        items = [part.items(kind) for part in parts]
        texts[kind] = Items(
            np.concatenate([item.vectors for item in items]),
            starts_of(np.concatenate([item.counts for item in items])),
            np.concatenate([item.sources for item in items]),
        )
    words = Words(
        np.concatenate([part.words.hashes for part in parts]),
        np.concatenate([part.words.counts for part in parts]),
        starts_of(np.concatenate([np.diff(part.words.owners_start) for part in parts])),
    )
    ids = np.concatenate([part.ids for part in parts])
    topic = np.concatenate([part.topic for part in parts])
    return Evidence(ids=ids, topic=topic, words=words, **texts)


def check_ragged(starts: Integers, entries: int, others: int) -> None:
    """Refuse entries that do not belong to exactly one person each.

    Raises:
        ValueError: they do not.
    """
    if not len(starts) or starts[0] != 0 or starts[-1] != entries or entries != others:
        raise ValueError(f"{entries} and {others} entries do not fit {len(starts) - 1} owners")


def starts_of(counts: Sequence[int] | Integers) -> Integers:
    """Return where each person's entries begin, and the end: int64 (n + 1,)."""
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)


def ragged_rows(starts: Integers, rows: Integers | Sequence[int]) -> tuple[Integers, Integers]:
    """Return the places of the entries of some rows, and where each row's begin among them."""
    chosen = np.asarray(rows, dtype=np.int64)
    if len(chosen) == 1:
        first, end = int(starts[chosen[0]]), int(starts[chosen[0] + 1])
        return np.arange(first, end), np.array([0, end - first])
    begins = starts[chosen]
    counts = starts[chosen + 1] - begins
    new = np.zeros(len(chosen) + 1, dtype=np.int64)
    np.cumsum(counts, out=new[1:])
    return np.repeat(begins - new[:-1], counts) + np.arange(new[-1]), new


def sums(values: Integers, starts: Integers) -> Integers:
    """Return the sum of each person's entries, int64 (n,)."""
    totals = np.concatenate([[0], np.cumsum(values)])
    return totals[starts[1:]] - totals[starts[:-1]]


def stored(vectors: NDArray[np.floating]) -> Short:
    """Return unit vectors as int16 times 32,767; a row that is not finite becomes zeros."""
    finite = np.isfinite(vectors).all(axis=1, keepdims=True)
    return np.rint(np.where(finite, vectors, 0).astype(np.float64) * STORED).astype(np.int16)
