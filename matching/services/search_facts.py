"""What the pure checks look at, gathered from a stored partner search."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils import timezone

from matching.calls import CONSORTIUM_SCHEMES, HORIZON
from matching.clocks import BELGIUM, KOREA, Clock, Deadline, clocks
from matching.consortium import Gap, Member, Rules, closed_by, gaps
from matching.eligibility import MEMBER, CallFacts, Standing, Verdict, verdicts
from matching.models import ConsortiumMember, DeadlineKind, Listing, PartnerSearch, ProfileState
from matching.permissions.listing_quality import Blocker, Problem, SearchFacts, blockers, problems
from matching.regions import EUROPE, side_of
from matching.services.standings import standings_of

if TYPE_CHECKING:
    from matching.models import Profile


def problems_of(listing: Listing) -> list[Problem]:
    """Return everything that is wrong or doubtful about a search, blockers first."""
    return problems(facts_of(listing))


def blockers_of(listing: Listing) -> list[Blocker]:
    """Return what keeps a search from being shown."""
    return blockers(facts_of(listing))


def facts_of(listing: Listing) -> SearchFacts:
    """Return what the checks look at."""
    search, profile = listing.partner_search, listing.profile
    now = timezone.now()
    year = search.call_year or now.year
    return SearchFacts(
        now=now,
        programme=search.programme,
        pillar=search.pillar,
        call_year=search.call_year,
        call_identifier=search.call_identifier,
        funding_scheme=search.funding_scheme,
        call_deadline=call_deadline_of(listing),
        areas=frozenset(area.code for area in listing.areas.all()),
        partner_side=search.partner_side,
        partner_countries=tuple(search.partner_countries),
        author_country=profile.country_code,
        korean_funding=search.korean_funding,
        is_replacement=search.is_replacement,
        has_summary=bool(listing.description_en or listing.description_ko),
        has_sought=bool(search.expertise_sought_en or search.expertise_sought_ko),
        has_offered=bool(search.expertise_offered_en or search.expertise_offered_ko),
        seeks_role=bool(search.roles_sought) or search.is_coordinator_needed,
        has_name=bool(profile.display_name),
        is_published=profile.state == ProfileState.PUBLISHED,
        affiliation=profile.affiliation,
        position=profile.position,
        standings=tuple(standings_of(search.programme, year)) if search.programme else (),
    )


def call_deadline_of(listing: Listing) -> datetime | None:
    """Return when the call ends: its own deadline, else the researcher's on the Korean side."""
    ends = {deadline.kind: deadline.at for deadline in listing.deadlines.all()}
    return ends.get(DeadlineKind.CALL) or ends.get(DeadlineKind.KOREAN_RESEARCHER)


def call_of(search: PartnerSearch) -> CallFacts:
    """Return what eligibility depends on."""
    year = search.call_year or timezone.now().year
    return CallFacts(search.programme, year, search.pillar)


def verdicts_of(listing: Listing, standings: Iterable[Standing]) -> tuple[Verdict, ...]:
    """Return what both sides may claim, Korea first; everybody else's countries are left out."""
    found = verdicts(call_of(listing.partner_search), standings)
    sides = ("korea", "europe")
    return tuple(verdict for side in sides for verdict in found if verdict.side == side)


def clocks_of(listing: Listing, *, reader_zone: str, reader: Profile | None = None) -> list[Clock]:
    """Return the deadlines of a search on three clocks, with working days of both countries."""
    deadlines = [
        Deadline(row.kind, row.at, row.time_zone, row.wall_time, row.source_words)
        for row in listing.deadlines.all()
    ]
    countries = (european_country(listing, reader), KOREA)
    now = timezone.now()
    return clocks(deadlines, now=now, reader_zone=reader_zone, countries=countries)


def european_country(listing: Listing, reader: Profile | None) -> str:
    """Return the country whose holidays count in Europe: the reader's, the author's, or Belgium."""
    codes = [reader.country_code] if reader else []
    codes.append(listing.profile.country_code)
    return next((code for code in codes if code in EUROPE), BELGIUM)


def members_of(listing: Listing) -> list[Member]:
    """Return the consortium as values."""
    return [
        Member(row.country_code, side_of(row.country_code), row.type, row.is_small, row.role)
        for row in listing.consortium.all()
    ]


def rules_of(listing: Listing, standings: Iterable[Standing]) -> Rules:
    """Return what the call asks of a consortium; programmes without a rule ask for nothing."""
    search = listing.partner_search
    roles = tuple(search.roles_sought)
    if search.programme != HORIZON or search.funding_scheme not in CONSORTIUM_SCHEMES:
        return Rules(roles=roles)
    counting = [verdict for verdict in verdicts(call_of(search), standings) if verdict.counts]
    members = [verdict.country_codes for verdict in counting if verdict.kind == MEMBER]
    return Rules(
        counting=frozenset(code for verdict in counting for code in verdict.country_codes),
        member_states=frozenset(code for codes in members for code in codes),
        roles=roles,
    )


def gaps_of(listing: Listing, standings: Iterable[Standing]) -> list[Gap]:
    """Return what the consortium of a search still lacks."""
    return gaps(members_of(listing), rules_of(listing, standings))


def siblings_of(
    listing: Listing, others: Iterable[Listing], standings: Iterable[Standing]
) -> list[tuple[Listing, list[Gap]]]:
    """Return the searches of the same call with what each would bring into this consortium.

    Only those that bring something, the one that brings most first.
    """
    members, rules = members_of(listing), rules_of(listing, standings)
    brought = [(other, closed_by(members, members_of(other), rules)) for other in others]
    helpful = [pair for pair in brought if pair[1]]
    return sorted(helpful, key=lambda pair: (-len(pair[1]), pair[0].pk))


def own_member(profile: Profile) -> ConsortiumMember | None:
    """Return the author's own organisation as the first, unsaved member of a consortium."""
    organisation = profile.organisation
    if organisation is None:
        return None
    return ConsortiumMember(
        organisation=organisation,
        country_code=organisation.country_code,
        type=organisation.types[0] if organisation.types else "other",
        is_small=organisation.is_small,
    )
