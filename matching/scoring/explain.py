"""Why two people are suggested to each other: from parts and facts to typed reasons.

Words are made elsewhere, in the reader's language. A reason is given only for a term that really
adds to the score, and carries that term's weight, so what a person reads is what was computed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching.scoring.terms import STORED, TERMS, UNIT, WEIGHTS

# Below this cosine two texts merely share a language or a field.
LIKENESS_WORTH_NAMING = 0.35
# Share of a term's weight from which its reason is worth a sentence.
SHARE_WORTH_NAMING = 0.4
# What a term must take from the score, of 1, before it is said.
LOSS_WORTH_NAMING = 0.01


@dataclass(frozen=True)
class BestPair:
    """The best meeting of something sought and something offered: row numbers and cosine."""

    sought: int
    offered: int
    likeness: float


@dataclass(frozen=True)
class Facts:
    """What is known of a pair, seen from the reader, and may be named to them.

    close_works: a publication of each; you_seek, you_offer: something sought and something
    offered, each way. shared_topics, shared_areas: ids.
    """

    close_works: bool = False
    you_seek: bool = False
    you_offer: bool = False
    shared_topics: tuple[int, ...] = ()
    shared_areas: tuple[int, ...] = ()
    you_would_visit: bool = False
    they_would_visit: bool = False


@dataclass(frozen=True)
class Reason:
    """One reason: a code that has words, and what it adds to the score."""

    code: str
    weight: float


def best_pair(sought: NDArray[np.int16], offered: NDArray[np.int16]) -> BestPair | None:
    """Return the best of all pairs of stored vectors, None when none is worth naming.

    sought: int16 (a, d); offered: int16 (b, d), unit vectors times 32,767. Ties go to the first.
    """
    if not len(sought) or not len(offered):
        return None
    likeness = sought.astype(np.float64) @ offered.astype(np.float64).T / STORED**2
    row, column = np.unravel_index(int(likeness.argmax()), likeness.shape)
    best = float(likeness[row, column])
    return BestPair(int(row), int(column), best) if best >= LIKENESS_WORTH_NAMING else None


def reasons(parts: Sequence[float], facts: Facts) -> list[Reason]:
    """Return the reasons of a pair: what speaks for it, the weightiest first, then what against.

    parts: the terms in the order of TERMS, in [-1, 1]. New contacts are said last.
    """
    weights = dict(zip(TERMS, parts, strict=True))
    found = [
        *common_ground_reasons(weights, facts),
        *exchange_reasons(weights, facts),
        *mobility_reasons(weights, facts),
        *fit_reasons(weights),
        *balance_reasons(weights),
        *demand_reasons(weights),
    ]
    return [*sorted(found, key=lambda reason: -reason.weight), novelty_reason(weights)]


def common_ground_reasons(weights: dict[str, float], facts: Facts) -> list[Reason]:
    """Return the likeness of what both write, and shared topics, else shared areas."""
    found = []
    if is_strong("topic", weights):
        code = "close_works" if facts.close_works else "similar_work"
        found.append(Reason(code, weights["topic"]))
    if facts.shared_topics:
        found.append(Reason("shared_topics", weights["area"]))
    elif facts.shared_areas:
        found.append(Reason("shared_areas", weights["area"]))
    return found


def exchange_reasons(weights: dict[str, float], facts: Facts) -> list[Reason]:
    """Return what one seeks and the other offers, each way."""
    pairs = (("you_seek", "seeking", facts.you_seek), ("you_offer", "offering", facts.you_offer))
    return [
        Reason(code, weights[term]) for code, term, known in pairs if known and weights[term] > 0
    ]


def mobility_reasons(weights: dict[str, float], facts: Facts) -> list[Reason]:
    """Return who would visit whom."""
    if facts.you_would_visit and facts.they_would_visit:
        return [Reason("exchange_visits", weights["mobility"])]
    if facts.you_would_visit:
        return [Reason("they_host", weights["mobility"])]
    return [Reason("you_host", weights["mobility"])] if facts.they_would_visit else []


def fit_reasons(weights: dict[str, float]) -> list[Reason]:
    """Return the fit of organisations and stages where it is better than neutral."""
    found = []
    if weights["organisation"] >= WEIGHTS["organisation"] * 0.9:
        found.append(Reason("organisations_fit", weights["organisation"]))
    if weights["stage"] >= WEIGHTS["stage"] * 0.7:
        found.append(Reason("stage_wished", weights["stage"]))
    return found


def balance_reasons(weights: dict[str, float]) -> list[Reason]:
    """Return who would gain more, where one would gain much more."""
    if weights["balance"] > -LOSS_WORTH_NAMING:
        return []
    code = "you_gain_more" if weights["seeking"] > weights["offering"] else "they_gain_more"
    return [Reason(code, weights["balance"])]


def demand_reasons(weights: dict[str, float]) -> list[Reason]:
    """Return that many ask for the person, where it takes something from the score."""
    is_noticed = weights["demand"] <= -LOSS_WORTH_NAMING
    return [Reason("in_demand", weights["demand"])] if is_noticed else []


def novelty_reason(weights: dict[str, float]) -> Reason:
    """Return whether the two have worked together."""
    code = "worked_together" if weights["novelty"] < 0 else "new_contact"
    return Reason(code, weights["novelty"])


def is_strong(term: str, weights: dict[str, float]) -> bool:
    """Tell whether a term has a good share of what it could add."""
    return weights[term] >= WEIGHTS[term] * SHARE_WORTH_NAMING


def tenths(units: Sequence[int]) -> list[int]:
    """Return whole tenths of a point whose sum is the rounded sum, by the largest remainder.

    units: terms in units of 2**-30; 100 points are 2**30. Each result is the exact value rounded
    down or up; those with the largest remainders go up, ties in the order of the terms.
    """
    whole, remainders = zip(*(divmod(1000 * unit, UNIT) for unit in units), strict=True)
    missing = (2000 * sum(units) + UNIT) // (2 * UNIT) - sum(whole)
    by_remainder = sorted(range(len(whole)), key=lambda place: (-remainders[place], place))
    raised = frozenset(by_remainder[:missing])
    return [value + (place in raised) for place, value in enumerate(whole)]
