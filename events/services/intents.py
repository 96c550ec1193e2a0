"""What participants offer and seek at one event: from their open listings, then their own words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from events.models import Intent, Registration
from matching.models import Listing, ListingKind, Profile
from matching.names import HANGUL

# Of each kind; a list that nobody can read helps nobody.
MOST_INTENTS = 6
LONGEST = 300


@dataclass(frozen=True)
class Wish:
    """One thing offered or sought, in one language or both; listing: where it is from."""

    kind: str
    text_en: str = ""
    text_ko: str = ""
    listing_id: int | None = None

    @classmethod
    def said(cls, kind: str, text: str) -> Wish:
        """Return what somebody typed, in the language whose letters it has."""
        is_korean = bool(HANGUL.search(text))
        return cls(kind, text_en="" if is_korean else text, text_ko=text if is_korean else "")

    @property
    def texts(self) -> tuple[str, str]:
        """Both texts, as a form shows either."""
        return self.text_en, self.text_ko


def intents_from_profile(profile: Profile) -> list[Wish]:
    """Return what the open listings of a profile offer and seek, the newest first."""
    found: list[Wish] = []
    listings = list(Listing.objects.open().filter(profile=profile))
    for kind in ListingKind.values:
        own = [listing for listing in listings if listing.kind == kind]
        found += [wish_of_listing(listing) for listing in own[:MOST_INTENTS]]
    return found


def wish_of_listing(listing: Listing) -> Wish:
    """Return the title of a listing as a wish."""
    return Wish(listing.kind, listing.title_en[:LONGEST], listing.title_ko[:LONGEST], listing.pk)


def wishes_of(registration: Registration) -> list[Wish]:
    """Return what a registration says now."""
    return [
        Wish(each.kind, each.text_en, each.text_ko, each.listing_id)
        for each in registration.intents.all()
    ]


def write_intents(registration: Registration, wishes: Sequence[Wish]) -> None:
    """Put wishes in the place of what stood there; nothing is written when nothing changed."""
    if wishes_of(registration) == list(wishes):
        return
    registration.intents.all().delete()
    insert_intents(registration, wishes)


def insert_intents(registration: Registration, wishes: Sequence[Wish]) -> None:
    """Write the wishes of a registration that has none."""
    Intent.objects.bulk_create(
        Intent(
            registration=registration, kind=wish.kind, text_en=wish.text_en,
            text_ko=wish.text_ko, listing_id=wish.listing_id, position=position,
        )
        for position, wish in enumerate(wishes)
    )  # fmt: skip
