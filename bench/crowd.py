"""Generated people by the hundred thousand, with vectors but without texts.

Vectors come from the clustered generator of `bench.speed.population` and go in by COPY. The
embedder's name stands beside them, so the portal takes them for its own and embeds nobody again.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from bench import crowd_servers
from bench.speed.population import AREAS, TOPICS, Centres, unit_rows
from bench.table_rows import empty, make_people, run_sql
from matching.embedding import get_embedder, get_english_embedder
from matching.models import Profile, ProfileVectors
from matching.scoring.lexical import BUCKETS, SIXTEENTHS
from matching.services.list_rows import Pieces
from matching.services.snapshots import embedders

# Texts of one person: publications, those in English, offers, requests, and their words.
WORKS, ENGLISH, OFFERS, SEEKS, WORDS = 3, 2, 1, 1, 40
VOCABULARY, PORTION, SEED = 20_000, 2000, 31
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
Short = NDArray[np.int16]


@contextmanager
def gathered(a_side: int, *, with_vectors: bool) -> Iterator[None]:
    """Run the servers with so many people of each side."""
    with crowd_servers.running():
        make(a_side, with_vectors=with_vectors)
        yield


def make(a_side: int, *, with_vectors: bool) -> None:
    """Have exactly so many people of each side, with vectors of today's embedders if wanted."""
    if Profile.objects.count() != 2 * a_side:
        empty()
        make_people(a_side)
    if with_vectors and not vectors_fit(a_side):
        ProfileVectors.objects.all().delete()
        make_vectors()


def vectors_fit(a_side: int) -> bool:
    """Tell whether everybody has vectors of today's embedders."""
    return ProfileVectors.objects.filter(**embedders()).count() == 2 * a_side


def make_vectors() -> None:
    """Write everybody's vectors, texts' vectors and words."""
    print("Making their vectors ...", flush=True)
    english = get_english_embedder()
    maker = Vectors(
        get_embedder().dimension, english.dimension if english else 0, list(embedders().values())
    )
    people = list(Profile.objects.order_by("pk").values_list("pk", "matching_changed_at"))
    with connection.cursor() as cursor:
        cursor.copy_expert(
            f"COPY matching_profilevectors ({', '.join(COLUMNS)}) FROM STDIN (FORMAT binary)",
            Pieces(maker.rows(people)),
        )
    run_sql("ANALYZE matching_profilevectors")


COLUMNS = (
    "profile_id", "embedder", "english_embedder", "built_from", "topic", "offers", "seeks",
    "work_items", "work_sources", "offer_items", "offer_sources", "seek_items", "seek_sources",
    "english_items", "english_sources", "words",
)  # fmt: skip


class Vectors:
    """Rows of vectors, people of one topic near each other in every kind of text."""

    def __init__(self, dimension: int, english: int, names: list[str]) -> None:
        self.names = [name.encode() for name in names]
        self.centres = Centres.of(dimension, SEED)
        self.english = Centres.of(english, SEED + 1) if english else None
        self.chance = np.random.default_rng(SEED)

    def rows(self, people: list[tuple[int, datetime]]) -> Iterator[bytes]:
        """Yield everybody in PostgreSQL's binary format."""
        yield b"PGCOPY\n\xff\r\n\0" + bytes(8)
        for start in range(0, len(people), PORTION):
            yield b"".join(self.portion(people[start : start + PORTION]))
        yield b"\xff\xff"

    def portion(self, people: list[tuple[int, datetime]]) -> Iterator[bytes]:
        """Yield some people."""
        topics = self.chance.integers(TOPICS, size=len(people))
        kinds = [self.texts(topics, count) for count in (1, 1, 1, WORKS, OFFERS, SEEKS)]
        english = self.texts(topics, ENGLISH, in_english=True)
        words = self.words(topics)
        for row, (person, changed) in enumerate(people):
            yield self.row(person, changed, [kind[row] for kind in kinds], english[row],
                           words[row])  # fmt: skip

    def texts(
        self, topics: NDArray[np.int64], count: int, *, in_english: bool = False
    ) -> list[bytes]:
        """Return the stored vectors of each person's texts of one kind."""
        centres = self.english if in_english else self.centres
        if centres is None:
            return [b""] * len(topics)
        many = np.repeat(topics, count)
        made: Short = unit_rows(centres, many % AREAS, many, self.chance)
        width = made.shape[1] * 2 * count
        flat = made.astype("<i2").tobytes()
        return [flat[start : start + width] for start in range(0, len(flat), width)]

    def words(self, topics: NDArray[np.int64]) -> list[bytes]:
        """Return each person's words: half of their topic's, half of everybody's."""
        own = topics[:, None] * 97 + self.chance.integers(200, size=(len(topics), WORDS // 2))
        common = self.chance.zipf(1.5, size=(len(topics), WORDS // 2))
        found = np.concatenate([own % VOCABULARY, common % VOCABULARY], axis=1)
        rows = []
        for mine in found:
            hashes, counts = np.unique(mine * 2_654_435_761 % BUCKETS, return_counts=True)
            pairs = np.empty(len(hashes), dtype=[("hash", "<u4"), ("count", "<u2")])
            pairs["hash"], pairs["count"] = hashes, counts * SIXTEENTHS
            rows.append(pairs.tobytes())
        return rows

    def row(
        self, person: int, changed: datetime, kinds: list[bytes], english: bytes, words: bytes
    ) -> bytes:
        """Return one person."""
        topic, offers, seeks, works, offer_items, seek_items = kinds
        moment = (changed - EPOCH) // timedelta(microseconds=1)
        values = [
            struct.pack(">q", person), *self.names, struct.pack(">q", moment),
            topic, offers, seeks, works, sources(person, WORKS), offer_items,
            sources(person, OFFERS), seek_items, sources(person, SEEKS), english,
            sources(person, ENGLISH if english else 0), words,
        ]  # fmt: skip
        packed = b"".join(struct.pack(">i", len(value)) + value for value in values)
        return struct.pack(">h", len(values)) + packed


def sources(person: int, count: int) -> bytes:
    """Return an array of bigint: invented ids of the listings and works that texts come from."""
    if not count:
        return struct.pack(">iii", 0, 0, 20)
    head = struct.pack(">iiiii", 1, 0, 20, count, 1)
    return head + b"".join(struct.pack(">iq", 8, 10 * person + one) for one in range(count))
