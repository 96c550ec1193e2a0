"""Tables, online rooms and halls of an event, and when they are closed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.db.models import Max, RestrictedError

from events.models import Event, Meeting, Place, PlaceClosure, PlaceKind, Slot
from events.services.locking import lock_event

if TYPE_CHECKING:
    from konnect.accounts.models import User

MOST_PLACES = 2000
# What tables and rooms are called when many are made at once.
NAMES = {
    PlaceKind.TABLE: ("Table {}", "테이블 {}"),
    PlaceKind.ONLINE_ROOM: ("Room {}", "회의실 {}"),
    PlaceKind.HALL: ("Hall {}", "홀 {}"),
}


class PlaceInUseError(Exception):
    """Meetings are or were held here; `number` of them are still to come."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


class TooManyPlacesError(Exception):
    """An event has no more places than that."""


@transaction.atomic
def add_places(
    event: Event, *, actor: User, kind: PlaceKind, number: int, seats: int = 2
) -> list[Place]:
    """Make many places at once, numbered on from those that there are.

    Raises:
        TooManyPlacesError: there would be more than anybody can look after.
    """
    lock_event(event)
    count = event.places.count()
    if count + number > MOST_PLACES:
        raise TooManyPlacesError
    position = (event.places.aggregate(last=Max("position"))["last"] or 0) + 1
    first = event.places.filter(kind=kind).count() + 1
    english, korean = NAMES[kind]
    return Place.objects.bulk_create(
        Place(
            event=event, kind=kind, seats=seats, position=position + place,
            name_en=english.format(first + place), name_ko=korean.format(first + place),
        )
        for place in range(number)
    )  # fmt: skip


@transaction.atomic
def save_place(place: Place, *, actor: User, columns: Mapping[str, Any]) -> Place:
    """Write one place."""
    for name, value in columns.items():
        setattr(place, name, value)
    if place.pk is None:
        place.position = (place.event.places.aggregate(last=Max("position"))["last"] or 0) + 1
    place.save()
    return place


def delete_place(place: Place, *, actor: User) -> None:
    """Remove a place that no meeting has ever had.

    Raises:
        PlaceInUseError: there are meetings.
    """
    try:
        with transaction.atomic():
            lock_event(place.event_id)
            meetings = Meeting.objects.filter(place=place)
            if meetings.exists():
                raise PlaceInUseError(meetings.filter(is_live=True).count())
            place.delete()
    except (IntegrityError, RestrictedError) as error:
        # A meeting was made there in this very moment.
        raise PlaceInUseError(1) from error


@transaction.atomic
def close_places(slot: Slot, *, actor: User, places: Collection[Place]) -> None:
    """Close exactly these places in a slot; the others of the event are open then.

    Raises:
        PlaceInUseError: a meeting is scheduled at one of them.
    """
    lock_event(slot.event_id)
    meetings = Meeting.objects.filter(slot=slot, place__in=places, is_live=True)
    if number := meetings.count():
        raise PlaceInUseError(number)
    PlaceClosure.objects.filter(slot=slot).exclude(place__in=places).delete()
    PlaceClosure.objects.bulk_create(
        (PlaceClosure(slot=slot, place=place) for place in places), ignore_conflicts=True
    )
