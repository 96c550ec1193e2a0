"""Three zones around the money: clearly in, clearly out, and those that a lottery should decide.

The rule of the Swiss National Science Foundation (Heyard, Ott, Salanti, Egger: Rethinking the
funding line, Statistics and Public Policy 9, 2022): the provisional funding line is the expected
rank of the last fundable proposal; who has an interval that crosses it, is drawn.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from funding.ranking.expected import Ranks

Flags = NDArray[np.bool_]
INTERVALS = (50, 90)


class Zone(StrEnum):
    """What the votes say of a proposal and the money."""

    FUND = "fund"
    DRAW = "draw"
    NOT = "not"


@dataclass(frozen=True)
class Flip:
    """A proposal whose zone changes when the severity of its reviewers is corrected."""

    proposal: int
    before: Zone
    after: Zone


def line(ranks: Ranks, fundable: int) -> float:
    """Return the provisional funding line: the expected rank of the last fundable proposal.

    0 if nothing is fundable, infinite if all are. Raises ValueError for a negative number.
    """
    if fundable < 0:
        raise ValueError("fundable must be at least 0")
    if fundable in (0, len(ranks.expected)) or fundable > len(ranks.expected):
        return 0.0 if fundable == 0 else float("inf")
    return float(np.sort(ranks.expected)[fundable - 1])


def zones(ranks: Ranks, fundable: int, interval: int = 50) -> tuple[Zone, ...]:
    """Return the zone of each proposal, by its 50 or 90 per cent interval."""
    if interval not in INTERVALS:
        raise ValueError(f"intervals are of {INTERVALS} per cent")
    at = line(ranks, fundable)
    low, high = (ranks.low50, ranks.high50) if interval == 50 else (ranks.low90, ranks.high90)
    # An expected rank can lie outside its own 50 per cent: it must be on the same side.
    above = np.maximum(high, ranks.expected) < at
    below = np.minimum(low, ranks.expected) > at
    return _settled(above, below, fundable)


def _settled(above: Flags, below: Flags, fundable: int) -> tuple[Zone, ...]:
    """Return the zones; where all that could be drawn fits the money, nothing is drawn."""
    drawn = ~above & ~below
    between = Zone.FUND if above.sum() + drawn.sum() <= fundable else Zone.DRAW
    return tuple(
        Zone.FUND if is_above else Zone.NOT if is_below else between
        for is_above, is_below in zip(above, below, strict=True)
    )


def flips(raw: Ranks, corrected: Ranks, fundable: int, interval: int = 50) -> tuple[Flip, ...]:
    """Return whose zone changes when severity is corrected; raw is without correction."""
    pairs = zip(zones(raw, fundable, interval), zones(corrected, fundable, interval), strict=True)
    return tuple(
        Flip(proposal, before, after)
        for proposal, (before, after) in enumerate(pairs)
        if before is not after
    )
