"""Why a wish is not held, as values; sentences are made where languages are known."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Code(StrEnum):
    """The smallest thing that stands in the way."""

    NO_COMMON_SLOT = "no_common_slot"
    NO_COMMON_MODE = "no_common_mode"
    LIMIT_REACHED = "limit_reached"
    PEOPLE_BUSY = "people_busy"
    PLACES_FULL = "places_full"
    PRECEDENCE = "precedence"
    PINS = "pins"


@dataclass(frozen=True)
class Reason:
    """Why one wish is not held.

    `person` is the one whose limit or hours decide, `slots` those that come into question,
    `free_of` each person's own free slots (only for NO_COMMON_SLOT and NO_COMMON_MODE), and
    `would_fit` (person, slot) pairs: if this person opened this slot, the wish could be held.
    """

    wish: int
    code: Code
    person: int = -1
    slots: tuple[int, ...] = ()
    free_of: tuple[tuple[int, tuple[int, ...]], ...] = ()
    would_fit: tuple[tuple[int, int], ...] = ()
