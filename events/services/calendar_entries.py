"""What calendars say of a meeting to each of its people, in each one's language and zone.

All facts are read at once, a handful of queries for any number of meetings.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from events import clock_faces
from events.calendars import Entry, Mailbox
from events.models import Event, EventMode, Meeting, Place, PlaceKind, Registration, Seat
from events.services.open_slots import ends_of
from events.templatetags.event_times import face_words
from konnect.accounts.zones import known_time_zones
from matching.countries import zone_city
from matching.models import Profile

Found = TypeVar("Found")
# What is told of a person: no more is fetched, because there are thousands.
PERSON = (
    "display_name", "hangul_name", "honorific", "organisation_unlisted", "user__email",
    "user__language", "user__time_zone", "user__is_active", "user__quiet_from",
    "user__quiet_until", "user__digest_hour", "user__digest_weekday", "organisation__name",
    "organisation__name_en", "organisation__name_ko",
)  # fmt: skip


@dataclass(frozen=True)
class Invited:
    """One person of one meeting: whom they meet, in which zone they think, and where."""

    meeting: Meeting
    event: Event
    profile: Profile
    partners: tuple[Profile, ...]
    zone: str
    place: Place | None

    @property
    def is_online(self) -> bool:
        """Whether the meeting is held in an online room."""
        return is_online(self.meeting, self.place)


class SeatFacts(NamedTuple):
    """A row of a meeting's people."""

    meeting_id: int
    profile_id: int
    registration_id: int | None


def invited_to(meetings: Iterable[Meeting]) -> list[Invited]:
    """Return everybody of some meetings; five queries for any number.

    The meetings are taken as they stand in memory, with their new times.
    """
    by_id = {meeting.pk: meeting for meeting in meetings}
    columns = ("meeting_id", "profile_id", "registration_id")
    rows = Seat.objects.filter(meeting__in=by_id).order_by("meeting_id", "pk")
    seats = [SeatFacts(*row) for row in rows.values_list(*columns)]
    people = people_of({seat.profile_id for seat in seats})
    events = Event.objects.in_bulk({meeting.event_id for meeting in by_id.values()})
    places = Place.objects.in_bulk({m.place_id for m in by_id.values() if m.place_id})
    zones = zones_of({seat.registration_id for seat in seats if seat.registration_id})
    at = defaultdict(list)
    for seat in seats:
        at[seat.meeting_id].append(seat.profile_id)
    return [
        Invited(
            meeting=(meeting := by_id[seat.meeting_id]),
            event=events[meeting.event_id],
            profile=(profile := people[seat.profile_id]),
            partners=tuple(people[pk] for pk in at[seat.meeting_id] if pk != profile.pk),
            zone=zones.get(seat.registration_id or 0) or zone_of(profile),
            place=places.get(meeting.place_id or 0),
        )
        for seat in seats
    ]


def people_of(ids: Iterable[int]) -> dict[int, Profile]:
    """Return what calendars tell of some people."""
    people = Profile.objects.select_related("user", "organisation").only(*PERSON)
    return people.in_bulk(list(ids))


def zones_of(registration_ids: Iterable[int]) -> dict[int, str]:
    """Return in which zone people think of an event, by registration; unknown ones are left out."""
    rows = Registration.objects.filter(pk__in=list(registration_ids)).values_list("pk", "zone")
    return {pk: zone for pk, zone in rows if zone in known_time_zones()}


def zone_of(profile: Profile) -> str:
    """Return a person's zone."""
    zone = profile.user.time_zone
    return zone if zone in known_time_zones() else "UTC"


def is_online(meeting: Meeting, place: Place | None) -> bool:
    """Tell whether a meeting is held in an online room: without a place it is."""
    return place is None or place.kind == PlaceKind.ONLINE_ROOM


class Phrases:
    """What is said of people, places and times in the language that is active, each worked out once.

    A schedule names the same thousand people in ten thousand letters. Make one a batch, and use it
    in the language in which it was made.
    """

    def __init__(self) -> None:
        """Begin with what does not depend on a meeting."""
        self.known: dict[tuple[object, ...], Any] = {}
        self.meeting_with = _("Meeting with %(names)s")
        self.event_label = _("Event")
        self.place_label = _("Place")
        self.room_label = _("Online room, open ten minutes before the meeting")
        self.more_label = _("Everything about this meeting")
        self.host = site_host()
        self.meeting_address = Address.of("events:meeting_detail")
        self.room_address = Address.of("events:meeting_room")

    def once(self, key: tuple[object, ...], make: Callable[[], Found]) -> Found:
        """Return what is known by a key, worked out if it is not."""
        if key not in self.known:
            self.known[key] = make()
        found: Found = self.known[key]
        return found

    def name(self, person: Profile) -> str:
        """Return a person's name in the reader's script."""
        return self.once(("name", person.pk), lambda: person.name)

    def names(self, people: Sequence[Profile]) -> str:
        """Return the names of some people."""
        return ", ".join(map(self.name, people))

    def addressee(self, person: Profile) -> str:
        """Return a person's name as a letter writes it."""
        return self.once(("addressee", person.pk), lambda: person.addressee)

    def lines(self, people: Sequence[Profile]) -> list[str]:
        """Return a line for each person: name and affiliation."""
        return [self.line(person) for person in people]

    def line(self, person: Profile) -> str:
        """Return a person's name and affiliation."""
        return self.once(("line", person.pk), lambda: person_line(person))

    def title(self, event: Event) -> str:
        """Return the title of an event."""
        return self.once(("title", event.pk), lambda: event.title)

    def organiser(self, event: Event) -> Mailbox:
        """Return who invites."""
        return self.once(("organiser", event.pk), lambda: organiser_of(event))

    def where(self, event: Event, place: Place | None) -> str:
        """Return where something is."""
        key = ("where", event.pk, place and place.pk)
        return self.once(key, lambda: place_words(event, place))

    def times(self, invited: Invited) -> tuple[str, ...]:
        """Return when a meeting is, on the person's clocks first."""
        key = ("times", invited.meeting.during.lower, invited.meeting.during.upper,
               invited.zone, invited.event.pk)  # fmt: skip
        return self.once(key, lambda: time_lines(invited))

    def meeting_page(self, meeting: Meeting) -> str:
        """Return the address of a meeting's page."""
        return self.meeting_address.to(meeting.pk)

    def room_page(self, meeting: Meeting) -> str:
        """Return the address of the page that opens the room to the people of the meeting."""
        return self.room_address.to(meeting.pk)


class Address(NamedTuple):
    """A whole address around a number: finding one by its name takes as long as all the rest."""

    before: str
    after: str

    @classmethod
    def of(cls, name: str) -> Address:
        """Return the address of this name."""
        before, _number, after = reverse(name, args=[0]).rpartition("0")
        return cls(settings.SITE_URL + before, after)

    def to(self, number: int) -> str:
        """Return the address of one thing."""
        return f"{self.before}{number}{self.after}"


def entry_of(
    invited: Invited, phrases: Phrases, *, changed_at: datetime, is_mailed: bool = True
) -> Entry:
    """Return a meeting as an entry of this person's calendar.

    is_mailed: as an invitation, which names the person; feeds do not.
    """
    meeting, event, person = invited.meeting, invited.event, invited.profile
    room = phrases.room_page(meeting) if invited.is_online else ""
    starts_at, ends_at = ends_of(meeting.during)
    return Entry(
        uid=f"{meeting.uid}@{phrases.host}",
        sequence=meeting.sequence,
        starts_at=starts_at,
        ends_at=ends_at,
        zone=event.zone,
        summary=phrases.meeting_with % {"names": phrases.names(invited.partners)},
        description=description_of(invited, phrases, room),
        location=room or phrases.where(event, invited.place),
        url=phrases.meeting_page(meeting),
        conference=room,
        organiser=phrases.organiser(event),
        attendee=Mailbox(person.user.email, phrases.name(person)) if is_mailed else None,
        changed_at=changed_at,
        is_cancelled=not meeting.is_live,
    )


def description_of(invited: Invited, phrases: Phrases, room: str) -> str:
    """Return what a calendar shows when the entry is opened."""
    event = invited.event
    lines = [
        *phrases.lines(invited.partners), "",
        f"{phrases.event_label}: {phrases.title(event)}", *phrases.times(invited), "",
        f"{phrases.room_label}: {room}" if room
        else f"{phrases.place_label}: {phrases.where(event, invited.place)}",
        f"{phrases.more_label}: {phrases.meeting_page(invited.meeting)}",
    ]  # fmt: skip
    return "\n".join(lines)


def person_line(person: Profile) -> str:
    """Return a person in one line: name and affiliation."""
    return ", ".join(filter(None, [person.name, person.affiliation]))


def people_lines(people: Sequence[Profile]) -> list[str]:
    """Return a line for each person."""
    return [person_line(person) for person in people]


def time_lines(invited: Invited) -> tuple[str, ...]:
    """Return when a meeting is, on the person's clocks first."""
    event = invited.event
    found = clock_faces.faces(
        clock_faces.Between(*ends_of(invited.meeting.during)),
        reader_zone=invited.zone,
        event_zone=event.zone,
        is_online=event.mode != EventMode.ON_SITE,
    )
    return tuple(f"{face_words(face)} ({zone_city(face.zone)}, {face.offset})" for face in found)


def place_words(event: Event, place: Place | None) -> str:
    """Return where something is: table, house, street."""
    own = place.name if place else ""
    return ", ".join(filter(None, [own, event.venue, event.address, event.city]))


def event_page(event: Event) -> str:
    """Return the address of an event's page."""
    return settings.SITE_URL + event.get_absolute_url()


def organiser_of(event: Event) -> Mailbox:
    """Return who invites: always the portal's own address, in the name of the event."""
    return Mailbox(parseaddr(settings.DEFAULT_FROM_EMAIL)[1], event.title)


def site_host() -> str:
    """Return the name of this portal, which makes the names of meetings unique in the world."""
    return urlsplit(settings.SITE_URL).hostname or "localhost"
