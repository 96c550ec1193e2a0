"""What a schedule is made of, as arrays: people, slots, places, wishes.

People, slots, places and wishes are numbered from 0 in the order of the arrays. Slots are in the
order of time and do not overlap. Weights, limits and costs are integers, so that two machines
agree to the last digit.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

# How people may meet in a slot, as bits.
ON_SITE, ONLINE = 1, 2
# In columns that name a slot, place or person: none.
NONE = -1


@dataclass(frozen=True)
class Wish:
    """One meeting that somebody asks for: two people, or several a side."""

    people: tuple[int, ...]
    # Of the objective; at least 1. A mutual wish weighs more.
    weight: int = 1
    # In which ways it may be held, of ON_SITE and ONLINE.
    modes: int = ON_SITE | ONLINE
    # Slots in which it must not be held, whoever is free.
    forbidden: frozenset[int] = frozenset()
    # Pinned by an organiser: must be held, in this slot and at this place where they are named.
    is_pinned: bool = False
    pinned_slot: int = NONE
    pinned_place: int = NONE
    # Where it stands in the published schedule; moving it disturbs people.
    live_slot: int = NONE
    live_place: int = NONE
    # Wishes that must be held earlier than this one, if both are held.
    after: tuple[int, ...] = ()


@dataclass(frozen=True)
class Problem:
    """Everything that decides a schedule.

    Raises nothing: `checking.faults_of_problem` tells what is wrong with one, as values.
    """

    # (people, slots): bits of ON_SITE and ONLINE in which a person can meet then; 0 is away.
    modes: Ints
    # (people,): most meetings a person.
    limits: Ints
    # (slots,): slots of one session follow each other; idle time between sessions is no break.
    sessions: Ints
    # (places,): ON_SITE for a table, ONLINE for a room.
    place_modes: Ints
    # (places, slots): whether a place can be used then.
    place_open: Flags
    wishes: tuple[Wish, ...]
    # (people,): the table at which a host stays, or NONE.
    host_places: Ints
    # (people, slots): cost of an uncomfortable hour there, 0 for a good one.
    discomfort: Ints
    # Meetings that everybody is to have, where possible, before others have more.
    floor: int = 1
    seed: int = 1


@dataclass(frozen=True)
class Schedule:
    """Where each wish is held: slot and place of each, NONE for those that are not held."""

    # Both are (wishes,), in the order of the problem.
    slots: Ints
    places: Ints

    @property
    def held(self) -> Flags:
        """Which wishes are held."""
        return self.slots != NONE


@dataclass(frozen=True)
class Measures:
    """What a schedule is worth, in the order in which schedules are compared."""

    pinned_missing: int
    # People below the floor who could have reached it by what they wished and when they can.
    below_floor: int
    value: int
    meetings: int
    # Idle periods of any length between two meetings of a person within a session.
    breaks: int
    discomfort: int
    # Times that a person changes table from one meeting to the next.
    moves: int
    # Against what is live: meetings with another slot or place, and people whom that touches.
    meetings_moved: int
    people_told: int


@dataclass(frozen=True)
class Progress:
    """What a run has so far."""

    stage: str
    seconds: float
    value: int
    bound: int
    breaks: int


@dataclass(frozen=True)
class Result:
    """A schedule, what it is worth, and how far from the best it can be at most."""

    schedule: Schedule
    measures: Measures
    # No schedule that holds as many pins, and leaves as few people below the floor, has a higher
    # value: proved by the dual, whatever a solver says, or by branch and bound to the end.
    bound: int
    # Whether no schedule is better at all.
    is_optimal: bool
    was_stopped: bool
    seconds: float
    # Pins that cannot be held beside the others or at all, as numbers of wishes; nothing that
    # there was only no time for.
    infeasible_pins: tuple[int, ...] = ()
    stages: tuple[Progress, ...] = ()
    solver_versions: dict[str, str] = field(default_factory=dict)

    @property
    def gap(self) -> float:
        """The share of the bound that is missing at most, 0 when the value is proved best."""
        return 0.0 if self.bound <= 0 else 1 - self.measures.value / self.bound
