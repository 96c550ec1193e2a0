"""The score: arrays and frozen dataclasses in and out, no framework."""

from matching.scoring.definition import (
    as_floats,
    exact_scores,
    product_parts,
    score_parts,
    seen_from_right,
)
from matching.scoring.lists import Ranked
from matching.scoring.ranking import (
    KEEP,
    RESCORED,
    RESERVE,
    RankedList,
    ranked_lists,
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
    "UNIT", "WEIGHTS", "WEIGHTS_VERSION", "PairRules", "People", "Ranked", "RankedList", "Vectors",
    "as_floats", "exact_scores", "left_vectors", "product_parts", "ranked_lists", "right_vectors",
    "score_parts", "seen_from_right", "tag_weights", "top_for_one", "top_pairs",
]  # fmt: skip
