"""The score: arrays and frozen dataclasses in and out, no framework."""

from matching.scoring.ranking import (
    KEEP,
    PairRules,
    RankedList,
    as_floats,
    exact_scores,
    score_parts,
    top_for_one,
    top_pairs,
)
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
    "CAREER_STAGES", "KEEP", "ORGANISATION_TYPES", "STORED", "TERMS", "UNIT", "WEIGHTS",
    "WEIGHTS_VERSION", "PairRules", "People", "RankedList", "Vectors", "as_floats",
    "exact_scores", "left_vectors", "right_vectors", "score_parts", "tag_weights", "top_for_one",
    "top_pairs",
]  # fmt: skip
