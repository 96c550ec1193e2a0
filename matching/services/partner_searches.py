"""Writing partner searches: drafts, sending them to review, renewing, ending them with an outcome."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from konnect.states import TransitionError
from matching.models import (
    Area,
    ConsortiumMember,
    Listing,
    ListingDeadline,
    ListingState,
    Outcome,
    PartnerSearch,
    Topic,
)
from matching.permissions.listing_quality import Blocker
from matching.services.listing_notices import notify_of_ending, notify_of_outcome_wanted
from matching.services.listings import LONGEST_VALIDITY, save_listing
from matching.services.profiles import EditConflict, mark_matching_changed
from matching.services.search_facts import blockers_of

if TYPE_CHECKING:
    from konnect.accounts.models import User

# Its author is reminded so long before the end, and renews it for so long by one click.
REMINDER = timedelta(days=14)
RENEWAL = timedelta(days=90)
BATCH = 200
# Fewer of an outcome are not told: somebody might be recognised.
SMALLEST_SHOWN = 5


class SearchNotReady(Exception):  # noqa: N818 - it is no fault, but a thing that happens
    """The checks found what keeps the search from being shown."""

    def __init__(self, found: Sequence[Blocker]) -> None:
        super().__init__(", ".join(blocker.code for blocker in found))
        self.blockers = list(found)


def version_of(listing: Listing) -> str:
    """Return what tells one saved state of a search from the next; '' for a new one."""
    return listing.updated_at.isoformat() if listing.pk else ""


@transaction.atomic
def save_partner_search(
    listing: Listing,
    *,
    actor: User,
    columns: Mapping[str, Any],
    search_columns: Mapping[str, Any],
    areas: Iterable[Area] | None = None,
    topics: Iterable[Topic] | None = None,
    members: Sequence[ConsortiumMember] | None = None,
    deadlines: Sequence[ListingDeadline] | None = None,
    version: str | None = None,
) -> Listing:
    """Write what was given and leave the rest; a search that others see must stay fit for that.

    Raises:
        EditConflict: `version` is given and is no longer the stored one.
        SearchNotReady: others see the search, and with this change it would fail the checks.
    """
    check_version(listing, version)
    save_listing(listing, actor=actor, columns=columns, areas=areas, topics=topics)
    search, _is_new = PartnerSearch.objects.get_or_create(listing=listing)
    for name, value in search_columns.items():
        setattr(search, name, value)
    search.save()
    listing.partner_search = search
    if members is not None:
        replace(ConsortiumMember, listing, members)
    if deadlines is not None:
        replace(ListingDeadline, listing, deadlines)
    if listing.is_shown and (found := blockers_of(listing)):
        raise SearchNotReady(found)
    return listing


def check_version(listing: Listing, version: str | None) -> None:
    """Lock the row and compare: two open windows never overwrite each other silently."""
    if listing.pk is None or version is None:
        return
    stored = Listing.objects.select_for_update(of=("self",)).get(pk=listing.pk)
    if version_of(stored) != version:
        raise EditConflict


def replace(model: Any, listing: Listing, rows: Sequence[Any]) -> None:
    """Put these rows in the place of the stored ones."""
    model.objects.filter(listing=listing).delete()
    for row in rows:
        row.listing = listing
    model.objects.bulk_create(rows)


@transaction.atomic
def submit_partner_search(listing: Listing, *, actor: User) -> Listing:
    """Hand a search in for the look of a reviewer.

    Raises:
        SearchNotReady: a check answers no.
        TransitionError: it waits already, or is shown.
    """
    if found := blockers_of(listing):
        raise SearchNotReady(found)
    listing.move_to(ListingState.IN_REVIEW, actor=actor)
    return listing


@transaction.atomic
def withdraw_partner_search(listing: Listing, *, actor: User) -> Listing:
    """Take a search back from review, to go on writing.

    Raises:
        TransitionError: it is not in review.
    """
    if listing.state != ListingState.IN_REVIEW:
        raise TransitionError(f"{listing.state} to draft")
    listing.move_to(ListingState.DRAFT, actor=actor)
    return listing


@transaction.atomic
def move_partner_search(listing: Listing, state: str, *, actor: User) -> Listing:
    """Say that one is in talks, seeks again, has found, or closes the search.

    Raises:
        TransitionError: the search is not where that is possible.
    """
    mark_matching_changed(listing.profile)
    listing.move_to(state, actor=actor)
    return listing


@transaction.atomic
def renew_partner_search(listing: Listing, *, actor: User) -> Listing:
    """Show a search for longer: at once if nothing was changed since its review, else by review.

    Raises:
        SearchNotReady: a check answers no by now.
        TransitionError: it is a draft, waits for review, or has found its partners.
    """
    if found := blockers_of(listing):
        raise SearchNotReady(found)
    now = timezone.now()
    columns = {"valid_until": renewed_until(listing, now)}
    if listing.is_shown:
        Listing.objects.filter(pk=listing.pk, state=listing.state).update(**columns)
    else:
        mark_matching_changed(listing.profile)
        listing.move_to(state_after_renewal(listing), actor=actor, columns=columns)
    renewal = {"renewed_at": now, "reminded_at": None, "outcome_asked_at": None}
    PartnerSearch.objects.filter(pk=listing.pk).update(**renewal)
    listing.refresh_from_db(fields=["valid_until"])
    return listing


def renewed_until(listing: Listing, now: datetime) -> datetime:
    """Return the new end: later than the old one, and within a year."""
    start = max(now, listing.valid_until)
    return min(start + RENEWAL, now + LONGEST_VALIDITY)


def state_after_renewal(listing: Listing) -> str:
    """Return where an ended search goes: to the reader, if a reviewer has seen what it says."""
    reviewed_at = listing.partner_search.reviewed_at
    is_seen = reviewed_at is not None and reviewed_at >= listing.updated_at
    return ListingState.OPEN if is_seen else ListingState.IN_REVIEW


@transaction.atomic
def record_outcome(listing: Listing, *, actor: User, outcome: Outcome, note: str = "") -> None:
    """Note what became of a search; a search that is still shown is closed by that.

    Raises:
        TransitionError: it was never shown, or waits for review.
    """
    if listing.state not in ListingState.ended_states:
        mark_matching_changed(listing.profile)
        found = outcome != Outcome.NO_PARTNER and listing.is_shown
        listing.move_to(ListingState.FOUND if found else ListingState.CLOSED, actor=actor)
    columns = {"outcome": outcome, "outcome_note": note, "outcome_at": timezone.now()}
    PartnerSearch.objects.filter(pk=listing.pk).update(**columns)


def remind_of_listings() -> int:
    """Remind authors of ends that come near, and ask what became of ended searches."""
    soon = timezone.now() + REMINDER
    ending = Listing.objects.ending_before(soon)
    ended = Listing.objects.without_outcome()
    reminded = tell_authors(ending, column="reminded_at", tell=notify_of_ending)
    return reminded + tell_authors(ended, column="outcome_asked_at", tell=notify_of_outcome_wanted)


def tell_authors(listings: Any, *, column: str, tell: Any) -> int:
    """Tell the author of each search once; return how many were told."""
    rows = listings.select_related("profile__user").order_by("pk")[:BATCH]
    return sum(tell_once(listing, column=column, tell=tell) for listing in rows)


@transaction.atomic
def tell_once(listing: Listing, *, column: str, tell: Any) -> bool:
    """Stamp the search and tell its author; false when another worker was faster."""
    unstamped = PartnerSearch.objects.filter(pk=listing.pk, **{column: None})
    if unstamped.update(**{column: timezone.now()}) != 1:
        return False
    tell(listing)
    return True


def outcomes_counted() -> dict[str, int]:
    """Return how many searches ended with each outcome: numbers without names, none under five."""
    rows = PartnerSearch.objects.exclude(outcome="").values("outcome")
    counted = rows.annotate(number=Count("pk")).filter(number__gte=SMALLEST_SHOWN)
    return dict(counted.values_list("outcome", "number"))
