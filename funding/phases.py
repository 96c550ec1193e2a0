"""What the clock says of a call: computed by the database's clock, never stored.

A late tick of a worker can neither keep a call open nor open it. Grace is not a phase: nobody is
shown that there is any.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models import QuerySet
from django.db.models.functions import Now

if TYPE_CHECKING:
    from funding.models import Call


class Phase(StrEnum):
    """Where a call stands, for whoever reads about it."""

    DRAFT = "draft"
    IN_APPROVAL = "in_approval"
    UPCOMING = "upcoming"
    OPEN = "open"
    CLOSED = "closed"
    EVALUATION = "evaluation"
    RELEASED = "released"
    RUNNING = "running"
    CLOSED_OUT = "closed_out"
    CANCELLED = "cancelled"


# The public is not told how far the evaluation is.
OF_STATE = {
    "screening": Phase.EVALUATION, "reviewing": Phase.EVALUATION, "panel": Phase.EVALUATION,
    "decided": Phase.EVALUATION,
}  # fmt: skip


def database_now() -> datetime:
    """Return what the clock of the database shows."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement_timestamp()")
        found: datetime = cursor.fetchone()[0]
    return found


def with_clock(calls: QuerySet[Call]) -> QuerySet[Any]:
    """Return calls with the time of the database, so that `phase_of` need not ask for it."""
    return calls.annotate(clock=Now())


def clock_of(call: Call) -> datetime:
    """Return the time at which a call was read, or now; both by the clock of the database."""
    return getattr(call, "clock", None) or database_now()


def phase_of(call: Call, now: datetime | None = None) -> Phase:
    """Return where a call stands at an instant, by default that at which it was read."""
    if call.state != "approved":
        return OF_STATE.get(call.state) or Phase(call.state)
    # The database promises both dates of an approved call.
    assert call.opens_at is not None
    assert call.closes_at is not None
    moment = now or clock_of(call)
    if moment < call.opens_at:
        return Phase.UPCOMING
    return Phase.OPEN if moment < call.closes_at else Phase.CLOSED
