"""Known texts and their recorded vectors: a model that gives others has changed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from matching.embedding.files import ModelProblem

FOLDER = Path(__file__).parent
SAME = 0.999


def reference_texts() -> list[str]:
    """Return twenty texts about research, English and Korean in turn."""
    texts: list[str] = json.loads((FOLDER / "reference_texts.json").read_text())
    return texts


def compare_with_recorded(vectors: NDArray[np.float32], name: str) -> None:
    """Compare unit rows with those recorded in a file (int16, times 32,767).

    Raises:
        ModelProblem: the shapes differ, or a cosine is below 0.999: arithmetic, tokenizer or
            weights have changed.
    """
    expected = np.load(FOLDER / name).astype(np.float64) / 32767
    if vectors.shape != expected.shape:
        raise ModelProblem(
            f"The language model gives {vectors.shape[1]} dimensions instead of {expected.shape[1]}"
        )
    cosines = np.einsum("ij,ij->i", vectors, expected) / np.linalg.norm(expected, axis=1)
    if not (cosines > SAME).all():
        raise ModelProblem("The language model gives other vectors than those recorded")
