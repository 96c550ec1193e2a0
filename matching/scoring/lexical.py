"""Words and named methods: stemmed 1- and 2-grams, weighted by how rare they are (TF-IDF).

Only for English against English. Everything is counted on integers, so a likeness is the same on
every machine: counts in sixteenths (sublinear: 1 + ln n, added up over a person's texts), weights
of words in sixteenths, their products summed as int64.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matching.scoring.evidence import Integers, Words, sums

BUCKETS = 2**18
SIXTEENTHS = 16
# The most telling grams of a person: more do not help (measured) and cost time with every pair.
GRAMS_A_PERSON = 512
LARGEST_COUNT = 10_000
LIKENESS_UNIT = 2**20
WORD = re.compile(r"\w\w+")
# Words that say nothing about the subject of a scientific text.
STOP_WORDS = frozenset(
    "a an and are as at be been between both but by can could each for from had has have he her"  # noqa: SIM905 - reads better
    " his how however i if in into is it its many may more most new no not of on one only or"
    " other our out over paper propose proposed results she should show shown so some such than"
    " that the their them then there these they this those through to two under up use used"
    " using via was we were what when where which while who will with would you your also based"
    .split()
)  # fmt: skip


def words_of(texts: Iterable[str]) -> tuple[NDArray[np.uint32], NDArray[np.uint16]]:
    """Return one person's words: hashes, rising, and their counts in sixteenths.

    texts: English. At most GRAMS_A_PERSON grams are kept, the frequent ones first.
    """
    counts: Counter[int] = Counter()
    for text in texts:
        for bucket, count in Counter(map(bucket_of, grams(text))).items():
            counts[bucket] += round(SIXTEENTHS * (1 + float(np.log(count))))
    chosen = sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))[:GRAMS_A_PERSON]
    chosen.sort()
    hashes = np.array([bucket for bucket, _count in chosen], dtype=np.uint32)
    limited = [min(count, LARGEST_COUNT) for _bucket, count in chosen]
    return hashes, np.array(limited, dtype=np.uint16)


def grams(text: str) -> list[str]:
    """Return the stems of a text, and each two that follow one another."""
    stems = [stem(word) for word in WORD.findall(text.casefold()) if word not in STOP_WORDS]
    return stems + [f"{one} {two}" for one, two in pairwise(stems)]


@lru_cache(maxsize=1)
def stemmer() -> Any:
    """Return the Snowball stemmer of English."""
    import snowballstemmer  # noqa: PLC0415 - only those who write words need it

    return snowballstemmer.stemmer("english")


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """Return the stem of an English word."""
    return str(stemmer().stemWord(word))


@lru_cache(maxsize=200_000)
def bucket_of(gram: str) -> int:
    """Return the number of a gram, the same in every process, below BUCKETS."""
    digest = hashlib.blake2b(gram.encode(), digest_size=4).digest()
    return int.from_bytes(digest, "big") % BUCKETS


def word_weights(corpora: Iterable[Words]) -> NDArray[np.uint16]:
    """Return the weight of every bucket in sixteenths: 1 + ln((1 + n) / (1 + people with it)).

    uint16 (BUCKETS,); n counts the people who have words at all.
    """
    people = 0
    counts = np.zeros(BUCKETS, dtype=np.int64)
    for words in corpora:
        people += int((np.diff(words.owners_start) > 0).sum())
        counts += np.bincount(words.hashes, minlength=BUCKETS)
    rarity = 1 + np.log((1 + people) / (1.0 + counts))
    return np.rint(SIXTEENTHS * np.maximum(rarity, 0)).astype(np.uint16)


@dataclass(frozen=True)
class WeightedWords:
    """Words with their weights.

    values: int64 (k,), count times weight; lengths: float64 (n,), of each person's words.
    """

    words: Words
    values: Integers
    lengths: NDArray[np.float64]

    @classmethod
    def of(cls, words: Words, weights: NDArray[np.uint16]) -> WeightedWords:
        """Weigh people's words; weights: uint16 (BUCKETS,)."""
        values = words.counts.astype(np.int64)
        values *= weights[words.hashes]
        squares = sums(values * values, words.owners_start)
        return cls(words, values, np.sqrt(squares.astype(np.float64)))

    @cached_property
    def owners(self) -> Integers:
        """Whose each entry is, int64 (k,)."""
        return np.repeat(np.arange(len(self.words)), np.diff(self.words.owners_start))

    @cached_property
    def places(self) -> NDArray[np.int16]:
        """One person's words by bucket: the number of the word from 1, else 0."""
        places = np.zeros(BUCKETS, dtype=np.int16)
        places[self.words.hashes] = np.arange(1, len(self.values) + 1)
        return places


def word_likeness(viewer: WeightedWords, others: WeightedWords) -> Integers:
    """Return the cosines of one person's words with others', int64 (n,) in units of 2**-20.

    Sums stay below 2**53, where float64 counts exactly: 512 grams of at most (10,000 * 256)**2.
    """
    numbers = viewer.places[others.words.hashes]
    shared = np.flatnonzero(numbers)
    products = viewer.values[numbers[shared] - 1] * others.values[shared]
    count = len(others.words)
    total = np.bincount(others.owners[shared], products.astype(np.float64), minlength=count)
    scale = LIKENESS_UNIT / np.maximum(viewer.lengths[0] * others.lengths, 1)
    return np.rint(total * scale).astype(np.int64)
