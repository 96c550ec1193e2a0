"""The programme of an event by days, on the reader's clock, with who speaks where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby

from django.contrib.auth.models import AnonymousUser
from django.db.models import Prefetch

from events.clock_faces import Face, faces
from events.models import Event, Session, SessionSpeaker
from konnect.accounts.models import User
from matching.models import Profile
from matching.services.shown import ShownProfile, shown_profiles


@dataclass(frozen=True)
class Speaker:
    """Somebody who speaks: a member whom the reader may see, or a name that was written."""

    pk: int
    name: str
    affiliation: str
    person: ShownProfile | None = None


@dataclass(frozen=True)
class Part:
    """One line of a programme, on the reader's clock first, then the event's."""

    session: Session
    faces: list[Face]
    speakers: list[Speaker] = field(default_factory=list)

    @property
    def day(self) -> date:
        """The reader's day on which it begins."""
        return self.faces[0].starts_at.date()


@dataclass(frozen=True)
class ProgrammeDay:
    """One day of a programme."""

    day: date
    parts: list[Part]


def programme_of(event: Event, *, reader: User | AnonymousUser, zone: str) -> list[ProgrammeDay]:
    """Return the programme by days of the reader's zone, the event's for a visitor whose zone is ''.

    Five queries at most, however long it is.
    """
    speakers = SessionSpeaker.objects.select_related("profile")
    sessions = list(
        event.sessions.select_related("place").prefetch_related(Prefetch("speakers", speakers))
    )
    people = people_by_pk(sessions, reader)
    parts = [part_of(session, event, zone, people) for session in sessions]
    return [
        ProgrammeDay(day, list(found)) for day, found in groupby(parts, key=lambda part: part.day)
    ]


def people_by_pk(
    sessions: Sequence[Session], reader: User | AnonymousUser
) -> dict[int, ShownProfile]:
    """Return the members who speak, as this reader may see them."""
    pks = {
        speaker.profile_id
        for session in sessions
        for speaker in session.speakers.all()
        if speaker.profile_id
    }
    if not pks:
        return {}
    visible = Profile.objects.visible_to(reader).filter(pk__in=pks)
    return {shown.pk: shown for shown in shown_profiles(visible.with_card(), reader)}


def part_of(session: Session, event: Event, zone: str, people: dict[int, ShownProfile]) -> Part:
    """Return one line."""
    found = faces(session.during, reader_zone=zone, event_zone=event.zone)
    return Part(session, found, [shown_speaker(row, people) for row in session.speakers.all()])


def shown_speaker(speaker: SessionSpeaker, people: dict[int, ShownProfile]) -> Speaker:
    """Return a speaker as the reader may see them; a member who is hidden stays unnamed.

    What an organiser wrote stands for itself: `name` is '' for a member whom nobody wrote.
    """
    person = people.get(speaker.profile_id or 0)
    if person is not None:
        place = str(person.organisation or person.organisation_unlisted)
        return Speaker(speaker.pk, person.display_name, place, person)
    return Speaker(speaker.pk, speaker.name, speaker.affiliation)


def speaks_at(event: Event, reader: User | AnonymousUser) -> bool:
    """Tell whether the programme names this reader."""
    if not reader.is_authenticated:
        return False
    named = SessionSpeaker.objects.filter(session__event=event, profile__user=reader)
    return named.exists()
