"""The parts of a programme and who speaks in them; a member who speaks is taken meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Max

from events.models import Event, EventState, Seat, Session, SessionSpeaker
from events.services.event_notices import tell_of_speaking
from matching.models import Profile

if TYPE_CHECKING:
    from konnect.accounts.models import User


class HallTakenError(Exception):
    """Something else is in this hall at that time."""


class SpeakerTakenError(Exception):
    """Somebody who speaks here meets or speaks elsewhere at that time."""


@transaction.atomic
def save_session(
    session: Session,
    *,
    actor: User,
    columns: Mapping[str, Any],
    starts_at: datetime,
    ends_at: datetime,
) -> Session:
    """Write a part of a programme; its speakers' seats follow its time.

    Raises:
        HallTakenError: another session is in the same hall at that time.
        SpeakerTakenError: a member who speaks is taken at that time.
    """
    for name, value in columns.items():
        setattr(session, name, value)
    session.during = DateTimeTZRange(starts_at, ends_at)
    try:
        with transaction.atomic():
            session.save()
    except IntegrityError as error:
        raise refusal_of(error) from error
    return session


def refusal_of(error: IntegrityError) -> Exception:
    """Return in our words which constraint refused; the error itself when it is another one."""
    if "one_session_a_hall" in str(error):
        return HallTakenError()
    return SpeakerTakenError() if "one_seat_a_person" in str(error) else error


@transaction.atomic
def add_speaker(
    session: Session,
    *,
    actor: User,
    profile: Profile | None = None,
    name: str = "",
    affiliation: str = "",
) -> SessionSpeaker:
    """Let a member or somebody by name speak; a member is taken while the session lasts, and told.

    Raises:
        SpeakerTakenError: the member meets or speaks elsewhere at that time.
        IntegrityError: the member speaks here already.
    """
    last = session.speakers.aggregate(last=Max("position"))["last"]
    speaker = SessionSpeaker.objects.create(
        session=session, profile=profile, name=name, affiliation=affiliation,
        position=0 if last is None else last + 1,
    )  # fmt: skip
    if profile is not None:
        take_seat(session, profile)
        tell_of_speaking(speaker)
    return speaker


def take_seat(session: Session, profile: Profile) -> None:
    """Take a member's time; that of a cancelled event is free.

    Raises:
        SpeakerTakenError: it is taken already.
    """
    is_live = session.event.state != EventState.CANCELLED
    try:
        with transaction.atomic():
            Seat.objects.create(
                profile=profile, session=session, during=session.during, is_live=is_live
            )
    except IntegrityError as error:
        raise refusal_of(error) from error


@transaction.atomic
def remove_speaker(speaker: SessionSpeaker, *, actor: User) -> None:
    """Let somebody speak no more; a member's time is free again."""
    if speaker.profile_id:
        Seat.objects.filter(session=speaker.session_id, profile=speaker.profile_id).delete()
    speaker.delete()


@transaction.atomic
def leave_programme(event: Event, *, profile: Profile) -> int:
    """Take a member out of all sessions of an event, as they wish; return of how many."""
    speaking = SessionSpeaker.objects.filter(session__event=event, profile=profile)
    Seat.objects.filter(session__event=event, profile=profile).delete()
    return speaking.delete()[0]


@transaction.atomic
def delete_session(session: Session, *, actor: User) -> None:
    """Remove a part of a programme, with its speakers and their seats."""
    session.delete()
