"""Everything that decides the schedule of an event, in numbers: what runs are given and compared by.

Facts are plain lists and dicts, so that they are stored with the run as they are; the numbers
are those of the rows. Thirteen queries, however many people come.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations, pairwise
from typing import Any
from zoneinfo import ZoneInfo

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils import timezone

from events.clock_faces import COMFORTABLE_FROM, COMFORTABLE_UNTIL
from events.models import (
    Availability,
    Event,
    EventMode,
    Meeting,
    MeetingRequest,
    MeetingState,
    Place,
    PlaceClosure,
    PlaceKind,
    Registration,
    RequestMember,
    RequestState,
    Seat,
    Session,
    Slot,
)
from events.services.open_slots import MODES, PLACE_MODES, ends_of, slots_within
from events.services.weights import weight_of_request
from matching.models import Block

Facts = dict[str, Any]
MEETING_COLUMNS = ("pk", "request_id", "state", "during", "slot_id", "place_id", "is_live")
REQUEST_COLUMNS = (
    "pk", "sender_id", "recipient_id", "sender__profile_id", "recipient__profile_id", "mode",
    "strength", "answer_strength", "is_mutual", "score", "is_pinned", "pinned_slot_id",
    "pinned_place_id", "after_id",
)  # fmt: skip


@dataclass(frozen=True)
class Taken:
    """What is settled at an event before a schedule is made."""

    # (profile, slot) at which somebody cannot meet: duties, other events, meetings that are fixed.
    people: set[tuple[int, int]]
    # Meetings of each profile that count towards the limit and do not move any more.
    fixed: Mapping[int, int]
    # (place, slot) that are in use by them.
    places: set[tuple[int, int]]
    # Requests whose meeting has begun or is over.
    over: set[int]
    # Request to the slot and place of its meeting, which a schedule may move.
    live: Mapping[int, tuple[int, int]]


def facts_of(event: Event, *, now: datetime | None = None) -> Facts:
    """Return what decides the schedule of an event at an instant.

    slots that have begun take no meeting any more, and meetings that have begun stay.
    """
    now = now or timezone.now()
    slots = list(Slot.objects.filter(event=event).order_by("during", "pk"))
    taken = taken_at(event, slots, now)
    people = people_of(event, slots, taken, now)
    wishes, left_out = wishes_of(event, slots, {row["id"] for row in people}, taken)
    return {
        "slots": slot_rows(event, slots),
        "places": place_rows(event, slots, taken),
        "people": [{key: row[key] for key in ("id", "limit", "modes", "costs")} for row in people],
        "wishes": wishes,
        "left_out": left_out,
    }


def room_of(event: Event, *, now: datetime | None = None) -> int:
    """Return how many meetings tables and rooms hold, by the same reckoning as schedules.

    What is closed, where the programme is and where a meeting has begun takes none.
    """
    slots = list(Slot.objects.filter(event=event).order_by("during", "pk"))
    taken = taken_at(event, slots, now or timezone.now())
    known = {slot.pk for slot in slots}
    return sum(len(known - set(row["closed"])) for row in place_rows(event, slots, taken))


def fingerprint(facts: Facts) -> str:
    """Return the SHA-256 of facts in their canonical form."""
    canonical = json.dumps(facts, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def slot_rows(event: Event, slots: Sequence[Slot]) -> list[dict[str, Any]]:
    """Return slots in the order of time; a session ends where sitting or day changes."""
    zone, session, rows = ZoneInfo(event.zone), 0, []
    days = [(slot.sitting, ends_of(slot.during)[0].astimezone(zone).date()) for slot in slots]
    changes = [False, *(earlier != later for earlier, later in pairwise(days))]
    # An event without slots has one change too many.
    for slot, is_new in zip(slots, changes, strict=False):
        session += is_new
        begin, end = (moment.isoformat() for moment in ends_of(slot.during))
        rows.append({"id": slot.pk, "from": begin, "until": end, "session": session})
    return rows


def taken_at(event: Event, slots: Sequence[Slot], now: datetime) -> Taken:
    """Return what is settled, from meetings of the event and seats of its people anywhere."""
    standing = Meeting.objects.filter(event=event).exclude(state=MeetingState.CANCELLED)
    # Rows, not models, here and below: there are thousands, and somebody waits.
    meetings = list(standing.values_list(*MEETING_COLUMNS, named=True))
    movable = {
        meeting.pk: meeting
        for meeting in meetings
        if meeting.state == MeetingState.SCHEDULED and ends_of(meeting.during)[0] > now
    }
    fixed = [meeting for meeting in meetings if meeting.pk not in movable]
    people, counts = taken_people(event, slots, movable.keys(), {each.pk for each in fixed})
    return Taken(
        people=people,
        fixed=counts,
        places={(m.place_id, m.slot_id) for m in fixed if m.is_live and m.place_id},
        over={meeting.request_id for meeting in fixed},
        live={m.request_id: (m.slot_id, m.place_id or 0) for m in movable.values()},
    )


def taken_people(
    event: Event, slots: Sequence[Slot], movable: Collection[int], fixed: Collection[int]
) -> tuple[set[tuple[int, int]], Mapping[int, int]]:
    """Return when people are taken by what does not move, and how many meetings of here that is."""
    people: set[tuple[int, int]] = set()
    counts: dict[int, int] = defaultdict(int)
    if not slots:
        return people, counts
    span = DateTimeTZRange(slots[0].during.lower, slots[-1].during.upper)
    confirmed = Registration.objects.confirmed().filter(event=event)
    # Their numbers, not a question within the question: right after a first schedule PostgreSQL
    # believes that there are no seats yet, and compares each with everybody.
    coming = list(confirmed.values_list("profile_id", flat=True))
    seats = Seat.objects.filter(is_live=True, during__overlap=span, profile_id__in=coming)
    for profile, during, meeting in seats.values_list("profile_id", "during", "meeting_id"):
        if meeting in movable:
            continue
        people.update((profile, slot) for slot in slots_within(slots, during))
        counts[profile] += meeting in fixed
    return people, counts


def place_rows(event: Event, slots: Sequence[Slot], taken: Taken) -> list[dict[str, Any]]:
    """Return tables and rooms that this event's way of meeting allows, with closed slots."""
    closed = set(
        PlaceClosure.objects.filter(place__event=event).values_list("place_id", "slot_id")
    )
    for place, during in Session.objects.filter(event=event, place__isnull=False).values_list(
        "place_id", "during"
    ):
        closed.update((place, slot) for slot in slots_within(slots, during))
    closed |= taken.places
    by_place: dict[int, list[int]] = defaultdict(list)
    for place, slot in sorted(closed):
        by_place[place].append(slot)
    kinds = [kind for kind, mode in PLACE_MODES.items() if mode & MODES[EventMode(event.mode)]]
    places = Place.objects.filter(event=event, kind__in=kinds).order_by("position", "pk")
    return [
        {
            "id": pk,
            "mode": PLACE_MODES[PlaceKind(kind)],
            "host": host or 0 if kind == PlaceKind.TABLE else 0,
            "closed": by_place[pk],
        }
        for pk, kind, host in places.values_list("pk", "kind", "host_id")
    ]


def people_of(
    event: Event, slots: Sequence[Slot], taken: Taken, now: datetime
) -> list[dict[str, Any]]:
    """Return who is confirmed: how many meetings, in which slots how, and at what discomfort."""
    allowed = MODES[EventMode(event.mode)]
    said = {
        (registration, slot): modes
        for registration, slot, modes in Availability.objects.filter(
            registration__event=event
        ).values_list("registration_id", "slot_id", "modes")
    }
    coming = {slot.pk for slot in slots if ends_of(slot.during)[0] > now}
    costs: dict[str, list[int]] = {}
    rows = []
    for person in Registration.objects.confirmed().filter(event=event).order_by("pk"):
        person.event = event
        zone = event.zone if person.mode == EventMode.ON_SITE else person.zone
        if zone not in costs:
            costs[zone] = [discomfort(slot.during, zone) for slot in slots]
        usual = MODES[EventMode(person.mode)]
        free = (
            person.wants_meetings
            and slot.pk in coming
            and (person.profile_id, slot.pk) not in taken.people
            and said.get((person.pk, slot.pk), usual)
            for slot in slots
        )
        rows.append(
            {
                "id": person.pk,
                "profile": person.profile_id,
                "limit": max(0, person.limit - taken.fixed.get(person.profile_id, 0)),
                "modes": [int(modes) & allowed for modes in free],
                "costs": costs[zone],
            }
        )
    return rows


def discomfort(during: DateTimeTZRange, zone: str) -> int:
    """Return by how many begun hours a stretch lies outside of comfortable ones in a zone."""
    begin, end = (moment.astimezone(ZoneInfo(zone)) for moment in ends_of(during))
    early = max(0, COMFORTABLE_FROM * 60 - (begin.hour * 60 + begin.minute))
    last = (end.date() - begin.date()).days * 24 * 60 + end.hour * 60 + end.minute
    late = max(0, last - COMFORTABLE_UNTIL * 60)
    return -(-max(early, late) // 60)


def wishes_of(
    event: Event, slots: Sequence[Slot], known: set[int], taken: Taken
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the accepted requests of people who come, and those that organisers keep out."""
    members = agreed_members(event)
    forbidden = forbidden_slots(event)
    blocked = blocked_pairs(event)
    requests = MeetingRequest.objects.filter(event=event, state=RequestState.ACCEPTED)
    wishes, left_out = [], []
    for request in requests.order_by("pk").values_list(*REQUEST_COLUMNS, named=True):
        sides = {request.sender_id: request.sender__profile_id}
        sides[request.recipient_id] = request.recipient__profile_id
        sides |= {person: profile for person, profile in members[request.pk] if person in known}
        if request.pk in taken.over or not {request.sender_id, request.recipient_id} <= known:
            continue
        if any(frozenset(pair) in blocked for pair in combinations(sides.values(), 2)):
            continue
        if slots and len(forbidden[request.pk]) == len(slots):
            left_out.append({"id": request.pk, "people": sorted(sides)})
            continue
        wishes.append(wish_row(request, sorted(sides), forbidden[request.pk], taken))
    kept = {wish["id"] for wish in wishes}
    return [
        {**wish, "after": wish["after"] if wish["after"] in kept else 0} for wish in wishes
    ], left_out


def wish_row(
    request: Any, people: list[int], forbidden: list[int], taken: Taken
) -> dict[str, Any]:
    """Return one request in numbers; 0 where there is no row to name.

    request: a row of REQUEST_COLUMNS.
    """
    slot, place = taken.live.get(request.pk, (0, 0))
    return {
        "id": request.pk,
        "people": people,
        "weight": weight_of_request(request),
        "modes": MODES[EventMode(request.mode)],
        "forbidden": forbidden,
        "pinned": request.is_pinned,
        "pin_slot": (request.pinned_slot_id or 0) if request.is_pinned else 0,
        "pin_place": (request.pinned_place_id or 0) if request.is_pinned else 0,
        "live_slot": slot,
        "live_place": place,
        "after": request.after_id or 0,
    }


def agreed_members(event: Event) -> dict[int, list[tuple[int, int]]]:
    """Return request to (registration, profile) of those who agreed to come along."""
    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    rows = RequestMember.objects.filter(request__event=event, agreed_at__isnull=False)
    for request, person, profile in rows.order_by("pk").values_list(
        "request_id", "registration_id", "registration__profile_id"
    ):
        found[request].append((person, profile))
    return found


def forbidden_slots(event: Event) -> dict[int, list[int]]:
    """Return request to the slots in which organisers do not want it."""
    found: dict[int, list[int]] = defaultdict(list)
    through = MeetingRequest.forbidden_slots.through.objects.filter(meetingrequest__event=event)
    rows = through.order_by("slot_id").values_list("meetingrequest_id", "slot_id")
    for request, slot in rows:
        found[request].append(slot)
    return found


def blocked_pairs(event: Event) -> set[frozenset[int]]:
    """Return pairs of profiles at the event of whom one wants nothing to do with the other."""
    coming = Registration.objects.confirmed().filter(event=event).values("profile_id")
    rows = Block.objects.filter(blocker_id__in=coming, blocked_id__in=coming)
    return {frozenset(pair) for pair in rows.values_list("blocker_id", "blocked_id")}
