"""Why two people are suggested to each other: from parts and facts to typed reasons.

Words are made elsewhere, in the reader's language. A reason is given only for a term that really
adds to the score, and carries that term's weight, so what a person reads is what was computed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matching.scoring.terms import STORED, TERMS, WEIGHTS

# Below this cosine two texts merely share a language or a field.
LIKENESS_WORTH_NAMING = 0.35
# Share of a term's weight from which its reason is worth a sentence.
SHARE_WORTH_NAMING = 0.4


@dataclass(frozen=True)
class BestPair:
    """The best meeting of something sought and something offered: row numbers and cosine."""

    sought: int
    offered: int
    likeness: float


@dataclass(frozen=True)
class Facts:
    """What is known of a pair, seen from the reader.

    you_seek, you_offer: the best pair each way, or None. shared_topics, shared_areas: ids.
    """

    you_seek: BestPair | None = None
    you_offer: BestPair | None = None
    shared_topics: tuple[int, ...] = ()
    shared_areas: tuple[int, ...] = ()
    you_would_visit: bool = False
    they_would_visit: bool = False
    worked_together: bool = False


@dataclass(frozen=True)
class Reason:
    """One reason: a code that has words, what it adds to the score, and what it names."""

    code: str
    weight: float
    facts: dict[str, Any] = field(default_factory=dict)


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


def reasons(parts: list[float], facts: Facts) -> list[Reason]:
    """Return the reasons of a pair, the weightiest first; novelty comes last."""
    weights = dict(zip(TERMS, parts, strict=True))
    found = [
        *exchange_reasons(weights, facts),
        *common_ground_reasons(weights, facts),
        *mobility_reasons(weights, facts),
        *fit_reasons(weights),
    ]
    return [*sorted(found, key=lambda reason: -reason.weight), novelty_reason(weights, facts)]


def exchange_reasons(weights: dict[str, float], facts: Facts) -> list[Reason]:
    """Return what one seeks and the other offers, each way."""
    pairs = (("you_seek", "seeking", facts.you_seek), ("you_offer", "offering", facts.you_offer))
    return [
        Reason(code, weights[term], {"sought": pair.sought, "offered": pair.offered})
        for code, term, pair in pairs
        if pair and weights[term] > 0
    ]


def common_ground_reasons(weights: dict[str, float], facts: Facts) -> list[Reason]:
    """Return shared topics, else shared areas, else the likeness of what both write."""
    if facts.shared_topics:
        return [Reason("shared_topics", weights["area"], {"topics": facts.shared_topics})]
    if is_strong("topic", weights):
        return [Reason("similar_work", weights["topic"])]
    if facts.shared_areas:
        return [Reason("shared_areas", weights["area"], {"areas": facts.shared_areas})]
    return []


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


def novelty_reason(weights: dict[str, float], facts: Facts) -> Reason:
    """Return whether the two have worked together."""
    code = "worked_together" if facts.worked_together else "new_contact"
    return Reason(code, weights["novelty"])


def is_strong(term: str, weights: dict[str, float]) -> bool:
    """Tell whether a term has a good share of what it could add."""
    return weights[term] >= WEIGHTS[term] * SHARE_WORTH_NAMING
