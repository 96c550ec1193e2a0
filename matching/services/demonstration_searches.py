"""The invented partner searches and the answers to them, written into the database."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from matching.clocks import BRUSSELS, SEOUL, instant
from matching.demo.searches import InventedInterest, InventedSearch, searches
from matching.models import (
    Area,
    ConsortiumMember,
    DeadlineKind,
    ExpressionOfInterest,
    ExpressionOfInterestChange,
    Listing,
    ListingChange,
    ListingDeadline,
    PartnerSearch,
    Profile,
    Topic,
)
from matching.services.interests import open_contact

SHOWN = ("open", "in_talks")
ENDED = ("found", "expired")
LAST_YEAR = 2027


def write_searches(invented: Iterable[InventedSearch], profiles: dict[int, Profile]) -> str:
    """Write partner searches with everything that belongs to them; return in words how many."""
    now = timezone.now()
    pairs = [(each, write_search(each, profiles, now)) for each in invented]
    answers = [
        write_interest(interest, listing, profiles, now)
        for each, listing in pairs
        for interest in each.interests
    ]
    return f"{len(pairs)} partner searches, {len(answers)} expressions of interest written"


def write_search(each: InventedSearch, profiles: dict[int, Profile], now: datetime) -> Listing:
    """Write one search, its deadlines, its consortium and its history."""
    is_over = each.state in ENDED
    listing = Listing.objects.create(
        profile=profiles[each.person],
        state=each.state,
        valid_until=now + timedelta(days=-3 if is_over else 150),
        **each.columns,
    )
    listing.areas.set(Area.objects.filter(code=each.area, version=Area.CURRENT_VERSION))
    listing.topics.set(Topic.objects.filter(scheme="konnect", code=each.topic))
    is_reviewed = each.state in SHOWN + ENDED
    PartnerSearch.objects.create(
        listing=listing,
        reviewed_at=now + timedelta(seconds=1) if is_reviewed else None,
        outcome_at=now if each.search_columns["outcome"] else None,
        outcome_asked_at=now if is_over else None,
        **{**each.search_columns, **call_columns(each, now)},
    )
    write_dates(each, listing, now)
    write_members(each, listing)
    write_history(each, listing)
    return listing


def call_columns(each: InventedSearch, now: datetime) -> dict[str, Any]:
    """Return the columns of the call; none when there is no call yet."""
    if each.days_to_call is None:
        return {}
    identifier, title, _korean = searches("calls")[each.area]
    year = min(LAST_YEAR, (now + timedelta(days=each.days_to_call)).year)
    return {
        "programme": "horizon_europe", "pillar": 2, "call_year": year, "funding_scheme": "ria",
        "submission_procedure": "one_stage", "call_identifier": identifier.format(year=year),
        "call_title": title,
    }  # fmt: skip


def write_dates(each: InventedSearch, listing: Listing, now: datetime) -> None:
    """Write the deadlines: of the call, of interest, and of the Korean side's own steps."""
    if each.days_to_call is None:
        return
    end = now + timedelta(days=each.days_to_call)
    plan = [
        (DeadlineKind.INTEREST, end - timedelta(days=14), "24:00", BRUSSELS),
        (DeadlineKind.CALL, end, "17:00", BRUSSELS),
        (DeadlineKind.KOREAN_INSTITUTION, end - timedelta(days=2), "18:00", SEOUL),
    ]
    rows = []
    for kind, at, hour, zone in plan:
        wall = f"{at.astimezone(ZoneInfo(zone)).date().isoformat()}T{hour}"
        rows.append(
            ListingDeadline(
                listing=listing, kind=kind, at=instant(wall, zone), time_zone=zone, wall_time=wall
            )
        )
    ListingDeadline.objects.bulk_create(rows)


def write_members(each: InventedSearch, listing: Listing) -> None:
    """Write the author's own organisation and the others."""
    organisation = listing.profile.organisation
    rows = [
        ConsortiumMember(listing=listing, country_code=country, type=kind, role=role)
        for country, kind, role in each.members
    ]
    if organisation is not None:
        own = ConsortiumMember(
            listing=listing, organisation=organisation, country_code=organisation.country_code,
            type=next(iter(organisation.types), "other"),
        )  # fmt: skip
        rows.insert(0, own)
    ConsortiumMember.objects.bulk_create(rows)


def write_history(each: InventedSearch, listing: Listing) -> None:
    """Write the moves that led to the state."""
    ways = {
        "draft": (), "in_review": ("in_review",), "open": ("in_review", "open"),
        "in_talks": ("in_review", "open", "in_talks"), "found": ("in_review", "open", "found"),
        "expired": ("in_review", "open", "expired"),
    }  # fmt: skip
    old = "draft"
    for new in ways[each.state]:
        ListingChange.objects.create(listing=listing, old_state=old, new_state=new)
        old = new


def write_interest(
    invented: InventedInterest, listing: Listing, profiles: dict[int, Profile], now: datetime
) -> ExpressionOfInterest:
    """Write one answer; what was not settled when the search ended has lapsed."""
    profile = profiles[invented.person]
    organisation = profile.organisation
    is_open = listing.state in SHOWN
    state = invented.state if is_open or invented.state in {"accepted", "declined"} else "lapsed"
    is_answered = state in {"accepted", "declined"}
    interest = ExpressionOfInterest.objects.create(
        listing=listing, profile=profile, organisation=organisation, state=state,
        role=invented.role, country_code=profile.country_code,
        organisation_type=next(iter(organisation.types), "other") if organisation else "other",
        answered_at=now if is_answered else None, **invented.columns,
    )  # fmt: skip
    if state != "sent":
        ExpressionOfInterestChange.objects.create(
            interest=interest, old_state="sent", new_state=state
        )
    if state == "accepted":
        interest.contact_request = open_contact(interest, actor=listing.profile.user)
        interest.save(update_fields=["contact_request"])
    return interest
