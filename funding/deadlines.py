"""Deadlines: what the clocks of a zone show, kept as it was promised, and the instant that it is.

Pure. "2015-11-15T24:00" is the end of that day, and is shown as 24:00 where it was promised. A time
that clocks leap over, or show twice, is refused: whoever wrote it is asked for another one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from events.clock_faces import BRUSSELS, SEOUL, offset_words
from events.wall_times import instant, shifted

END_OF_DAY = "T24:00"
MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True)
class Face:
    """A deadline on the clocks of one zone; hour is "08:00", or "24:00" for the end of the day."""

    zone: str
    day: date
    hour: str
    # "CET", "KST"; "UTC+5:30" where clocks have no such name.
    name: str
    is_reader: bool = False
    is_promised: bool = False


def resolve(wall: str, zone: str) -> datetime:
    """Return the instant of a promised wall time, in UTC; T24:00 is the end of its day.

    Raises:
        MissingTimeError: the clocks leap over it.
        AmbiguousTimeError: the clocks show it twice.
        ValueError: it is no wall time.
    """
    if wall.endswith(END_OF_DAY):
        return instant(shifted(wall.replace(END_OF_DAY, "T00:00"), 1), zone)
    return instant(wall, zone)


def faces(at: datetime, *, wall: str, zone: str, reader_zone: str = "") -> list[Face]:
    """Return a deadline on the reader's clocks, in Brussels and in Seoul, each zone once.

    wall, zone: as it was promised; where none of the three shows that, its own zone comes last.
    reader_zone: '' for a reader whose zone nobody knows.
    """
    zones = dict.fromkeys(filter(None, (reader_zone, BRUSSELS, SEOUL)))
    found = [face(at, each, wall=wall, zone=zone, reader_zone=reader_zone) for each in zones]
    if wall and not any(each.is_promised for each in found):
        found.append(face(at, zone, wall=wall, zone=zone, reader_zone=reader_zone))
    return found


def face(at: datetime, shown: str, *, wall: str, zone: str, reader_zone: str = "") -> Face:
    """Return a deadline on the clocks of one zone."""
    local = at.astimezone(ZoneInfo(shown))
    is_promised = shown == zone or local.utcoffset() == at.astimezone(ZoneInfo(zone)).utcoffset()
    is_reader = shown == reader_zone
    if is_promised and wall.endswith(END_OF_DAY):
        before = (at - MOMENT).astimezone(ZoneInfo(shown))
        return Face(shown, before.date(), "24:00", clock_name(before), is_reader, is_promised)
    return Face(shown, local.date(), f"{local:%H:%M}", clock_name(local), is_reader, is_promised)


def clock_name(local: datetime) -> str:
    """Return what people call the clocks that a local time is read on."""
    name = local.tzname() or ""
    return name if name.isalpha() else offset_words(local)
