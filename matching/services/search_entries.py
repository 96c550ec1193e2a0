"""Keeping what search looks in true: words at once, their meaning as soon as it is embedded.

Triggers empty or mark the rows of whatever changes (migration 0009). Work is found by query: rows
marked as not made, or made in an older way; then rows without today's embedder's meaning. A row is
written only if its thing has not changed since it was read, so that no late worker brings back
what somebody has just closed. Claims are advisory locks: no page ever waits for the worker.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence

import numpy as np
from django.db import connection, transaction
from django.db.models import Q
from numpy.typing import NDArray
from psycopg2.extras import execute_values

from konnect.accounts.doorbell import ring
from matching.embedding import (
    Embedder,
    EmbeddingServerError,
    LexicalEmbedder,
    ModelProblem,
    get_embedder,
    identity,
    text_hash,
)
from matching.models import SearchEntry
from matching.scoring import STORED
from matching.services.embeddings import vectors_of_texts
from matching.services.search_texts import Readable, readables_of

logger = logging.getLogger(__name__)

# The way in which entries are made: a larger number has all of them made anew.
SCHEME = 2
TASK = "matching.tasks.refresh_search_entries"
CHUNK, MEANING_CHUNK = 200, 16
SECONDS_A_TASK = 20.0
LOCK_NAMESPACE = 5_302
DIMENSION = 512
# Of long texts only the beginning is embedded: what they are about stands there.
LONGEST_EMBEDDED, MOST_EMBEDDED = 2_000, 24

WRITE_WORDS = """
UPDATE matching_searchentry AS entry SET words = made.words::tsvector, texts = made.texts,
    facets = made.facets::varchar[], sort_en = made.sort_en, sort_ko = made.sort_ko,
    freshness = made.freshness::timestamptz, appeared_at = made.appeared_at::timestamptz,
    embedder = '', meaning = CASE WHEN entry.texts = made.texts THEN entry.meaning END,
    scheme = made.scheme, indexed_at = statement_timestamp()
FROM (VALUES %s) AS made (id, changes, words, texts, facets, sort_en, sort_ko, freshness,
    appeared_at, scheme)
WHERE entry.id = made.id AND entry.changes = made.changes
"""
WRITE_MEANING = """
UPDATE matching_searchentry AS entry SET meaning = made.meaning::halfvec, embedder = made.embedder
FROM (VALUES %s) AS made (id, changes, meaning, embedder)
WHERE entry.id = made.id AND entry.changes = made.changes
"""


def refresh_search_entries(limit: int | None = None, *, seconds: float = SECONDS_A_TASK) -> int:
    """Make the entries that are not true any more, then their meanings; return how many of both.

    limit: stop after so many, for tests. A task that runs out of time rings for another.
    """
    deadline = time.monotonic() + seconds
    done = 0
    while (limit is None or done < limit) and (count := refresh_chunk(min(limit or CHUNK, CHUNK))):
        done += count
        if time.monotonic() > deadline:
            ring(TASK)
            return done
    return done + refresh_meanings(deadline)


def stale_entries() -> list[int]:
    """Return the ids of some entries whose words are to be made.

    In the order of the index, so that neither what is done is read nor all the rest sorted.
    """
    rows = SearchEntry.objects.filter(scheme__lt=SCHEME).order_by("scheme")
    return list(rows.values_list("pk", flat=True)[: 4 * CHUNK])


@transaction.atomic
def refresh_chunk(size: int) -> int:
    """Claim some stale entries and write their words; return how many were claimed."""
    claimed = claim(stale_entries())[:size]
    # Before their things are read: what changes later has changed when it is written.
    entries = list(SearchEntry.objects.filter(pk__in=claimed, scheme__lt=SCHEME).defer("meaning"))
    if entries:
        write_words(entries)
    return len(entries)


def claim(ids: list[int]) -> list[int]:
    """Return those that no other worker has claimed, in the same order."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM unnest(%s::bigint[]) WITH ORDINALITY AS wanted (id, place)"
            " WHERE pg_try_advisory_xact_lock(%s, (id %% 2147483647)::int) ORDER BY place",
            [ids, LOCK_NAMESPACE],
        )
        return [row[0] for row in cursor.fetchall()]


def write_words(entries: Sequence[SearchEntry]) -> None:
    """Write words, texts, facets and what lists are sorted by."""
    readable = readables_of(entries)
    rows = [row_of(entry, readable.get(entry.pk) or Readable()) for entry in entries]
    with connection.cursor() as cursor:
        execute_values(cursor.cursor, WRITE_WORDS, rows, page_size=CHUNK)


def row_of(entry: SearchEntry, found: Readable) -> tuple[object, ...]:
    """Return one row of WRITE_WORDS."""
    facets = list(dict.fromkeys(found.facets))
    return (
        entry.pk, entry.changes, found.written.vector(), "\n".join(found.texts), facets,
        found.sort_en, found.sort_ko, found.freshness, found.appeared_at, SCHEME,
    )  # fmt: skip


# --- Meaning --------------------------------------------------------------------------------------


def refresh_meanings(deadline: float) -> int:
    """Embed entries until none lacks its meaning or time is up; return how many were done."""
    done = 0
    try:
        embedder = get_embedder()
        while count := refresh_meaning_chunk(embedder):
            done += count
            if time.monotonic() > deadline:
                ring(TASK)
                break
    except (EmbeddingServerError, ModelProblem) as error:
        logger.warning("%s; search goes by words until the next beat tries again.", error)
    return done


def is_by_meaning(embedder: Embedder) -> bool:
    """Tell whether search compares meanings by this embedder.

    Not by the lexical one, which knows no more than full text does, and not by vectors longer than
    the column; shorter ones are filled up with zeros, which changes no product.
    """
    return embedder.name != LexicalEmbedder.name and embedder.dimension <= DIMENSION


def refresh_meaning_chunk(embedder: Embedder) -> int:
    """Embed some entries and write their meanings; return how many were claimed.

    Embedding happens outside of the transaction that writes: no page waits for it.
    """
    name = identity(embedder)
    with transaction.atomic():
        claimed = claim(entries_without_meaning(name))[:MEANING_CHUNK]
        rows = SearchEntry.objects.filter(pk__in=claimed, scheme=SCHEME).exclude(embedder=name)
        entries = list(rows.defer("meaning", "words"))
        meanings = meanings_of(entries, embedder)
        values = [(entry.pk, entry.changes, meanings[entry.pk], name) for entry in entries]
        if values:
            with connection.cursor() as cursor:
                execute_values(cursor.cursor, WRITE_MEANING, values)
    return len(entries)


def entries_without_meaning(name: str) -> list[int]:
    """Return the ids of some entries without the meaning of an embedder.

    One range of the index after the other, in its order: what is done is never read again.
    """
    rows = SearchEntry.objects.filter(scheme=SCHEME).order_by("embedder")
    for others in (Q(embedder__lt=name), Q(embedder__gt=name)):
        found = rows.filter(others).values_list("pk", flat=True)[: 4 * MEANING_CHUNK]
        if ids := list(found):
            return ids
    return []


def meanings_of(entries: Sequence[SearchEntry], embedder: Embedder) -> dict[int, str | None]:
    """Return {entry: its meaning as PostgreSQL writes it, none without texts}."""
    if not is_by_meaning(embedder):
        return dict.fromkeys((entry.pk for entry in entries), None)
    readable = readables_of(entries)
    texts = {pk: meant(found) for pk, found in readable.items()}
    vectors = vectors_of_texts({text for mine in texts.values() for text in mine}, embedder)
    return {
        entry.pk: halves(mean([vectors[text_hash(text)] for text in texts.get(entry.pk, [])]))
        for entry in entries
    }


def meant(found: Readable) -> list[str]:
    """Return the texts that are embedded: each once, the beginning of long ones."""
    texts = dict.fromkeys(text[:LONGEST_EMBEDDED] for text in found.meant if text.strip())
    return list(texts)[:MOST_EMBEDDED]


def mean(vectors: list[NDArray[np.int16]]) -> NDArray[np.float32] | None:
    """Return the unit mean of texts' vectors, none of none."""
    if not vectors:
        return None
    total: NDArray[np.float64] = np.asarray(np.sum(vectors, axis=0, dtype=np.float64)) / STORED
    length = float(np.linalg.norm(total))
    return np.asarray(total / length, dtype=np.float32) if length else None


def halves(vector: NDArray[np.float32] | None) -> str | None:
    """Return a vector as PostgreSQL writes it, filled up with zeros."""
    if vector is None:
        return None
    filled = np.zeros(DIMENSION, dtype=np.float32)
    filled[: len(vector)] = vector
    return "[" + ",".join(f"{value:.5g}" for value in filled) + "]"
