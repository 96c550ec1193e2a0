"""The rows of a schedule, written in bulk: 5,000 meetings are a handful of statements.

A meeting that stays keeps its row untouched; one that moves keeps its row and its name in
calendars, with the next number; what nobody proposes any more is cancelled. Each change notes that
calendars are still to be told (`untold_since`); the worker writes the invitations.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_noop

from events.models import (
    Event,
    Meeting,
    MeetingChange,
    MeetingProposal,
    MeetingState,
    ProposalState,
    ScheduleRun,
    Seat,
    Slot,
)
from events.services.parting import take_out
from events.services.schedule_facts import Facts

if TYPE_CHECKING:
    from konnect.accounts.models import User

# Stored as it stands here; pages and mails translate it.
NO_PLACE = gettext_noop("The meeting has no place in the new schedule.")
A_BATCH = 1000
NOTE_MOVES = """
INSERT INTO events_meetingmove
    (meeting_id, old_slot_id, old_place_id, new_slot_id, new_place_id, sequence, moved_by_id)
SELECT meeting.id, meeting.slot_id, meeting.place_id, target.slot, NULLIF(target.place, 0),
    meeting.sequence + 1, %(actor)s
FROM unnest(%(meetings)s::bigint[], %(slots)s::bigint[], %(places)s::bigint[])
    AS target (meeting, slot, place)
JOIN events_meeting meeting ON meeting.id = target.meeting
ORDER BY meeting.id
"""
# `during` and seats follow slots by their keys; the number of calendars rises.
MOVE = """
UPDATE events_meeting AS meeting
SET slot_id = target.slot, place_id = NULLIF(target.place, 0), during = slot.during,
    run_id = %(run)s, sequence = meeting.sequence + 1, untold_since = now()
FROM unnest(%(meetings)s::bigint[], %(slots)s::bigint[], %(places)s::bigint[])
    AS target (meeting, slot, place)
JOIN events_slot slot ON slot.id = target.slot
WHERE meeting.id = target.meeting
"""
# Rows made by PostgreSQL itself: through models 5,000 meetings and 10,000 seats took three times
# as long, nearly all of it to write out statements.
CREATE = """
INSERT INTO events_meeting
    (event_id, request_id, run_id, state, slot_id, during, place_id, is_live, uid, sequence,
    untold_since, room_key, cancellation_reason, is_late_cancellation)
SELECT %(event)s, target.request, %(run)s, 'scheduled', slot.id, slot.during,
    NULLIF(target.place, 0), true, gen_random_uuid(), 0, now(), target.room_key, '', false
FROM unnest(%(requests)s::bigint[], %(slots)s::bigint[], %(places)s::bigint[], %(keys)s::text[])
    AS target (request, slot, place, room_key)
JOIN events_slot slot ON slot.id = target.slot
ORDER BY target.request
RETURNING id
"""
SEAT = """
INSERT INTO events_seat (profile_id, registration_id, meeting_id, during, is_live, is_absent)
SELECT person.profile_id, person.id, meeting.id, meeting.during, true, false
FROM unnest(%(meetings)s::bigint[], %(people)s::bigint[]) AS pair (meeting, person)
JOIN events_meeting meeting ON meeting.id = pair.meeting
JOIN events_registration person ON person.id = pair.person
ORDER BY meeting.id, person.id
"""


@dataclass(frozen=True)
class Rewrite:
    """What becomes of the meetings of an event, as rows that calendars are told of."""

    created: list[Meeting]
    moved: list[Meeting]
    cancelled: list[Meeting]
    # Meetings to which somebody comes, or no longer comes, at the same time.
    regrouped: list[Meeting]
    # Registrations whom anything of it touches.
    people: frozenset[int]

    @property
    def is_empty(self) -> bool:
        """Whether everything stays as it was."""
        return not (self.created or self.moved or self.cancelled or self.regrouped)


def write_meetings(
    event: Event, run: ScheduleRun, facts: Facts, rows: Sequence[Sequence[int]], *,
    actor: User | None,
) -> Rewrite:  # fmt: skip
    """Make the meetings that may still move those of the rows (request, slot, place)."""
    wishes = {wish["id"]: wish for wish in facts["wishes"]}
    target = {request: (slot, place) for request, slot, place in rows}
    standing = {meeting.request_id: meeting for meeting in movable_meetings(event)}
    before = seats_of(standing.values())
    gone = [m for request, m in standing.items() if request not in target]
    moving = [
        m
        for request, m in standing.items()
        if request in target and (m.slot_id, m.place_id or 0) != target[request]
    ]
    cancel_all(gone, actor=actor)
    move_all(moving, target, run, actor=actor)
    created = create_all(event, run, target.keys() - standing.keys(), target)
    wanted = {
        **{
            m.pk: wishes[request]["people"] for request, m in standing.items() if request in target
        },
        **{meeting.pk: wishes[meeting.request_id]["people"] for meeting in created},
    }
    reseated = seat_all([*standing.values(), *created], wanted, before)
    regrouped = [m for m in standing.values() if m.pk in reseated and m not in moving]
    raise_numbers(regrouped)
    end_proposals([*gone, *moving])
    touched = [*gone, *moving, *created, *regrouped]
    people = {one for m in touched for one in (*wanted.get(m.pk, ()), *before.get(m.pk, ()))}
    return Rewrite(created, moving, gone, regrouped, frozenset(people))


def movable_meetings(event: Event) -> list[Meeting]:
    """Return the meetings that have not begun."""
    scheduled = Meeting.objects.filter(event=event, state=MeetingState.SCHEDULED, is_live=True)
    return list(scheduled.filter(during__startswith__gt=timezone.now()).order_by("pk"))


def seats_of(meetings: Iterable[Meeting]) -> Mapping[int, set[int]]:
    """Return meeting to the registrations that sit there."""
    found: defaultdict[int, set[int]] = defaultdict(set)
    rows = Seat.objects.filter(meeting__in=[meeting.pk for meeting in meetings])
    for meeting, person in rows.values_list("meeting_id", "registration_id"):
        found[meeting].add(person)
    return found


def cancel_all(meetings: Sequence[Meeting], *, actor: User | None) -> None:
    """Cancel meetings that have no place any more; the wish stays."""
    now = timezone.now()
    columns: dict[str, Any] = {
        "state": MeetingState.CANCELLED, "is_live": False, "cancelled_at": now,
        "cancelled_by": actor, "cancellation_reason": NO_PLACE, "untold_since": now,
    }  # fmt: skip
    rows = Meeting.objects.filter(pk__in=[meeting.pk for meeting in meetings])
    rows.update(sequence=F("sequence") + 1, **columns)
    MeetingChange.objects.bulk_create(
        [
            MeetingChange(
                meeting=meeting, old_state=meeting.state, new_state=MeetingState.CANCELLED,
                actor=actor, reason=NO_PLACE,
            )
            for meeting in meetings
        ],
        batch_size=A_BATCH,
    )  # fmt: skip
    for meeting in meetings:
        meeting.sequence += 1
        for name, value in columns.items():
            setattr(meeting, name, value)


def move_all(
    meetings: Sequence[Meeting], target: Mapping[int, tuple[int, int]], run: ScheduleRun, *,
    actor: User | None,
) -> None:  # fmt: skip
    """Give meetings their new slot and place, and keep what stood there."""
    goals = [target[meeting.request_id] for meeting in meetings]
    values: dict[str, Any] = {
        "run": run.pk, "actor": actor.pk if actor else None,
        "meetings": [meeting.pk for meeting in meetings],
        "slots": [slot for slot, _place in goals], "places": [place for _slot, place in goals],
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(NOTE_MOVES, values)
        cursor.execute(MOVE, values)
    during = times_of(slot for slot, _place in goals)
    for meeting, (slot, place) in zip(meetings, goals, strict=True):
        meeting.slot_id, meeting.place_id, meeting.during = slot, place or None, during[slot]
        meeting.sequence += 1


def times_of(slots: Iterable[int]) -> dict[int, Any]:
    """Return slot to its time."""
    return dict(Slot.objects.filter(pk__in=set(slots)).values_list("pk", "during"))


def create_all(
    event: Event, run: ScheduleRun, requests: Iterable[int],
    target: Mapping[int, tuple[int, int]],
) -> list[Meeting]:  # fmt: skip
    """Write the meetings of requests that had none."""
    chosen = sorted(requests)
    values: dict[str, Any] = {
        "event": event.pk, "run": run.pk, "requests": chosen,
        "slots": [target[request][0] for request in chosen],
        "places": [target[request][1] for request in chosen],
        "keys": [secrets.token_urlsafe(32) for _request in chosen],
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(CREATE, values)
        numbers = [number for (number,) in cursor.fetchall()]
    return list(Meeting.objects.filter(pk__in=numbers).order_by("request_id"))


def seat_all(
    meetings: Iterable[Meeting], wanted: Mapping[int, Iterable[int]],
    before: Mapping[int, set[int]],
) -> set[int]:  # fmt: skip
    """Seat everybody who is to come and nobody else; return the meetings where that changed."""
    by_number = {meeting.pk: meeting for meeting in meetings}
    new = [
        (meeting, person)
        for meeting, people in wanted.items()
        for person in people
        if person not in before.get(meeting, ())
    ]
    gone = {
        meeting: leaving
        for meeting, people in wanted.items()
        if (leaving := before.get(meeting, set()) - set(people))
    }
    values = {
        "meetings": [meeting for meeting, _person in new],
        "people": [person for _meeting, person in new],
    }
    with connection.cursor() as cursor:
        cursor.execute(SEAT, values)
    for number, leaving in gone.items():
        take_out(by_number[number], leaving)
    return {meeting for meeting, _person in new} | set(gone)


def raise_numbers(meetings: Sequence[Meeting]) -> None:
    """Give meetings with other people the next number: calendars are told of people too."""
    rows = Meeting.objects.filter(pk__in=[meeting.pk for meeting in meetings])
    rows.update(sequence=F("sequence") + 1, untold_since=timezone.now())
    for meeting in meetings:
        meeting.sequence += 1


def end_proposals(meetings: Sequence[Meeting]) -> None:
    """Nobody is asked any more about another time of meetings that have one, or end."""
    requests = [meeting.request_id for meeting in meetings]
    open_ones = MeetingProposal.objects.filter(request__in=requests, state=ProposalState.OPEN)
    for proposal in open_ones.order_by("pk"):
        proposal.move_to(ProposalState.EXPIRED, actor=None)
