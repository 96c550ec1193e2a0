"""Who may change an offer or request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matching.models import Listing

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from konnect.accounts.models import User


def can_edit(listing: Listing, user: User | AnonymousUser) -> bool:
    """Tell whether this is the person's own listing."""
    return user.is_authenticated and listing.profile.user_id == user.pk
