"""How long stays are: days count inclusively, and months as the MSCA rule counts them.

Pure. Marie Skłodowska-Curie actions: a full month runs from day n to day n − 1 of the next month;
the days that are left over are thirtieths of a month. Several stays of a person may add up.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from datetime import date, timedelta
from fractions import Fraction

DAYS_OF_A_MONTH = 30


def days_of(first: date, last: date) -> int:
    """Return how many days a stay takes, the first and the last of them counted.

    Raises:
        ValueError: it ends before it begins.
    """
    if last < first:
        raise ValueError(f"{first} to {last}")
    return (last - first).days + 1


def months_later(day: date, number: int) -> date:
    """Return the same day so many months later; the last day of a month that has no such day."""
    years, month = divmod(day.month - 1 + number, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def months_of(first: date, last: date) -> Fraction:
    """Return how many months a stay takes: full months, and the rest in thirtieths.

    Raises:
        ValueError: it ends before it begins.
    """
    days_of(first, last)
    full = 0
    while months_later(first, full + 1) - timedelta(days=1) <= last:
        full += 1
    rest = (last - months_later(first, full)).days + 1
    return full + Fraction(rest, DAYS_OF_A_MONTH)


def months_together(stays: Iterable[tuple[date, date]]) -> Fraction:
    """Return how many months several stays take in all."""
    return sum((months_of(first, last) for first, last in stays), Fraction(0))
