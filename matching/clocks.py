"""Deadlines as both sides read them: wall times, instants, and working days that are left.

Pure. A deadline is set by the clocks of one zone ("24:00" is the end of that day there); Brussels,
Seoul and the reader each read the same instant on their own. Working days are counted with each
country's holidays, so that Seollal, Chuseok and Whit Monday are none.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

BRUSSELS, SEOUL = "Europe/Brussels", "Asia/Seoul"
KOREA, BELGIUM = "KR", "BE"
WALL_TIME = re.compile(r"^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})$")
DAY = timedelta(days=1)
# Whose working week is not Monday to Friday.
WEEKENDS = {"IL": (4, 5)}
SATURDAY_AND_SUNDAY = (5, 6)


@dataclass(frozen=True)
class Deadline:
    """One deadline as it is stored: kind, instant, zone, wall time there, the source's own words."""

    kind: str
    at: datetime
    time_zone: str
    wall_time: str
    source_words: str = ""


@dataclass(frozen=True)
class Reading:
    """One instant on the clocks of a zone.

    day and hour: what a person says; an end of day is "24:00" of the day before, where it was set so.
    """

    time_zone: str
    day: date
    hour: str
    is_own: bool = False


@dataclass(frozen=True)
class WorkingDays:
    """How many working days of a country lie between today and a deadline, its own day counted."""

    country_code: str
    number: int


@dataclass(frozen=True)
class Clock:
    """One deadline with everything that a page says of it."""

    deadline: Deadline
    readings: tuple[Reading, ...]
    days_left: int
    working_days: tuple[WorkingDays, ...]
    is_past: bool


def wall_time(day: date, hour: str) -> str:
    """Return how a wall time is stored; `hour` is "17:00", up to "24:00"."""
    return f"{day.isoformat()}T{hour}"


def instant(wall: str, time_zone: str) -> datetime:
    """Return the moment in UTC at which the clocks of a zone show a wall time.

    24:00 is the next day's beginning. An hour that clocks skip in spring counts as after the
    leap; of one that comes twice in autumn the first is taken.

    Raises:
        ValueError: it is no wall time.
    """
    found = WALL_TIME.match(wall)
    if found is None:
        raise ValueError(wall)
    year, month, day, hour, minute = map(int, found.groups())
    if (hour, minute) == (24, 0):
        start = datetime.combine(date(year, month, day) + DAY, time())
    else:
        start = datetime.combine(date(year, month, day), time(hour, minute))
    return start.replace(tzinfo=ZoneInfo(time_zone)).astimezone(UTC)


def clocks(
    deadlines: Iterable[Deadline],
    *,
    now: datetime,
    reader_zone: str,
    countries: Sequence[str] = (BELGIUM, KOREA),
) -> list[Clock]:
    """Return the deadlines in their order, read in Brussels, in Seoul and where the reader is."""
    zones = reader_zones(reader_zone)
    return [
        Clock(
            deadline=deadline,
            readings=tuple(reading(deadline, zone, reader_zone) for zone in zones),
            days_left=days_left(deadline.at, now, reader_zone),
            working_days=tuple(
                WorkingDays(code, working_days_left(deadline, now, code)) for code in countries
            ),
            is_past=deadline.at <= now,
        )
        for deadline in sorted(deadlines, key=lambda each: each.at)
    ]


def reader_zones(reader_zone: str) -> tuple[str, ...]:
    """Return the reader's zone first, then the other ones, each once."""
    return tuple(dict.fromkeys((reader_zone, BRUSSELS, SEOUL)))


def reading(deadline: Deadline, time_zone: str, reader_zone: str) -> Reading:
    """Return what the clocks of a zone show at a deadline."""
    local = deadline.at.astimezone(ZoneInfo(time_zone))
    is_own = time_zone == reader_zone
    if deadline.wall_time.endswith("T24:00") and time_zone == deadline.time_zone:
        return Reading(time_zone, local.date() - DAY, "24:00", is_own)
    return Reading(time_zone, local.date(), f"{local:%H:%M}", is_own)


def days_left(moment: datetime, now: datetime, time_zone: str) -> int:
    """Return how many days of the reader's calendar are left, 0 for today, negative afterwards."""
    zone = ZoneInfo(time_zone)
    return (moment.astimezone(zone).date() - now.astimezone(zone).date()).days


def working_days_left(deadline: Deadline, now: datetime, country_code: str) -> int:
    """Return the working days of a country from tomorrow up to the deadline's day there."""
    zone = ZoneInfo(SEOUL if country_code == KOREA else BRUSSELS)
    # A deadline at midnight leaves nothing of the day that it begins.
    last = (deadline.at - timedelta(microseconds=1)).astimezone(zone).date()
    return count_working_days(now.astimezone(zone).date() + DAY, last, country_code)


def count_working_days(first: date, last: date, country_code: str) -> int:
    """Return how many days from the first to the last one are working days there."""
    weekend = WEEKENDS.get(country_code, SATURDAY_AND_SUNDAY)
    span = range(max(0, (last - first).days + 1))
    days = (first + timedelta(days=number) for number in span)
    return sum(1 for day in days if is_working_day(day, country_code, weekend))


def is_working_day(day: date, country_code: str, weekend: Collection[int]) -> bool:
    """Tell whether people of a country work on a day."""
    return day.weekday() not in weekend and day not in free_days(country_code, day.year)


@lru_cache(maxsize=256)
def free_days(country_code: str, year: int) -> frozenset[date]:
    """Return the public holidays of a country in a year; none where nobody knows them."""
    if country_code not in holidays.list_supported_countries(include_aliases=False):
        return frozenset()
    return frozenset(holidays.country_holidays(country_code, years=year))
