"""The terms of the score, their weights, and the arithmetic that makes sums exact.

A score is an integer: the dot product of two int16 vectors. Its unit is 2**-30, so integers and
the floats made of them add up without any rounding, in any order. Weights are starting values
(design: terms in [0, 1], cosines a little below 0 included), to be learned from answers.
"""

from __future__ import annotations

from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

# Components are stored times 2**15, so products count in 2**-30.
COMPONENT = 2**15
UNIT = 2**30
# Unit vectors arrive as int16 times this, from the database.
STORED = 32_767

# Seen from the viewer: `seeking` is what they seek against what the candidate offers.
WEIGHTS = MappingProxyType(
    {
        "topic": 0.35,
        "seeking": 0.15,
        "offering": 0.15,
        "area": 0.10,
        "organisation": 0.08,
        "mobility": 0.07,
        "stage": 0.05,
        "novelty": -0.05,
        # What these two may take at most; their size follows from the other terms and the prices.
        "balance": -0.15,
        "demand": -0.25,
    }
)
TERMS = tuple(WEIGHTS)
# The terms that are products of two vectors: the first of TERMS, known while searching.
PRODUCT_TERMS = TERMS[: TERMS.index("novelty")]
WEIGHTS_VERSION = "2026-2"
NOVELTY_PENALTY = round(-WEIGHTS["novelty"] * UNIT)
# The candidate's view of the same pair has these two the other way round.
SWAPPED = tuple(
    TERMS.index({"seeking": "offering", "offering": "seeking"}.get(term, term)) for term in TERMS
)

ORGANISATION_TYPES = (
    "education", "facility", "company", "government", "healthcare", "nonprofit", "funder",
    "archive", "other",
)  # fmt: skip
RESEARCH = frozenset({"education", "facility", "healthcare"})
NEUTRAL = 50
CAREER_STAGES = ("R1", "R2", "R3", "R4")


def organisation_fit(one: str, other: str) -> int:
    """Return how well two types complete each other in a joint project, in per cent.

    Calls ask for research and industry together; two research bodies come next.
    """
    types = {one, other}
    if "funder" in types:
        return 20
    if "company" in types and types & RESEARCH:
        return 100
    if types <= RESEARCH:
        return 80
    return 60 if types == {"company"} else NEUTRAL


ORGANISATION_FIT: NDArray[np.int64] = np.array(
    [[organisation_fit(one, other) for other in ORGANISATION_TYPES] for one in ORGANISATION_TYPES]
)
