"""Giving single meetings a time outside of a run: a freed slot, a move, a proposal of one side.

Whoever takes people and places locks the event, then the profiles of all in the order of their
ids, looks again, and writes. That nobody and no table is taken twice the database holds in any
case; then everything is undone, and the caller learns which times are free now.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.db import IntegrityError, connection, transaction
from django.db.models import Count, Q
from django.utils import timezone

from events.asking import HIDDEN, LIMIT_REACHED, MEETS_ALREADY, NOT_AGREED, OVER, TAKEN
from events.models import (
    CalendarMethod,
    Event,
    Meeting,
    MeetingMove,
    MeetingRequest,
    MeetingState,
    RegistrationState,
    RequestState,
    Seat,
    Slot,
)
from events.services.invitations import write_invitations
from events.services.locking import lock_event
from events.services.meeting_notices import notify_of_new_time
from events.services.open_slots import FreeSlot, ends_of, free_slots, people_of
from matching.models import Block
from matching.permissions.contacts import Blocker, RefusedError
from matching.services.contacts import lock_profiles

if TYPE_CHECKING:
    from events.models import Place, Registration
    from konnect.accounts.models import User


class SlotTakenError(RefusedError):
    """Somebody or some table is no longer free then; `free` is when the meeting could be instead."""

    def __init__(self, free: list[FreeSlot]) -> None:
        super().__init__([TAKEN])
        self.free = free


@transaction.atomic
def place_request(
    request: MeetingRequest, *, slot: Slot, place: Place, actor: User | None
) -> Meeting:
    """Hold an agreed request in a slot that is free; both sides have agreed to the time.

    Raises:
        SlotTakenError: somebody or the place is taken then.
        RefusedError: the meeting is no longer agreed, has a time already, or is one too many.
    """
    people = lock_people(request)
    if request.meetings.filter(is_live=True).exists():
        raise RefusedError([MEETS_ALREADY])
    check_placing(request, people, slot, counts_more=True)
    return insert_meeting(request, people, slot, place)


def lock_people(request: MeetingRequest) -> list[Registration]:
    """Lock the event and everybody of a request; return who they are, as they are now."""
    lock_event(request.event)
    people = people_of(request)
    lock_profiles(*(person.profile for person in people))
    request.refresh_from_db(fields=["state"])
    return people_of(request)


def check_placing(
    request: MeetingRequest, people: Sequence[Registration], slot: Slot, *, counts_more: bool
) -> None:
    """Look at everything that no constraint can: whether all still come, want it, and may.

    Raises:
        RefusedError: with what keeps them.
    """
    if blockers := list(placing_blockers(request, people, slot, counts_more)):
        raise RefusedError(blockers)


def placing_blockers(
    request: MeetingRequest, people: Sequence[Registration], slot: Slot, counts_more: bool
) -> Iterator[Blocker]:
    """Return what keeps people from meeting in a slot; it may run, but not be over."""
    if request.state != RequestState.ACCEPTED:
        yield NOT_AGREED
    if ends_of(slot.during)[1] <= timezone.now() or slot.event_id != request.event_id:
        yield OVER
    if any(person.state != RegistrationState.CONFIRMED for person in people):
        yield NOT_AGREED
    profiles = [person.profile_id for person in people]
    if Block.objects.filter(blocker__in=profiles, blocked__in=profiles).exists():
        yield HIDDEN
    if counts_more and over_limit(request.event, people):
        yield LIMIT_REACHED


def over_limit(event: Event, people: Sequence[Registration]) -> list[Registration]:
    """Return those who have as many meetings as they wanted; their profiles are locked."""
    live = Q(meeting__event=event, is_live=True)
    held = dict(
        Seat.objects.filter(live, registration__in=people)
        .values_list("registration_id")
        .annotate(number=Count("pk"))
    )
    for person in people:
        person.event = event
    return [person for person in people if held.get(person.pk, 0) >= person.limit]


def insert_meeting(
    request: MeetingRequest, people: Sequence[Registration], slot: Slot, place: Place
) -> Meeting:
    """Write meeting and seats, or learn that somebody was faster."""
    with free_or_not(request, people):
        meeting = Meeting.objects.create(
            event=request.event, request=request, slot=slot, during=slot.during, place=place,
            run=request.event.schedule_runs.filter(state="published").only("pk").first(),
            room_key=secrets.token_urlsafe(32),
        )  # fmt: skip
        seat(meeting, people)
    tell_of_time(meeting, people, is_new=True)
    return meeting


def seat(meeting: Meeting, people: Sequence[Registration]) -> None:
    """Take people for the time of a meeting."""
    Seat.objects.bulk_create(
        Seat(
            profile_id=person.profile_id, registration=person, meeting=meeting,
            during=meeting.during, is_live=meeting.is_live,
        )
        for person in people
    )  # fmt: skip


@contextmanager
def free_or_not(
    request: MeetingRequest, people: Sequence[Registration], meeting: Meeting | None = None
) -> Iterator[None]:
    """Turn what a constraint refuses into the times that are free now.

    Raises:
        SlotTakenError: somebody or the place is taken.
    """
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise SlotTakenError(free_slots(request, people=people, apart_from=meeting)) from error


@transaction.atomic
def move_meeting(meeting: Meeting, *, slot: Slot, place: Place, actor: User | None) -> Meeting:
    """Give a scheduled meeting another time or place; the organiser, or both sides, decided it.

    Raises:
        SlotTakenError: somebody or the place is taken then.
        RefusedError: the meeting is over, or somebody no longer comes.
    """
    people = lock_people(meeting.request)
    meeting.refresh_from_db()
    if meeting.state != MeetingState.SCHEDULED:
        raise RefusedError([NOT_AGREED])
    check_placing(meeting.request, people, slot, counts_more=False)
    if (meeting.slot_id, meeting.place_id) == (slot.pk, place.pk):
        return meeting
    with free_or_not(meeting.request, people, meeting):
        rewrite_place(meeting, slot, place, actor)
    tell_of_time(meeting, people, is_new=False)
    return meeting


def rewrite_place(meeting: Meeting, slot: Slot, place: Place | None, actor: User | None) -> None:
    """Write another slot and place, and what stood there; seats follow by themselves."""
    sequence = meeting.sequence + 1
    MeetingMove.objects.create(
        meeting=meeting, old_slot_id=meeting.slot_id, new_slot=slot,
        old_place_id=meeting.place_id, new_place=place, sequence=sequence, moved_by=actor,
    )  # fmt: skip
    Meeting.objects.filter(pk=meeting.pk).update(
        slot=slot, during=slot.during, place=place, sequence=sequence
    )
    meeting.slot, meeting.during, meeting.place = slot, slot.during, place
    meeting.sequence = sequence


@transaction.atomic
def exchange_meetings(one: Meeting, other: Meeting, *, actor: User | None) -> None:
    """Let two meetings of an event change times and places with each other.

    Raises:
        SlotTakenError: somebody has another meeting at the other one's time.
        RefusedError: one of them is over.
    """
    lock_event(one.event)
    people = [*people_of(one.request), *people_of(other.request)]
    lock_profiles(*(person.profile for person in people))
    for meeting in (one, other):
        meeting.refresh_from_db()
        if meeting.state != MeetingState.SCHEDULED or meeting.event_id != one.event_id:
            raise RefusedError([NOT_AGREED])
    aims = (one.slot, one.place), (other.slot, other.place)
    with free_or_not(one.request, people_of(one.request), one), constraints_deferred():
        rewrite_place(one, *aims[1], actor)
        rewrite_place(other, *aims[0], actor)
    for meeting in (one, other):
        tell_of_time(meeting, people_of(meeting.request), is_new=False)


@contextmanager
def constraints_deferred() -> Iterator[None]:
    """Let constraints look only when all rows of a change are written."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        yield
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def tell_of_time(meeting: Meeting, people: Sequence[Registration], *, is_new: bool) -> None:
    """Tell everybody, here and in their calendars."""
    notify_of_new_time(meeting, people, is_new=is_new)
    write_invitations([meeting], method=CalendarMethod.REQUEST)


@transaction.atomic
def swap_meeting(meeting: Meeting, *, wish: MeetingRequest, actor: User | None) -> Meeting:
    """Hold another agreed request in the time and place that a meeting has left.

    Raises:
        SlotTakenError: somebody is no longer free then.
        RefusedError: the meeting still stands, or the other one cannot be held.
    """
    if meeting.is_live:
        raise RefusedError([TAKEN])
    people = people_of(wish)
    free = free_slots(wish, people=people, slots=[meeting.slot])
    if not free:
        raise SlotTakenError(free_slots(wish, people=people))
    return place_request(wish, slot=free[0].slot, place=free[0].place, actor=actor)
