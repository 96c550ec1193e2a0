"""The test that every other embedder has to pass: does it find a translation among everything?

In the portal members write in either language, so the text that says the same must be nearer than
every other text of BOTH languages. An embedder that sorts texts by language first finds every
translation among texts of the other language, and would still never show a Korean to a European.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from matching.embedding.files import ModelProblem

PAIRS = Path(__file__).parent / "gate_pairs.json"
# At most ten of the 104 texts may prefer a wrong one. Measured on these pairs: the multilingual
# sentence encoder 1.00; the same with language as a further axis that moves its gap to 1.4
# standard deviations, the most that e5 models show, 0.90; with 1.8 deviations 0.59; MiniLM 0.02.
LEAST_MIXED = 0.9

Real = NDArray[np.float64]


class Embeds(Protocol):
    """What is examined."""

    def embed(self, texts: list[str]) -> NDArray[np.float32]:
        """Return one unit row a text."""
        ...


@dataclass(frozen=True)
class Verdict:
    """What the test gave: shares between 0 and 1, and a gap in standard deviations.

    mixed: texts whose translation is nearest among all other texts of both languages.
    to_english, to_korean: the same among the texts of the other language only.
    gap: how much more alike texts of one language are than texts of two; 0 is best.
    """

    pairs: int
    to_english: float
    to_korean: float
    mixed: float
    gap: float

    @property
    def problem(self) -> str:
        """Why the embedder may not be used, '' when it may."""
        if self.mixed >= LEAST_MIXED:
            return ""
        return (
            f"The embedder finds the translation of {self.mixed:.0%} of {2 * self.pairs} texts"
            f" among texts of both languages; {LEAST_MIXED:.0%} are needed"
        )


def gate_pairs() -> tuple[list[str], list[str]]:
    """Return English sentences about research and their Korean translations, in order."""
    rows = json.loads(PAIRS.read_text(encoding="utf-8"))
    return [row["en"] for row in rows], [row["ko"] for row in rows]


def pairs_version() -> str:
    """Return what changes with the pairs."""
    return hashlib.sha256(PAIRS.read_bytes()).hexdigest()[:12]


def examine(embedder: Embeds) -> Verdict:
    """Embed the pairs and measure: 104 short texts.

    Raises:
        ModelProblem: the vectors cannot be compared.
    """
    english, korean = gate_pairs()
    return verdict_on(embedder.embed(english), embedder.embed(korean))


def verdict_on(english: NDArray[np.floating], korean: NDArray[np.floating]) -> Verdict:
    """Measure vectors of translations, one row a pair.

    A candidate that ties with the translation counts as nearer: a constant embedder finds nothing.

    Raises:
        ModelProblem: the shapes differ, or there are NaN or zero vectors.
    """
    english, korean = unit_rows(english), unit_rows(korean)
    if english.shape != korean.shape or len(english) < 2:
        raise ModelProblem(f"The embedder gives vectors {english.shape} and {korean.shape}")
    across = korean @ english.T
    within = [without_self(side @ side.T) for side in (korean, english)]
    right = across.diagonal()
    others = [nearer(across, right) - 1, nearer(across.T, right) - 1]
    mixed = [rank + nearer(same, right) for rank, same in zip(others, within, strict=True)]
    return Verdict(
        pairs=len(right),
        to_english=share_of_zeros(others[:1]),
        to_korean=share_of_zeros(others[1:]),
        mixed=share_of_zeros(mixed),
        gap=language_gap(within, across),
    )


def unit_rows(vectors: NDArray[np.floating]) -> Real:
    """Return rows of length one.

    Raises:
        ModelProblem: a row has no direction.
    """
    rows: Real = np.asarray(vectors, dtype=np.float64)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    if not np.isfinite(lengths).all() or not lengths.all():
        raise ModelProblem("The embedder gives NaN or zero vectors")
    return rows / lengths


def without_self(likeness: Real) -> Real:
    """Return the likeness of texts of one language; nobody is near themselves."""
    np.fill_diagonal(likeness, -np.inf)
    return likeness


def nearer(likeness: Real, right: Real) -> NDArray[np.int64]:
    """Count the candidates that are at least as near as the translation, row by row."""
    counts: NDArray[np.int64] = (likeness >= right[:, None]).sum(axis=1)
    return counts


def share_of_zeros(ranks: Sequence[NDArray[np.int64]]) -> float:
    """Return how many texts have nobody before their translation."""
    return float((np.concatenate(ranks) == 0).mean())


def language_gap(within: Sequence[Real], across: Real) -> float:
    """Return the likeness of unrelated texts in one language less that across, in deviations."""
    unrelated = ~np.eye(len(across), dtype=np.bool_)
    same = np.concatenate([likeness[unrelated] for likeness in within])
    other = across[unrelated]
    spread = float(np.concatenate([same, other]).std())
    return float(same.mean() - other.mean()) / spread if spread else 0.0
