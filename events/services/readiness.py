"""What keeps an event from being published, and what its organisers should think over.

Problems are values: the form, the hub of the organisers and the service that publishes read the
same ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import ClassVar
from zoneinfo import ZoneInfo, available_timezones

from babel.core import get_global
from django.db.models import F
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from events.clock_faces import BRUSSELS, SEOUL, is_comfortable
from events.models import Event, EventMode, EventState, PlaceKind, SessionKind
from events.services.open_slots import ends_of
from events.wall_times import instants

# In which people sit and listen, so that they cannot meet.
TOGETHER = (SessionKind.TALK, SessionKind.PANEL, SessionKind.WORKSHOP, SessionKind.COURSE)
LONGEST = timedelta(days=31)


@dataclass(frozen=True)
class Problem:
    """Something about an event: code, words for its organisers, and the page where it is mended."""

    code: str
    words: str | Promise
    # A step of the form, or the name of a page of the organisers.
    step: str
    is_blocker: ClassVar[bool] = False


@dataclass(frozen=True)
class Blocker(Problem):
    """Keeps the event from being published."""

    is_blocker = True


@dataclass(frozen=True)
class Caution(Problem):
    """Does not keep it from being published; the organisers should look."""


def problems_of(event: Event) -> list[Problem]:
    """Return everything that is wrong or doubtful, blockers first; six queries at most."""
    now = timezone.now()
    if event.state != EventState.DRAFT and event.ends_at <= now:
        return []
    found = [
        *text_problems(event), *time_problems(event, now), *place_problems(event),
        *zone_problems(event),
        *window_problems(event, now), *programme_problems(event), *meeting_problems(event),
        *hour_problems(event),
    ]  # fmt: skip
    return sorted(found, key=lambda problem: not problem.is_blocker)


def blockers_of(event: Event) -> list[Problem]:
    """Return what keeps the event from being published; empty means go."""
    return [problem for problem in problems_of(event) if problem.is_blocker]


def text_problems(event: Event) -> Iterator[Problem]:
    """Look for what a reader needs to know."""
    if not (event.summary_en or event.summary_ko):
        yield Blocker("no_summary", _("Write a summary in one of the languages."), "texts")
    elif not (event.summary_en and event.summary_ko and event.title_en and event.title_ko):
        words = _("Title or summary is missing in one language: half of the readers miss it.")
        yield Caution("one_language", words, "texts")
    if not event.contact_email:
        words = _("Name an e-mail address for questions.")
        yield Caution("no_contact", words, "texts")
    if not event.hosts.exists():
        yield Caution("no_host", _("Say which organisations hold this event."), "texts")


def time_problems(event: Event, now: datetime) -> Iterator[Problem]:
    """Is it still to come, and does it have a length that people mean?"""
    if event.starts_at <= now and event.state == EventState.DRAFT:
        yield Blocker("begun", _("The beginning lies in the past."), "basics")
    if event.ends_at - event.starts_at > LONGEST:
        yield Blocker("too_long", _("The event lasts longer than a month."), "basics")
    for wall in (event.starts_wall, event.ends_wall):
        if len(instants(wall, event.zone)) != 1:
            words = _("The clocks change at the beginning or end: please check the time.")
            yield Caution("clock_change", words, "basics")


def place_problems(event: Event) -> Iterator[Problem]:
    """Does everybody know where to go?"""
    if event.mode != EventMode.ONLINE and not (event.venue_en or event.venue_ko or event.city):
        yield Blocker("no_place", _("Say where the event takes place."), "place")


def zone_problems(event: Event) -> Iterator[Problem]:
    """Do the clocks of the event show what clocks at its venue show?"""
    if event.mode == EventMode.ONLINE or not event.country_code:
        return
    own = offset_at(event.zone, event.starts_at)
    there = {offset_at(zone, event.starts_at) for zone in zones_of(event.country_code)}
    if there and own not in there:
        words = _("The time zone of the event is not one of the country where it takes place.")
        yield Caution("zone_elsewhere", words, "basics")


@lru_cache
def zones_of(country: str) -> tuple[str, ...]:
    """Return the time zones of a country that this computer knows; hundreds of files are read."""
    known = available_timezones()
    territories = get_global("zone_territories")
    return tuple(zone for zone, code in territories.items() if code == country and zone in known)


def offset_at(zone: str, moment: datetime) -> timedelta | None:
    """Return how far the clocks of a zone are from UTC at a moment."""
    return moment.astimezone(ZoneInfo(zone)).utcoffset()


def window_problems(event: Event, now: datetime) -> Iterator[Problem]:
    """Can people register, and ask for meetings, while there is time?"""
    opens, closes = event.registration_opens_at, event.registration_closes_at
    if opens is not None and opens >= event.ends_at:
        words = _("Registration opens after the end of the event.")
        yield Blocker("opens_late", words, "registration")
    if closes is not None and closes <= now and event.state == EventState.DRAFT:
        words = _("Registration closes in the past: nobody could register.")
        yield Blocker("closed", words, "registration")
    if closes is not None and closes > event.ends_at:
        words = _("Registration closes after the end of the event.")
        yield Blocker("closes_late", words, "registration")
    yield from request_problems(event)


def request_problems(event: Event) -> Iterator[Problem]:
    """Do people ask for meetings before the event is over?"""
    if not event.has_meetings:
        return
    opens, closes = event.requests_open_at, event.requests_close_at
    if opens is not None and opens >= event.ends_at:
        words = _("People can ask for meetings only after the end of the event.")
        yield Blocker("requests_late", words, "meetings")
    if closes is not None and closes > event.ends_at:
        words = _("Meeting requests end after the end of the event.")
        yield Blocker("requests_close_late", words, "meetings")


def programme_problems(event: Event) -> Iterator[Problem]:
    """Does the programme lie inside the event?"""
    sessions = event.sessions
    outside = sessions.exclude(during__contained_by=(event.starts_at, event.ends_at))
    if outside.exists():
        words = _("Parts of the programme lie outside of the event.")
        yield Caution("session_outside", words, "session_list")
    if not sessions.exists():
        yield Caution("no_programme", _("The programme is empty."), "session_list")


def meeting_problems(event: Event) -> Iterator[Problem]:
    """Is there when and where to meet, if people are to meet?"""
    if not event.has_meetings:
        return
    slots = event.slots
    if not slots.exists():
        words = _("There are no meeting times yet, though people are to meet.")
        yield Caution("no_slots", words, "slot_list")
    if slots.exclude(during__contained_by=(event.starts_at, event.ends_at)).exists():
        words = _("Meeting times lie outside of the event.")
        yield Blocker("slot_outside", words, "slot_list")
    if slots.filter(
        event__sessions__during__overlap=F("during"), event__sessions__kind__in=TOGETHER
    ).exists():
        words = _("Some meeting times lie in talks or courses: nobody can be at both.")
        yield Caution("slot_in_session", words, "slot_list")
    yield from missing_places(event)


def missing_places(event: Event) -> Iterator[Problem]:
    """Is there where to meet, on site and online?"""
    kinds = set(event.places.values_list("kind", flat=True))
    if event.mode != EventMode.ONLINE and PlaceKind.TABLE not in kinds:
        yield Caution("no_tables", _("There are no tables to meet at yet."), "place_list")
    if event.mode != EventMode.ON_SITE and PlaceKind.ONLINE_ROOM not in kinds:
        yield Caution("no_rooms", _("There are no online rooms to meet in yet."), "place_list")


def hour_problems(event: Event) -> Iterator[Problem]:
    """Do people who take part online meet in hours in which they are glad to?"""
    if event.mode == EventMode.ON_SITE:
        return
    moments = [ends_of(during)[0] for during in event.slots.values_list("during", flat=True)]
    for zone, words in (
        (BRUSSELS, _("Some meeting times lie before 08:00 or after 20:00 in Brussels.")),
        (SEOUL, _("Some meeting times lie before 08:00 or after 20:00 in Seoul.")),
    ):
        if not all(is_comfortable(moment, zone) for moment in moments):
            yield Caution(f"hours_{zone}", words, "slot_list")
