"""Why two people are suggested to each other, in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from matching.embedding import text_hash
from matching.models import Listing, ListingKind, Profile
from matching.scoring.explain import Facts, Reason, best_pair, reasons
from matching.scoring.terms import TERMS
from matching.services.embeddings import cached_vectors
from matching.services.person_texts import listing_texts
from matching.services.shown import ShownProfile

NAMED_TOPICS = 3

TERM_LABELS = {
    "topic": gettext_lazy("What you both write about"),
    "seeking": gettext_lazy("What you seek and they offer"),
    "offering": gettext_lazy("What you offer and they seek"),
    "area": gettext_lazy("Shared areas and topics"),
    "organisation": gettext_lazy("Kinds of organisation"),
    "mobility": gettext_lazy("Research visits"),
    "stage": gettext_lazy("Career stage"),
    "novelty": gettext_lazy("You have worked together before"),
    "balance": gettext_lazy("Balance of give and take"),
    "demand": gettext_lazy("In great demand"),
}


@dataclass(frozen=True)
class Items:
    """What one person offers or seeks: one row a text, with the listing that it is from."""

    listings: list[Listing] = field(default_factory=list)
    vectors: list[NDArray[np.int16]] = field(default_factory=list)

    def array(self) -> NDArray[np.int16]:
        """Return the vectors as rows, int16 (n, d)."""
        return np.array(self.vectors, dtype=np.int16)


Exchange = dict[tuple[int, str], Items]


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


def explain(
    viewer: Profile, partner: ShownProfile, parts: Sequence[float], exchange: Exchange
) -> list[str]:
    """Return the reasons for one suggestion as sentences, the weightiest first."""
    sides = Sides(
        seeks=exchange.get((viewer.pk, ListingKind.REQUEST), Items()),
        offers=exchange.get((viewer.pk, ListingKind.OFFER), Items()),
        their_seeks=exchange.get((partner.pk, ListingKind.REQUEST), Items()),
        their_offers=exchange.get((partner.pk, ListingKind.OFFER), Items()),
    )
    facts = facts_of(viewer, partner, parts, sides)
    return [words(reason, partner, sides) for reason in reasons(list(parts), facts)]


@dataclass(frozen=True)
class Sides:
    """What both seek and offer."""

    seeks: Items
    offers: Items
    their_seeks: Items
    their_offers: Items


def facts_of(
    viewer: Profile, partner: ShownProfile, parts: Sequence[float], sides: Sides
) -> Facts:
    """Return what is known of a pair."""
    topics = {topic.pk for topic in viewer.topics.all()}
    areas = {area.pk for area in viewer.areas.all()}
    return Facts(
        you_seek=best_pair(sides.seeks.array(), sides.their_offers.array()),
        you_offer=best_pair(sides.their_seeks.array(), sides.offers.array()),
        shared_topics=tuple(topic.pk for topic in partner.topics if topic.pk in topics),
        shared_areas=tuple(area.pk for area in partner.areas if area.pk in areas),
        you_would_visit=viewer.would_visit and partner.would_host,
        they_would_visit=viewer.would_host and partner.would_visit,
        worked_together=parts[TERMS.index("novelty")] < 0,
    )


def words(reason: Reason, partner: ShownProfile, sides: Sides) -> str:
    """Return one reason as a sentence."""
    if reason.code in WITH_NAMES:
        return WITH_NAMES[reason.code](reason, partner, sides)
    return str(PLAIN[reason.code])


def you_seek(reason: Reason, partner: ShownProfile, sides: Sides) -> str:
    """Name the best request of the reader and the offer that meets it."""
    return _("You seek “%(sought)s”; they offer “%(offered)s”.") % {
        "sought": sides.seeks.listings[reason.facts["sought"]].title,
        "offered": sides.their_offers.listings[reason.facts["offered"]].title,
    }


def you_offer(reason: Reason, partner: ShownProfile, sides: Sides) -> str:
    """Name the best request of the partner and the offer that meets it."""
    return _("They seek “%(sought)s”; you offer “%(offered)s”.") % {
        "sought": sides.their_seeks.listings[reason.facts["sought"]].title,
        "offered": sides.offers.listings[reason.facts["offered"]].title,
    }


def shared_topics(reason: Reason, partner: ShownProfile, sides: Sides) -> str:
    """Name the first shared topics."""
    names = [str(topic) for topic in partner.topics if topic.pk in reason.facts["topics"]]
    return _("You share topics: %(topics)s.") % {"topics": joined(names[:NAMED_TOPICS])}


def shared_areas(reason: Reason, partner: ShownProfile, sides: Sides) -> str:
    """Name the shared areas."""
    names = [str(area) for area in partner.areas if area.pk in reason.facts["areas"]]
    return _("You both work in: %(areas)s.") % {"areas": joined(names)}


def joined(names: list[str]) -> str:
    """Return names as a list in the reader's language."""
    return (" · " if get_language() == "ko" else ", ").join(names)


WITH_NAMES: dict[str, Callable[[Reason, ShownProfile, Sides], str]] = {
    "you_seek": you_seek,
    "you_offer": you_offer,
    "shared_topics": shared_topics,
    "shared_areas": shared_areas,
}
PLAIN = {
    "similar_work": gettext_lazy("You write about similar research."),
    "exchange_visits": gettext_lazy("You would visit each other: both of you host and travel."),
    "they_host": gettext_lazy("You would visit a partner; they would host you."),
    "you_host": gettext_lazy("They would visit a partner; you would host them."),
    "organisations_fit": gettext_lazy("Your organisations complete each other."),
    "stage_wished": gettext_lazy("The career stage is one that you or they look for."),
    "worked_together": gettext_lazy("You have worked together before."),
    "new_contact": gettext_lazy("You have not worked together before."),
}
