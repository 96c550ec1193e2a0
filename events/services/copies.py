"""Copies of events, and series: the same again on another day, at the same time on the wall."""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils import timezone

from events.models import (
    Event,
    EventHelper,
    EventSeries,
    EventState,
    HelperRole,
    Place,
    PlaceClosure,
    Question,
    Session,
    Slot,
)
from events.services.event_saving import WINDOWS, Move, span_moved
from events.services.locking import lock_event
from events.wall_times import day_of, instant_near, moved, shifted

if TYPE_CHECKING:
    from konnect.accounts.models import User

MOST_AT_ONCE = 12
# What belongs to the one event and not to its copy.
OWN_COLUMNS = {
    "state": EventState.DRAFT, "schedule_version": 0,
    "cancelled_at": None, "cancellation_en": "", "cancellation_ko": "",
}  # fmt: skip


@transaction.atomic
def copy_event(event: Event, *, actor: User, starts_on: date) -> Event:
    """Return a draft of the same event on another day, with helpers, places, times, programme.

    Times stay as the clocks of the event's zone show them, whatever happens to summer time in
    between: zone and wall time lead, instants follow. Who registered, met or spoke is not copied.
    """
    days = (starts_on - day_of(event.starts_at, event.zone)).days

    def move(moment: datetime) -> datetime:
        return moved(moment, event.zone, days)

    made = columns_copied(event, actor, days)
    made.areas.set(event.areas.all())
    made.hosts.set(event.hosts.all())
    copy_helpers(event, made, actor)
    places = copy_places(event, made)
    slots = copy_times(event, made, places, move)
    copy_closures(event, places, slots)
    Question.objects.bulk_create(fresh(question, event=made) for question in event.questions.all())
    return made


def columns_copied(event: Event, actor: User, days: int) -> Event:
    """Return the saved copy with its own beginning, end and windows."""
    made = fresh(
        event, **OWN_COLUMNS, copied_from=event, created_by=actor, created_at=timezone.now()
    )
    for name in ("starts", "ends"):
        wall = shifted(getattr(event, f"{name}_wall"), days)
        near = getattr(event, f"{name}_at") + timedelta(days=days)
        setattr(made, f"{name}_wall", wall)
        setattr(made, f"{name}_at", instant_near(wall, event.zone, near))
    for name in WINDOWS:
        moment = getattr(event, name)
        setattr(made, name, moved(moment, event.zone, days) if moment else None)
    made.save()
    return made


def copy_helpers(event: Event, made: Event, actor: User) -> None:
    """Let the same people help; whoever copies organises."""
    EventHelper.objects.create(event=made, user=actor, role=HelperRole.ORGANISER, added_by=actor)
    EventHelper.objects.bulk_create(
        EventHelper(event=made, user_id=helper.user_id, role=helper.role, added_by=actor)
        for helper in event.helpers.exclude(user=actor)
    )


def copy_places(event: Event, made: Event) -> dict[int, Place]:
    """Return the copied tables, rooms and halls by the number of the old one."""
    old = list(event.places.order_by("pk"))
    new = Place.objects.bulk_create(fresh(place, event=made, host=None) for place in old)
    return {before.pk: after for before, after in zip(old, new, strict=True)}


def copy_times(event: Event, made: Event, places: dict[int, Place], move: Move) -> dict[int, Slot]:
    """Copy the programme without its speakers; return the copied slots by the number of the old one."""
    Session.objects.bulk_create(
        fresh(
            session, event=made, place=places.get(session.place_id or 0),
            during=DateTimeTZRange(*span_moved(session.during, move)),
        )
        for session in event.sessions.order_by("pk")
    )  # fmt: skip
    old = list(event.slots.order_by("pk"))
    new = Slot.objects.bulk_create(
        fresh(slot, event=made, during=DateTimeTZRange(*span_moved(slot.during, move)))
        for slot in old
    )
    return {before.pk: after for before, after in zip(old, new, strict=True)}


def copy_closures(event: Event, places: dict[int, Place], slots: dict[int, Slot]) -> None:
    """Close the same places in the same slots."""
    PlaceClosure.objects.bulk_create(
        PlaceClosure(place=places[closure.place_id], slot=slots[closure.slot_id])
        for closure in PlaceClosure.objects.filter(place__event=event)
    )


def fresh(row: Any, **columns: Any) -> Any:
    """Return an unsaved row like this one."""
    same = copy(row)
    same.pk = None
    for name, value in columns.items():
        setattr(same, name, value)
    return same


@transaction.atomic
def make_series(
    event: Event, *, actor: User, title_en: str, title_ko: str, days: Iterable[date]
) -> list[Event]:
    """Make a series of an event and copies of it on other days; return the copies, all drafts.

    The zone of the event leads: every one begins at the same time on the clocks there.
    """
    locked = lock_event(event)
    series = locked.series or EventSeries.objects.create(
        title_en=title_en, title_ko=title_ko, created_by=actor
    )
    Event.objects.filter(pk=event.pk).update(series=series)
    event.series = series
    return [copy_event(event, actor=actor, starts_on=day) for day in sorted(set(days))]


def next_days(first: date, *, weeks: int, number: int) -> list[date]:
    """Return the days of a series after its first one, so many weeks apart."""
    return [first + timedelta(weeks=weeks * place) for place in range(1, number + 1)]
