"""Holes that one person has in every schedule, whatever the others do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce
from itertools import combinations
from operator import or_

from events.scheduling.holes.domains import Masks
from events.scheduling.holes.problem import HolesProblem
from events.scheduling.own_slots import matched

# Sets of busy slots that are tried for one person; what is proved by then holds.
MOST_TRIES = 20_000


def forced(problem: HolesProblem, masks: Masks) -> list[int]:
    """Return the fewest holes of each person alone; their sum is a lower bound."""
    return [
        fewest_holes([masks[meeting] for meeting in meetings], problem.slots)
        for meetings in problem.meetings_of
    ]


def fewest_holes(masks: Sequence[int], slots: int) -> int:
    """Return the fewest holes of meetings that each need a slot of their own.

    Tries the busy slots with one block, then with two, and so on, until the meetings can be
    matched to them.
    """
    if len(masks) < 2:
        return 0
    free = reduce(or_, masks)
    tries = 0
    for blocks in range(1, len(masks) + 1):
        for busy in _busy(len(masks), blocks, slots):
            tries += 1
            fits = not busy & ~free and matched([mask & busy for mask in masks]) is not None
            if fits or tries > MOST_TRIES:
                return blocks - 1
    return 0


def _busy(count: int, blocks: int, slots: int) -> Iterator[int]:
    """Yield the sets of so many slots that make up exactly so many blocks, as bits."""
    if slots - count < blocks - 1:
        return
    for cuts in combinations(range(1, count), blocks - 1):
        lengths = [end - start for start, end in zip((0, *cuts), (*cuts, count), strict=True)]
        for gaps in combinations(range(slots - count + 1), blocks):
            yield _mask(lengths, gaps)


def _mask(lengths: Sequence[int], gaps: Sequence[int]) -> int:
    """Return the slots of blocks of these lengths; gaps are the idle slots before each."""
    mask = done = 0
    for length, gap in zip(lengths, gaps, strict=True):
        mask |= ((1 << length) - 1) << (done + gap)
        done += length
    return mask
