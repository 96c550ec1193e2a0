"""Files of models: what is wrong with them, told in one sentence."""

from __future__ import annotations

import hashlib
import importlib.util
from functools import lru_cache
from importlib import metadata
from pathlib import Path


class ModelProblem(Exception):  # noqa: N818 - it is a finding, not a programming error
    """A language model cannot be used; the message says why."""


def has_hash(path: Path, expected: str) -> bool:
    """Tell whether a file is there and is the one that was measured."""
    return path.is_file() and sha256_of(path, path.stat().st_mtime_ns) == expected


@lru_cache(maxsize=16)
def sha256_of(path: Path, modified: int) -> str:
    """Return a file's SHA-256 in hexadecimal; reading 30 MB once a process is enough."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def package_problem(package: str, version: str) -> str:
    """Return why an installed package is not the pinned one, '' when it is."""
    try:
        installed = metadata.version(package)
    except metadata.PackageNotFoundError:
        return f"The language model is missing: {package} is not installed"
    return (
        ""
        if installed == version
        else f"The language model is {package} {installed}, not {version}"
    )


def package_directory(module: str) -> Path:
    """Return where a package keeps its files, without importing it; it need not exist."""
    found = importlib.util.find_spec(module)
    return Path(found.origin if found and found.origin else f"{module}/__init__.py").parent
