"""Months as pages show them: weeks of days with what is on."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from events.clock_faces import MINUTE
from events.models import Event

MONTH = re.compile(r"^(\d{4})-(\d{2})$")
DAY = timedelta(days=1)
EARLIEST_YEAR, LATEST_YEAR = 2000, 2100
WEEKS = 6


@dataclass
class Day:
    """One day of a month's page."""

    date: date
    is_in_month: bool
    is_today: bool
    events: list[Event] = field(default_factory=list)


@dataclass(frozen=True)
class Month:
    """One month, its weeks, and the months beside it."""

    first: date
    weeks: list[list[Day]]

    @property
    def name(self) -> str:
        """How addresses name it: 2031-06."""
        return f"{self.first:%Y-%m}"

    @property
    def previous(self) -> date:
        """The first day of the month before."""
        return (self.first - DAY).replace(day=1)

    @property
    def next(self) -> date:
        """The first day of the month after."""
        return next_month(self.first)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is on."""
        return not any(day.events for week in self.weeks for day in week)


def month_named(name: str) -> date | None:
    """Return the first day of a month by its name, 2031-06; None when it is none."""
    found = MONTH.match(name)
    if found is None:
        return None
    year, month = int(found[1]), int(found[2])
    is_known = EARLIEST_YEAR <= year <= LATEST_YEAR and 1 <= month <= 12
    return date(year, month, 1) if is_known else None


def next_month(first: date) -> date:
    """Return the first day of the month after one."""
    return (first.replace(day=28) + 4 * DAY).replace(day=1)


def first_shown(first: date, first_weekday: int) -> date:
    """Return the day with which the page of a month begins; weekdays count from Sunday, 0."""
    return first - ((first.isoweekday() - first_weekday) % 7) * DAY


def shown_span(first: date, first_weekday: int, zone: str) -> tuple[datetime, datetime]:
    """Return the instants between which the page of a month lies."""
    begins = datetime.combine(first_shown(first, first_weekday), time(), ZoneInfo(zone))
    return begins, begins + WEEKS * 7 * DAY


def month_of(
    first: date, events: Iterable[Event], *, zone: str, today: date, first_weekday: int
) -> Month:
    """Return the page of a month with events on the days that they touch in a zone."""
    start = first_shown(first, first_weekday)
    days = [
        Day(day, is_in_month=day.month == first.month, is_today=day == today)
        for day in (start + number * DAY for number in range(WEEKS * 7))
    ]
    for event in events:
        for day in days[span_of(event, start, zone)]:
            day.events.append(event)
    weeks = [days[number : number + 7] for number in range(0, len(days), 7)]
    return Month(first, [week for week in weeks if any(day.is_in_month for day in week)])


def span_of(event: Event, start: date, zone: str) -> slice:
    """Return which days an event touches, counted from the first one shown."""
    own = ZoneInfo(zone)
    first = (event.starts_at.astimezone(own).date() - start).days
    last = ((event.ends_at - MINUTE).astimezone(own).date() - start).days
    return slice(max(0, first), max(0, last + 1))
