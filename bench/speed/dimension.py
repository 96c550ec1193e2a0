"""The dimension that the portal really packs: asked of its own code, never written down here."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from matching.embedding.multilingual import MultilingualEmbedder
from matching.scoring import CAREER_STAGES, ORGANISATION_TYPES, People, left_vectors
from matching.scoring.projection import KEPT_DIMENSIONS

VOCABULARY = Path(__file__).resolve().parents[2] / "matching" / "data" / "topics.json"


def portal_dimension() -> int:
    """Return the length of a packed vector with the shipped vocabulary and language model."""
    shipped = json.loads(VOCABULARY.read_text())
    tags = len(shipped["areas"]) + len(shipped["topics"])
    text = np.zeros((1, MultilingualEmbedder.dimension), dtype=np.int16)
    listed = text[:, :KEPT_DIMENSIONS]
    no, stages = np.zeros(1, dtype=np.bool_), np.zeros((1, len(CAREER_STAGES)), dtype=np.bool_)
    person = People(
        ids=np.ones(1, dtype=np.int64), topic=text, offers=listed, seeks=listed,
        tags=np.zeros((1, tags), dtype=np.int64),
        organisation_types=np.zeros((1, len(ORGANISATION_TYPES)), dtype=np.bool_),
        hosts=no, visits=no, stage=stages, wished_stages=stages,
        price=np.zeros(1, dtype=np.int64),
    )  # fmt: skip
    return int(left_vectors(person).rows.shape[1])
