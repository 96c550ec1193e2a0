"""What a wish to meet weighs in a schedule: how much both want it, and how well the two fit.

Whole numbers, so that two machines agree. A wish that both must have weighs as much as four that
both would merely like; that two asked each other on their own adds a quarter. The fit of the pair
decides between wishes that are wanted equally: it never outweighs a step of strength.
"""

from __future__ import annotations

from typing import Protocol

from events.models import Strength

WORTH = {Strength.NICE: 100, Strength.WANTED: 200, Strength.MUST: 400}
MOST_FIT = 80
THOUSAND = 1000


def weight_of(
    strength: int, answer_strength: int | None, *, is_mutual: bool = False, score: int = 0
) -> int:
    """Return what a wish weighs, 200 to 1,080.

    strength, answer_strength: of `Strength`; a side that said nothing counts as one that would
    merely like it. score: of the pair in matching, in thousandths; what lies beyond 0 to 1,000
    counts as the end that it is beyond.
    """
    worth = WORTH[Strength(strength)] + WORTH[Strength(answer_strength or Strength.NICE)]
    if is_mutual:
        worth += worth // 4
    return worth + min(max(score, 0), THOUSAND) * MOST_FIT // THOUSAND


class Wanted(Protocol):
    """What a request says of its weight, as a model or as a row."""

    strength: int
    answer_strength: int | None
    is_mutual: bool
    score: int


def weight_of_request(request: Wanted) -> int:
    """Return what an accepted request weighs."""
    return weight_of(
        request.strength, request.answer_strength,
        is_mutual=request.is_mutual, score=request.score,
    )  # fmt: skip
