"""Texts as the portal's evidence, without a database: for the measurements of quality."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from matching.embedding import (
    Embedder,
    EnglishEmbedder,
    MultilingualEmbedder,
    identity,
    is_english,
    normalise,
    text_hash,
)
from matching.scoring.evidence import Evidence, Items, Words, stored
from matching.scoring.lexical import words_of
from matching.scoring.terms import STORED

Short = NDArray[np.int16]
# Vectors of earlier runs, by embedder; a text is embedded once. May be deleted.
CACHE = Path(__file__).resolve().parent.parent / "var" / "bench" / "vectors"


class CachedEmbedder:
    """An embedder that remembers on disk what it has embedded."""

    def __init__(self, embedder: Embedder, folder: Path = CACHE) -> None:
        self._embedder = embedder
        self._path = folder / f"{identity(embedder)}.npz"
        self._known = self._read()

    @property
    def dimension(self) -> int:
        """How many components a vector has."""
        return self._embedder.dimension

    def embed(self, texts: Sequence[str]) -> Short:
        """Return one row a text, int16 (n, dimension), unit vectors times 32,767."""
        keys = [text_hash(text) for text in texts]
        wanted = dict(zip(keys, texts, strict=True))
        missing = [key for key in wanted if key not in self._known]
        if missing:
            made = stored(self._embedder.embed([normalise(wanted[key]) for key in missing]))
            self._known |= dict(zip(missing, made, strict=True))
            self._write()
        rows = [self._known[key] for key in keys]
        return np.stack(rows) if rows else np.zeros((0, self.dimension), dtype=np.int16)

    def _read(self) -> dict[str, Short]:
        """Return the vectors of earlier runs; a broken file is as good as none."""
        try:
            with np.load(self._path, allow_pickle=False) as kept:
                return dict(zip(kept["keys"].tolist(), kept["vectors"], strict=True))
        except (OSError, ValueError, KeyError, EOFError):
            return {}

    def _write(self) -> None:
        """Keep the vectors for later runs, where that is possible."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            keys, vectors = list(self._known), np.stack(list(self._known.values()))
            partial = self._path.with_suffix(f".{os.getpid()}.npz")
            np.savez(partial, keys=np.array(keys), vectors=vectors)
            partial.replace(self._path)
        except OSError as problem:
            print(f"Vectors are not kept: {problem}")


class Encoder:
    """The portal's two language models."""

    def __init__(self) -> None:
        self.every = CachedEmbedder(MultilingualEmbedder())
        self.english = CachedEmbedder(EnglishEmbedder())

    def evidence(self, people: Sequence[Sequence[str]], *, first_id: int) -> Evidence:
        """Return people of whom nothing is known but what they wrote.

        people: the texts of each; blank ones are left out. Ids count from first_id.
        """
        texts = [[text for text in written if normalise(text)] for written in people]
        english = [[text for text in written if is_english(text)] for written in texts]
        works = items_of(texts, self.every)
        none = Items.none(len(texts), self.every.dimension)
        return Evidence(
            ids=np.arange(first_id, first_id + len(texts)),
            topic=means(works),
            works=works,
            english=items_of(english, self.english),
            offers=none,
            seeks=none,
            words=Words.gathered([words_of(written) for written in english]),
        )


@lru_cache(maxsize=1)
def load_encoder() -> Encoder:
    """Return the models, loaded once a process.

    Raises:
        ModelProblem: one of them is missing or not the pinned one.
    """
    return Encoder()


def items_of(people: Iterable[Sequence[str]], embedder: CachedEmbedder) -> Items:
    """Return each person's texts as vectors, numbered from 1."""
    listed = [list(written) for written in people]
    flat = [text for written in listed for text in written]
    vectors = embedder.embed(flat)
    starts = np.concatenate([[0], np.cumsum([len(written) for written in listed])])
    return Items(vectors, starts.astype(np.int64), np.arange(1, len(flat) + 1))


def means(items: Items) -> Short:
    """Return everybody's normalised mean vector as the portal makes it; zeros without a text."""
    rows = np.zeros((len(items), items.vectors.shape[1]), dtype=np.int16)
    for row, (first, end) in enumerate(
        zip(items.owners_start, items.owners_start[1:], strict=False)
    ):
        total = items.vectors[first:end].sum(axis=0, dtype=np.int64)
        length = np.sqrt(float((total * total).sum()))
        if length:
            rows[row] = np.rint(total * (STORED / length))
    return rows
