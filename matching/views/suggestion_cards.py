"""Cards of suggested partners, rendered once for each state of what they show.

The key names everything a card depends on, so nothing is ever taken out of the cache for being
wrong; a change makes another key.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from django.conf import settings
from django.core.cache import caches
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from matching.models import DismissalReason, Profile
from matching.services.suggestions import Entry, suggestions_of

TEMPLATE = "matching/suggestion_list.html"
# Names of organisations, areas and topics are not in the key: they change rarely.
SECONDS_KEPT = 600


def cards_of(profile: Profile, entries: Sequence[Entry], embedder: str) -> list[SafeString]:
    """Return the cards of some entries of a person's list, in their order."""
    keys = {entry.partner_id: key_of(profile, entry) for entry in entries}
    cards = caches["cards"].get_many(keys.values())
    missing = [entry for entry in entries if keys[entry.partner_id] not in cards]
    new = {
        keys[suggestion.partner.pk]: str(
            render_to_string(
                f"{TEMPLATE}#card",
                {"suggestion": suggestion, "reasons": DismissalReason.choices},
            )
        )
        for suggestion in suggestions_of(profile, missing, embedder)
    }
    caches["cards"].set_many(new, SECONDS_KEPT)
    cards |= new
    # Our own template's output, escaped where it was made.
    return [mark_safe(cards[key]) for key in keys.values() if key in cards]  # noqa: S308


def key_of(profile: Profile, entry: Entry) -> str:
    """Return the name of a card in the cache."""
    parts = (
        settings.SECRET_KEY[:8], get_language(), profile.pk, profile.updated_at,
        profile.matching_changed_at, entry.partner_id, entry.stamp, entry.parts, entry.answer,
    )  # fmt: skip
    return hashlib.sha256(repr(parts).encode()).hexdigest()
