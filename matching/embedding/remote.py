"""An embedding server that speaks the OpenAI protocol, by configuration."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import requests
from numpy.typing import NDArray

TIMEOUT_SECONDS = (5, 60)  # to connect, to answer
TRIES = 3
FIRST_PAUSE_SECONDS = 0.2
BATCH = 64
TEMPORARY = frozenset({408, 409, 425, 429, 500, 502, 503, 504})


class EmbeddingServerError(Exception):
    """The embedding server is away or answers nonsense; the message says which."""


class RemoteEmbedder:
    """Ask `POST <url>/embeddings`; the dimension is learned from the first answer.

    Raises:
        EmbeddingServerError: the server cannot be used.
    """

    name = "remote"
    languages = frozenset({"en", "ko"})

    def __init__(self, url: str, *, key: str = "", model: str = "") -> None:
        self._url = url.rstrip("/") + "/embeddings"
        self._session = requests.Session()
        if key:
            self._session.headers["Authorization"] = f"Bearer {key}"
        self.version = model or "unnamed"
        self.dimension = 0
        self.dimension = self.embed(["dimension"]).shape[1]

    def embed(self, texts: list[str]) -> NDArray[np.float32]:
        """Return one unit row a text."""
        batches = [texts[start : start + BATCH] for start in range(0, len(texts), BATCH)]
        rows = [self._checked(self._ask(batch), len(batch)) for batch in batches]
        return np.concatenate(rows) if rows else np.zeros((0, self.dimension), np.float32)

    def _ask(self, texts: list[str]) -> Any:
        """Return the server's answer, after a few tries."""
        problem = ""
        for attempt in range(TRIES):
            if attempt:
                time.sleep(FIRST_PAUSE_SECONDS * 2**attempt)
            try:
                return self._post(texts)
            except (requests.ConnectionError, requests.Timeout) as error:
                problem = f"does not answer ({type(error).__name__})"
            except requests.HTTPError as error:
                problem = f"answers with status {error.response.status_code}"
                if error.response.status_code not in TEMPORARY:
                    break
        raise EmbeddingServerError(f"The embedding server {problem}")

    def _post(self, texts: list[str]) -> Any:
        """Send one request and return the decoded JSON."""
        body = {"model": self.version, "input": texts, "encoding_format": "float"}
        response = self._session.post(
            self._url, json=body, timeout=TIMEOUT_SECONDS, allow_redirects=False
        )
        response.raise_for_status()
        try:
            return response.json()
        except ValueError as error:
            raise EmbeddingServerError("The embedding server answers no JSON") from error

    def _checked(self, answer: Any, count: int) -> NDArray[np.float32]:
        """Return the answer's vectors as unit rows, in the order that was asked for."""
        try:
            rows = sorted(answer["data"], key=lambda row: int(row["index"]))
            vectors = np.array([row["embedding"] for row in rows], dtype=np.float64)
        except (KeyError, TypeError, ValueError) as error:
            raise EmbeddingServerError("The embedding server answers no vectors") from error
        check_shape(vectors, count, self.dimension)
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        if not np.isfinite(vectors).all() or not norms.all():
            raise EmbeddingServerError("The embedding server answers with NaN or zero vectors")
        return (vectors / norms).astype(np.float32)


def check_shape(vectors: NDArray[np.float64], count: int, dimension: int) -> None:
    """Refuse vectors of the wrong number or dimension; 0 takes any dimension.

    Raises:
        EmbeddingServerError: they do not fit.
    """
    if vectors.ndim != 2 or len(vectors) != count:
        raise EmbeddingServerError(f"The embedding server answers {len(vectors)} of {count} texts")
    if dimension and vectors.shape[1] != dimension:
        raise EmbeddingServerError(
            f"The embedding server answers {vectors.shape[1]} dimensions instead of {dimension}"
        )
