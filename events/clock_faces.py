"""A stretch of time as people in several places read it on their clocks.

Pure. Every page about an event shows the reader's zone first, then the event's; online events add
Seoul and Brussels, because half of their participants sit there. Hours in which people like to
work are shaded alike everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple, Protocol
from zoneinfo import ZoneInfo

BRUSSELS, SEOUL = "Europe/Brussels", "Asia/Seoul"
# Local hours in which most people are glad to meet, the end not counted.
COMFORTABLE_FROM, COMFORTABLE_UNTIL = 8, 20
MINUTE = timedelta(minutes=1)


class Span(Protocol):
    """A stretch of time, as the ranges of the database are; both ends are there."""

    @property
    def lower(self) -> datetime | None:
        """When it begins."""

    @property
    def upper(self) -> datetime | None:
        """When it ends."""


class Between(NamedTuple):
    """A stretch of time made of two instants."""

    lower: datetime
    upper: datetime


@dataclass(frozen=True)
class Face:
    """One stretch of time on the clocks of one zone; `starts_at` and `ends_at` are local there."""

    zone: str
    starts_at: datetime
    ends_at: datetime
    is_reader: bool = False
    is_event: bool = False

    @property
    def is_one_day(self) -> bool:
        """Whether it begins and ends on one day of this zone; midnight still belongs to it."""
        return self.starts_at.date() == self.last_day

    @property
    def last_day(self) -> date:
        """The last day that it touches."""
        return max(self.starts_at.date(), (self.ends_at - MINUTE).date())

    @property
    def offset(self) -> str:
        """How far the clocks are from universal time when it begins: "UTC+2", "UTC+5:30"."""
        return offset_words(self.starts_at)

    @property
    def is_comfortable(self) -> bool:
        """Whether it lies in hours in which people there are glad to meet."""
        return is_comfortable(self.starts_at, self.zone) and is_comfortable(
            self.ends_at - MINUTE, self.zone
        )


def faces(
    during: Span,
    *,
    reader_zone: str,
    event_zone: str,
    is_online: bool = False,
    other_zones: tuple[str, ...] = (),
) -> list[Face]:
    """Return a stretch of time as each place reads it: the reader's zone first, each zone once.

    reader_zone: '' for a reader whose zone nobody knows; is_online: whether people take part from
    afar, so that Brussels and Seoul are shown too; other_zones: further ones that matter, such as a partner's. Two zones whose clocks show the
    same are both kept: their names say for whom.
    """
    both_sides = (BRUSSELS, SEOUL) if is_online else ()
    assert during.lower is not None
    assert during.upper is not None
    zones = dict.fromkeys(filter(None, (reader_zone, event_zone, *other_zones, *both_sides)))
    return [
        Face(
            zone,
            during.lower.astimezone(ZoneInfo(zone)),
            during.upper.astimezone(ZoneInfo(zone)),
            is_reader=zone == reader_zone,
            is_event=zone == event_zone,
        )
        for zone in zones
    ]


def is_comfortable(moment: datetime, zone: str) -> bool:
    """Tell whether an instant lies between 08:00 and 20:00 in a zone."""
    return COMFORTABLE_FROM <= moment.astimezone(ZoneInfo(zone)).hour < COMFORTABLE_UNTIL


def offset_words(moment: datetime) -> str:
    """Return the distance of a local time from universal time, as people write it."""
    minutes = int((moment.utcoffset() or timedelta()).total_seconds()) // 60
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours}" + (f":{rest:02}" if rest else "")
