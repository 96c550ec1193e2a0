"""Suggested partners, drawn once for each state of what is shown.

A key names everything that a card, or a panel of twenty, depends on, so nothing is ever taken out
of the caches for being wrong; a change makes another key.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.core.cache import caches
from django.core.paginator import Page, Paginator
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from konnect.accounts.models import User
from matching.models import DismissalReason, Profile, Side
from matching.services.profiles import ensure_profile
from matching.services.suggestion_state import state_of
from matching.services.suggestions import Entry, Shortlist, shortlist, suggestions_of

TEMPLATE = "matching/suggestion_list.html"
# Names of organisations, areas and topics are not in the key: they change rarely.
SECONDS_KEPT = 600
PAGE_SIZE = 20
# Anything else that is asked for is drawn, but not kept.
KEPT_PAGES = ("", "1", "2", "3")


@dataclass(frozen=True)
class Panel:
    """One page of suggestions as it is shown, without what belongs to the request."""

    is_fresh: bool
    obstacle: str
    # HTML in UTF-8.
    cards: bytes
    pagination: bytes


def panel_of(user: User, number: str) -> Panel:
    """Return a page of a person's suggestions, drawn anew when anything in it has changed."""
    profile, state = state_of(user)
    panel = kept_panel(state, get_language() or "", number) if profile else None
    if panel is None:
        panel = draw_panel(profile or ensure_profile(user), number)
        if profile and number in KEPT_PAGES:
            key = panel_key(state, get_language() or "", number)
            caches["panels"].set(key, panel, SECONDS_KEPT)
    return panel


def kept_panel(state: str, language: str, number: str) -> Panel | None:
    """Return a page of suggestions that was drawn for this state, None when none is kept."""
    if number not in KEPT_PAGES:
        return None
    panel: Panel | None = caches["panels"].get(panel_key(state, language, number))
    return panel


def panel_key(state: str, language: str, number: str) -> str:
    """Return the name of a panel."""
    return f"{state}-{language}-{number}"


def draw_panel(profile: Profile, number: str) -> Panel:
    """Draw a page of a person's suggestions."""
    found = shortlist(profile)
    page: Page[Entry] = Paginator(found.entries, PAGE_SIZE).get_page(number or 1)
    cards = cards_of(profile, list(page), found.embedder)
    pagination = render_to_string("components/pagination.html", {"page": page})
    why = obstacle(profile, found)
    return Panel(found.is_fresh, why, "".join(cards).encode(), pagination.encode())


def obstacle(profile: Profile, found: Shortlist) -> str:
    """Return why nothing can be suggested, '' when something is or soon will be."""
    if profile.state == "hidden":
        return "hidden"
    if profile.state != "published":
        return "unpublished"
    if profile.side == Side.ELSEWHERE:
        return "elsewhere"
    if not profile.is_suggestible:
        return "not_suggestible"
    return "" if found.entries or not found.is_fresh else "nobody"


def cards_of(profile: Profile, entries: Sequence[Entry], embedder: str) -> list[SafeString]:
    """Return the cards of some entries of a person's list, in their order."""
    keys = {entry.partner_id: key_of(profile, entry) for entry in entries}
    cards = caches["cards"].get_many(keys.values())
    missing = [entry for entry in entries if keys[entry.partner_id] not in cards]
    new = {
        keys[suggestion.partner.pk]: render_to_string(
            f"{TEMPLATE}#card",
            {"suggestion": suggestion, "reasons": DismissalReason.choices},
        )
        for suggestion in suggestions_of(profile, missing, embedder)
    }
    caches["cards"].set_many(new, SECONDS_KEPT)
    cards |= new
    return [cards[key] for key in keys.values() if key in cards]


def key_of(profile: Profile, entry: Entry) -> str:
    """Return the name of a card in the cache."""
    parts = (
        settings.SECRET_KEY[:8], get_language(), profile.pk, profile.updated_at,
        profile.matching_changed_at, entry.partner_id, entry.stamp, entry.parts, entry.evidence,
        entry.answer,
    )  # fmt: skip
    return hashlib.sha256(repr(parts).encode()).hexdigest()
