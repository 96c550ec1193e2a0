"""The times at which people meet at an event: made from ranges, removed when nobody needs them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Max, RestrictedError

from events.clock_faces import Between
from events.models import Availability, Event, Meeting, Slot
from events.services.event_saving import check_not_frozen
from events.services.locking import lock_event

if TYPE_CHECKING:
    from konnect.accounts.models import User

MOST_SLOTS = 400


class SlotInUseError(Exception):
    """Meetings are or were held at this time; `number` of them are live."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


class SlotsOverlapError(Exception):
    """There are meeting times in this range already."""


class TooManySlotsError(Exception):
    """An event has no more meeting times than that."""


def planned_slots(
    starts_at: datetime, ends_at: datetime, *, minutes: int, gap: int
) -> list[Between]:
    """Return the slots of a range: each so many minutes long, with gaps, none beyond its end."""
    length, step = timedelta(minutes=minutes), timedelta(minutes=minutes + gap)
    number = max(0, (ends_at - starts_at - length) // step + 1)
    return [
        Between(starts_at + place * step, starts_at + place * step + length)
        for place in range(min(number, MOST_SLOTS + 1))
    ]


@transaction.atomic
def add_slots(
    event: Event,
    *,
    actor: User,
    starts_at: datetime,
    ends_at: datetime,
    minutes: int | None = None,
    gap: int | None = None,
    is_new_sitting: bool = True,
) -> list[Slot]:
    """Make the meeting times of a range; the length and gap become those of the event.

    is_new_sitting: whether a break before them is no idle time, as lunch and nights are none.

    Raises:
        SlotsFrozenError: another length, after somebody said when they can meet.
        SlotsOverlapError: there are meeting times in this range already.
        TooManySlotsError: there would be more than anybody looks through.
    """
    stored = lock_event(event)
    minutes, gap = minutes or stored.slot_minutes, stored.gap_minutes if gap is None else gap
    if minutes != stored.slot_minutes:
        check_not_frozen(event)
    planned = planned_slots(starts_at, ends_at, minutes=minutes, gap=gap)
    if event.slots.count() + len(planned) > MOST_SLOTS:
        raise TooManySlotsError
    Event.objects.filter(pk=event.pk).update(slot_minutes=minutes, gap_minutes=gap)
    sitting = sitting_for(event, is_new=is_new_sitting)
    try:
        with transaction.atomic():
            return Slot.objects.bulk_create(
                Slot(event=event, during=DateTimeTZRange(*during), sitting=sitting)
                for during in planned
            )
    except IntegrityError as error:
        raise SlotsOverlapError from error


def sitting_for(event: Event, *, is_new: bool) -> int:
    """Return the number of the sitting for new slots."""
    last = event.slots.aggregate(last=Max("sitting"))["last"]
    if last is None:
        return 0
    return last + 1 if is_new else int(last)


def delete_slot(slot: Slot, *, actor: User) -> None:
    """Remove a meeting time at which there is and was no meeting; people's marks for it go too.

    Raises:
        SlotInUseError: there are meetings.
    """
    try:
        with transaction.atomic():
            lock_event(slot.event_id)
            meetings = Meeting.objects.filter(slot=slot)
            if meetings.exists():
                raise SlotInUseError(meetings.filter(is_live=True).count())
            slot.delete()
    except (IntegrityError, RestrictedError) as error:
        # A meeting was made there in this very moment.
        raise SlotInUseError(1) from error


@transaction.atomic
def delete_free_slots(event: Event, *, actor: User) -> int:
    """Remove all meeting times of an event that nobody has met in or marked; return how many."""
    lock_event(event)
    marked = Availability.objects.filter(slot__event=event).values("slot")
    used = Meeting.objects.filter(event=event).values("slot")
    free = event.slots.exclude(pk__in=used).exclude(pk__in=marked)
    return free.delete()[1].get("events.Slot", 0)
