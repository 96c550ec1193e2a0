"""What time it is for grants: the clock of the database, and the days of both sides."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange

# In which zone a side's days begin.
ZONES = {"europe": "Europe/Brussels", "korea": "Asia/Seoul"}


def transaction_began() -> datetime:
    """Return when this transaction began, by the clock of the database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        found: datetime = cursor.fetchone()[0]
    return found


def today_at(side: str) -> date:
    """Return which day it is on a side; elsewhere in UTC."""
    zone = ZoneInfo(ZONES[side]) if side in ZONES else UTC
    return transaction_began().astimezone(zone).date()


def today_everywhere() -> date:
    """Return the day that has begun on both sides: a date that is over is over for everybody."""
    return min(today_at(side) for side in ZONES)


def range_of(first: date, last: date) -> DateRange:
    """Return a range of days, both of them inside, as the database normalises it."""
    return DateRange(first, last + timedelta(days=1))


def first_day(period: Any) -> date:
    """Return the first day of a range of days, which the database keeps bounded."""
    first: date = period.lower
    return first


def last_day(period: Any) -> date:
    """Return the last day of a range; the database keeps the day after it."""
    after: date = period.upper
    return after - timedelta(days=1)
