"""When people of one meeting are all free, and where: what is offered when a time is to be agreed.

Reads only: whoever takes a slot looks again under locks, and the database has the last word.
Seven queries, however many slots and people.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Q
from django.utils import timezone

from events.models import (
    Availability,
    EventMode,
    Meeting,
    Place,
    PlaceClosure,
    PlaceKind,
    Registration,
    RequestMember,
    Seat,
    Session,
    Slot,
)
from events.scheduling.problem import ON_SITE, ONLINE

if TYPE_CHECKING:
    from events.models import Event, MeetingRequest

MODES = {
    EventMode.ON_SITE: ON_SITE,
    EventMode.ONLINE: ONLINE,
    EventMode.HYBRID: ON_SITE | ONLINE,
}
PLACE_MODES = {PlaceKind.TABLE: ON_SITE, PlaceKind.ONLINE_ROOM: ONLINE}


@dataclass(frozen=True)
class FreeSlot:
    """A time at which all can meet, and a place that is free then."""

    slot: Slot
    place: Place


def people_of(request: MeetingRequest) -> list[Registration]:
    """Return who sits at a meeting: both sides, and those who agreed to come along."""
    joined = RequestMember.objects.filter(request=request, agreed_at__isnull=False)
    chosen = Q(pk__in=(request.sender_id, request.recipient_id)) | Q(
        pk__in=joined.values("registration_id")
    )
    return list(Registration.objects.filter(chosen).with_people().order_by("pk"))


def free_slots(
    request: MeetingRequest,
    *,
    people: Sequence[Registration] | None = None,
    slots: Iterable[Slot] | None = None,
    apart_from: Meeting | None = None,
    now: datetime | None = None,
) -> list[FreeSlot]:
    """Return when a request could be held, in the order of time, each with the best free place.

    slots: those that come into question, all that have not begun by default; apart_from: the
    meeting that would be moved, whose own time and place count as free.
    """
    people = people_of(request) if people is None else people
    chosen = coming_slots(request.event, slots, now or timezone.now())
    if not chosen:
        return []
    forbidden = set(request.forbidden_slots.values_list("pk", flat=True))
    modes = common_modes(request, people, chosen)
    busy = busy_slots(people, chosen, apart_from)
    grounds = Grounds.of(request.event, chosen, apart_from)
    found = []
    for slot in chosen:
        if slot.pk in forbidden or slot.pk in busy:
            continue
        place = grounds.place_at(slot, modes[slot.pk], [person.pk for person in people])
        if place is not None:
            found.append(FreeSlot(slot, place))
    return found


def coming_slots(event: Event, slots: Iterable[Slot] | None, now: datetime) -> list[Slot]:
    """Return slots that are not over; of those named, also one that runs just now."""
    if slots is not None:
        return [slot for slot in slots if ends_of(slot.during)[1] > now]
    return list(Slot.objects.filter(event=event, during__startswith__gt=now).order_by("during"))


def ends_of(during: DateTimeTZRange) -> tuple[datetime, datetime]:
    """Return when a stretch of time begins and ends; the tables hold none without."""
    if during.lower is None or during.upper is None:
        raise ValueError("a stretch of time without an end")
    return during.lower, during.upper


def common_modes(
    request: MeetingRequest, people: Sequence[Registration], slots: Sequence[Slot]
) -> dict[int, int]:
    """Return in which ways all can meet in each slot, as bits of events.scheduling.problem."""
    said = {
        (registration, slot): modes
        for registration, slot, modes in Availability.objects.filter(
            registration__in=people, slot__in=slots
        ).values_list("registration_id", "slot_id", "modes")
    }
    wanted = MODES[EventMode(request.mode)] & MODES[EventMode(request.event.mode)]
    found = {}
    for slot in slots:
        modes = wanted
        for person in people:
            modes &= said.get((person.pk, slot.pk), MODES[EventMode(person.mode)])
        found[slot.pk] = modes
    return found


def busy_slots(
    people: Sequence[Registration], slots: Sequence[Slot], apart_from: Meeting | None
) -> set[int]:
    """Return the slots in which one of the people is taken, at whatever event or duty."""
    whole = DateTimeTZRange(ends_of(slots[0].during)[0], max(ends_of(s.during)[1] for s in slots))
    seats = Seat.objects.filter(
        profile__in=[person.profile_id for person in people], is_live=True, during__overlap=whole
    )
    if apart_from is not None:
        seats = seats.exclude(meeting=apart_from)
    spans = [ends_of(during) for during in seats.values_list("during", flat=True)]
    return {slot.pk for slot in slots if overlaps(ends_of(slot.during), spans)}


def slots_within(slots: Iterable[Slot], during: DateTimeTZRange) -> list[int]:
    """Return the slots that share time with a stretch."""
    span = [ends_of(during)]
    return [slot.pk for slot in slots if overlaps(ends_of(slot.during), span)]


def overlaps(span: tuple[datetime, datetime], others: Iterable[tuple[datetime, datetime]]) -> bool:
    """Tell whether a stretch of time shares some with one of the others."""
    return any(begin < span[1] and span[0] < end for begin, end in others)


@dataclass(frozen=True)
class Grounds:
    """The places of an event, and when they are taken or closed."""

    places: Sequence[Place]
    taken: Mapping[int, set[int]]
    kept: Place | None

    @classmethod
    def of(cls, event: Event, slots: Sequence[Slot], apart_from: Meeting | None) -> Grounds:
        """Read what stands in the tables; four queries."""
        places = list(Place.objects.filter(event=event, kind__in=PLACE_MODES))
        meetings = Meeting.objects.filter(event=event, is_live=True, slot__in=slots)
        if apart_from is not None:
            meetings = meetings.exclude(pk=apart_from.pk)
        taken: dict[int, set[int]] = defaultdict(set)
        closures = PlaceClosure.objects.filter(slot__in=slots)
        rows: list[Any] = [*meetings.values_list("slot_id", "place_id")]
        for slot, place in [*rows, *closures.values_list("slot_id", "place_id")]:
            taken[slot].add(place)
        sessions = Session.objects.filter(event=event, place__in=places)
        for place, during in sessions.values_list("place_id", "during"):
            for slot in slots_within(slots, during):
                taken[slot].add(place)
        return cls(places, taken, apart_from.place if apart_from is not None else None)

    def place_at(self, slot: Slot, modes: int, people: Sequence[int]) -> Place | None:
        """Return where people could sit: where they sat, at a host's table, a table, a room."""
        free = [
            place
            for place in self.places
            if PLACE_MODES[PlaceKind(place.kind)] & modes
            and place.pk not in self.taken[slot.pk]
            and place.host_id in (None, *people)
        ]
        return min(free, key=lambda place: self.order(place, people), default=None)

    def order(self, place: Place, people: Sequence[int]) -> tuple[bool, bool, bool, int, int]:
        """Return by what places are preferred."""
        kept = self.kept is not None and self.kept.pk == place.pk
        is_hosts = place.host_id in people
        return not kept, not is_hosts, place.kind != PlaceKind.TABLE, place.position, place.pk
