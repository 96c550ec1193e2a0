"""Meetings that can change places with nobody noticing, put in order: one schedule for all alike."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable
from dataclasses import replace
from itertools import pairwise

from events.scheduling.holes.problem import HolesProblem


def ordered(problem: HolesProblem) -> HolesProblem:
    """Return the problem with like meetings in a fixed order; the fewest holes stay the same.

    Two meetings are alike if they may be in the same slots, have no order to keep, and are between
    the same people or between the same people and somebody who has no other meeting. Seven guests
    who see one host each would else be searched in 5,040 orders.
    """
    groups: dict[Hashable, list[int]] = defaultdict(list)
    for meeting in _without_order(problem):
        if company := _company(problem, meeting):
            groups[company, problem.allowed[meeting]].append(meeting)
    before = [list(earlier) for earlier in problem.before]
    for group in groups.values():
        for one, other in pairwise(group):
            before[other].append(one)
    return replace(problem, before=tuple(map(tuple, before)))


def _without_order(problem: HolesProblem) -> list[int]:
    bound = {one for earlier in problem.before for one in earlier}
    meetings = enumerate(problem.before)
    return [meeting for meeting, earlier in meetings if not earlier and meeting not in bound]


def _company(problem: HolesProblem, meeting: int) -> tuple[int, ...]:
    """Return the people of a meeting who have others: whoever has only this one is like all such."""
    people = sorted(problem.meetings[meeting])
    return tuple(one for one in people if len(problem.meetings_of[one]) > 1)
