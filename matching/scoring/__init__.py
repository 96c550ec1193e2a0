"""The score: arrays and frozen dataclasses in and out, no framework."""

from matching.scoring.definition import exact_scores
from matching.scoring.lists import Ranked
from matching.scoring.ranking import (
    KEEP,
    RESCORED,
    RESERVE,
    top_for_one,
    top_pairs,
)
from matching.scoring.rules import PairRules
from matching.scoring.terms import (
    CAREER_STAGES,
    ORGANISATION_TYPES,
    STORED,
    TERMS,
    UNIT,
    WEIGHTS,
    WEIGHTS_VERSION,
)
from matching.scoring.vectors import People, Vectors, left_vectors, right_vectors, tag_weights

__all__ = [
    "CAREER_STAGES", "KEEP", "ORGANISATION_TYPES", "RESCORED", "RESERVE", "STORED", "TERMS",
    "UNIT", "WEIGHTS", "WEIGHTS_VERSION", "PairRules", "People", "Ranked", "Vectors", "exact_scores",
    "left_vectors", "right_vectors", "tag_weights", "top_for_one", "top_pairs",
]  # fmt: skip
