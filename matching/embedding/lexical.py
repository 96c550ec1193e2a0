"""The floor without any model: words and pieces of words, hashed."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

DIMENSION = 512
WORD = re.compile(r"\w+")


class LexicalEmbedder:
    """Compare texts by shared words and by shared pieces of three letters (two in Hangul).

    It knows no meaning and no second language: a Korean text is near an English one only where
    both name the same thing in the same letters.
    """

    name = "lexical"
    version = "1"
    dimension = DIMENSION
    languages = frozenset({"en", "ko"})

    def embed(self, texts: list[str]) -> NDArray[np.float32]:
        """Return one unit row a text; a text without any word gets the first axis."""
        rows = np.zeros((len(texts), DIMENSION), dtype=np.float64)
        for row, text in zip(rows, texts, strict=True):
            for piece, count in Counter(pieces(text)).items():
                position, sign = place(piece)
                row[position] += sign * (1 + np.log(count))
        norms = np.linalg.norm(rows, axis=1, keepdims=True)
        rows[norms[:, 0] == 0, 0] = 1
        return (rows / np.where(norms == 0, 1, norms)).astype(np.float32)


def pieces(text: str) -> list[str]:
    """Return the words of a text and the pieces of each."""
    found = []
    for word in WORD.findall(text.casefold()):
        found.append(word)
        size = 3 if word.isascii() else 2
        found += [word[start : start + size] + "~" for start in range(len(word) - size + 1)]
    return found


@lru_cache(maxsize=100_000)
def place(piece: str) -> tuple[int, int]:
    """Return the coordinate and the sign of one piece, the same in every process."""
    number = int.from_bytes(hashlib.blake2b(piece.encode(), digest_size=8).digest())
    return number % DIMENSION, 1 if number >> 63 else -1
