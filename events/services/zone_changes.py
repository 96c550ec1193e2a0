"""When governments change their clocks: events keep the time on the wall, and people are told.

Organisers mean what the clocks at the place show. The instant was resolved once, with the rules
that were known then; when the rules are others, the event, its windows, programme and meetings
move to the instant that the same wall time now is.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from events.models import Event, EventState, Meeting, Registration
from events.services.calendar_rounds import TASK
from events.services.event_notices import tell_of_new_time
from events.services.event_saving import Move, move_times
from events.services.locking import lock_event
from events.wall_times import FORM, instant_near, local
from konnect.accounts.doorbell import ring
from konnect.accounts.models import User
from konnect.accounts.zones import known_time_zones

logger = logging.getLogger(__name__)
# No government ever moved its clocks further at once (Samoa and Kwajalein changed the day).
FURTHEST = timedelta(hours=25)


def resolve_wall_times() -> int:
    """Look at every event to come; move those whose zone has other rules now; return how many."""
    rows = Event.objects.filter(
        state__in=(EventState.DRAFT, EventState.PUBLISHED), ends_at__gt=timezone.now()
    )
    stale = [event.pk for event in rows.iterator() if is_stale(event)]
    return sum(resolve(pk) for pk in stale)


def resolved(event: Event) -> tuple[datetime, datetime]:
    """Return when the event begins and ends by the rules of today."""
    return (
        instant_near(event.starts_wall, event.zone, event.starts_at),
        instant_near(event.ends_wall, event.zone, event.ends_at),
    )


def is_stale(event: Event) -> bool:
    """Tell whether an event stands at another instant than its clocks say, by a change of rules."""
    if event.zone not in known_time_zones():
        logger.error("The zone %s of event %s is no longer known.", event.zone, event.pk)
        return False
    begins, ends = resolved(event)
    moved = max(abs(begins - event.starts_at), abs(ends - event.ends_at))
    return timedelta() < moved <= FURTHEST


def resolve(pk: int) -> bool:
    """Move one event; false when nothing is to be done, or when people would sit twice at once."""
    try:
        with transaction.atomic():
            return move_event(pk)
    except IntegrityError:
        logger.exception("Event %s cannot move to its new instants.", pk)
        return False


def move_event(pk: int) -> bool:
    """Move an event with everything in it, and tell who must know.

    Raises:
        IntegrityError: somebody would be in two places at once.
    """
    event = lock_event(pk)
    if not is_stale(event):
        return False
    move = mover(event)
    event.starts_at, event.ends_at = resolved(event)
    move_times(event, move)
    meetings = Meeting.objects.filter(
        event=event, is_live=True, during__startswith__gt=timezone.now()
    )
    meetings.update(sequence=F("sequence") + 1, untold_since=timezone.now())
    ring(TASK)
    for user in people_of(event):
        tell_of_new_time(user, event)
    return True


def mover(event: Event) -> Move:
    """Return how instants of an event move: by what the clocks showed under the old rules.

    Of the old rules only the distances from universal time at the beginning and at the end are
    left; an instant between takes the one of the nearer end.
    """
    begins, ends = event.starts_at, event.ends_at
    at_begin = local(event.starts_wall).replace(tzinfo=UTC) - begins
    at_end = local(event.ends_wall).replace(tzinfo=UTC) - ends

    def move(moment: datetime) -> datetime:
        is_early = abs(moment - begins) <= abs(moment - ends)
        wall = (moment + (at_begin if is_early else at_end)).astimezone(UTC).strftime(FORM)
        return instant_near(wall, event.zone, moment)

    return move


def people_of(event: Event) -> Iterable[User]:
    """Return who runs the event and who registered."""
    registered = Registration.objects.live().filter(event=event).values("profile__user")
    helping = event.helpers.values("user")
    return User.objects.filter(pk__in=registered.union(helping)).order_by("pk")
