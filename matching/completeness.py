"""How complete a profile is, and what a better one gains."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from matching.models import ListingKind, Profile


@dataclass(frozen=True)
class Missing:
    """One thing that a profile lacks: where to add it, what it gains, whether it is needed."""

    code: str
    words: str | Promise
    weight: int
    step: str
    is_required: bool = False


def has_listing(profile: Profile, kind: str) -> bool:
    """Say whether the person has an open listing of this kind."""
    return any(listing.kind == kind for listing in profile.listings.all() if listing.is_open)


def has_texts(profile: Profile) -> bool:
    """Say whether there is something to compare with others."""
    return bool(profile.summary_en or profile.summary_ko or profile.keywords)


Check = tuple[Missing, Callable[[Profile], bool]]
CHECKS: tuple[Check, ...] = (
    (
        Missing("name", _("Enter your name."), 10, "name", is_required=True),
        lambda profile: bool(profile.display_name),
    ),
    (
        Missing(
            "place", _("Choose your organisation or country."), 10, "name", is_required=True
        ),
        lambda profile: bool(profile.organisation_id or profile.country_code),
    ),
    (
        Missing("area", _("Choose at least one area."), 10, "research", is_required=True),
        lambda profile: bool(profile.areas.all()),
    ),
    (
        Missing(
            "texts",
            _("Write a summary of your research, or some keywords."),
            15,
            "research",
            is_required=True,
        ),
        has_texts,
    ),
    (
        Missing("stage", _("Add your career stage, so that partners can filter."), 5, "name"),
        lambda profile: bool(profile.career_stage),
    ),
    (
        Missing("topics", _("Choose topics: shared topics are shown as a reason."), 10, "research"),
        lambda profile: bool(profile.topics.all()),
    ),
    (
        Missing(
            "both_languages",
            _("Write your summary in the second language too, for readers of the other side."),
            5,
            "research",
        ),
        lambda profile: bool(profile.summary_en and profile.summary_ko),
    ),
    (
        Missing("offers", _("Say what you offer: it is compared with what others seek."), 10,
                "offers"),
        lambda profile: has_listing(profile, ListingKind.OFFER),
    ),
    (
        Missing("seeks", _("Say what you seek: it is compared with what others offer."), 10,
                "offers"),
        lambda profile: has_listing(profile, ListingKind.REQUEST),
    ),
    (
        Missing("mobility", _("Say whether you would host a visitor or visit a partner."), 5,
                "cooperation"),
        lambda profile: profile.would_host or profile.would_visit,
    ),
    (
        Missing("works", _("Add a few works, so that partners see what you do."), 5,
                "cooperation"),
        lambda profile: bool(profile.works.all()),
    ),
    (
        Missing("orcid", _("Add your ORCID iD, so that you are not taken for somebody else."), 5,
                "cooperation"),
        lambda profile: bool(profile.orcid),
    ),
)  # fmt: skip
TOTAL = sum(missing.weight for missing, _is_there in CHECKS)


def missing(profile: Profile) -> list[Missing]:
    """Return what the profile lacks: what is needed, step by step; then what gains most."""
    lacking = [lack for lack, is_there in CHECKS if not is_there(profile)]
    needed = [lack for lack in lacking if lack.is_required]
    others = [lack for lack in lacking if not lack.is_required]
    return [*needed, *sorted(others, key=lambda lack: -lack.weight)]


def blockers(profile: Profile) -> list[Missing]:
    """Return what keeps the profile from being published."""
    return [lack for lack in missing(profile) if lack.is_required]


def done_steps(profile: Profile, lacking: list[Missing]) -> frozenset[str]:
    """Return the steps in which something is filled in and nothing needed is missing."""
    codes = {lack.code for lack in lacking}
    begun = {lack.step for lack, _is_there in CHECKS if lack.code not in codes}
    # The languages are filled in by the portal.
    if profile.roles or profile.partner_stages:
        begun.add("cooperation")
    return frozenset(begun - {lack.step for lack in lacking if lack.is_required})


def percentage(profile: Profile) -> int:
    """Return how complete the profile is, 0 to 100."""
    return percentage_without(missing(profile))


def percentage_without(lacking: list[Missing]) -> int:
    """Return how complete a profile is that lacks these."""
    return round(100 * (TOTAL - sum(lack.weight for lack in lacking)) / TOTAL)
