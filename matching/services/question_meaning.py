"""The meaning of a question, as the vector that search compares with those of texts."""

from __future__ import annotations

import logging
import time
from functools import lru_cache
from typing import NamedTuple

from matching.embedding import (
    EmbeddingServerError,
    ModelProblem,
    get_embedder,
    identity,
    normalise,
)
from matching.services.search_entries import halves, is_by_meaning

logger = logging.getLogger(__name__)

# After a server of embeddings has failed, search goes by words for so long.
SECONDS_WITHOUT = 30.0
QUESTIONS_KEPT = 2_000
away_until = 0.0


def load_model() -> None:
    """Load what embeds questions, if it can be loaded; about 3 seconds."""
    meaning_of("research")


class Meaning(NamedTuple):
    """A question's vector as PostgreSQL writes it, and whose it is: others' are not compared."""

    vector: str
    embedder: str


def meaning_of(words: str) -> Meaning | None:
    """Return what a question means, none when nothing can tell it.

    About 10 ms with the model that comes with the portal; the first in a process loads it.
    """
    global away_until  # noqa: PLW0603 - one clock for the process
    text = normalise(words)
    if not text or time.monotonic() < away_until:
        return None
    try:
        return embedded(text)
    except (EmbeddingServerError, ModelProblem) as error:
        away_until = time.monotonic() + SECONDS_WITHOUT
        logger.warning("%s; search goes by words only for a while.", error)
        return None


@lru_cache(maxsize=QUESTIONS_KEPT)
def embedded(text: str) -> Meaning | None:
    """Embed a question, or take what was made for the same one before."""
    embedder = get_embedder()
    vector = halves(embedder.embed([text])[0]) if is_by_meaning(embedder) else None
    return Meaning(vector, identity(embedder)) if vector else None
