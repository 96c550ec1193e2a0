"""Slots that no schedule can use, found without search: order, clashes of one person, tables."""

from __future__ import annotations

from collections.abc import Sequence

from events.scheduling.holes.problem import HolesProblem
from events.scheduling.own_slots import bits, matched

# Sets of slots as bits: slot 0 is the lowest.
Masks = list[int]


def narrowed(problem: HolesProblem) -> Masks | None:
    """Return the slots that may serve each meeting, as bits; nothing if some meeting has none."""
    masks = [sum(1 << slot for slot in slots) for slots in problem.allowed]
    before = None
    while masks != before:
        before = list(masks)
        if not (_order(problem, masks) and _clashes(problem, masks)):
            return None
    return masks if _tables_suffice(problem, masks) else None


def _order(problem: HolesProblem, masks: Masks) -> bool:
    """Push each meeting behind those before it, and those before it in front; until it stays."""
    changed = True
    while changed and all(masks):
        changed = False
        for later, earlier in _pairs(problem):
            first = masks[earlier] & -masks[earlier]
            ahead = masks[later] & ~(2 * first - 1)
            behind = masks[earlier] & ((1 << max(0, ahead.bit_length() - 1)) - 1)
            changed |= (ahead, behind) != (masks[later], masks[earlier])
            masks[later], masks[earlier] = ahead, behind
            if not ahead or not behind:
                return False
    return all(masks)


def _pairs(problem: HolesProblem) -> list[tuple[int, int]]:
    return [(later, one) for later, earlier in enumerate(problem.before) for one in earlier]


def _clashes(problem: HolesProblem, masks: Masks) -> bool:
    """Leave each meeting the slots with which all the meetings of its people find theirs."""
    for meetings in problem.meetings_of:
        if all(masks[meeting].bit_count() >= len(meetings) for meeting in meetings):
            continue
        own = [masks[meeting] for meeting in meetings]
        if matched(own) is None:
            return False
        for place, meeting in enumerate(meetings):
            masks[meeting] = _served(own, place)
            own[place] = masks[meeting]
    return True


def _served(masks: Sequence[int], place: int) -> int:
    """Return the slots of one meeting that leave the others a matching."""
    kept = 0
    others = [*masks[:place], *masks[place + 1 :]]
    for slot in bits(masks[place]):
        if matched([mask & ~(1 << slot) for mask in others]) is not None:
            kept |= 1 << slot
    return kept


def _tables_suffice(problem: HolesProblem, masks: Masks) -> bool:
    """Whether the meetings that must lie inside any row of slots find tables there."""
    for first in range(problem.slots):
        for end in range(first + 1, problem.slots + 1):
            outside = ~((1 << end) - (1 << first))
            inside = sum(not mask & outside for mask in masks)
            if inside > problem.tables * (end - first):
                return False
    return True
