"""From people's texts to the vectors that the score reads.

Work is found by query: published people without vectors, with older vectors than their last edit,
or with another embedder's. Claims are advisory locks that die with the worker's transaction, so
that nobody's page waits for a vector.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, Q
from numpy.typing import NDArray

from konnect.accounts.doorbell import ring
from matching.embedding import (
    Embedder,
    EmbeddingServerError,
    ModelProblem,
    get_embedder,
    get_english_embedder,
    identity,
    normalise,
    text_hash,
)
from matching.models import Profile, ProfileVectors, TextEmbedding
from matching.models.profile import ProfileQuerySet
from matching.scoring import STORED
from matching.scoring.lexical import words_of
from matching.services.person_texts import Piece, Texts, texts_of

logger = logging.getLogger(__name__)

CHUNK = 16
CANDIDATES = 64
# Then the task ends and is rung for again, so that other tasks get their turn.
SECONDS_A_TASK = 20.0
LOCK_NAMESPACE = 5_301
COLUMNS = [
    "embedder", "topic", "offers", "seeks", "offer_items", "offer_sources", "seek_items",
    "seek_sources", "work_items", "work_sources", "english_embedder", "english_items",
    "english_sources", "words", "built_from", "built_at",
]  # fmt: skip

Short = NDArray[np.int16]


WORD = np.dtype([("hash", "<u4"), ("count", "<u2")])


@dataclass(frozen=True)
class Embedders:
    """What texts are embedded with: one for every text, one for English texts besides, or none."""

    every: Embedder
    english: Embedder | None

    @classmethod
    def configured(cls) -> Embedders:
        """Return those of this process, loaded once."""
        return cls(get_embedder(), get_english_embedder())

    @property
    def english_identity(self) -> str:
        """What is stored beside English vectors, '' when there are none."""
        return identity(self.english) if self.english else ""


@dataclass(frozen=True)
class Known:
    """The vectors of the texts of some people, {hash: int16 vector}."""

    every: dict[str, Short]
    english: dict[str, Short]


def refresh_stale_embeddings(*, seconds: float = SECONDS_A_TASK) -> int:
    """Make the vectors of people who lack current ones, newest edit first; return how many."""
    deadline = time.monotonic() + seconds
    done = 0
    try:
        embedders = Embedders.configured()
        while count := refresh_chunk(embedders):
            done += count
            if time.monotonic() > deadline:
                ring("matching.tasks.refresh_stale_embeddings")
                break
    except (EmbeddingServerError, ModelProblem) as error:
        logger.warning("%s; the next beat tries again.", error)
    if done:
        ring("matching.tasks.refresh_stale_suggestions")
    return done


def stale_profiles(embedders: Embedders) -> ProfileQuerySet:
    """Return the people whose vectors are missing or not of their last edit."""
    current = Q(
        vectors__embedder=identity(embedders.every),
        vectors__built_from__gte=F("matching_changed_at"),
    )
    # A worker whose English model is broken leaves the vectors of a sound one alone.
    if embedders.english:
        current &= Q(vectors__english_embedder=embedders.english_identity)
    known = Profile.objects.filter(current, pk=OuterRef("pk"))
    # Not NOT IN: with some hundred thousand people PostgreSQL would compare all with all.
    stale: ProfileQuerySet = Profile.objects.suggestible().filter(~Exists(known))
    return stale.order_by("-matching_changed_at", "-pk")


@transaction.atomic
def refresh_chunk(embedders: Embedders) -> int:
    """Claim a few people, make their vectors, and commit; return how many there were."""
    candidates = stale_profiles(embedders).values_list("pk", flat=True)[:CANDIDATES]
    claimed = claim(list(candidates))[:CHUNK]
    # Read after the claim: another worker may have finished some of them meanwhile.
    profiles = list(stale_profiles(embedders).filter(pk__in=claimed))
    if profiles:
        write_vectors(profiles, embedders)
    return len(profiles)


def claim(profile_ids: list[int]) -> list[int]:
    """Return those of the people whom no other worker has claimed, in the same order."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM unnest(%s::int[]) WITH ORDINALITY AS wanted (id, place)"
            " WHERE pg_try_advisory_xact_lock(%s, id) ORDER BY place",
            [profile_ids, LOCK_NAMESPACE],
        )
        return [row[0] for row in cursor.fetchall()]


def write_vectors(profiles: list[Profile], embedders: Embedders) -> None:
    """Embed what these people wrote, all of it together, and store their vectors."""
    texts = texts_of(profiles)
    known = vectors_of_people(texts.values(), embedders)
    ProfileVectors.objects.bulk_create(
        [row_of(profile, texts[profile.pk], known, embedders) for profile in profiles],
        update_conflicts=True,
        unique_fields=["profile"],
        update_fields=COLUMNS,
    )


def vectors_of_people(people: Collection[Texts], embedders: Embedders) -> Known:
    """Return the vectors of all their texts."""
    every = vectors_of_texts((text for texts in people for text in texts.all()), embedders.every)
    if embedders.english is None:
        return Known(every, {})
    english = (piece.text for texts in people for piece in texts.english)
    return Known(every, vectors_of_texts(english, embedders.english))


def row_of(profile: Profile, texts: Texts, known: Known, embedders: Embedders) -> ProfileVectors:
    """Return one person's vectors as a row."""
    english = texts.english if embedders.english else []
    return ProfileVectors(
        profile=profile,
        embedder=identity(embedders.every),
        topic=mean_vector([*texts.subject, *texts.topics], known.every),
        offers=mean_vector(texts.offers, known.every),
        seeks=mean_vector(texts.seeks, known.every),
        **item_columns("offer", by_source(texts.offers), known.every),
        **item_columns("seek", by_source(texts.seeks), known.every),
        **item_columns("work", [[piece] for piece in texts.subject], known.every),
        english_embedder=embedders.english_identity,
        **item_columns("english", [[piece] for piece in english], known.english),
        words=counted_words(texts.english),
        built_from=profile.matching_changed_at,
    )


def by_source(found: list[Piece]) -> list[list[Piece]]:
    """Return the texts of each listing together: one in two languages is still one."""
    together: dict[int, list[Piece]] = {}
    for piece in found:
        together.setdefault(piece.source, []).append(piece)
    return list(together.values())


def item_columns(kind: str, items: list[list[Piece]], vectors: dict[str, Short]) -> dict[str, Any]:
    """Return the two columns of one kind of items: a vector each, and where each is from."""
    rows = [(mean_vector(item, vectors), item[0].source) for item in items]
    full = [(row, source) for row, source in rows if row]
    return {
        f"{kind}_items": b"".join(row for row, _source in full),
        f"{kind}_sources": [source for _row, source in full],
    }


def counted_words(english: list[Piece]) -> bytes:
    """Return stemmed words and pairs of words with their counts, as WORD."""
    hashes, counts = words_of(piece.text for piece in english)
    entries = np.empty(len(hashes), dtype=WORD)
    entries["hash"], entries["count"] = hashes, counts
    return entries.tobytes()


def mean_vector(found: list[Piece], vectors: dict[str, Short]) -> bytes:
    """Return the normalised mean of the texts' unit vectors, b'' without any text."""
    if not found:
        return b""
    # Integers until the last step: the order of the texts does not matter.
    total = np.sum([vectors[text_hash(piece.text)] for piece in found], axis=0, dtype=np.int64)
    length = np.sqrt(float((total * total).sum()))
    return np.rint(total * (STORED / length)).astype("<i2").tobytes() if length else b""


def vectors_of_texts(texts: Iterable[str], embedder: Embedder) -> dict[str, Short]:
    """Return {hash: int16 vector} of texts, embedding only those that nobody wrote before."""
    wanted = {text_hash(text): normalise(text) for text in texts}
    known = cached_vectors(wanted, identity(embedder))
    missing = [key for key in wanted if key not in known]
    if missing:
        made = embedder.embed([wanted[key] for key in missing])
        new = dict(zip(missing, np.rint(made * STORED).astype("<i2"), strict=True))
        TextEmbedding.objects.bulk_create(
            [
                TextEmbedding(text_hash=key, embedder=identity(embedder), vector=vector.tobytes())
                for key, vector in sorted(new.items())
            ],
            ignore_conflicts=True,
        )
        known |= new
    return known


def cached_vectors(hashes: Iterable[str], embedder: str) -> dict[str, Short]:
    """Return the stored vectors of texts by an embedder of this identity."""
    rows = TextEmbedding.objects.filter(embedder=embedder, text_hash__in=list(hashes))
    return {
        key: np.frombuffer(bytes(vector), dtype="<i2")
        for key, vector in rows.values_list("text_hash", "vector")
    }
