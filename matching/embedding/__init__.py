"""The one seam to the language model: texts in, unit vectors out.

The default needs no network and no GPU. When its files are missing or not the pinned ones, the
portal goes on with a lexical embedder and says so: in the log, on `/readyz` and to
administrators.
"""

from __future__ import annotations

import hashlib
import logging
import unicodedata
from functools import lru_cache
from typing import Protocol

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from matching.embedding.english import EnglishEmbedder, english_problem
from matching.embedding.files import ModelProblem
from matching.embedding.languages import is_english
from matching.embedding.lexical import LexicalEmbedder
from matching.embedding.multilingual import MultilingualEmbedder, model_problem
from matching.embedding.plugins import is_plugin_wanted, passed_plugin, plugin_problem
from matching.embedding.remote import EmbeddingServerError, RemoteEmbedder

__all__ = [
    "Embedder",
    "EmbeddingServerError",
    "EnglishEmbedder",
    "LexicalEmbedder",
    "ModelProblem",
    "MultilingualEmbedder",
    "RemoteEmbedder",
    "embedder_warning",
    "get_embedder",
    "get_english_embedder",
    "identity",
    "is_english",
    "normalise",
    "text_hash",
]

logger = logging.getLogger(__name__)

Vectors = NDArray[np.float32]


class Embedder(Protocol):
    """What turns texts into vectors; `name` and `version` go with every stored vector."""

    name: str
    version: str
    dimension: int
    languages: frozenset[str]

    def embed(self, texts: list[str]) -> Vectors:
        """Return one unit row a text: float32, shape (number of texts, dimension)."""
        ...


def identity(embedder: Embedder) -> str:
    """Return what is stored beside a vector; vectors of another identity are made anew."""
    return f"{embedder.name}@{embedder.version}"


def normalise(text: str) -> str:
    """Return the text in NFC with single spaces: what is hashed and embedded."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def text_hash(text: str) -> str:
    """Return the SHA-256 of the normalised text, in hexadecimal."""
    return hashlib.sha256(normalise(text).encode()).hexdigest()


@lru_cache(maxsize=1)
def get_embedder() -> Embedder:
    """Return the configured embedder, loaded once a process (about 3 seconds, 160 MB).

    Raises:
        EmbeddingServerError: one on a server is configured and cannot be asked now.
    """
    if is_plugin_wanted():
        try:
            return passed_plugin()
        except ModelProblem as problem:
            logger.warning("%s; the embedder that comes with the portal is used.", problem)
    elif LexicalEmbedder.name == settings.EMBEDDER:
        return LexicalEmbedder()
    return load_default_embedder()


@lru_cache(maxsize=1)
def load_default_embedder() -> Embedder:
    """Load the one that comes with the portal, or say why not and return the floor."""
    try:
        return MultilingualEmbedder()
    except ModelProblem as problem:
        logger.warning("%s; texts are compared by their words only.", problem)
        return LexicalEmbedder()


def get_english_embedder() -> Embedder | None:
    """Return what reads English texts besides, loaded once a process (about 1 second, 100 MB).

    None beside the lexical embedder, when the settings leave it out, or when its files are not
    the pinned ones: English texts are then compared as all others are.
    """
    return load_english_embedder() if is_english_wanted() else None


@lru_cache(maxsize=1)
def load_english_embedder() -> Embedder | None:
    """Load it, or say why not."""
    try:
        return EnglishEmbedder()
    except ModelProblem as problem:
        logger.warning("%s; English texts are compared as all others are.", problem)
        return None


def is_english_wanted() -> bool:
    """Tell whether the settings want a model of its own for English texts."""
    is_lexical = LexicalEmbedder.name == settings.EMBEDDER and not is_plugin_wanted()
    return not is_lexical and EnglishEmbedder.name == settings.ENGLISH_EMBEDDER


def embedder_warning() -> str:
    """Return what keeps a configured language model from being used, '' when nothing does.

    Reads files but does not load the models, so web processes may ask; the hashes of files are
    remembered.
    """
    if LexicalEmbedder.name == settings.EMBEDDER and not is_plugin_wanted():
        return "The lexical embedder is configured: texts are compared by their words only"
    if is_plugin_wanted():
        problem = plugin_problem()
    elif MultilingualEmbedder.name != settings.EMBEDDER:
        problem = f"KONNECT_EMBEDDER names no language model: {settings.EMBEDDER}"
    else:
        problem = model_problem()
    return problem or (english_problem() if is_english_wanted() else "")
