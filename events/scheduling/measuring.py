"""What a schedule is worth, by plain counting."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from events.scheduling.options import needs_of, options_of
from events.scheduling.problem import NONE, ON_SITE, Ints, Measures, Problem, Schedule


def measure(problem: Problem, schedule: Schedule, needs: Ints | None = None) -> Measures:
    """Return the measures of a schedule.

    needs: (people,) what everybody is to have first, where it is known already.
    """
    if needs is None:
        needs = needs_of(problem, options_of(problem))
    agendas = agendas_of(problem, schedule)
    counts = np.array([len(agenda) for agenda in agendas], dtype=np.int64)
    held = [number for number, slot in enumerate(schedule.slots) if slot != NONE]
    moved, told = disturbance(problem, schedule)
    return Measures(
        pinned_missing=sum(
            wish.is_pinned and schedule.slots[number] == NONE
            for number, wish in enumerate(problem.wishes)
        ),
        below_floor=int((counts < needs).sum()),
        value=sum(problem.wishes[number].weight for number in held),
        meetings=len(held),
        breaks=sum(breaks_in(agenda, problem.sessions) for agenda in agendas),
        discomfort=sum(
            int(problem.discomfort[person, slot])
            for person, agenda in enumerate(agendas)
            for slot, _place in agenda
        ),
        moves=sum(moves_in(agenda, problem.place_modes) for agenda in agendas),
        meetings_moved=moved,
        people_told=len(told),
    )


def agendas_of(problem: Problem, schedule: Schedule) -> list[list[tuple[int, int]]]:
    """Return each person's meetings as (slot, place), in order of time."""
    agendas: list[list[tuple[int, int]]] = [[] for _person in range(len(problem.limits))]
    for number, slot in enumerate(schedule.slots.tolist()):
        if slot != NONE:
            for person in problem.wishes[number].people:
                agendas[person].append((slot, int(schedule.places[number])))
    return [sorted(agenda) for agenda in agendas]


def breaks_in(agenda: list[tuple[int, int]], sessions: Ints) -> int:
    """Count the idle periods between two meetings of a session."""
    return sum(
        int(later > earlier + 1 and sessions[earlier] == sessions[later])
        for (earlier, _place), (later, _next) in steps(agenda)
    )


def moves_in(agenda: list[tuple[int, int]], place_modes: Ints) -> int:
    """Count how often a person goes from one table to another; nobody walks between rooms online."""
    tables = [
        (slot, place) for slot, place in agenda if place != NONE and place_modes[place] == ON_SITE
    ]
    return sum(earlier != later for (_slot, earlier), (_next, later) in steps(tables))


def steps(agenda: list[tuple[int, int]]) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """Return each meeting with the one after it."""
    return pairwise(agenda)


def disturbance(problem: Problem, schedule: Schedule) -> tuple[int, set[int]]:
    """Return how many live meetings are elsewhere or gone, and the people whom that touches."""
    moved = 0
    told: set[int] = set()
    for number, wish in enumerate(problem.wishes):
        if wish.live_slot == NONE:
            continue
        place = schedule.places[number]
        stays = schedule.slots[number] == wish.live_slot and wish.live_place in (NONE, place)
        if not stays:
            moved += 1
            told.update(wish.people)
    return moved, told
