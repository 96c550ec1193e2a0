"""From the facts of an event to the problem that the solver knows, and back to its rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from events.models import Event
from events.scheduling.problem import NONE, Problem, Schedule, Wish
from events.services.schedule_facts import Facts, facts_of, fingerprint


@dataclass(frozen=True)
class EventProblem:
    """A problem, and which rows its numbers mean."""

    problem: Problem
    facts: Facts
    # Numbers of rows, in the order of the problem: registrations, slots, places, requests.
    people: tuple[int, ...]
    slots: tuple[int, ...]
    places: tuple[int, ...]
    requests: tuple[int, ...]

    @property
    def input_hash(self) -> str:
        """The fingerprint of the facts."""
        return fingerprint(self.facts)

    def proposals(self, schedule: Schedule) -> list[list[int]]:
        """Return a schedule as rows of request, slot and place; only what is held."""
        rows = zip(self.requests, schedule.slots.tolist(), schedule.places.tolist(), strict=True)
        return [
            [request, self.slots[slot], self.places[place] if place != NONE else 0]
            for request, slot, place in rows
            if slot != NONE
        ]

    def schedule_of(self, rows: Sequence[Sequence[int]]) -> Schedule:
        """Return rows of request, slot and place as a schedule; unknown requests are left out."""
        request, slot, place = (numbers(part) for part in (self.requests, self.slots, self.places))
        slots = np.full(len(self.requests), NONE)
        places = np.full(len(self.requests), NONE)
        for one, at, where in rows:
            if one in request:
                slots[request[one]] = slot.get(at, NONE)
                places[request[one]] = place.get(where, NONE)
        return Schedule(slots, places)


def problem_of(event: Event, *, seed: int = 1) -> EventProblem:
    """Return the schedule problem of an event as it is now."""
    return problem_from(facts_of(event), seed=seed)


def numbers(rows: Sequence[int]) -> dict[int, int]:
    """Return row to number in the problem."""
    return {row: number for number, row in enumerate(rows)}


def ids(rows: Sequence[dict[str, Any]]) -> tuple[int, ...]:
    """Return the numbers of rows of facts."""
    return tuple(row["id"] for row in rows)


def problem_from(facts: Facts, *, seed: int = 1) -> EventProblem:
    """Return the problem that facts describe; the same facts give the same problem."""
    people, slots = facts["people"], facts["slots"]
    shape = (len(people), len(slots))
    problem = Problem(
        modes=matrix([person["modes"] for person in people], shape),
        limits=np.array([person["limit"] for person in people], dtype=np.int64),
        sessions=np.array([slot["session"] for slot in slots], dtype=np.int64),
        place_modes=np.array([place["mode"] for place in facts["places"]], dtype=np.int64),
        place_open=open_places(facts),
        wishes=wishes_from(facts),
        host_places=host_places(facts),
        discomfort=matrix([person["costs"] for person in people], shape),
        seed=seed,
    )
    return EventProblem(
        problem, facts, ids(people), ids(slots), ids(facts["places"]), ids(facts["wishes"])
    )


def matrix(rows: Sequence[Sequence[int]], shape: tuple[int, int]) -> np.ndarray[Any, Any]:
    """Return rows as an array of this shape, also when there are none."""
    return np.array(rows, dtype=np.int64).reshape(shape)


def open_places(facts: Facts) -> np.ndarray[Any, Any]:
    """Return (places, slots): whether a place can be used then."""
    slot = numbers(ids(facts["slots"]))
    found = np.ones((len(facts["places"]), len(slot)), dtype=np.bool_)
    for number, place in enumerate(facts["places"]):
        found[number, [slot[row] for row in place["closed"] if row in slot]] = False
    return found


def host_places(facts: Facts) -> np.ndarray[Any, Any]:
    """Return (people,): the table at which a host stays; the first, should there be several."""
    person = numbers(ids(facts["people"]))
    found = np.full(len(person), NONE, dtype=np.int64)
    for number, place in reversed(list(enumerate(facts["places"]))):
        if place["host"] in person:
            found[person[place["host"]]] = number
    return found


def wishes_from(facts: Facts) -> tuple[Wish, ...]:
    """Return the wishes; a pin to a slot or place that is gone cannot be kept and counts as none."""
    person, slot, place, request = (
        numbers(ids(facts[name])) for name in ("people", "slots", "places", "wishes")
    )
    return tuple(
        Wish(
            people=tuple(person[row] for row in wish["people"]),
            weight=wish["weight"],
            modes=wish["modes"],
            forbidden=frozenset(slot[row] for row in wish["forbidden"]),
            is_pinned=wish["pinned"],
            pinned_slot=slot.get(wish["pin_slot"], NONE),
            pinned_place=place.get(wish["pin_place"], NONE),
            live_slot=slot.get(wish["live_slot"], NONE),
            live_place=place.get(wish["live_place"], NONE),
            after=(request[wish["after"]],) if wish["after"] else (),
        )
        for wish in facts["wishes"]
    )


def without_live(problem: Problem) -> Problem:
    """Return the problem as if nothing had been published yet."""
    wishes = tuple(replace(wish, live_slot=NONE, live_place=NONE) for wish in problem.wishes)
    return replace(problem, wishes=wishes)
