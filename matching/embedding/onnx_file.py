"""An embedder in an ONNX file of the operator's choice."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from matching.embedding.files import ModelProblem, sha256_of
from matching.embedding.onnx_model import MAX_TOKENS, OnnxModel, Pooling

MOST_TOKENS = 8192


class OnnxFileEmbedder:
    """Texts in both languages by a model in a file, with its tokenizer beside it.

    Args:
        settings: FILE and TOKENIZER, paths; SHA256, what the file's hash must be; POOLING, mean
            or first; PREFIX, put before every text; MAX_TOKENS. All but FILE may be empty; the
            tokenizer is then `tokenizer.json` in the folder of the file.

    Raises:
        ModelProblem: a setting makes no sense, a file is missing or has another hash, the model
            cannot be loaded, or memory is short.
    """

    name = "onnx"
    languages = frozenset({"en", "ko"})

    def __init__(self, settings: Mapping[str, str]) -> None:
        model = file_named(settings, "FILE")
        tokenizer = Path(settings.get("TOKENIZER") or model.with_name("tokenizer.json"))
        pooling, most = pooling_of(settings), most_tokens(settings)
        self._prefix = settings.get("PREFIX", "")
        hashes = [checked_hash(model, settings.get("SHA256", "")), hash_of(tokenizer)]
        hashes += [hash_of(path) for path in beside(model) if path.is_file()]
        self.version = version_of(*hashes, pooling, str(most), self._prefix)
        self._model = OnnxModel(model, tokenizer, max_tokens=most, pooling=pooling)
        self.dimension = self._model.dimension

    def embed(self, texts: list[str]) -> NDArray[np.float32]:
        """Return one unit row a text."""
        return self._model.embed([self._prefix + text for text in texts])


def file_named(settings: Mapping[str, str], name: str) -> Path:
    """Return a path from the settings.

    Raises:
        ModelProblem: there is none.
    """
    if not settings.get(name):
        raise ModelProblem(f"KONNECT_EMBEDDER_{name} does not name the language model")
    return Path(settings[name])


def pooling_of(settings: Mapping[str, str]) -> Pooling:
    """Return how the vectors of tokens become one.

    Raises:
        ModelProblem: in a way that does not exist.
    """
    wanted = settings.get("POOLING") or "mean"
    for possible in get_args(Pooling):
        if wanted == possible:
            pooling: Literal["mean", "first"] = possible
            return pooling
    raise ModelProblem(f"KONNECT_EMBEDDER_POOLING is mean or first, not {wanted}")


def most_tokens(settings: Mapping[str, str]) -> int:
    """Return after how many tokens a text is cut off.

    Raises:
        ModelProblem: no sensible number.
    """
    wanted = settings.get("MAX_TOKENS") or str(MAX_TOKENS)
    if not wanted.isdecimal() or not 8 <= int(wanted) <= MOST_TOKENS:
        raise ModelProblem(f"KONNECT_EMBEDDER_MAX_TOKENS is 8 to {MOST_TOKENS}, not {wanted}")
    return int(wanted)


def checked_hash(path: Path, expected: str) -> str:
    """Return a file's hash.

    Raises:
        ModelProblem: it is missing, or has another hash than expected.
    """
    found = hash_of(path)
    if expected and found != expected.lower():
        raise ModelProblem(f"The language model's {path.name} has another hash")
    return found


def beside(model: Path) -> list[Path]:
    """Return where the weights of a large model are when they are not in its file."""
    return [model.with_name(model.name + ending) for ending in ("_data", ".data")]


def hash_of(path: Path) -> str:
    """Return the SHA-256 of a file.

    Raises:
        ModelProblem: it cannot be read.
    """
    try:
        return sha256_of(path, path.stat().st_mtime_ns)
    except OSError as error:
        raise ModelProblem(f"The language model's {path.name} is missing") from error


def version_of(*parts: str) -> str:
    """Return what changes with everything that changes the vectors."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
