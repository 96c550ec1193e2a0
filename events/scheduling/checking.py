"""Whether a schedule keeps every rule, in plain loops that no solver shares."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from graphlib import CycleError, TopologicalSorter
from itertools import groupby

from events.scheduling.problem import NONE, ON_SITE, ONLINE, Problem, Schedule, Wish

# The weight up to which the sums of a proof stay far within 64 bits.
MOST_WEIGHT = 1_000_000


class FaultCode(StrEnum):
    """A rule that a schedule or a problem breaks."""

    NOWHERE = "nowhere"
    AWAY = "away"
    FORBIDDEN = "forbidden"
    CLOSED = "closed"
    MODE = "mode"
    PERSON_TWICE = "person_twice"
    PLACE_TWICE = "place_twice"
    LIMIT = "limit"
    PIN = "pin"
    HOST = "host"
    PRECEDENCE = "precedence"
    SHAPE = "shape"
    UNKNOWN_PERSON = "unknown_person"
    UNKNOWN_SLOT = "unknown_slot"
    UNKNOWN_PLACE = "unknown_place"
    UNKNOWN_WISH = "unknown_wish"
    REPEATED_PERSON = "repeated_person"
    TOO_FEW_PEOPLE = "too_few_people"
    WEIGHT = "weight"
    SESSIONS = "sessions"
    CYCLE = "cycle"


@dataclass(frozen=True)
class Fault:
    """One broken rule, with the numbers that it is about."""

    code: FaultCode
    wish: int = NONE
    person: int = NONE
    slot: int = NONE
    place: int = NONE


def faults(problem: Problem, schedule: Schedule) -> list[Fault]:
    """Return every rule that a schedule breaks; a pin that is not held is `pinned_missing`."""
    if not len(schedule.slots) == len(schedule.places) == len(problem.wishes):
        return [Fault(FaultCode.SHAPE)]
    slots, places = schedule.slots.tolist(), schedule.places.tolist()
    found: list[Fault] = []
    for number, wish in enumerate(problem.wishes):
        if slots[number] != NONE:
            found += faults_of_meeting(problem, wish, number, slots[number], places[number])
        elif places[number] != NONE:
            found.append(Fault(FaultCode.NOWHERE, wish=number, place=places[number]))
    return [*found, *faults_together(problem, slots, places)]


def faults_of_meeting(
    problem: Problem, wish: Wish, number: int, slot: int, place: int
) -> Iterator[Fault]:
    """Yield what is wrong with one meeting, whatever else is held."""
    known = 0 <= slot < len(problem.sessions) and 0 <= place < len(problem.place_modes)
    if not known:
        yield Fault(FaultCode.NOWHERE, wish=number, slot=slot, place=place)
        return
    yield from faults_of_place(problem, wish, number, slot, place)
    mode = int(problem.place_modes[place])
    for person in wish.people:
        if not int(problem.modes[person][slot]) & mode:
            yield Fault(FaultCode.AWAY, wish=number, person=person, slot=slot)
    if slot in wish.forbidden:
        yield Fault(FaultCode.FORBIDDEN, wish=number, slot=slot)
    if wish.pinned_slot not in (NONE, slot) or wish.pinned_place not in (NONE, place):
        yield Fault(FaultCode.PIN, wish=number, slot=slot, place=place)


def faults_of_place(
    problem: Problem, wish: Wish, number: int, slot: int, place: int
) -> Iterator[Fault]:
    """Yield what is wrong with a meeting's place: closed, of the wrong kind, not the host's."""
    mode = int(problem.place_modes[place])
    if not problem.place_open[place][slot]:
        yield Fault(FaultCode.CLOSED, wish=number, slot=slot, place=place)
    if not wish.modes & mode:
        yield Fault(FaultCode.MODE, wish=number, slot=slot, place=place)
    tables = {int(problem.host_places[person]) for person in wish.people} - {NONE}
    if mode == ON_SITE and tables and place not in tables and wish.pinned_place == NONE:
        yield Fault(FaultCode.HOST, wish=number, slot=slot, place=place)


def faults_together(problem: Problem, slots: list[int], places: list[int]) -> Iterator[Fault]:
    """Yield what is wrong between meetings: twice at once, beyond a limit, out of order."""
    people: Counter[tuple[int, int]] = Counter()
    used: Counter[tuple[int, int]] = Counter()
    for number, wish in enumerate(problem.wishes):
        if slots[number] != NONE:
            used[places[number], slots[number]] += 1
            people.update((person, slots[number]) for person in wish.people)
            yield from faults_of_order(wish, number, slots)
    yield from faults_of_counts(problem, people, used)


def faults_of_counts(
    problem: Problem, people: Counter[tuple[int, int]], used: Counter[tuple[int, int]]
) -> Iterator[Fault]:
    """Yield people and places that are used twice at once, and people beyond their limit."""
    for (person, slot), count in people.items():
        if count > 1:
            yield Fault(FaultCode.PERSON_TWICE, person=person, slot=slot)
    for (place, slot), count in used.items():
        if count > 1:
            yield Fault(FaultCode.PLACE_TWICE, place=place, slot=slot)
    meetings = Counter(person for person, _slot in people.elements())
    for person, count in meetings.items():
        if count > problem.limits[person]:
            yield Fault(FaultCode.LIMIT, person=person)


def faults_of_order(wish: Wish, number: int, slots: list[int]) -> Iterator[Fault]:
    """Yield the wishes that had to be earlier than a meeting, and are not."""
    for earlier in wish.after:
        if slots[earlier] != NONE and slots[earlier] >= slots[number]:
            yield Fault(FaultCode.PRECEDENCE, wish=number, slot=slots[number])


def faults_of_problem(problem: Problem) -> list[Fault]:
    """Return what makes a problem unreadable; an impossible pin is the solver's to report."""
    found = list(faults_of_shapes(problem))
    if found:
        return found
    for number, wish in enumerate(problem.wishes):
        found += faults_of_wish(problem, wish, number)
    return found + ([] if found else cycles(problem))


def faults_of_shapes(problem: Problem) -> Iterator[Fault]:
    """Yield arrays whose lengths do not agree, and numbers that no array knows."""
    people, slots = problem.modes.shape
    places = len(problem.place_modes)
    shapes = (
        problem.limits.shape == (people,),
        problem.sessions.shape == (slots,),
        problem.place_open.shape == (places, slots),
        problem.host_places.shape == (people,),
        problem.discomfort.shape == (people, slots),
    )
    if not all(shapes):
        yield Fault(FaultCode.SHAPE)
        return
    if len(list(groupby(problem.sessions.tolist()))) > len(set(problem.sessions.tolist())):
        yield Fault(FaultCode.SESSIONS)
    for place in range(places):
        if problem.place_modes[place] not in (ON_SITE, ONLINE):
            yield Fault(FaultCode.MODE, place=place)
    for person in range(people):
        table = int(problem.host_places[person])
        if table != NONE and not 0 <= table < places:
            yield Fault(FaultCode.UNKNOWN_PLACE, person=person, place=table)
        elif table != NONE and problem.place_modes[table] != ON_SITE:
            yield Fault(FaultCode.HOST, person=person, place=table)


def faults_of_wish(problem: Problem, wish: Wish, number: int) -> Iterator[Fault]:
    """Yield what is wrong with one wish as it was asked."""
    if len(wish.people) < 2:
        yield Fault(FaultCode.TOO_FEW_PEOPLE, wish=number)
    if len(set(wish.people)) < len(wish.people):
        yield Fault(FaultCode.REPEATED_PERSON, wish=number)
    if not 1 <= wish.weight <= MOST_WEIGHT:
        yield Fault(FaultCode.WEIGHT, wish=number)
    people, slots = problem.modes.shape
    yield from (
        Fault(FaultCode.UNKNOWN_PERSON, wish=number, person=person)
        for person in unknown(wish.people, people)
    )
    yield from (
        Fault(FaultCode.UNKNOWN_SLOT, wish=number, slot=slot)
        for slot in unknown({wish.pinned_slot, wish.live_slot, *wish.forbidden} - {NONE}, slots)
    )
    yield from (
        Fault(FaultCode.UNKNOWN_PLACE, wish=number, place=place)
        for place in unknown(
            {wish.pinned_place, wish.live_place} - {NONE}, len(problem.place_open)
        )
    )
    if unknown(wish.after, len(problem.wishes)):
        yield Fault(FaultCode.UNKNOWN_WISH, wish=number)


def unknown(numbers: Iterable[int], count: int) -> list[int]:
    """Return the numbers that are not 0 to count - 1."""
    return [number for number in numbers if not 0 <= number < count]


def cycles(problem: Problem) -> list[Fault]:
    """Return wishes that wait for each other in a circle, if any do."""
    try:
        TopologicalSorter(
            {number: wish.after for number, wish in enumerate(problem.wishes)}
        ).prepare()
    except CycleError as error:
        return [Fault(FaultCode.CYCLE, wish=number) for number in sorted(set(error.args[1]))]
    return []
