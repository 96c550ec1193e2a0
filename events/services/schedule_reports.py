"""What organisers read of a run: how good it is, for whom, what moves, and what found no place.

Made from what the run was given and what it proposes, so that a page shows the run as it was; of
the published one the meetings as they stand now. Names come in one query.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.utils import timezone

from events.models import (
    Event,
    EventMode,
    Meeting,
    Place,
    PlaceKind,
    Registration,
    RequestState,
    ScheduleRun,
    ScheduleRunState,
    Slot,
)
from events.scheduling.measuring import agendas_of, breaks_in, moves_in
from events.scheduling.problem import Schedule
from events.services.open_slots import MODES, PLACE_MODES
from events.services.run_reasons import Explained, Reader, people_named, words_of
from events.services.schedule_facts import room_of
from events.services.schedule_problem import EventProblem, problem_from
from matching.models import Side

# Longest lists of a page; the rest is counted.
WORST_OFF = 10
HUNDRED = 100
# What stands of a request that the run does not know.
NOWHERE: dict[str, Any] = {"people": (), "live_slot": 0, "live_place": 0, "pinned": False}


@dataclass(frozen=True)
class Line:
    """One meeting in a list or a cell: who, when and where it is, and where it was."""

    request: int
    people: tuple[str, ...]
    slot: Slot | None = None
    place: Place | None = None
    old_slot: Slot | None = None
    old_place: Place | None = None
    is_pinned: bool = False
    # The meeting that stands for it, 0 while there is none.
    meeting: int = 0

    @property
    def is_new(self) -> bool:
        """Whether it had no place before."""
        return self.old_slot is None

    @property
    def has_moved(self) -> bool:
        """Whether it is elsewhere than before."""
        before = (self.old_slot, self.old_place)
        return not self.is_new and before != (self.slot, self.place)


@dataclass(frozen=True)
class PersonShare:
    """How many of somebody's wishes are held."""

    name: str
    side: str
    wishes: int
    meetings: int
    limit: int

    @property
    def percent(self) -> int:
        """The share in hundredths of what was possible by the limit."""
        return HUNDRED * self.meetings // max(1, min(self.wishes, self.limit))


@dataclass(frozen=True)
class SideComfort:
    """How the hours, idle times and walks fall on one side."""

    label: str
    meetings: int
    comfortable: int
    breaks: int
    moves: int

    @property
    def percent(self) -> int:
        """The share of meetings in good hours."""
        return HUNDRED * self.comfortable // max(1, self.meetings)


@dataclass(frozen=True)
class RunReport:
    """One run as a page shows it."""

    run: ScheduleRun
    found: EventProblem
    rows: Sequence[Sequence[int]]
    people: Mapping[int, Registration]
    slots: Mapping[int, Slot]
    places: Mapping[int, Place]
    # Request to its meeting, of the published run.
    meetings: Mapping[int, int] = field(default_factory=dict)

    @cached_property
    def schedule(self) -> Schedule:
        """The rows as the checker and the measures know them."""
        return self.found.schedule_of(self.rows)

    @cached_property
    def wishes(self) -> dict[int, dict[str, Any]]:
        """Request to what the run was given of it."""
        return {wish["id"]: wish for wish in self.found.facts["wishes"]}

    @cached_property
    def left_out(self) -> dict[int, dict[str, Any]]:
        """Request to its people, of those that organisers keep out."""
        return {wish["id"]: wish for wish in self.found.facts["left_out"]}

    def name(self, person: int) -> str:
        """Return how a participant is called; one who left has no name here."""
        found = self.people.get(person)
        return found.profile.name if found is not None else "–"

    def line(self, request: int, slot: int = 0, place: int = 0) -> Line:
        """Return one meeting with the names of its people."""
        wish = NOWHERE | self.left_out.get(request, {}) | self.wishes.get(request, {})
        return Line(
            request=request,
            people=tuple(self.name(person) for person in wish["people"]),
            slot=self.slots.get(slot),
            place=self.places.get(place),
            old_slot=self.slots.get(wish["live_slot"]),
            old_place=self.places.get(wish["live_place"]),
            is_pinned=wish["pinned"],
            meeting=self.meetings.get(request, 0),
        )

    @cached_property
    def lines(self) -> list[Line]:
        """The meetings that are held, in the order of time and place."""
        return [self.line(*row) for row in sorted(self.rows, key=lambda row: (row[1], row[2]))]

    @property
    def moved(self) -> list[Line]:
        """The meetings that get another time or place."""
        return [line for line in self.lines if line.has_moved]

    @cached_property
    def cancelled(self) -> list[Line]:
        """The meetings that lose their place."""
        held = {row[0] for row in self.rows}
        return [
            self.line(request)
            for request, wish in self.wishes.items()
            if wish["live_slot"] and request not in held
        ]

    @property
    def new(self) -> list[Line]:
        """The meetings that had no place before."""
        return [line for line in self.lines if line.is_new]

    @cached_property
    def told(self) -> list[str]:
        """The names of those whom a moved or cancelled meeting touches."""
        touched = {line.request for line in (*self.moved, *self.cancelled)}
        people = {person for request in touched for person in self.wishes[request]["people"]}
        return sorted(self.name(person) for person in people)

    @property
    def gap(self) -> float | None:
        """How much of the bound may be missing at most, in hundredths; None without a bound."""
        if not self.run.bound or self.run.value is None:
            return None
        return HUNDRED * (1 - self.run.value / self.run.bound)

    @property
    def placed_percent(self) -> int:
        """The share of wishes that are held."""
        return HUNDRED * len(self.rows) // max(1, len(self.wishes))

    @cached_property
    def shares(self) -> list[PersonShare]:
        """Everybody with a wish, who got least of it first."""
        wanted = Counter(p for wish in self.wishes.values() for p in wish["people"])
        got = Counter(p for row in self.rows if row[0] in self.wishes
                      for p in self.wishes[row[0]]["people"])  # fmt: skip
        limits = {row["id"]: row["limit"] for row in self.found.facts["people"]}
        found = [
            PersonShare(self.name(one), self.side(one), count, got[one], limits.get(one, 0))
            for one, count in wanted.items()
        ]
        return sorted(found, key=lambda one: (one.percent, one.meetings, -one.wishes, one.name))

    @property
    def worst_off(self) -> list[PersonShare]:
        """Those who got least of what was possible for them."""
        return [share for share in self.shares if share.percent < HUNDRED][:WORST_OFF]

    @property
    def spread(self) -> list[tuple[int, int]]:
        """How many people have how many meetings."""
        return sorted(Counter(share.meetings for share in self.shares).items())

    def side(self, person: int) -> str:
        """Return the side of a participant."""
        found = self.people.get(person)
        return found.profile.side if found is not None else Side.ELSEWHERE

    @cached_property
    def comfort(self) -> list[SideComfort]:
        """Hours, idle times and walks by side, so that it can be seen whom they fall on."""
        problem = self.found.problem
        agendas = agendas_of(problem, self.schedule)
        found = []
        for side in Side:
            own = [n for n, pk in enumerate(self.found.people) if self.side(pk) == side]
            slots = [(n, slot) for n in own for slot, _place in agendas[n]]
            good = sum(not problem.discomfort[n, slot] for n, slot in slots)
            breaks = sum(breaks_in(agendas[n], problem.sessions) for n in own)
            walks = sum(moves_in(agendas[n], problem.place_modes) for n in own)
            found.append(SideComfort(str(side.label), len(slots), int(good), breaks, walks))
        return [row for row in found if row.meetings]

    def unplaced(self, zone: str) -> list[tuple[Line, Explained]]:
        """Return the wishes without a place, each with the reason in the reader's words."""
        times = {
            pk: (slot.during.lower, slot.during.upper)
            for pk, slot in self.slots.items()
            if slot.during.lower and slot.during.upper
        }
        names = {pk: person.profile.name for pk, person in self.people.items()}
        reader = Reader(zone, 0, names, times)
        return [
            (self.line(reason["request"]), words_of(reason, reader)) for reason in self.run.reasons
        ]

    @property
    def impossible_pins(self) -> list[Line]:
        """The pinned meetings that contradict each other or everything else."""
        return [self.line(pk) for pk in self.run.measures.get("infeasible_pins", ())]

    def grid(self, first: int, many: int) -> list[tuple[Slot, list[Line | None]]]:
        """Return slots with the meeting at each of some places."""
        cells = {(row[1], row[2]): self.line(*row) for row in self.rows}
        shown = list(self.places.values())[first : first + many]
        return [
            (slot, [cells.get((slot.pk, place.pk)) for place in shown])
            for slot in self.slots.values()
        ]

    @property
    def elapsed(self) -> timedelta:
        """How long it took, or has taken so far, in whole seconds."""
        begin = self.run.began_at or self.run.created_at
        return whole_seconds(begin, self.run.ended_at)


def whole_seconds(begin: datetime, end: datetime | None) -> timedelta:
    """Return the time between, until now if there is no end yet."""
    return timedelta(seconds=round(((end or timezone.now()) - begin).total_seconds()))


def report_of(run: ScheduleRun) -> RunReport:
    """Return one run as a page shows it, in five queries."""
    facts = run.inputs or {"slots": [], "places": [], "people": [], "wishes": [], "left_out": []}
    found = problem_from(facts, seed=run.seed)
    wanted = {p for wish in (*facts["wishes"], *facts["left_out"]) for p in wish["people"]}
    wanted |= {person for reason in run.reasons for person in people_named(reason)}
    people = Registration.objects.filter(pk__in=wanted).select_related("profile")
    places = Place.objects.filter(event=run.event, kind__in=("table", "online_room"))
    return RunReport(
        run=run,
        found=found,
        rows=standing_rows(run),
        people={person.pk: person for person in people},
        slots={slot.pk: slot for slot in Slot.objects.filter(event=run.event)},
        places={place.pk: place for place in places},
        meetings=standing_meetings(run),
    )


def standing_meetings(run: ScheduleRun) -> dict[int, int]:
    """Return request to its meeting, where the run is the published one."""
    if run.state != ScheduleRunState.PUBLISHED:
        return {}
    live = Meeting.objects.filter(event=run.event, is_live=True)
    return dict(live.values_list("request_id", "pk"))


def standing_rows(run: ScheduleRun) -> Sequence[Sequence[int]]:
    """Return request, slot and place: of the published run as they are, of others as proposed."""
    if run.state != ScheduleRunState.PUBLISHED:
        return list(run.proposals)
    live = Meeting.objects.filter(event=run.event, is_live=True)
    rows: Iterable[tuple[int, int, int | None]] = live.values_list(
        "request_id", "slot_id", "place_id"
    )
    return [(request, slot, place or 0) for request, slot, place in rows]


@dataclass(frozen=True)
class Size:
    """What there is to plan at an event, in numbers that cost little to count."""

    wishes: int
    slots: int
    tables: int
    rooms: int
    # Places times slots, without those that are closed or in use.
    room: int


def size_of(event: Event) -> Size:
    """Return how much there is to plan, and how much room."""
    kinds = [kind for kind, mode in PLACE_MODES.items() if mode & MODES[EventMode(event.mode)]]
    places = Counter(
        Place.objects.filter(event=event, kind__in=kinds).values_list("kind", flat=True)
    )
    return Size(
        wishes=event.meeting_requests.filter(state=RequestState.ACCEPTED).count(),
        slots=event.slots.count(),
        tables=places[PlaceKind.TABLE],
        rooms=places[PlaceKind.ONLINE_ROOM],
        room=room_of(event),
    )


def latest_runs(event: Event) -> list[ScheduleRun]:
    """Return the runs of an event without their long columns, the newest first."""
    long = ("inputs", "proposals", "reasons")
    return list(event.schedule_runs.defer(*long).select_related("created_by").order_by("-pk")[:50])
