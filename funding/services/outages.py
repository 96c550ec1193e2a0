"""Times in which the portal could not be reached, and the later closing that follows from them.

Downtime within the last 24 hours before a closing lets the officers extend the call for everybody,
by its whole length, as an amendment.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.wall_times import wall_of
from funding.machines import OFFICER
from funding.models import Call, CallAmendment, Outage
from funding.permissions import roles_for
from funding.refusing import Blocker, RefusedError
from funding.services.amendments import NOT_APPROVED, amend_call
from funding.services.ledger import record
from funding.services.people import person_of

if TYPE_CHECKING:
    from konnect.accounts.models import User

LAST_DAY = timedelta(hours=24)
MINUTE = timedelta(minutes=1)
TOO_EARLY = Blocker(
    "outage_too_early",
    gettext_lazy("Only an outage within the last 24 hours before closing extends a call."),
)


@transaction.atomic
def extend_for_outage(
    call: Call, *, actor: User, began_at: datetime, ended_at: datetime, note: str
) -> CallAmendment:
    """Record an outage and let the call close later for everybody, by as long as it lasted then.

    Raises:
        PermissionDenied: the actor is not its programme officer.
        RefusedError: the call is not approved, or the outage was not in its last 24 hours.
    """
    # Locked first: two officers who record outages of one night extend one after the other.
    call.refresh_from_db(from_queryset=Call.objects.select_for_update(of=("self",)))
    if OFFICER not in roles_for(call, actor):
        raise PermissionDenied
    if call.state != "approved" or call.closes_at is None:
        raise RefusedError([NOT_APPROVED])
    minutes = minutes_lost(call.closes_at, began_at, ended_at)
    if not minutes:
        raise RefusedError([TOO_EARLY])
    outage = Outage.objects.create(
        began_at=began_at, ended_at=ended_at, note=note, recorded_by=actor
    )
    closes_at = call.closes_at + minutes * MINUTE
    columns = {"closes_at": closes_at, "closes_wall": wall_of(closes_at, call.zone)}
    amendment = amend_call(
        call, actor=actor, text_en=words("en", minutes, note),
        text_ko=words("ko", minutes, note), columns=columns,
    )  # fmt: skip
    after = {"outage": outage.pk, "minutes": minutes}
    record(call, "outage", actor=person_of(actor), after=after)
    return amendment


def minutes_lost(closes_at: datetime, began_at: datetime, ended_at: datetime) -> int:
    """Return how many minutes of the last 24 hours before closing were lost, rounded up."""
    begins, ends = max(began_at, closes_at - LAST_DAY), min(ended_at, closes_at)
    return max(0, math.ceil((ends - begins) / MINUTE))


def words(language: str, minutes: int, note: str) -> str:
    """Return why and by how much the call is longer, in one of the languages."""
    with translation.override(language):
        return _(
            "The portal could not be reached for a while, so the call closes %(minutes)s minutes "
            "later for everybody. %(note)s"
        ) % {"minutes": minutes, "note": note}
