"""From people's texts to the vectors that the score reads.

Work is found by query: published people without vectors, with older vectors than their last edit,
or with another embedder's. Claims are advisory locks that die with the worker's transaction, so
that nobody's page waits for a vector.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from django.db import connection, transaction
from django.db.models import F, Q
from numpy.typing import NDArray

from konnect.accounts.doorbell import ring
from matching.embedding import (
    Embedder,
    EmbeddingServerError,
    get_embedder,
    identity,
    normalise,
    text_hash,
)
from matching.models import (
    Listing,
    ListingKind,
    Profile,
    ProfileVectors,
    TextEmbedding,
    Work,
)
from matching.models.profile import ProfileQuerySet
from matching.scoring import STORED
from matching.visibility import Audience, fields_open_to

logger = logging.getLogger(__name__)

CHUNK = 16
CANDIDATES = 64
# Then the task ends and is rung for again, so that other tasks get their turn.
SECONDS_A_TASK = 20.0
LOCK_NAMESPACE = 5_301
SUMMARY_COLUMNS = ("summary_en", "summary_ko")
METHODS_COLUMNS = ("methods_en", "methods_ko")

Short = NDArray[np.int16]


@dataclass
class Texts:
    """What one person wrote, by what it is for."""

    topic: list[str] = field(default_factory=list)
    offers: list[str] = field(default_factory=list)
    seeks: list[str] = field(default_factory=list)

    def all(self) -> list[str]:
        """Return every text."""
        return [*self.topic, *self.offers, *self.seeks]


def refresh_stale_embeddings(*, seconds: float = SECONDS_A_TASK) -> int:
    """Make the vectors of people who lack current ones, newest edit first; return how many."""
    embedder = get_embedder()
    deadline = time.monotonic() + seconds
    done = 0
    try:
        while count := refresh_chunk(embedder):
            done += count
            if time.monotonic() > deadline:
                ring("matching.tasks.refresh_stale_embeddings")
                break
    except EmbeddingServerError as error:
        logger.warning("%s; the next beat tries again.", error)
    if done:
        ring("matching.tasks.refresh_stale_suggestions")
    return done


def stale_profiles(embedder: Embedder) -> ProfileQuerySet:
    """Return the people whose vectors are missing or not of their last edit."""
    current = Q(
        vectors__embedder=identity(embedder), vectors__built_from__gte=F("matching_changed_at")
    )
    stale: ProfileQuerySet = Profile.objects.suggestible().exclude(
        pk__in=Profile.objects.filter(current).values("pk")
    )
    return stale.order_by("-matching_changed_at", "-pk")


@transaction.atomic
def refresh_chunk(embedder: Embedder) -> int:
    """Claim a few people, make their vectors, and commit; return how many there were."""
    candidates = stale_profiles(embedder).values_list("pk", flat=True)[:CANDIDATES]
    claimed = claim(list(candidates))[:CHUNK]
    # Read after the claim: another worker may have finished some of them meanwhile.
    profiles = list(stale_profiles(embedder).filter(pk__in=claimed))
    if profiles:
        write_vectors(profiles, embedder)
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


def write_vectors(profiles: list[Profile], embedder: Embedder) -> None:
    """Embed what these people wrote and store their vectors."""
    texts = texts_of(profiles)
    vectors = vectors_of_texts(
        (text for written in texts.values() for text in written.all()), embedder
    )
    ProfileVectors.objects.bulk_create(
        [row_of(profile, texts[profile.pk], vectors, embedder) for profile in profiles],
        update_conflicts=True,
        unique_fields=["profile"],
        update_fields=["embedder", "topic", "offers", "seeks", "built_from", "built_at"],
    )


def row_of(
    profile: Profile, texts: Texts, vectors: dict[str, Short], embedder: Embedder
) -> ProfileVectors:
    """Return one person's vectors as a row."""
    return ProfileVectors(
        profile=profile,
        embedder=identity(embedder),
        topic=mean_vector(texts.topic, vectors),
        offers=mean_vector(texts.offers, vectors),
        seeks=mean_vector(texts.seeks, vectors),
        built_from=profile.matching_changed_at,
    )


def mean_vector(texts: list[str], vectors: dict[str, Short]) -> bytes:
    """Return the normalised mean of the texts' unit vectors, b'' without any text."""
    if not texts:
        return b""
    # Integers until the last step: the order of the texts does not matter.
    total = np.sum([vectors[text_hash(text)] for text in texts], axis=0, dtype=np.int64)
    length = np.sqrt(float((total * total).sum()))
    return np.rint(total * (STORED / length)).astype("<i2").tobytes() if length else b""


def texts_of(profiles: list[Profile]) -> dict[int, Texts]:
    """Return what these people wrote and let members read, and their open listings."""
    found = {profile.pk: Texts() for profile in profiles}
    open_fields = {
        profile.pk: fields_open_to(Audience.MEMBER, profile.visibility) for profile in profiles
    }
    for profile in profiles:
        found[profile.pk].topic += own_texts(profile, open_fields[profile.pk])
    for profile_id, title in Work.objects.filter(profile__in=profiles).values_list(
        "profile_id", "title"
    ):
        if "works" in open_fields[profile_id]:
            found[profile_id].topic.append(title)
    add_topic_names(found, profiles, open_fields)
    add_listings(found)
    return {pk: without_blanks(texts) for pk, texts in found.items()}


def own_texts(profile: Profile, open_fields: frozenset[str]) -> list[str]:
    """Return the texts that stand in the profile itself."""
    columns = [*SUMMARY_COLUMNS * ("summary" in open_fields)]
    columns += [*METHODS_COLUMNS * ("methods" in open_fields)]
    keywords = [", ".join(profile.keywords)] if "keywords" in open_fields else []
    return [*(getattr(profile, column) for column in columns), *keywords]


def add_topic_names(
    found: dict[int, Texts], profiles: list[Profile], open_fields: dict[int, frozenset[str]]
) -> None:
    """Add the names of each person's topics, as one text."""
    names: dict[int, list[str]] = {}
    rows = Profile.topics.through.objects.filter(profile__in=profiles).order_by("topic_id")
    for profile_id, name in rows.values_list("profile_id", "topic__name_en"):
        names.setdefault(profile_id, []).append(name)
    for profile_id, mine in names.items():
        if "topics" in open_fields[profile_id]:
            found[profile_id].topic.append(", ".join(mine))


def add_listings(found: dict[int, Texts]) -> None:
    """Add what is offered and sought in open listings."""
    for listing in Listing.objects.open().filter(profile__in=found.keys()).order_by("pk"):
        texts = found[listing.profile_id]
        target = texts.offers if listing.kind == ListingKind.OFFER else texts.seeks
        target += listing_texts(listing)


def listing_texts(listing: Listing) -> list[str]:
    """Return one text a language: title and description."""
    texts = (
        f"{listing.title_en}. {listing.description_en}" if listing.title_en else "",
        f"{listing.title_ko}. {listing.description_ko}" if listing.title_ko else "",
    )
    return [text for text in texts if text]


def without_blanks(texts: Texts) -> Texts:
    """Leave out texts of white space only."""
    topic, offers, seeks = (
        [text for text in some if normalise(text)]
        for some in (texts.topic, texts.offers, texts.seeks)
    )
    return Texts(topic, offers, seeks)


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
