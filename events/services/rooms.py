"""The online rooms of meetings: an address that nobody guesses, open shortly before the meeting.

The portal makes no rooms itself. `KONNECT_MEETING_ROOMS` names a server whose rooms open by their
address alone, as Jitsi Meet's do; or the organiser gives each online room an address.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from events.models import Meeting
from events.services.calendar_entries import is_online
from events.services.open_slots import ends_of

OPENS_BEFORE = timedelta(minutes=10)
# People go on talking; nobody is thrown out of the room, only its page closes.
CLOSES_AFTER = timedelta(minutes=30)


@dataclass(frozen=True)
class Room:
    """The way into one meeting's room at one moment; without an address it is not known."""

    address: str
    opens_at: datetime
    closes_at: datetime
    now: datetime

    @property
    def is_open(self) -> bool:
        """Whether people may go in."""
        return self.opens_at <= self.now < self.closes_at

    @property
    def is_over(self) -> bool:
        """Whether the meeting has long ended."""
        return self.now >= self.closes_at


def room_of(meeting: Meeting, now: datetime) -> Room | None:
    """Return the room of a meeting; None when it is held at a table, or was cancelled."""
    if not meeting.is_live or not is_online(meeting, meeting.place):
        return None
    starts_at, ends_at = ends_of(meeting.during)
    return Room(
        address=room_address(meeting),
        opens_at=starts_at - OPENS_BEFORE,
        closes_at=ends_at + CLOSES_AFTER,
        now=now,
    )


def room_address(meeting: Meeting) -> str:
    """Return where the room is: the organiser's address, else one on the portal's server, else ''."""
    if meeting.place and meeting.place.url:
        return meeting.place.url
    server = settings.MEETING_ROOMS
    return f"{server}/konnect-{meeting.room_key}" if server else ""
