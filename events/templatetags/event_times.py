"""How pages show when something of an event is: the reader's clocks first, then the others."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.utils import timezone
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.formats import date_format
from django.utils.timesince import timeuntil
from django.utils.translation import get_language

from events import clock_faces
from events.clock_faces import Between, Face, Span
from events.models import Event, EventMode
from matching.countries import zone_city

register = template.Library()
# Django writes them out in Korean: 월요일.
KOREAN_WEEKDAYS = "월화수목금토일"
register.filter("zone_city", zone_city)


def reader_zone() -> str:
    """Return the zone that the reader lives in; '' for a visitor, who has not told."""
    # By its key: zones without a change of clocks call themselves by their distance, "+01".
    zone = str(timezone.get_current_timezone())
    return "" if zone == timezone.get_default_timezone_name() else zone


@register.filter
def time_left(moment: datetime, now: datetime | None = None) -> str:
    """Return how long it is until a moment; Korean puts no comma between weeks and days."""
    words = timeuntil(moment, now)
    return words.replace(", ", " ") if get_language() == "ko" else words


def event_faces(event: Event, during: Span, zones: Sequence[str] = ()) -> list[Face]:
    """Return a stretch of time at an event on the clocks that matter to the reader."""
    return clock_faces.faces(
        during,
        reader_zone=reader_zone(),
        event_zone=event.zone,
        is_online=event.mode != EventMode.ON_SITE or not reader_zone(),
        other_zones=tuple(zones),
    )


@register.simple_tag
def event_zones(event: Event, during: Span | None = None) -> list[Face]:
    """Return a stretch of time, the whole event by default, as each zone reads it."""
    return event_faces(event, during or Between(event.starts_at, event.ends_at))


@register.inclusion_tag("events/event_time.html")
def event_time(
    event: Event, during: Span | None = None, zone: str = "", *, is_short: bool = False
) -> dict[str, Any]:
    """Show when something is: reader's zone first, the event's, and both sides if it is online.

    during: the stretch, the whole event by default; zone: one more zone, such as a partner's;
    is_short: only the reader's and the event's zone, on one line.
    """
    found = event_faces(event, during or Between(event.starts_at, event.ends_at), filled(zone))
    if is_short:
        found = [face for face in found if face.is_reader or face.is_event]
    return {"faces": found, "is_short": is_short}


def filled(zone: str) -> tuple[str, ...]:
    """Return a zone as one of several, none when it is empty."""
    return (zone,) if zone else ()


@register.filter
def day_words(day: date) -> str:
    """Return a day with its weekday, as each language writes it: Mon 2 June 2031; 2031. 6. 2. (월)."""
    if get_language() == "ko":
        return f"{date_format(day, 'DATE_FORMAT')} ({KOREAN_WEEKDAYS[day.weekday()]})"
    return f"{WEEKDAYS_ABBR[day.weekday()]} {date_format(day, 'DATE_FORMAT')}"


@register.filter
def hour_words(moment: datetime) -> str:
    """Return the time of day of a local time, without changing its zone."""
    return f"{moment:%H:%M}"


@register.filter
def face_words(face: Face) -> str:
    """Return a stretch of time on one clock: day, hours, and the last day where it is another."""
    hours = f"{day_words(face.starts_at.date())}, {hour_words(face.starts_at)}"
    ends = hour_words(face.ends_at)
    if face.is_one_day:
        return f"{hours}–{ends}"
    return f"{hours} – {day_words(face.ends_at.date())}, {ends}"


@register.filter
def in_zone(moment: datetime, zone: str) -> datetime:
    """Return an instant on the clocks of a zone, for `hour_words` and `day_words`."""
    return moment.astimezone(ZoneInfo(zone))


@register.filter
def is_comfortable(moment: datetime, zone: str) -> bool:
    """Say whether people in a zone are glad to meet at an instant."""
    return clock_faces.is_comfortable(moment, zone)
