"""Where each wish can stand: slots and pools of places, before anything else is held.

A pool is what meetings share in a slot: all tables, all online rooms, or one named place (the
table of a host, the place of a pin), which is also one of its parent's. A slot's meetings fit its
places exactly when no pool holds more than its capacity: named places are taken first, and the
others take what is left.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain

import numpy as np

from events.scheduling.own_slots import attainable
from events.scheduling.problem import NONE, ON_SITE, ONLINE, Ints, Problem, Wish

TABLES, ROOMS = 0, 1


@dataclass(frozen=True)
class Options:
    """The options of a problem's wishes: (slot, variant), where a variant names a pool."""

    # (wishes, variants): pool of each variant of a wish, NONE beyond its last.
    pools: Ints
    # (wishes, slots): bits of the variants with which a wish can stand there.
    allowed: Ints
    # (pools, slots): meetings that fit.
    capacity: Ints
    # (pools,): TABLES or ROOMS of a named place, NONE for these two.
    parents: Ints
    # (pools,): the place that a pool names, or NONE.
    places: Ints
    # (wishes + 1,), (people of all wishes,): who takes part in wish w: members[starts[w]:starts[w + 1]].
    starts: Ints
    members: Ints
    # (pairs, 2): the first wish is earlier than the second, if both are held.
    precedence: Ints

    @property
    def shape(self) -> tuple[int, int]:
        """Wishes and slots."""
        return self.allowed.shape[0], self.allowed.shape[1]


def options_of(problem: Problem) -> Options:
    """Return where every wish of a problem can stand."""
    places, capacity, parents = pools_of(problem)
    numbers = {int(place): pool for pool, place in enumerate(places) if place != NONE}
    variants = [variants_of(problem, wish, numbers) for wish in problem.wishes]
    width = max((len(row) for row in variants), default=1) or 1
    pools = np.full((len(variants), width), NONE, dtype=np.int64)
    for number, row in enumerate(variants):
        pools[number, : len(row)] = row
    starts, members = members_of(problem)
    pairs = [(first, second) for second, wish in enumerate(problem.wishes) for first in wish.after]
    return Options(
        pools=pools,
        allowed=allowed_of(problem, pools, capacity, parents, starts, members),
        capacity=capacity,
        parents=parents,
        places=places,
        starts=starts,
        members=members,
        precedence=np.array(pairs, dtype=np.int64).reshape(-1, 2),
    )


def pools_of(problem: Problem) -> tuple[Ints, Ints, Ints]:
    """Return the place that each pool names, its capacity by slot, and its parent."""
    hosts = {int(place) for place in problem.host_places if place != NONE}
    pins = {wish.pinned_place for wish in problem.wishes if wish.pinned_place != NONE}
    named = sorted(hosts | pins)
    is_open = problem.place_open.astype(np.int64)
    modes = problem.place_modes
    capacity = np.vstack(
        (
            is_open[modes == ON_SITE].sum(axis=0),
            is_open[modes == ONLINE].sum(axis=0),
            is_open[named],
        )
    ).astype(np.int64)
    parents = [NONE, NONE, *(TABLES if modes[place] == ON_SITE else ROOMS for place in named)]
    places = np.array([NONE, NONE, *named], dtype=np.int64)
    return places, capacity, np.array(parents, dtype=np.int64)


def variants_of(problem: Problem, wish: Wish, numbers: dict[int, int]) -> list[int]:
    """Return the pools in which a wish can stand: a host's guests come to the host's table."""
    if wish.pinned_place != NONE:
        return [numbers[wish.pinned_place]]
    hosted = {int(problem.host_places[person]) for person in wish.people} - {NONE}
    pools = []
    if wish.modes & ON_SITE:
        pools += sorted(numbers[place] for place in hosted) or [TABLES]
    return pools + ([ROOMS] if wish.modes & ONLINE else [])


def members_of(problem: Problem) -> tuple[Ints, Ints]:
    """Return the people of all wishes in one row, and where each wish's begin."""
    lengths = [len(wish.people) for wish in problem.wishes]
    starts = np.concatenate(([0], np.cumsum(lengths))).astype(np.int64)
    people = chain.from_iterable(wish.people for wish in problem.wishes)
    return starts, np.fromiter(people, dtype=np.int64, count=int(starts[-1]))


def allowed_of(
    problem: Problem, pools: Ints, capacity: Ints, parents: Ints, starts: Ints, members: Ints
) -> Ints:
    """Return bits of variants, (wishes, slots): all can meet then so, and the pool is open."""
    slots = problem.modes.shape[1]
    if not len(problem.wishes):
        return np.zeros((0, slots), dtype=np.int64)
    own = np.array([wish.modes for wish in problem.wishes], dtype=np.int64)
    common = np.bitwise_and.reduceat(problem.modes[members], starts[:-1], axis=0) & own[:, None]
    kinds = np.where(parents == NONE, np.arange(len(parents)), parents)
    modes = np.where(kinds == TABLES, ON_SITE, ONLINE)
    allowed = np.zeros((len(pools), slots), dtype=np.int64)
    for variant in range(pools.shape[1]):
        pool = pools[:, variant]
        fits = (common & modes[pool][:, None] != 0) & (capacity[pool] > 0)
        allowed |= np.where(fits & (pool != NONE)[:, None], 1 << variant, 0)
    for number, wish in enumerate(problem.wishes):
        allowed[number, list(wish.forbidden)] = 0
        if wish.pinned_slot != NONE:
            allowed[number, np.arange(slots) != wish.pinned_slot] = 0
    return allowed


def needs_of(problem: Problem, options: Options) -> Ints:
    """Return (people,) how many meetings each is to have first: the floor, or what can be had.

    What can be had is counted for each alone: by limit, wishes and hours.
    """
    if problem.floor <= 0:
        return np.zeros(len(problem.limits), dtype=np.int64)
    wanted = np.minimum(problem.floor, problem.limits)
    wishes_of: list[list[int]] = [[] for _person in range(len(problem.limits))]
    for number, wish in enumerate(problem.wishes):
        for person in wish.people:
            wishes_of[person].append(number)
    slots_of = [sum(1 << slot for slot in np.flatnonzero(row).tolist()) for row in options.allowed]
    return np.array(
        [
            attainable([slots_of[wish] for wish in wishes], int(most))
            for wishes, most in zip(wishes_of, wanted, strict=True)
        ],
        dtype=np.int64,
    )
