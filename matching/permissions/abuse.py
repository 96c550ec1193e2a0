"""Who handles reports of problems, and what somebody may report."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.db import models

from konnect.accounts.permissions import is_administrator
from matching.models import Conversation, Listing, Message, Organisation, Profile

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from konnect.accounts.models import User

Thing = Profile | Listing | Message | Organisation


def may_handle_reports(user: User | AnonymousUser) -> bool:
    """Tell whether somebody decides on reports."""
    return is_administrator(user)


def reportable_people(user: User) -> models.QuerySet[Profile]:
    """Return the people whom somebody sees or knows, themselves apart."""
    return Profile.objects.blockable_by(user)


def reportable_listings(user: User) -> models.QuerySet[Listing]:
    """Return the listings of others that somebody sees."""
    return Listing.objects.visible_to(user).exclude(profile__user=user)


def reportable_messages(user: User) -> models.QuerySet[Message]:
    """Return what others wrote to somebody."""
    conversations = Conversation.objects.visible_to(user)
    return Message.objects.filter(conversation__in=conversations).exclude(author__user=user)


def reportable_organisations(_user: User) -> models.QuerySet[Organisation]:
    """Return the organisations, which everybody sees."""
    return Organisation.objects.active()


# By the word in the address, which is also the column of the report.
REPORTABLE: dict[str, Callable[[User], models.QuerySet[Any]]] = {
    "profile": reportable_people,
    "listing": reportable_listings,
    "message": reportable_messages,
    "organisation": reportable_organisations,
}
