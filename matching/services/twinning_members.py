"""Organisations with what their people publish, read as arrays for the suggestions of twinnings.

Only people who let themselves be suggested count, and only texts that members may read: vectors
are made of nothing else. Offers and requests are those of open listings, not of profiles.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from matching.models import Area, Listing, OrganisationStatus, Profile, Side
from matching.models.profile import ProfileQuerySet
from matching.scoring.twinning import Bodies
from matching.visibility import Audience, fields_open_to

Short = NDArray[np.int16]
CHUNK = 2000
COLUMNS = (
    "pk", "organisation_id", "visibility", "vectors__topic", "vectors__offer_items",
    "vectors__offer_sources", "vectors__seek_items", "vectors__seek_sources",
)  # fmt: skip


@dataclass
class Vectors:
    """Vectors of one kind, each with the key of the person or listing that it stands for."""

    keys: list[int] = field(default_factory=list)
    rows: list[Short] = field(default_factory=list)

    def add(self, key: int, row: Short) -> None:
        """Put one more here."""
        self.keys.append(key)
        self.rows.append(row)

    def total(self, dimension: int) -> NDArray[np.int64]:
        """Return the sum, int64 (d,)."""
        if not self.rows:
            return np.zeros(dimension, dtype=np.int64)
        return np.sum(self.rows, axis=0, dtype=np.int64)

    def stacked(self) -> Short:
        """Return all of them, int16 (k, d)."""
        return np.stack(self.rows) if self.rows else np.zeros((0, 0), dtype=np.int16)


@dataclass
class Body:
    """One organisation: its people, its open listings, and how many named which tag."""

    people: Vectors = field(default_factory=Vectors)
    offers: Vectors = field(default_factory=Vectors)
    seeks: Vectors = field(default_factory=Vectors)
    areas: Counter[int] = field(default_factory=Counter)
    topics: Counter[int] = field(default_factory=Counter)


def read_side(side: Side, embedder: str) -> dict[int, Body]:
    """Return the organisations of one side that have somebody who can be suggested.

    embedder: whose vectors to read, those of the published run.
    """
    found: dict[int, Body] = defaultdict(Body)
    people = members_of(side, embedder)
    shows_topics: set[int] = set()
    open_listings = set(
        Listing.objects.open().filter(profile__in=people).values_list("pk", flat=True)
    )
    rows = people.order_by("pk").values_list(*COLUMNS).iterator(chunk_size=CHUNK)
    for pk, organisation, visibility, topic, *listed in rows:
        body = found[organisation]
        if topic:
            body.people.add(pk, np.frombuffer(topic, dtype="<i2"))
        if "topics" in fields_open_to(Audience.MEMBER, visibility):
            shows_topics.add(pk)
        add_items(body.offers, listed[0], listed[1], open_listings)
        add_items(body.seeks, listed[2], listed[3], open_listings)
    count_tags(found, people, shows_topics)
    return dict(found)


def members_of(side: Side, embedder: str) -> ProfileQuerySet:
    """Return who counts for an organisation of this side."""
    people: ProfileQuerySet = Profile.objects.suggestible().filter(
        side=side,
        organisation__status=OrganisationStatus.ACTIVE,
        organisation__side=side,
        vectors__embedder=embedder,
    )
    return people


def add_items(target: Vectors, items: bytes, sources: list[int], open_listings: set[int]) -> None:
    """Add the vectors of open listings to what an organisation offers or seeks."""
    if not sources or not len(items):
        return
    rows = np.frombuffer(items, dtype="<i2").reshape(len(sources), -1)
    for source, row in zip(sources, rows, strict=True):
        if source in open_listings:
            target.add(source, row)


def count_tags(found: dict[int, Body], people: ProfileQuerySet, shows_topics: set[int]) -> None:
    """Count how many members of each organisation named each area and each topic."""
    areas = people.filter(areas__version=Area.CURRENT_VERSION)
    for organisation, area in areas.values_list("organisation_id", "areas"):
        found[organisation].areas[area] += 1
    topics = people.filter(topics__isnull=False).values_list("organisation_id", "pk", "topics")
    for organisation, pk, topic in topics.iterator(chunk_size=CHUNK):
        if pk in shows_topics:
            found[organisation].topics[topic] += 1


def bodies_of(found: dict[int, Body], areas: list[int], dimension: int) -> Bodies:
    """Return one side as arrays; areas: the keys of the columns."""
    ids = sorted(found)
    ordered = [found[pk] for pk in ids]
    return Bodies(
        np.array(ids, dtype=np.int64),
        stacked([body.people.total(dimension) for body in ordered], dimension),
        stacked([body.offers.total(dimension) for body in ordered], dimension),
        stacked([body.seeks.total(dimension) for body in ordered], dimension),
        stacked([np.array([body.areas[area] for area in areas]) for body in ordered], len(areas)),
    )


def stacked(rows: list[NDArray[np.int64]], width: int) -> NDArray[np.int64]:
    """Return rows as one array, also when there are none."""
    return np.array(rows, dtype=np.int64).reshape(len(rows), width)


def dimension_of(bodies: Iterable[Body]) -> int:
    """Return how many components the vectors have; 0 when there are none."""
    return next((len(body.people.rows[0]) for body in bodies if body.people.rows), 0)
