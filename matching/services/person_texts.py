"""What people wrote and let members read, by what it is for in matching."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from django.db.models import F

from matching.embedding import is_english, normalise
from matching.embedding.languages import is_hangul
from matching.models import Listing, ListingKind, Profile, Work
from matching.visibility import Audience, fields_open_to

SUMMARY_COLUMNS = ("summary_en", "summary_ko")
METHODS_COLUMNS = ("methods_en", "methods_ko")
# The newest ones: what somebody did long ago says little about what they seek now.
MOST_WORKS = 20
NEWEST = F("year").desc(nulls_last=True)
OWN_WORDS = 0


class Piece(NamedTuple):
    """A text, and the key of the listing or work that it is from; 0: the profile's own words."""

    source: int
    text: str


@dataclass
class Texts:
    """What one person wrote, by what it is for.

    topics: the names of the chosen topics, for the mean vector only: everybody has the same.
    """

    own: list[Piece] = field(default_factory=list)
    works: list[Piece] = field(default_factory=list)
    topics: list[Piece] = field(default_factory=list)
    offers: list[Piece] = field(default_factory=list)
    seeks: list[Piece] = field(default_factory=list)

    @property
    def subject(self) -> list[Piece]:
        """What the person works on: the works, newest first, then their own words."""
        return [*self.works, *self.own]

    @property
    def english(self) -> list[Piece]:
        """The English ones of these."""
        return [piece for piece in self.subject if is_english(piece.text)]

    def all(self) -> list[str]:
        """Return every text."""
        pieces = (*self.subject, *self.topics, *self.offers, *self.seeks)
        return [piece.text for piece in pieces]


def texts_of(profiles: list[Profile]) -> dict[int, Texts]:
    """Return what these people wrote and let members read, and their open listings."""
    opened = {
        profile.pk: fields_open_to(Audience.MEMBER, profile.visibility) for profile in profiles
    }
    found = {profile.pk: Texts(own=own_words(profile, opened[profile.pk])) for profile in profiles}
    add_works(found, {pk for pk, fields in opened.items() if "works" in fields})
    add_topic_names(found, {pk for pk, fields in opened.items() if "topics" in fields})
    add_listings(found)
    return found


def own_words(profile: Profile, opened: frozenset[str]) -> list[Piece]:
    """Return the texts that stand in the profile itself."""
    columns = [*SUMMARY_COLUMNS * ("summary" in opened)]
    columns += [*METHODS_COLUMNS * ("methods" in opened)]
    texts = [getattr(profile, column) for column in columns]
    if "keywords" in opened:
        texts += by_language(profile.keywords)
    return pieces((OWN_WORDS, text) for text in texts)


def by_language(keywords: list[str]) -> list[str]:
    """Return the keywords as one text a language: Korean ones would hide the English ones."""
    korean = [word for word in keywords if any(map(is_hangul, word))]
    return [", ".join(word for word in keywords if word not in korean), ", ".join(korean)]


def add_works(found: dict[int, Texts], readable: set[int]) -> None:
    """Add the titles of each person's newest works."""
    works = Work.objects.filter(profile__in=readable).order_by(NEWEST, "position", "pk")
    for profile_id, key, title in works.values_list("profile_id", "pk", "title"):
        if len(found[profile_id].works) < MOST_WORKS:
            found[profile_id].works += pieces([(key, title)])


def add_topic_names(found: dict[int, Texts], readable: set[int]) -> None:
    """Add the names of each person's topics, as one text."""
    names: dict[int, list[str]] = {}
    rows = Profile.topics.through.objects.filter(profile__in=readable).order_by("topic_id")
    for profile_id, name in rows.values_list("profile_id", "topic__name_en"):
        names.setdefault(profile_id, []).append(name)
    for profile_id, mine in names.items():
        found[profile_id].topics = pieces([(OWN_WORDS, ", ".join(mine))])


def add_listings(found: dict[int, Texts]) -> None:
    """Add what is offered and sought in open listings."""
    for listing in Listing.objects.open().filter(profile__in=found.keys()).order_by("pk"):
        texts = found[listing.profile_id]
        target = texts.offers if listing.kind == ListingKind.OFFER else texts.seeks
        target += pieces((listing.pk, text) for text in listing_texts(listing))


def listing_texts(listing: Listing) -> list[str]:
    """Return one text a language: title and description."""
    texts = (
        f"{listing.title_en}. {listing.description_en}" if listing.title_en else "",
        f"{listing.title_ko}. {listing.description_ko}" if listing.title_ko else "",
    )
    return [text for text in texts if text]


def pieces(sourced: Iterable[tuple[int, str]]) -> list[Piece]:
    """Return the texts that are more than white space."""
    return [Piece(source, text) for source, text in sourced if normalise(text)]
