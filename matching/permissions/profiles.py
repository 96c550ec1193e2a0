"""Who sees what of a profile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import QuerySet

from matching.models import ContactRequest, Profile
from matching.visibility import Audience, fields_open_to

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from konnect.accounts.models import User


def fields_visible_to(profile: Profile, user: User | AnonymousUser) -> frozenset[str]:
    """Return the names of the fields that this reader may see."""
    return fields_open_to(audience_of(profile, user), profile.visibility)


def audience_of(profile: Profile, user: User | AnonymousUser) -> Audience:
    """Return from where this reader looks at the profile."""
    if not user.is_authenticated:
        return Audience.PUBLIC
    if profile.user_id == user.pk:
        return Audience.OWNER
    between = accepted_requests(user).filter(sender=profile) | accepted_requests(user).filter(
        recipient=profile
    )
    return Audience.CONTACT if between.exists() else Audience.MEMBER


def contact_ids(user: User | AnonymousUser) -> frozenset[int]:
    """Return the profiles that this reader has an accepted contact with."""
    if not user.is_authenticated:
        return frozenset()
    pairs = accepted_requests(user).values_list("sender_id", "recipient_id")
    return frozenset(pk for pair in pairs for pk in pair)


def accepted_requests(user: User) -> QuerySet[ContactRequest]:
    """Return the accepted contact requests of this person; a block ends a contact."""
    return ContactRequest.objects.visible_to(user).accepted().not_blocked()


def can_edit(profile: Profile, user: User | AnonymousUser) -> bool:
    """Say whether this is the person's own profile."""
    return user.is_authenticated and profile.user_id == user.pk
