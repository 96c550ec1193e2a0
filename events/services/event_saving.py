"""Writing events: what organisers type, step by step, and what follows when the time changes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from events.models import (
    Availability,
    Event,
    EventHelper,
    HelperRole,
    Meeting,
    Session,
    Slot,
)
from events.services.locking import lock_event
from events.services.sessions import refusal_of
from events.wall_times import FORM, instant_near, local, wall_of
from matching.models import Area, Organisation
from matching.services.profiles import EditConflict

if TYPE_CHECKING:
    from konnect.accounts.models import User

WINDOWS = (
    "registration_opens_at", "registration_closes_at", "requests_open_at", "requests_close_at",
    "feedback_closes_at",
)  # fmt: skip
# Of a slot or session on its way to another time; nothing else is ever there.
FAR_AWAY = timedelta(days=365_000)
Move = Callable[[datetime], datetime]


class SlotsFrozenError(Exception):
    """People have said when they can meet: the length of a meeting stays."""


class MeetingsPlannedError(Exception):
    """Meetings are scheduled: their times change in the schedule, not with the event."""


def version_of(event: Event) -> str:
    """Return what tells one saved state of an event from the next; '' for a new one."""
    return event.updated_at.isoformat() if event.pk else ""


@transaction.atomic
def save_event(
    event: Event,
    *,
    actor: User,
    columns: Mapping[str, Any],
    areas: Iterable[Area] | None = None,
    hosts: Iterable[Organisation] | None = None,
    version: str | None = None,
    moves_along: bool = False,
) -> Event:
    """Write what was given and leave the rest; whoever makes an event becomes its organiser.

    version: the state on which the change builds; moves_along: whether programme, meeting times
    and windows move with the beginning of the event.

    Raises:
        EditConflict: `version` is given and is no longer the stored one.
        SlotsFrozenError: another length of meetings, after somebody said when they can meet.
        MeetingsPlannedError: the times of scheduled meetings would change.
        SpeakerTakenError: a member who speaks is taken elsewhere at the new time.
    """
    stored = locked(event, version)
    if stored is not None and stored.slot_minutes != columns.get(
        "slot_minutes", stored.slot_minutes
    ):
        check_not_frozen(event)
    for name, value in columns.items():
        setattr(event, name, value)
    is_new = event.pk is None
    if is_new:
        event.created_by = actor
        event.save()
        EventHelper.objects.create(
            event=event, user=actor, role=HelperRole.ORGANISER, added_by=actor
        )
    else:
        # Only these: the state belongs to `move_to`, which may have been faster.
        event.save(update_fields=[*columns, "updated_at"])
    if areas is not None:
        event.areas.set(areas)
    if hosts is not None:
        event.hosts.set(hosts)
    if stored is not None and moves_along:
        follow(event, stored, windows={name for name in WINDOWS if name not in columns})
    return event


def locked(event: Event, version: str | None) -> Event | None:
    """Lock the stored row and compare: two open windows never overwrite each other silently."""
    if event.pk is None:
        return None
    stored = lock_event(event)
    if version is not None and version_of(stored) != version:
        raise EditConflict
    return stored


def check_not_frozen(event: Event) -> None:
    """Refuse another length of meetings once anybody has given availability.

    Raises:
        SlotsFrozenError: somebody has.
    """
    if is_frozen(event):
        raise SlotsFrozenError


def is_frozen(event: Event) -> bool:
    """Tell whether anybody has said when they can meet."""
    return Availability.objects.filter(slot__event=event).exists()


def follow(event: Event, before: Event, *, windows: Collection[str]) -> None:
    """Move programme, slots and windows as the beginning moved, by the clocks of the event.

    Raises:
        MeetingsPlannedError: there are scheduled meetings.
        SpeakerTakenError: a member who speaks is taken elsewhere at the new time.
    """
    shift = local(event.starts_wall) - local(before.starts_wall)
    if not shift and event.zone == before.zone:
        return
    if Meeting.objects.filter(event=event, is_live=True).exists():
        raise MeetingsPlannedError

    def moved(moment: datetime) -> datetime:
        wall = (local(wall_of(moment, before.zone)) + shift).strftime(FORM)
        return instant_near(wall, event.zone, moment + shift)

    try:
        with transaction.atomic():
            move_times(event, moved, windows=windows)
    except IntegrityError as error:
        raise refusal_of(error) from error


def move_times(event: Event, move: Move, *, windows: Collection[str] = WINDOWS) -> None:
    """Move windows, programme and slots of an event; meetings and seats follow their slots.

    Raises:
        IntegrityError: somebody would sit, or a place be used, twice at once.
    """
    for name in windows:
        if (moment := getattr(event, name)) is not None:
            setattr(event, name, move(moment))
    event.save(update_fields=[*windows, "starts_at", "ends_at", "updated_at"])
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    for model in (Session, Slot):
        move_rows(model, event, move)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def move_rows(model: Any, event: Event, move: Move) -> None:
    """Move sessions or slots: first all far away, then all home, so that none meets another."""
    rows = list(model.objects.filter(event=event).order_by("pk"))
    homes = [DateTimeTZRange(*span_moved(row.during, move)) for row in rows]
    for row in rows:
        row.during = DateTimeTZRange(row.during.lower + FAR_AWAY, row.during.upper + FAR_AWAY)
    model.objects.bulk_update(rows, ["during"])
    for row, home in zip(rows, homes, strict=True):
        row.during = home
    model.objects.bulk_update(rows, ["during"])


def span_moved(during: Any, move: Move) -> tuple[datetime, datetime]:
    """Return where a stretch of time begins and ends after a move; it lasts as long as before."""
    begins = move(during.lower)
    return begins, begins + (during.upper - during.lower)
