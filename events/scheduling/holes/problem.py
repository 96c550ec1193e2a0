"""Meetings that must all be held, and what a schedule of them is worth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from itertools import pairwise


@dataclass(frozen=True)
class HolesProblem:
    """People, meetings and slots, each numbered from 0; slots are in the order of time."""

    people: int
    slots: int
    # Most meetings in one slot.
    tables: int
    # The people of each meeting, two or more.
    meetings: tuple[tuple[int, ...], ...]
    # The slots in which each meeting may be held: sessions, absences and pins are in here.
    allowed: tuple[frozenset[int], ...]
    # For each meeting those that must be held in an earlier slot.
    before: tuple[tuple[int, ...], ...]

    @cached_property
    def meetings_of(self) -> tuple[tuple[int, ...], ...]:
        """Return the meetings of each person."""
        found: list[list[int]] = [[] for _ in range(self.people)]
        for meeting, people in enumerate(self.meetings):
            for person in people:
                found[person].append(meeting)
        return tuple(map(tuple, found))


class Status(StrEnum):
    """What is known when the run ends."""

    OPTIMAL = "optimal"
    INFEASIBLE = "infeasible"
    # A schedule without the proof that there is none better.
    FEASIBLE = "feasible"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class HolesResult:
    """A schedule with its holes and the proved bound; no schedule has fewer holes than that."""

    status: Status
    # The slot of each meeting, or nothing when no schedule was found.
    schedule: tuple[int, ...] | None
    holes: int | None
    bound: int
    seconds: float


# Asked now and then; says whether the run is to end with what it has.
ShouldStop = Callable[[], bool]


def holes_of(problem: HolesProblem, schedule: tuple[int, ...]) -> list[int]:
    """Return the holes of each person: idle periods between two meetings."""
    found = []
    for meetings in problem.meetings_of:
        slots = sorted(schedule[meeting] for meeting in meetings)
        found.append(sum(later - slot > 1 for slot, later in pairwise(slots)))
    return found
