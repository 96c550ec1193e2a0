"""Telling calendars what a published schedule changed, some hundred meetings at a time.

A schedule of 5,000 meetings means 10,000 letters, which take longer than an organiser waits. The
transaction that publishes marks its meetings; the worker finds them by query, writes their
invitations and takes the mark away in one transaction, so that none is lost and none goes twice.
"""

from __future__ import annotations

import time

from django.db import transaction

from events.models import CalendarMethod, Meeting, MeetingState
from events.services.invitations import write_invitations
from konnect.accounts.doorbell import ring

TASK = "events.tasks.tell_calendars"
A_ROUND = 250
SECONDS = 20.0


def tell_calendars(*, seconds: float = SECONDS) -> int:
    """Write invitations and cancellations that are due; return of how many meetings.

    After so many seconds the rest is left to the next call, so that other work has its turn.
    """
    deadline, told = time.monotonic() + seconds, 0
    while done := tell_some():
        told += done
        if time.monotonic() > deadline:
            ring(TASK)
            break
    return told


@transaction.atomic
def tell_some() -> int:
    """Write those of some meetings; leave alone what another worker or a publisher holds."""
    due = Meeting.objects.filter(untold_since__isnull=False).order_by("untold_since", "pk")
    rows = due.select_for_update(skip_locked=True, no_key=True, of=("self",))
    meetings = list(rows[:A_ROUND])
    standing = [one for one in meetings if one.state == MeetingState.SCHEDULED]
    ended = [one for one in meetings if one.state == MeetingState.CANCELLED]
    write_invitations(standing, method=CalendarMethod.REQUEST)
    write_invitations(ended, method=CalendarMethod.CANCEL)
    Meeting.objects.filter(pk__in=[one.pk for one in meetings]).update(untold_since=None)
    return len(meetings)
