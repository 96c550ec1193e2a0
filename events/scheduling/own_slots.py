"""Slots of their own for the meetings of one person, by augmenting paths.

Sets of slots are bits of an integer: slot 0 is the lowest.
"""

from __future__ import annotations

from collections.abc import Sequence


def matched(masks: Sequence[int]) -> dict[int, int] | None:
    """Return which meeting has which slot when all have one of their own; nothing if they cannot.

    masks: the slots that may serve each meeting.
    """
    owner: dict[int, int] = {}
    for meeting in range(len(masks)):
        if not _augment(meeting, masks, owner, [0]):
            return None
    return owner


def attainable(masks: Sequence[int], most: int) -> int:
    """Return how many meetings, up to `most`, can have a slot of their own."""
    owner: dict[int, int] = {}
    for meeting in range(len(masks)):
        if len(owner) >= most:
            break
        _augment(meeting, masks, owner, [0])
    return len(owner)


def bits(mask: int) -> list[int]:
    """Return the slots of a set, in order."""
    return [slot for slot in range(mask.bit_length()) if mask >> slot & 1]


def _augment(meeting: int, masks: Sequence[int], owner: dict[int, int], seen: list[int]) -> bool:
    """Give a meeting a slot, moving others along an alternating path where needed."""
    free = masks[meeting] & ~seen[0]
    for slot in bits(free):
        if slot not in owner:
            owner[slot] = meeting
            return True
    for slot in bits(free):
        if seen[0] >> slot & 1:
            continue
        seen[0] |= 1 << slot
        if _augment(owner[slot], masks, owner, seen):
            owner[slot] = meeting
            return True
    return False
