"""What another number of tables, times or meetings a person would bring: bounds, no schedule."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from django.utils.module_loading import import_string
from numpy.typing import NDArray

from events.models import Event
from events.scheduling.problem import NONE, ON_SITE, ONLINE, Problem
from events.services.schedule_facts import facts_of
from events.services.schedule_problem import problem_from, without_live

Array = NDArray[Any]
HUNDRED = 100


@dataclass(frozen=True)
class Setting:
    """What an organiser can change: numbers of tables, rooms, times, meetings a person."""

    tables: int
    rooms: int
    slots: int
    limit: int


@dataclass(frozen=True)
class Prospect:
    """What a setting allows at most: a share of all wishes by weight, and seats in numbers."""

    setting: Setting
    wishes: int
    # Places times slots that are open.
    room: int
    bound: int
    wanted: int

    @property
    def percent(self) -> float:
        """The share of the wishes' weight that no schedule exceeds."""
        return HUNDRED * self.bound / self.wanted if self.wanted else 0.0


def now_of(event: Event) -> tuple[Setting, Problem]:
    """Return the setting of an event as it is, and its problem as if nothing were published."""
    found = problem_from(facts_of(event))
    problem = without_live(found.problem)
    tables = int((problem.place_modes == ON_SITE).sum())
    rooms = int((problem.place_modes == ONLINE).sum())
    return Setting(tables, rooms, len(problem.sessions), event.maximum_meetings), problem


def prospect(problem: Problem, setting: Setting, usual: Setting) -> Prospect:
    """Return what a setting allows; `usual` is the one that the problem has."""
    changed = with_limit(with_slots(with_places(problem, setting), setting.slots), setting, usual)
    return Prospect(
        setting=setting,
        wishes=len(problem.wishes),
        room=int(changed.place_open.sum()),
        bound=bound_of(changed) if changed.wishes and len(changed.place_modes) else 0,
        wanted=sum(wish.weight for wish in problem.wishes),
    )


def bound_of(problem: Problem) -> int:
    """Return what no schedule exceeds; the solver is imported when somebody asks for the first time."""
    found: int = import_string("events.scheduling.bounds.upper_bound")(problem)
    return found


def with_places(problem: Problem, setting: Setting) -> Problem:
    """Return the problem with so many tables and rooms: further ones are always open.

    The last ones go first; pins and hosts of what is gone are forgotten.
    """
    kept: list[int] = []
    extra: list[int] = []
    for mode, many in ((ON_SITE, setting.tables), (ONLINE, setting.rooms)):
        rows = np.flatnonzero(problem.place_modes == mode).tolist()
        kept += rows[:many]
        extra += [mode] * max(0, many - len(rows))
    new = {old: number for number, old in enumerate(kept)}
    slots = len(problem.sessions)
    wishes = tuple(
        replace(wish, pinned_place=new.get(wish.pinned_place, NONE)) for wish in problem.wishes
    )
    return replace(
        problem,
        place_modes=np.array([*problem.place_modes[kept].tolist(), *extra], dtype=np.int64),
        place_open=np.vstack((problem.place_open[kept], np.ones((len(extra), slots), np.bool_))),
        host_places=np.array([new.get(int(p), NONE) for p in problem.host_places], dtype=np.int64),
        wishes=wishes,
    )


def with_slots(problem: Problem, many: int) -> Problem:
    """Return the problem with so many slots: the last ones go, further ones suit everybody."""
    have = len(problem.sessions)
    kept, extra = min(many, have), max(0, many - have)
    usual = np.bitwise_or.reduce(problem.modes, axis=1) if have else problem.limits * 0 + 3
    wishes = tuple(
        replace(
            wish,
            forbidden=frozenset(slot for slot in wish.forbidden if slot < kept),
            pinned_slot=wish.pinned_slot if wish.pinned_slot < kept else NONE,
        )
        for wish in problem.wishes
    )
    return replace(
        problem,
        modes=wider(problem.modes[:, :kept], np.repeat(usual[:, None], extra, axis=1)),
        sessions=np.concatenate(
            (problem.sessions[:kept], np.full(extra, int(problem.sessions.max(initial=0)) + 1))
        ),
        place_open=wider(
            problem.place_open[:, :kept], np.ones((len(problem.place_modes), extra), np.bool_)
        ),
        discomfort=wider(
            problem.discomfort[:, :kept], np.zeros((len(problem.limits), extra), np.int64)
        ),
        wishes=wishes,
    )


def wider(left: Array, right: Array) -> Array:
    """Return two arrays side by side."""
    return np.hstack((left, right))


def with_limit(problem: Problem, setting: Setting, usual: Setting) -> Problem:
    """Return the problem with another limit; people who wanted fewer meetings keep their own."""
    own = problem.limits < usual.limit
    limits = np.where(own, np.minimum(problem.limits, setting.limit), setting.limit)
    return replace(problem, limits=limits.astype(np.int64))
