"""What the clocks of a zone show, and when that is: wall times and instants.

Pure. Wall times are written as "2026-10-25T02:30". In spring an hour is missing, in autumn one
comes twice; nothing is guessed: whoever wrote the time is asked.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

FORM = "%Y-%m-%dT%H:%M"
DAY = timedelta(days=1)


class MissingTimeError(ValueError):
    """The clocks of the zone never show this time: they leap over it."""


class AmbiguousTimeError(ValueError):
    """The clocks of the zone show this time twice; `choices` are both instants, in order."""

    def __init__(self, choices: tuple[datetime, datetime]) -> None:
        super().__init__(choices)
        self.choices = choices


def wall_of(moment: datetime, zone: str) -> str:
    """Return what the clocks of a zone show at an instant, to the minute."""
    return moment.astimezone(ZoneInfo(zone)).strftime(FORM)


def local(wall: str) -> datetime:
    """Return a wall time as a date and time without a zone.

    Raises:
        ValueError: it is no wall time.
    """
    return datetime.strptime(wall, FORM)  # noqa: DTZ007 - a wall time has no zone yet


def instants(wall: str, zone: str) -> tuple[datetime, ...]:
    """Return when, in UTC, the clocks of a zone show a time: never, once or twice.

    Raises:
        ValueError: it is no wall time.
    """
    shown = local(wall)
    both = [shown.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC) for fold in (0, 1)]
    return tuple(sorted({moment for moment in both if wall_of(moment, zone) == wall}))


def instant(wall: str, zone: str, *, is_second: bool | None = None) -> datetime:
    """Return the one instant at which the clocks of a zone show a time.

    is_second: of a time that comes twice, whether the later one is meant.

    Raises:
        MissingTimeError: the clocks leap over it.
        AmbiguousTimeError: it comes twice, and nobody said which is meant.
        ValueError: it is no wall time.
    """
    found = instants(wall, zone)
    if not found:
        raise MissingTimeError(wall)
    if len(found) == 1:
        return found[0]
    if is_second is None:
        raise AmbiguousTimeError((found[0], found[1]))
    return found[int(is_second)]


def instant_near(wall: str, zone: str, moment: datetime) -> datetime:
    """Return the instant of a wall time nearest to one that is known; nobody needs to be asked.

    A time that the clocks leap over is read as after the leap, as clocks that nobody set would.
    """
    found = instants(wall, zone)
    if found:
        return min(found, key=lambda each: abs(each - moment))
    return local(wall).replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC)


def shifted(wall: str, days: int) -> str:
    """Return the same time of day so many days later."""
    return (local(wall) + days * DAY).strftime(FORM)


def moved(moment: datetime, zone: str, days: int) -> datetime:
    """Return an instant so many calendar days later at the same wall time of a zone."""
    return instant_near(shifted(wall_of(moment, zone), days), zone, moment + days * DAY)


def day_of(moment: datetime, zone: str) -> date:
    """Return the calendar day of an instant in a zone."""
    return moment.astimezone(ZoneInfo(zone)).date()
