"""Why each wish that is not held is not: the smallest reason, and what would change it.

Reasons are about a wish as the schedule stands, with everybody else's meeting where it is.
"""

from __future__ import annotations

from dataclasses import dataclass

from events.scheduling.problem import NONE, ON_SITE, ONLINE, Problem, Schedule, Wish
from events.scheduling.reasons import Code, Reason


@dataclass(frozen=True)
class Day:
    """What a schedule takes: who is busy when, how many meetings each has, which places are used."""

    busy: list[set[int]]
    counts: list[int]
    # Slots by place.
    used: list[set[int]]
    # Wishes that must be later than each.
    later: list[list[int]]


def reasons(problem: Problem, schedule: Schedule) -> list[Reason]:
    """Return the reason of every wish that is not held, in order of the wishes."""
    day = day_of(problem, schedule)
    return [
        reason_of(problem, schedule, day, number)
        for number in range(len(problem.wishes))
        if schedule.slots[number] == NONE
    ]


def day_of(problem: Problem, schedule: Schedule) -> Day:
    """Return what a schedule takes."""
    day = Day(
        [set() for _person in problem.limits],
        [0 for _person in problem.limits],
        [set() for _place in problem.place_modes],
        [[] for _wish in problem.wishes],
    )
    for number, wish in enumerate(problem.wishes):
        for earlier in wish.after:
            day.later[earlier].append(number)
    for number, slot in enumerate(schedule.slots.tolist()):
        if slot != NONE:
            day.used[int(schedule.places[number])].add(slot)
            for person in problem.wishes[number].people:
                day.busy[person].add(slot)
                day.counts[person] += 1
    return day


def reason_of(problem: Problem, schedule: Schedule, day: Day, number: int) -> Reason:
    """Return the first of these that holds, from what nobody can change to what is full."""
    wish = problem.wishes[number]
    slots = slots_of(problem, wish)
    if wish.is_pinned:
        return Reason(number, Code.PINS, slots=() if wish.pinned_slot == NONE else tuple(slots))
    common = [slot for slot in slots if all(problem.modes[p][slot] for p in wish.people)]
    if not common:
        return away(problem, schedule, day, number, Code.NO_COMMON_SLOT, slots)
    agreed = [slot for slot in common if modes_in(problem, wish, slot)]
    if not agreed:
        return away(problem, schedule, day, number, Code.NO_COMMON_MODE, common)
    for person in wish.people:
        if day.counts[person] >= problem.limits[person]:
            return Reason(number, Code.LIMIT_REACHED, person=person, slots=tuple(agreed))
    return crowded(problem, schedule, day, number, agreed)


def slots_of(problem: Problem, wish: Wish) -> list[int]:
    """Return the slots in which a wish may be held at all."""
    slots = range(len(problem.sessions))
    pinned = wish.pinned_slot
    return [slot for slot in slots if slot not in wish.forbidden and pinned in (NONE, slot)]


def away(
    problem: Problem, schedule: Schedule, day: Day, number: int, code: Code, slots: list[int]
) -> Reason:
    """Return the reason of hours or modes that do not meet, and which opened slot would do."""
    wish = problem.wishes[number]
    free_of = tuple(
        (person, tuple(slot for slot in slots if problem.modes[person][slot]))
        for person in wish.people
    )
    would_fit = tuple(
        (person, slot)
        for slot in slots
        for person in wish.people
        if would_hold(problem, schedule, day, number, person, slot)
    )
    return Reason(number, code, slots=tuple(slots) if code == Code.NO_COMMON_MODE else (),
                  free_of=free_of, would_fit=would_fit)  # fmt: skip


def crowded(
    problem: Problem, schedule: Schedule, day: Day, number: int, agreed: list[int]
) -> Reason:
    """Return what is full or busy in the slots in which all could meet."""
    wish = problem.wishes[number]
    idle = [slot for slot in agreed if not any(slot in day.busy[p] for p in wish.people)]
    if not idle:
        fits = tuple(
            (person, slot)
            for slot in slots_of(problem, wish)
            for person in wish.people
            if slot not in agreed and would_hold(problem, schedule, day, number, person, slot)
        )
        return Reason(
            number, Code.PEOPLE_BUSY, busiest(day, wish, agreed), tuple(agreed), (), fits
        )
    housed = [slot for slot in idle if place_for(problem, day, wish, slot) != NONE]
    if not housed:
        return Reason(number, Code.PLACES_FULL, slots=tuple(idle))
    return Reason(number, Code.PRECEDENCE, slots=tuple(housed))


def busiest(day: Day, wish: Wish, slots: list[int]) -> int:
    """Return whose other meetings take most of the slots in question."""
    return max(wish.people, key=lambda person: len(day.busy[person].intersection(slots)))


def would_hold(
    problem: Problem, schedule: Schedule, day: Day, number: int, person: int, slot: int
) -> bool:
    """Tell whether a wish fits as everything stands, if one person opened one slot.

    Opening is to come as everybody else of the wish can: on site or online.
    """
    wish = problem.wishes[number]
    others = [other for other in wish.people if other != person]
    return (
        slot not in day.busy[person]
        and all(day.counts[p] < problem.limits[p] for p in wish.people)
        and all(problem.modes[p][slot] and slot not in day.busy[p] for p in others)
        and opened_place(problem, day, wish, person, slot) != NONE
        and keeps_order(problem, schedule, day, number, slot)
    )


def opened_place(problem: Problem, day: Day, wish: Wish, person: int, slot: int) -> int:
    """Return a place that would do if a person came in a slot in which she does not, or NONE."""
    modes = wish.modes & ~int(problem.modes[person][slot])
    for other in wish.people:
        modes &= (ON_SITE | ONLINE) if other == person else int(problem.modes[other][slot])
    return place_in(problem, day, wish, slot, modes)


def modes_in(problem: Problem, wish: Wish, slot: int) -> int:
    """Return the modes in which everybody of a wish can meet in a slot."""
    modes = wish.modes
    for person in wish.people:
        modes &= int(problem.modes[person][slot])
    return modes


def place_for(problem: Problem, day: Day, wish: Wish, slot: int) -> int:
    """Return a place that is left for a wish in a slot, or NONE."""
    return place_in(problem, day, wish, slot, modes_in(problem, wish, slot))


def place_in(problem: Problem, day: Day, wish: Wish, slot: int, modes: int) -> int:
    """Return a place of one of the modes that is open and left, a host's own on site; or NONE."""
    tables = {int(problem.host_places[person]) for person in wish.people} - {NONE}
    tables = tables if wish.pinned_place == NONE else set()
    for place, mode in enumerate(problem.place_modes.tolist()):
        is_right = mode & modes and (mode == ONLINE or not tables or place in tables)
        is_right = is_right and wish.pinned_place in (NONE, place)
        if is_right and problem.place_open[place][slot] and slot not in day.used[place]:
            return place
    return NONE


def keeps_order(problem: Problem, schedule: Schedule, day: Day, number: int, slot: int) -> bool:
    """Tell whether a wish in a slot is after its earlier wishes and before its later ones."""
    for earlier in problem.wishes[number].after:
        if NONE != schedule.slots[earlier] >= slot:
            return False
    return not any(NONE != schedule.slots[later] <= slot for later in day.later[number])
