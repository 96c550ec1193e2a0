"""One affinity out of likeness of texts, areas in common, and what a reviewer asked for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from funding.assignment.problem import Floats


@dataclass(frozen=True)
class Weights:
    """How much each part counts; only their proportions matter.

    Bids count little by default: they are the part that a reviewer can use to reach a friend's
    application, and most reviewers place few.
    """

    affinity: float = 0.6
    area: float = 0.3
    bid: float = 0.1


def blended(affinity: Floats, bids: Floats, area_match: Floats, weights: Weights) -> Floats:
    """Return affinities in 0 to 1 as a weighted mean of three parts; (reviewers, applications).

    `affinity` and `area_match` lie in 0 to 1, `bids` in -1 (rather not) to 1 (gladly), 0 where
    none was placed. A bid moves an affinity up or down by at most its weight's share; who placed
    none is where the neutral bid puts them. Raises ValueError where weights are negative or all 0.
    """
    parts = (weights.affinity, weights.area, weights.bid)
    if min(parts) < 0 or sum(parts) == 0:
        raise ValueError("weights must not be negative, and not all be 0")
    mixed = (
        weights.affinity * affinity + weights.area * area_match + weights.bid * (bids + 1.0) / 2
    )
    return np.clip(mixed / sum(parts), 0.0, 1.0)
