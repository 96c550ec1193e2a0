"""Registering for an event, its waiting list, approval and leaving again.

An event has so many places, and exactly so many people get in however many come at once: whoever
counts places holds the event's row until they have written (`lock_event`). The waiting list is in
the order of entry, then of numbers; it moves up with every place that is given back.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.utils import timezone

from events.models import Event, EventState, Registration, RegistrationState
from events.registering import (
    ALREADY_REGISTERED,
    FULL,
    NO_PLACE_LEFT,
    OFFER_OVER,
    profile_blockers,
    window_blockers,
)
from events.services.answers import write_answers
from events.services.availability import follow_mode
from events.services.intents import Wish, insert_intents, intents_from_profile, write_intents
from events.services.leaving import leave_meetings
from events.services.locking import lock_event
from events.services.registration_notices import notify_of_state
from konnect.states import TransitionError
from matching.permissions.contacts import RefusedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from konnect.accounts.models import User
    from matching.models import Profile

State = RegistrationState
# How often a place is offered to somebody who does not answer.
MOST_OFFERS = 3
BATCH = 500
# With the database's clock now, not when the transaction began: all servers agree on it.
OCCUPANCY = """
SELECT count(*) FILTER (WHERE state = ANY(%s)), count(*) FILTER (WHERE state = %s),
    clock_timestamp()
FROM events_registration WHERE event_id = %s
"""


@dataclass(frozen=True)
class Occupancy:
    """How full an event is: taken or offered places, people waiting, and when that was read."""

    seated: int
    waiting: int
    moment: datetime

    def free(self, event: Event) -> int | None:
        """Return how many places are left; None when there is no limit."""
        return None if event.capacity is None else max(event.capacity - self.seated, 0)


def occupancy_of(event: Event) -> Occupancy:
    """Count an event's places; true until the end of the transaction for whoever locked it."""
    with connection.cursor() as cursor:
        cursor.execute(OCCUPANCY, [list(State.seated_states), State.WAITING, event.pk])
        return Occupancy(*cursor.fetchone())


def state_on_entry(event: Event, occupancy: Occupancy) -> RegistrationState:
    """Return where somebody who may come stands: in, or at the end of the waiting list.

    Raises:
        RefusedError: all places are taken and there is no list.
    """
    free = occupancy.free(event)
    if free is None or (free > 0 and not occupancy.waiting):
        return State.CONFIRMED
    if not event.has_waiting_list:
        raise RefusedError([FULL])
    return State.WAITING


@transaction.atomic
def register(
    event: Event, *, profile: Profile, mode: str, is_listed: bool, wants_meetings: bool, zone: str,
    answers: Mapping[int, Any] | None = None, intents: Sequence[Wish] | None = None,
    maximum_meetings: int | None = None, note: str = "", actor: User | None,
) -> Registration:  # fmt: skip
    """Register somebody: in, on the waiting list, or waiting for approval.

    answers: what was answered, by the number of the question. intents: what they offer and seek
    here; None takes the open listings of the profile.

    Raises:
        RefusedError: something keeps the person from registering.
    """
    # Whether they registered already the table says when the row is written.
    if found := window_blockers(event) + profile_blockers(event, profile, wants_meetings):
        raise RefusedError(found)
    columns = {
        "mode": mode, "is_listed": is_listed, "wants_meetings": wants_meetings, "zone": zone,
        "maximum_meetings": maximum_meetings, "note": note,
    }  # fmt: skip
    registration = enter(lock_event(event), profile, columns)
    write_answers(registration, answers or {})
    insert_intents(registration, intents_from_profile(profile) if intents is None else intents)
    notify_of_state(registration)
    return registration


def enter(
    event: Event, profile: Profile, columns: Mapping[str, Any], *, is_invited: bool = False
) -> Registration:
    """Write the row, with a place if there is one; the event is locked.

    Raises:
        RefusedError: the event is full, or the person registered in another window.
    """
    occupancy = occupancy_of(event)
    state = State.PENDING
    if is_invited or not event.needs_approval:
        state = state_on_entry(event, occupancy)
    entered_at = occupancy.moment if state == State.WAITING else None
    try:
        with transaction.atomic():
            return Registration.objects.create(
                event=event, profile=profile, state=state, entered_list_at=entered_at,
                ticket=secrets.token_urlsafe(32), **columns,
            )  # fmt: skip
    except IntegrityError as error:
        raise RefusedError([ALREADY_REGISTERED]) from error


@transaction.atomic
def change_registration(
    registration: Registration, *, actor: User | None, columns: Mapping[str, Any],
    answers: Mapping[int, Any], intents: Sequence[Wish],
) -> None:  # fmt: skip
    """Write what a person changed about how they take part.

    Raises:
        RefusedError: they want meetings now, and others cannot see who they are.
        TransitionError: the registration is over.
    """
    begins_meetings = bool(columns.get("wants_meetings")) and not registration.wants_meetings
    if begins_meetings and (
        found := profile_blockers(registration.event, registration.profile, begins_meetings)
    ):
        raise RefusedError(found)
    had_mode = registration.mode
    live = Registration.objects.live().filter(pk=registration.pk)
    if live.update(**columns, updated_at=timezone.now()) != 1:
        raise TransitionError("no longer live")
    for name, value in columns.items():
        setattr(registration, name, value)
    if registration.mode != had_mode:
        follow_mode(registration)
    write_answers(registration, answers)
    write_intents(registration, intents)


@transaction.atomic
def show_in_list(registration: Registration) -> None:
    """Let other participants find somebody; they asked for it themselves.

    Raises:
        TransitionError: the registration is over.
    """
    live = Registration.objects.live().filter(pk=registration.pk)
    if live.update(is_listed=True, updated_at=timezone.now()) != 1:
        raise TransitionError("no longer live")


@transaction.atomic
def approve(registration: Registration, *, actor: User | None, is_told: bool = True) -> None:
    """Let somebody in who waited for approval; when the event is full, onto the waiting list.

    Raises:
        TransitionError: the registration no longer waits for approval.
        RefusedError: the event is full and has no waiting list.
    """
    if registration.state != State.PENDING:
        raise TransitionError(f"{registration.state} to {State.CONFIRMED}")
    event = lock_event(registration.event)
    occupancy = occupancy_of(event)
    state = state_on_entry(event, occupancy)
    columns = {"entered_list_at": occupancy.moment} if state == State.WAITING else {}
    registration.move_to(state, actor=actor, columns=columns)
    if is_told:
        notify_of_state(registration)


@transaction.atomic
def decline(registration: Registration, *, actor: User | None, reason: str = "") -> None:
    """Do not accept somebody, or no longer; whoever took part leaves their meetings.

    Raises:
        TransitionError: the registration is over.
    """
    leave(registration, State.DECLINED, actor=actor, reason=reason)
    notify_of_state(registration)


@transaction.atomic
def withdraw_registration(
    registration: Registration, *, actor: User | None, reason: str = ""
) -> None:
    """No longer come: meetings are cancelled, partners told, and the place goes to the next.

    Raises:
        TransitionError: the registration is over.
    """
    leave(registration, State.WITHDRAWN, actor=actor, reason=reason)


def leave(
    registration: Registration, state: RegistrationState, *, actor: User | None, reason: str
) -> None:
    """End a registration, free what it held and let the list move up."""
    event = lock_event(registration.event)
    columns = {"offer_expires_at": None, "decision_reason": reason[:500]}
    registration.move_to(state, actor=actor, reason=reason[:500], columns=columns)
    leave_meetings(registration, actor=actor)
    fill_places(event)


@transaction.atomic
def reopen(registration: Registration, *, actor: User | None) -> None:
    """Take a decision back that was made a moment ago: the person waits for approval again.

    Raises:
        TransitionError: there is nothing to take back.
    """
    event = lock_event(registration.event)
    columns = {"decision_reason": "", "entered_list_at": None, "offer_expires_at": None}
    registration.move_to(State.PENDING, actor=actor, columns=columns)
    fill_places(event)
    notify_of_state(registration)


@transaction.atomic
def move_up(event: Event) -> int:
    """Give free places to those who wait, the first one first; return how many got one."""
    return fill_places(lock_event(event))


def fill_places(event: Event) -> int:
    """Give free places to those who wait; the event is locked."""
    now = timezone.now()
    if event.state != EventState.PUBLISHED or event.ends_at <= now:
        return 0
    occupancy = occupancy_of(event)
    free = occupancy.waiting if event.capacity is None else occupancy.free(event)
    first = Registration.objects.waiting().filter(event=event)[: free or 0]
    chosen = list(first.with_people())
    for registration in chosen:
        registration.event = event
        give_place(registration, now)
    return len(chosen)


def give_place(registration: Registration, now: datetime) -> None:
    """Let somebody in who waited, or offer the place for some hours."""
    hours = registration.event.offer_hours
    if not hours:
        registration.move_to(State.CONFIRMED, actor=None)
        notify_of_state(registration)
        return
    until = min(now + timedelta(hours=hours), registration.event.ends_at)
    registration.move_to(State.OFFERED, actor=None, columns={"offer_expires_at": until})
    notify_of_state(registration)


@transaction.atomic
def take_offer(registration: Registration, *, actor: User | None) -> None:
    """Take a place that is offered.

    Raises:
        RefusedError: its time is over, or the event is.
        TransitionError: no place is offered any more.
    """
    now, event = timezone.now(), lock_event(registration.event)
    is_on = event.state == EventState.PUBLISHED and event.ends_at > now
    is_late = registration.offer_expires_at is not None and registration.offer_expires_at <= now
    if is_late or not is_on:
        raise RefusedError([OFFER_OVER])
    registration.move_to(State.CONFIRMED, actor=actor, columns={"offer_expires_at": None})
    notify_of_state(registration)


@transaction.atomic
def admit(registration: Registration, *, actor: User | None) -> None:
    """Give somebody who waits the next place out of turn.

    Raises:
        RefusedError: there is none.
        TransitionError: the person no longer waits.
    """
    event = lock_event(registration.event)
    if occupancy_of(event).free(event) == 0 and registration.state != State.OFFERED:
        raise RefusedError([NO_PLACE_LEFT])
    registration.move_to(State.CONFIRMED, actor=actor, columns={"offer_expires_at": None})
    notify_of_state(registration)


def place_on_list(registration: Registration) -> int | None:
    """Return how many are before somebody on the waiting list and themselves: 1 is next."""
    entered_at = registration.entered_list_at
    if registration.state != State.WAITING or entered_at is None:
        return None
    before = Q(entered_list_at__lt=entered_at) | Q(
        entered_list_at=entered_at, pk__lte=registration.pk
    )
    return Registration.objects.waiting().filter(before, event=registration.event_id).count()


@transaction.atomic
def move_on_list(registration: Registration, *, to: int, actor: User | None) -> None:
    """Put somebody at a place of the waiting list, 0 for its top; the others keep their order.

    Raises:
        TransitionError: the person no longer waits.
    """
    event = lock_event(registration.event)
    rows = list(Registration.objects.waiting().filter(event=event))
    mine = next((row for row in rows if row.pk == registration.pk), None)
    if mine is None:
        raise TransitionError(f"{registration.pk} does not wait")
    times = rising([row.entered_list_at for row in rows if row.entered_list_at is not None])
    rows.remove(mine)
    rows.insert(max(to, 0), mine)
    for row, moment in zip(rows, times, strict=True):
        row.entered_list_at = moment
    Registration.objects.bulk_update(rows, ["entered_list_at"])


def rising(times: Sequence[datetime]) -> list[datetime]:
    """Return times in order, none twice: equal ones a microsecond apart."""
    found: list[datetime] = []
    for moment in times:
        earliest = found[-1] + timedelta(microseconds=1) if found else moment
        found.append(max(moment, earliest))
    return found


def look_after_waiting_lists() -> int:
    """End offers whose time is over, and let every list move up; return how many got a place."""
    now = timezone.now()
    published = Event.objects.filter(state=EventState.PUBLISHED, ends_at__gt=now)
    over = Registration.objects.filter(state=State.OFFERED, offer_expires_at__lte=now)
    for event in published.filter(pk__in=over.values("event"))[:BATCH]:
        end_offers(event)
    waiting = Registration.objects.filter(state=State.WAITING)
    listed = published.filter(pk__in=waiting.values("event"))
    # Looked at without the lock first: most lists have nowhere to move.
    return sum(move_up(event) for event in listed if occupancy_of(event).free(event) != 0)


@transaction.atomic
def end_offers(event: Event) -> int:
    """Put whoever did not take an offered place at the end of the list; return how many."""
    moment = occupancy_of(lock_event(event)).moment
    over = Registration.objects.filter(
        event=event, state=State.OFFERED, offer_expires_at__lte=moment
    )
    rows = list(over.with_people().select_related("event").order_by("entered_list_at", "pk"))
    for registration in rows:
        end_offer(registration, moment)
    return len(rows)


def end_offer(registration: Registration, moment: datetime) -> None:
    """Put one person at the end of the list; who never answers leaves it."""
    lapsed = registration.changes.filter(old_state=State.OFFERED, new_state=State.WAITING)
    if lapsed.count() + 1 >= MOST_OFFERS:
        columns: dict[str, Any] = {"offer_expires_at": None}
        registration.move_to(State.WITHDRAWN, actor=None, columns=columns)
    else:
        columns = {"offer_expires_at": None, "entered_list_at": moment}
        registration.move_to(State.WAITING, actor=None, columns=columns)
    notify_of_state(registration)
