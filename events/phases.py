"""What the clock says of an event: computed, never stored."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from events.models import Event


class Phase(StrEnum):
    """Where a published event stands by the clock."""

    ANNOUNCED = "announced"
    REGISTRATION = "registration"
    REGISTRATION_OVER = "registration_over"
    RUNNING = "running"
    OVER = "over"


def phase_of(event: Event, now: datetime) -> Phase:
    """Return what an event is at an instant; without windows, registration is open until it begins."""
    if now >= event.ends_at:
        return Phase.OVER
    if now >= event.starts_at:
        return Phase.RUNNING
    if event.registration_opens_at and now < event.registration_opens_at:
        return Phase.ANNOUNCED
    closes_at = event.registration_closes_at or event.starts_at
    return Phase.REGISTRATION if now < closes_at else Phase.REGISTRATION_OVER


def takes_registrations(event: Event, now: datetime) -> bool:
    """Tell whether somebody can register at an instant; a running event takes latecomers if told so."""
    opens_at = event.registration_opens_at
    closes_at = event.registration_closes_at or event.starts_at
    is_open = (opens_at is None or now >= opens_at) and now < closes_at
    return event.state == "published" and is_open and now < event.ends_at


def takes_requests(event: Event, now: datetime) -> bool:
    """Tell whether participants can ask for meetings at an instant."""
    opens_at = event.requests_open_at
    closes_at = event.requests_close_at or event.ends_at
    is_open = (opens_at is None or now >= opens_at) and now < closes_at
    return event.state == "published" and event.has_meetings and is_open


def takes_feedback(event: Event, now: datetime) -> bool:
    """Tell whether participants can say how meetings went at an instant."""
    closes_at = event.feedback_closes_at
    return event.state in ("published", "archived") and (closes_at is None or now < closes_at)
