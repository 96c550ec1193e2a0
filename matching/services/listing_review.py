"""The one human look before a partner search is shown, and after its author changed it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from konnect.states import TransitionError
from matching.models import Listing, ListingState, PartnerSearch
from matching.services.listing_notices import notify_of_review
from matching.services.partner_searches import SearchNotReady, check_version
from matching.services.profiles import mark_matching_changed
from matching.services.search_facts import blockers_of

if TYPE_CHECKING:
    from konnect.accounts.models import User


@transaction.atomic
def publish_partner_search(
    listing: Listing, *, actor: User, version: str | None = None
) -> Listing:
    """Show a search that waits, and tell its author.

    Raises:
        EditConflict: `version` is what the reviewer read, and the author has changed it since.
        SearchNotReady: a check answers no by now, for example because the call has closed.
        TransitionError: it no longer waits.
    """
    check_version(listing, version)
    if found := blockers_of(listing):
        raise SearchNotReady(found)
    if listing.state != ListingState.IN_REVIEW:
        raise TransitionError(f"{listing.state} to open")
    mark_matching_changed(listing.profile)
    listing.move_to(ListingState.OPEN, actor=actor)
    note_review(listing, actor=actor)
    notify_of_review(listing)
    return listing


@transaction.atomic
def send_back(listing: Listing, *, actor: User, note: str) -> Listing:
    """Give a search back to its author with a note; one that is shown is taken from the pages.

    Raises:
        TransitionError: it neither waits nor is shown.
    """
    was_shown = listing.is_shown
    listing.move_to(ListingState.DRAFT, actor=actor, reason=note[:500])
    note_review(listing, actor=actor, note=note)
    if was_shown:
        mark_matching_changed(listing.profile)
    notify_of_review(listing, note=note)
    return listing


def note_review(listing: Listing, *, actor: User, note: str = "") -> None:
    """Write who looked, when, and what is to be changed."""
    columns = {"reviewed_by": actor, "reviewed_at": timezone.now(), "review_note": note}
    PartnerSearch.objects.filter(pk=listing.pk).update(**columns)


@transaction.atomic
def mark_seen(listing: Listing, *, actor: User, version: str | None = None) -> None:
    """Note that the changes since the last look are in order.

    Raises:
        EditConflict: `version` is what the reviewer read, and the author has changed it since.
    """
    check_version(listing, version)
    note_review(listing, actor=actor)
