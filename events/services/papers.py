"""What the papers of an event say: agendas, the sheet of all tables, badges."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from events.clock_faces import Face
from events.models import Event, Meeting, Place, Registration, Seat, Slot
from events.papers.press import printed
from events.services.agendas import AgendaDay, Entry, agenda_at
from events.services.calendar_entries import people_lines, place_words
from events.services.open_slots import ends_of
from events.templatetags.event_times import day_words, face_words, hour_words, in_zone
from events.tickets import ticket_address, ticket_drawing
from konnect.accounts.models import User
from matching.countries import country_name, zone_city
from matching.models import Profile


class Cell(NamedTuple):
    """A place at a time."""

    place_id: int
    slot_id: int


def agenda_paper(event: Event, registration: Registration, user: User, zone: str) -> bytes:
    """Return one person's agenda as PDF, on their clock and the event's."""
    days = agenda_at(event, user, zone=zone)
    person = registration.profile
    data = {
        "lang": get_language() or "en",
        "title": _("My agenda"),
        "lines": [*people_lines([person]), event.title, *event_lines(event)],
        "columns": [zone_city(zone), zone_city(event.zone), _("What"), _("Where")],
        "days": [day_rows(day) for day in days],
        "empty": _("There is nothing on your agenda yet."),
        "foot": foot_of(event),
    }
    return printed("agenda", data)


def event_lines(event: Event) -> list[str]:
    """Return when an event is, on its own clock, and where."""
    zone = event.zone
    starts_at, ends_at = in_zone(event.starts_at, zone), in_zone(event.ends_at, zone)
    when = f"{face_words(Face(zone, starts_at, ends_at))} ({zone_city(zone)})"
    return [words for words in (when, place_words(event, None)) if words]


def foot_of(event: Event) -> str:
    """Return the foot of a paper: the event, and as of when it holds."""
    now = timezone.localtime()
    when = {"day": day_words(now.date()), "time": hour_words(now), "event": event.title}
    return _("%(event)s · as of %(day)s, %(time)s. Changes are on KONNECT.") % when


def day_rows(day: AgendaDay) -> dict[str, Any]:
    """Return one day of an agenda."""
    return {"day": day_words(day.day), "rows": [agenda_row(line.entry) for line in day.lines]}


def agenda_row(entry: Entry) -> dict[str, Any]:
    """Return one line of an agenda."""
    own, other = entry.faces[0], entry.faces[-1]
    people = [each.profile for each in entry.people]
    thing = entry.meeting or entry.session
    place = thing.place if thing else None
    return {
        "time": hours(own),
        "other_time": "" if entry.event_face is None else hours(other),
        "what": names(people) if entry.meeting else str(entry.session),
        "lines": [person.affiliation for person in people if person.affiliation],
        "place": place.name if place else (_("Online") if entry.meeting else ""),
        "is_meeting": entry.meeting is not None,
    }


def hours(face: Face) -> str:
    """Return from when to when, by one clock."""
    return f"{hour_words(face.starts_at)}–{hour_words(face.ends_at)}"


def names(people: list[Profile]) -> str:
    """Return the names of the others at a meeting."""
    return ", ".join(person.name for person in people)


def day_sheet(event: Event) -> bytes:
    """Return all tables and rooms of an event with who meets there, day by day, as PDF."""
    data = {
        "lang": get_language() or "en",
        "title": _("All tables"),
        "lines": [event.title, *event_lines(event)],
        "days": sheet_days(event),
        "empty": _("There are no meetings yet: nothing was published."),
        "foot": foot_of(event),
    }
    return printed("day_sheet", data)


def sheet_days(event: Event) -> list[dict[str, Any]]:
    """Return the days of an event with their places and meetings; four queries."""
    places = [*event.places.all()]
    people = people_at(event)
    by_day: defaultdict[Any, list[Slot]] = defaultdict(list)
    for slot in event.slots.all():
        by_day[begin_of(slot, event).date()].append(slot)
    found = []
    for day, slots in sorted(by_day.items()):
        rows = {place.pk: place_rows(event, place, slots, people) for place in places}
        used = [{"name": p.name, "rows": rows[p.pk]} for p in places if rows[p.pk]]
        if used:
            found.append({"day": day_words(day), "places": used})
    return found


def begin_of(slot: Slot, event: Event) -> datetime:
    """Return when a slot begins, on the clock of the event."""
    return in_zone(ends_of(slot.during)[0], event.zone)


def people_at(event: Event) -> Mapping[Cell, list[str]]:
    """Return who sits where and when."""
    meetings = Meeting.objects.filter(event=event, is_live=True, place__isnull=False)
    cells = {
        pk: Cell(place, slot) for pk, place, slot in meetings.values_list("pk", "place", "slot")
    }
    seats = Seat.objects.filter(meeting__in=cells).select_related("profile__organisation")
    found: defaultdict[Cell, list[str]] = defaultdict(list)
    for seat in seats.order_by("meeting_id", "pk"):
        found[cells[seat.meeting_id or 0]] += people_lines([seat.profile])
    return found


def place_rows(
    event: Event, place: Place, slots: list[Slot], people: Mapping[Cell, list[str]]
) -> list[dict[str, Any]]:
    """Return the meetings at one place on one day."""
    return [
        {"time": hour_words(begin_of(slot, event)), "people": people[cell]}
        for slot in slots
        if (cell := Cell(place.pk, slot.pk)) in people
    ]


def badges(event: Event) -> bytes:
    """Return a badge for everybody who takes part, in the order of names, as PDF."""
    going = event.registrations.confirmed().with_people().select_related("event")
    data = {
        "lang": get_language() or "en",
        "title": _("Badges"),
        "event": event.title,
        "code": _("QR code of the ticket"),
        "people": [badge_of(each) for each in going.order_by("profile__display_name", "pk")],
        "empty": _("Nobody takes part yet."),
    }
    return printed("badges", data)


def badge_of(registration: Registration) -> dict[str, str]:
    """Return what a badge says: the name in both scripts, the organisation, the country."""
    person = registration.profile
    first = person.name
    second = person.hangul_name if first == person.display_name else person.display_name
    return {
        "name": first,
        "second": second if second != first else "",
        "affiliation": person.affiliation,
        "country": country_name(person.country_code) if person.country_code else "",
        "code": ticket_drawing(ticket_address(registration)),
    }
