"""Invented meeting problems of several sizes, as the portal's own events would bring them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from events.scheduling.problem import NONE, ON_SITE, Flags, Ints, Problem, Wish


@dataclass(frozen=True)
class Size:
    """How many people, slots, wishes and tables."""

    people: int
    slots: int
    wishes: int
    tables: int


SIZES = {
    "S": Size(100, 10, 300, 25),
    "M": Size(300, 20, 2_000, 80),
    "L": Size(1_000, 20, 8_000, 340),
}
# Everybody free all the time, or two zones, sessions apart and visitors of one day.
KINDS = ("full", "tz")
EUROPEAN, ACROSS, MUTUAL = 0.55, 0.85, 0.3


def made(size: str, kind: str, seed: int) -> Problem:
    """Return one problem; the same seed gives the same one."""
    random, shape = np.random.default_rng((seed, len(size), ord(size))), SIZES[size]
    is_european = random.random(shape.people) < EUROPEAN
    free = np.ones((shape.people, shape.slots), dtype=np.bool_)
    if kind == "tz":
        free = hours(random, is_european, shape.slots)
    return Problem(
        modes=np.where(free, ON_SITE, 0).astype(np.int64),
        limits=random.integers(shape.slots // 2, shape.slots + 1, shape.people),
        sessions=np.arange(shape.slots, dtype=np.int64) * 2 // shape.slots,
        place_modes=np.full(shape.tables, ON_SITE, dtype=np.int64),
        place_open=np.ones((shape.tables, shape.slots), dtype=np.bool_),
        wishes=wishes_of(random, is_european, shape),
        host_places=np.full(shape.people, NONE, dtype=np.int64),
        discomfort=discomfort(is_european, shape.slots),
        seed=seed,
    )


def hours(random: np.random.Generator, is_european: Flags, slots: int) -> Flags:
    """Return who is free when: one side loses early slots, the other late ones."""
    people = len(is_european)
    lost = random.integers(0, slots // 3 + 1, people)
    index = np.arange(slots)
    early = index[None, :] < lost[:, None]
    late = index[None, :] >= slots - lost[:, None]
    free = ~np.where(is_european[:, None], early, late)
    # A session of something else, and visitors who come on one of two days.
    starts = random.integers(0, slots - 2, people)
    busy = (index[None, :] >= starts[:, None]) & (index[None, :] < starts[:, None] + 2)
    free &= ~(busy & (random.random(people) < 0.5)[:, None])
    visitors, day = random.random(people) < 0.25, random.integers(0, 2, people)
    halves = (index[None, :] * 2 // slots) == day[:, None]
    return free & (halves | ~visitors[:, None])


def wishes_of(random: np.random.Generator, is_european: Flags, shape: Size) -> tuple[Wish, ...]:
    """Return wishes between different pairs; popular people are asked more often."""
    popularity = random.lognormal(0.0, 0.8, shape.people)
    sides = [np.flatnonzero(is_european), np.flatnonzero(~is_european)]
    chances = [popularity[side] / popularity[side].sum() for side in sides]
    pairs: dict[tuple[int, int], Wish] = {}
    while len(pairs) < shape.wishes:
        one = int(random.integers(shape.people))
        own = 0 if is_european[one] else 1
        target = 1 - own if random.random() < ACROSS else own
        other = int(random.choice(sides[target], p=chances[target]))
        pair = (min(one, other), max(one, other))
        if one == other or pair in pairs:
            continue
        weight = int(random.integers(30, 101)) * (2 if random.random() < MUTUAL else 1)
        pairs[pair] = Wish(people=pair, weight=weight)
    return tuple(pairs.values())


def discomfort(is_european: Flags, slots: int) -> Ints:
    """Return the cost of each slot: early ones for one side, late ones for the other."""
    index = np.arange(slots)
    early = np.maximum(0, slots // 4 - index)
    late = np.maximum(0, index - (slots - 1 - slots // 4))
    return np.where(is_european[:, None], early, late).astype(np.int64)
