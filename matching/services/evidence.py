"""What a reason may name: titles that the reader may see at this moment.

A list keeps the ids of the works, offers and requests that gave its scores. Meanwhile one may be
gone, closed or hidden; then it is as if the list had never named it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import get_language
from numpy.typing import NDArray

from matching.embedding import text_hash
from matching.models import Listing, ListingKind, Profile, Work
from matching.names import HANGUL
from matching.scoring.explain import best_pair
from matching.services.embeddings import cached_vectors
from matching.services.person_texts import listing_texts
from matching.visibility import Audience, fields_open_to

# Ids a partner in SuggestionList.evidence; 0 stands for none.
WIDTH = 6
LONGEST_TITLE = 120


@dataclass(frozen=True)
class Title:
    """A title as somebody wrote it, and its language."""

    text: str
    language: str

    def __html__(self) -> SafeString:
        """Return the title for a page: shortened, and marked where its language is another."""
        text = Truncator(self.text).chars(LONGEST_TITLE)
        if self.language == get_language():
            return escape(text)
        return format_html('<span lang="{}">{}</span>', self.language, text)


@dataclass(frozen=True)
class Named:
    """What may be named of one pair, in the order of the stored ids; None for nothing."""

    my_work: Title | None = None
    their_work: Title | None = None
    my_request: Title | None = None
    their_offer: Title | None = None
    my_offer: Title | None = None
    their_request: Title | None = None


Titles = dict[tuple[str, int, int], Title]


def read_named(
    viewer: Profile,
    partners: Sequence[Profile],
    evidence: Mapping[int, Sequence[int]],
    embedder: str,
) -> dict[int, Named]:
    """Return what may be named, by partner; two queries, and two more where lists name nothing.

    evidence: the six ids by partner, empty for lists that were made before these were kept.
    """
    wanted = {pk for ids in evidence.values() for pk in ids if pk}
    people = {one.pk: one for one in (viewer, *partners)}
    titles = work_titles(viewer, people, wanted) | listing_titles(people, wanted)
    named = {
        partner.pk: named_of(titles, viewer.pk, partner.pk, evidence[partner.pk])
        for partner in partners
        if evidence.get(partner.pk)
    }
    unknown = [partner.pk for partner in partners if partner.pk not in named]
    return named | (nearest(viewer.pk, unknown, embedder) if unknown else {})


def work_titles(viewer: Profile, people: Mapping[int, Profile], wanted: set[int]) -> Titles:
    """Return the titles of these works: the reader's own, and those that members may see."""
    open_to_reader = [
        pk
        for pk, one in people.items()
        if pk == viewer.pk or "works" in fields_open_to(Audience.MEMBER, one.visibility)
    ]
    rows = Work.objects.filter(pk__in=wanted, profile__in=open_to_reader)
    return {
        ("work", profile_id, pk): Title(title, "ko" if HANGUL.search(title) else "en")
        for pk, profile_id, title in rows.values_list("pk", "profile_id", "title")
    }


def listing_titles(people: Mapping[int, Profile], wanted: set[int]) -> Titles:
    """Return the titles of these offers and requests, the open ones."""
    rows = Listing.objects.open().filter(pk__in=wanted, profile__in=people)
    columns = ("pk", "kind", "profile_id", "title_en", "title_ko")
    return {(row.kind, row.profile_id, row.pk): title_of(row) for row in rows.only(*columns)}


def title_of(listing: Listing) -> Title:
    """Return a listing's title in the reader's language, else in the other."""
    return Title(listing.title, "ko" if listing.title == listing.title_ko else "en")


def named_of(titles: Titles, mine: int, theirs: int, ids: Sequence[int]) -> Named:
    """Return what six ids stand for; whose and what kind each is must be as it was."""
    offer, request = ListingKind.OFFER.value, ListingKind.REQUEST.value
    kinds = (("work", mine), ("work", theirs), (request, mine), (offer, theirs),
             (offer, mine), (request, theirs))  # fmt: skip
    return Named(
        *(titles.get((kind, owner, pk)) for (kind, owner), pk in zip(kinds, ids, strict=True))
    )


@dataclass(frozen=True)
class Items:
    """What one person offers or seeks: one row a text, with the listing that it is from."""

    listings: list[Listing] = field(default_factory=list)
    vectors: list[NDArray[np.int16]] = field(default_factory=list)

    def array(self) -> NDArray[np.int16]:
        """Return the vectors as rows, int16 (n, d)."""
        return np.array(self.vectors, dtype=np.int16)


Exchange = dict[tuple[int, str], Items]
NOTHING = Items()


def nearest(mine: int, partner_ids: Sequence[int], embedder: str) -> dict[int, Named]:
    """Return what lists without evidence may name: the nearest offers and requests of today."""
    exchange = read_exchange([mine, *partner_ids], embedder)
    my_requests = exchange.get((mine, ListingKind.REQUEST), NOTHING)
    my_offers = exchange.get((mine, ListingKind.OFFER), NOTHING)
    found = {}
    for pk in partner_ids:
        sought, offered = best_titles(my_requests, exchange.get((pk, ListingKind.OFFER), NOTHING))
        wanted, given = best_titles(exchange.get((pk, ListingKind.REQUEST), NOTHING), my_offers)
        found[pk] = Named(
            my_request=sought, their_offer=offered, my_offer=given, their_request=wanted
        )
    return found


def best_titles(sought: Items, offered: Items) -> tuple[Title | None, Title | None]:
    """Return the titles of the best meeting of something sought and something offered."""
    pair = best_pair(sought.array(), offered.array())
    if pair is None:
        return None, None
    return title_of(sought.listings[pair.sought]), title_of(offered.listings[pair.offered])


def read_exchange(profile_ids: Sequence[int], embedder: str) -> Exchange:
    """Return everybody's open offers and requests with their vectors, in two queries."""
    listings = Listing.objects.open().filter(profile__in=profile_ids).order_by("pk")
    texts = [(listing, text_hash(text)) for listing in listings for text in listing_texts(listing)]
    vectors = cached_vectors({key for _listing, key in texts}, embedder)
    found: Exchange = {}
    for listing, key in texts:
        if key in vectors:
            items = found.setdefault((listing.profile_id, listing.kind), Items())
            items.listings.append(listing)
            items.vectors.append(vectors[key])
    return found
