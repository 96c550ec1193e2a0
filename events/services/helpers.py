"""Who helps to run an event."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q

from events.models import Event, EventHelper, HelperRole
from events.services.event_notices import tell_of_help
from events.services.locking import lock_event
from konnect.accounts.models import User
from matching.models import Profile

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

MOST_FOUND = 10


class LastOrganiserError(Exception):
    """Somebody must remain who may do everything."""


def members_named(words: str, *, reader: User | AnonymousUser) -> list[Profile]:
    """Return members whom this reader may see, by parts of their names in either script."""
    words = " ".join(words.split())
    if len(words) < 2:
        return []
    people = Profile.objects.visible_to(reader).select_related("user", "organisation")
    for word in words.split()[:5]:
        people = people.filter(Q(display_name__icontains=word) | Q(hangul_name__icontains=word))
    return list(people.order_by("display_name", "pk")[:MOST_FOUND])


@transaction.atomic
def set_helper(event: Event, *, user: User, role: HelperRole, actor: User) -> EventHelper:
    """Let somebody help in a role; who helps already changes to it.

    Raises:
        LastOrganiserError: the only organiser would be none any more.
    """
    lock_event(event)
    if role != HelperRole.ORGANISER:
        keep_one(event, user)
    helper, is_new = EventHelper.objects.update_or_create(
        event=event,
        user=user,
        defaults={"role": role},
        create_defaults={"role": role, "added_by": actor},
    )
    if is_new and user != actor:
        tell_of_help(helper)
    return helper


@transaction.atomic
def remove_helper(helper: EventHelper, *, actor: User) -> None:
    """Let somebody help no more.

    Raises:
        LastOrganiserError: it is the only organiser.
    """
    lock_event(helper.event_id)
    keep_one(helper.event, helper.user)
    helper.delete()


def keep_one(event: Event, leaving: User) -> None:
    """Refuse to let the last organiser go.

    Raises:
        LastOrganiserError: there is no other one.
    """
    organisers = EventHelper.objects.filter(event=event, role=HelperRole.ORGANISER)
    if organisers.filter(user=leaving).exists() and not organisers.exclude(user=leaving).exists():
        raise LastOrganiserError
