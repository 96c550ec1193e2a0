"""A person's own agenda: meetings, duties, and at one event everything that is on.

By days of the reader's zone; the event's clock stands beside. A constant number of queries.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING

from django.db.models import Prefetch, QuerySet
from django.utils import timezone

from events.clock_faces import Face, faces
from events.models import (
    Event,
    Meeting,
    MeetingState,
    Place,
    Registration,
    Seat,
    Session,
    SessionKind,
)
from events.services.open_slots import ends_of

if TYPE_CHECKING:
    from konnect.accounts.models import User

# Shorter ones are the way from one table to the next.
LEAST_GAP = timedelta(minutes=15)


@dataclass(frozen=True)
class Entry:
    """One line of an agenda: a meeting, a duty, or a session that one may attend."""

    event: Event
    # On the reader's clock, then on the event's.
    faces: list[Face]
    starts_at: datetime
    ends_at: datetime
    meeting: Meeting | None = None
    session: Session | None = None
    # Whether the person's own time is taken by it.
    is_own: bool = True
    people: Sequence[Registration] = ()

    @property
    def own_face(self) -> Face:
        """The reader's clock."""
        return self.faces[0]

    @property
    def event_face(self) -> Face | None:
        """The event's clock, where it shows another time than the reader's."""
        other = self.faces[-1]
        return (
            other if other.starts_at.utcoffset() != self.own_face.starts_at.utcoffset() else None
        )

    @property
    def day(self) -> date:
        """The reader's day on which it begins."""
        return self.own_face.starts_at.date()

    @property
    def names(self) -> str:
        """Whom one meets."""
        return ", ".join(one.profile.name for one in self.people)

    @property
    def place(self) -> Place | None:
        """The table, room or hall."""
        thing = self.meeting or self.session
        return thing.place if thing is not None else None

    @property
    def is_over(self) -> bool:
        """Whether it is over now."""
        return self.ends_at <= timezone.now()

    @property
    def kind(self) -> str:
        """What the look of the line goes by."""
        if self.meeting is not None:
            return "meeting"
        return "duty" if self.is_own else "session"


@dataclass(frozen=True)
class Line:
    """An entry, and how many minutes are free before it."""

    entry: Entry
    free_minutes: int = 0


@dataclass(frozen=True)
class AgendaDay:
    """One day of an agenda."""

    day: date
    lines: list[Line] = field(default_factory=list)


def agenda_at(event: Event, user: User, *, zone: str) -> list[AgendaDay]:
    """Return one event's agenda of a person: their meetings and duties among its sessions."""
    seats = own_seats(user).filter(meeting__event=event) | own_seats(user).filter(
        session__event=event
    )
    own = [entry_of_seat(seat, user, zone) for seat in seats]
    duties = {entry.session.pk for entry in own if entry.session is not None}
    sessions = event.sessions.exclude(kind=SessionKind.MEETINGS).select_related("place")
    others = [
        entry_of_session(session, event, zone) for session in sessions if session.pk not in duties
    ]
    return days_of([*own, *others])


def agenda_over_all(user: User, *, zone: str, since: datetime) -> list[AgendaDay]:
    """Return a person's meetings and duties over all events, from an instant on."""
    seats = own_seats(user).filter(during__endswith__gt=since)
    return days_of([entry_of_seat(seat, user, zone) for seat in seats])


def own_seats(user: User) -> QuerySet[Seat]:
    """Return what takes somebody's time, with everything that a line shows."""
    people = Seat.objects.select_related(
        "registration__profile__user", "registration__profile__organisation"
    )
    seats = Seat.objects.filter(profile__user=user, is_live=True)
    return seats.select_related(
        "meeting__event", "meeting__place", "session__event", "session__place"
    ).prefetch_related(Prefetch("meeting__seats", queryset=people, to_attr="sitting"))


def entry_of_seat(seat: Seat, user: User, zone: str) -> Entry:
    """Return a meeting or a duty as a line."""
    thing = seat.meeting or seat.session
    assert thing is not None
    sitting: list[Seat] = getattr(seat.meeting, "sitting", []) if seat.meeting else []
    others = [
        each.registration
        for each in sitting
        if each.registration is not None and each.registration.profile.user_id != user.pk
    ]
    starts_at, ends_at = ends_of(seat.during)
    return Entry(
        event=thing.event, faces=clocks(seat, thing.event, zone), starts_at=starts_at,
        ends_at=ends_at, meeting=seat.meeting, session=seat.session, people=others,
    )  # fmt: skip


def entry_of_session(session: Session, event: Event, zone: str) -> Entry:
    """Return a part of the programme as a line."""
    starts_at, ends_at = ends_of(session.during)
    return Entry(
        event=event, faces=clocks(session, event, zone), starts_at=starts_at, ends_at=ends_at,
        session=session, is_own=False,
    )  # fmt: skip


def clocks(thing: Seat | Session, event: Event, zone: str) -> list[Face]:
    """Return when something is, on the reader's clock and the event's."""
    return faces(thing.during, reader_zone=zone, event_zone=event.zone)


def days_of(entries: Iterable[Entry]) -> list[AgendaDay]:
    """Return entries by days, in the order of time."""
    rows = sorted(entries, key=lambda entry: (entry.starts_at, not entry.is_own, entry.ends_at))
    return [
        AgendaDay(day, list(with_gaps(list(found))))
        for day, found in groupby(rows, key=lambda entry: entry.day)
    ]


def with_gaps(entries: Sequence[Entry]) -> Iterable[Line]:
    """Say before each own entry how long one has been free since the last own one of the day."""
    free_since: datetime | None = None
    for entry in entries:
        minutes = 0
        if entry.is_own:
            if free_since is not None and entry.starts_at - free_since >= LEAST_GAP:
                minutes = int((entry.starts_at - free_since).total_seconds()) // 60
            free_since = max(free_since or entry.ends_at, entry.ends_at)
        yield Line(entry, minutes)


def meetings_to_come(user: User) -> int:
    """Count a person's meetings that are still to come, over all events."""
    return Seat.objects.filter(
        profile__user=user, is_live=True, meeting__state=MeetingState.SCHEDULED,
        during__endswith__gt=timezone.now(),
    ).count()  # fmt: skip
