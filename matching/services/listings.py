"""Writing offers and requests.

Whoever writes a listing writes its person's row first, so that two who write the same ones never
wait for each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from konnect.states import TransitionError
from matching.models import Area, Listing, ListingState, Profile, Topic
from matching.services.profiles import mark_matching_changed

if TYPE_CHECKING:
    from konnect.accounts.models import User

LONGEST_VALIDITY = timedelta(days=365)


@dataclass(frozen=True)
class ListingRow:
    """One line of the guided form: what somebody offers or seeks in a few words."""

    title_en: str = ""
    title_ko: str = ""
    listing_id: int | None = None
    is_removed: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing is left of it."""
        return self.is_removed or not (self.title_en or self.title_ko)


@transaction.atomic
def save_listing(
    listing: Listing,
    *,
    actor: User | None,
    columns: Mapping[str, Any],
    areas: Iterable[Area] | None = None,
    topics: Iterable[Topic] | None = None,
) -> Listing:
    """Write a new or changed listing; its state stays as it is in the database."""
    mark_matching_changed(listing.profile)
    for name, value in columns.items():
        setattr(listing, name, value)
    if listing.valid_until is None:
        listing.valid_until = timezone.now() + LONGEST_VALIDITY
    if listing.pk:
        lock_state(listing)
        listing.save(update_fields={*columns, "valid_until", "updated_at"})
    else:
        listing.save()
    if areas is not None:
        listing.areas.set(areas)
    if topics is not None:
        listing.topics.set(topics)
    return listing


def lock_state(listing: Listing) -> None:
    """Read the state again and keep it until this transaction ends: it may have run out."""
    rows = Listing.objects.select_for_update(of=("self",)).filter(pk=listing.pk)
    listing.state = rows.values_list("state", flat=True).get()


@transaction.atomic
def publish_listing(
    listing: Listing, *, actor: User | None, valid_until: datetime | None = None
) -> Listing:
    """Open a plain offer or request for others, for a year at most.

    Raises:
        TransitionError: it is open already, or a partner search, at which somebody looks first.
    """
    if listing.search is not None:
        raise TransitionError("partner searches are reviewed")
    latest = timezone.now() + LONGEST_VALIDITY
    wanted = valid_until or listing.valid_until
    still_ahead = wanted if wanted and wanted > timezone.now() else latest
    columns = {"valid_until": min(still_ahead, latest)}
    mark_matching_changed(listing.profile)
    listing.move_to(ListingState.OPEN, actor=actor, columns=columns)
    return listing


@transaction.atomic
def close_listing(listing: Listing, *, actor: User | None) -> Listing:
    """Take a listing from every page.

    Raises:
        TransitionError: it is closed already.
    """
    mark_matching_changed(listing.profile)
    listing.move_to(ListingState.CLOSED, actor=actor)
    return listing


@transaction.atomic
def save_listing_rows(
    profile: Profile, *, actor: User | None, kind: str, rows: Sequence[ListingRow]
) -> None:
    """Write the lines of the guided form: new ones open, changed ones change, removed close."""
    mark_matching_changed(profile)
    live = profile.listings.simple().filter(kind=kind, state__in=("draft", "open"))
    stored = {listing.pk: listing for listing in live.select_for_update(of=("self",))}
    for row in rows:
        listing = stored.pop(row.listing_id or 0, None)
        if listing is None:
            open_new_row(profile, actor=actor, kind=kind, row=row)
        elif row.is_empty:
            close_listing(listing, actor=actor)
        elif (listing.title_en, listing.title_ko) != (row.title_en, row.title_ko):
            titles = {"title_en": row.title_en, "title_ko": row.title_ko}
            save_listing(listing, actor=actor, columns=titles)


def open_new_row(profile: Profile, *, actor: User | None, kind: str, row: ListingRow) -> None:
    """Make and open a listing of a new line, unless the line is empty."""
    if row.is_empty:
        return
    titles = {"title_en": row.title_en, "title_ko": row.title_ko}
    listing = save_listing(Listing(profile=profile, kind=kind), actor=actor, columns=titles)
    publish_listing(listing, actor=actor)


def expire_overdue_listings() -> int:
    """Close what has run out; return how many. A listing that somebody closes meanwhile is left."""
    return sum(expire_listing(listing) for listing in Listing.objects.overdue())


def expire_listing(listing: Listing) -> bool:
    """Close one listing that has run out; false when somebody else was faster."""
    try:
        with transaction.atomic():
            mark_matching_changed(listing.profile)
            listing.move_to(ListingState.EXPIRED, actor=None)
    except TransitionError:
        return False
    return True
