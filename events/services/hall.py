"""What the screen in the hall shows: what is on now, and what comes next.

A name stands there only when its owner agreed to stand in the list of participants; a meeting of
which one does not is shown as a taken table.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from events.models import (
    Announcement,
    Event,
    Meeting,
    PlaceKind,
    Registration,
    Seat,
    Session,
    SessionKind,
)
from events.services.open_slots import ends_of
from matching.models import Profile

# What comes later than this is no "next".
AHEAD = timedelta(hours=12)
# Announcements stay on the screen for so long.
FRESH = timedelta(hours=3)


@dataclass(frozen=True)
class HallMeeting:
    """One table on the screen; without people it is taken by somebody who is not shown."""

    meeting: Meeting
    people: tuple[Profile, ...]


@dataclass(frozen=True)
class Board:
    """The screen at one moment; `next_at` is when the next meetings begin."""

    now: datetime
    sessions_now: list[Session]
    sessions_next: list[Session]
    meetings_now: list[HallMeeting]
    meetings_next: list[HallMeeting]
    next_at: datetime | None
    announcement: Announcement | None


def board_of(event: Event, now: datetime) -> Board:
    """Return what the screen shows; six queries, however many meet."""
    sessions = list(event.sessions.select_related("place").filter(during__endswith__gt=now))
    sessions = [session for session in sessions if session.kind != SessionKind.MEETINGS]
    current = meetings_at(event, now)
    coming = next_start(event, now)
    following = meetings_at(event, coming) if coming else []
    people = listed_people(event, [*current, *following])
    fresh = event.announcements.standing().filter(made_at__gt=now - FRESH)
    return Board(
        now=now,
        sessions_now=[session for session in sessions if begin_of(session) <= now],
        sessions_next=upcoming(sessions, now),
        meetings_now=[HallMeeting(meeting, people[meeting.pk]) for meeting in current],
        meetings_next=[HallMeeting(meeting, people[meeting.pk]) for meeting in following],
        next_at=coming,
        announcement=fresh.first(),
    )


def upcoming(sessions: Iterable[Session], now: datetime) -> list[Session]:
    """Return the sessions that begin next, all of those that begin together."""
    later = [session for session in sessions if now < begin_of(session) <= now + AHEAD]
    first = min(map(begin_of, later), default=now)
    return [session for session in later if begin_of(session) == first]


def begin_of(session: Session) -> datetime:
    """Return when a session begins."""
    return ends_of(session.during)[0]


def meetings_at(event: Event, moment: datetime) -> list[Meeting]:
    """Return the meetings at tables at an instant, table by table."""
    rows = event.meetings.filter(is_live=True, during__contains=moment, place__isnull=False)
    rows = rows.exclude(place__kind=PlaceKind.ONLINE_ROOM).select_related("place")
    return list(rows.order_by("place__position", "place_id"))


def next_start(event: Event, now: datetime) -> datetime | None:
    """Return when the next meetings at tables begin."""
    rows = event.meetings.filter(
        is_live=True, during__startswith__gt=now, during__startswith__lte=now + AHEAD,
        place__isnull=False,
    ).exclude(place__kind=PlaceKind.ONLINE_ROOM)  # fmt: skip
    first = rows.order_by("during").first()
    return ends_of(first.during)[0] if first else None


def listed_people(event: Event, meetings: list[Meeting]) -> dict[int, tuple[Profile, ...]]:
    """Return who may be shown of each meeting: everybody, or nobody if one did not agree."""
    seats = Seat.objects.filter(meeting__in=meetings).order_by("pk")
    seats = seats.select_related("profile__organisation")
    listed = set(
        Registration.objects.listed().filter(event=event).values_list("profile_id", flat=True)
    )
    found: defaultdict[int, list[Profile]] = defaultdict(list)
    for seat in seats:
        found[seat.meeting_id or 0].append(seat.profile)
    return {
        meeting.pk: tuple(people) if all(p.pk in listed for p in people) else ()
        for meeting in meetings
        for people in [found[meeting.pk]]
    }
