"""Embedders of the operator's choice, used only after they have passed the gate.

What came of it is kept in a file of the data directory: a worker does not examine the same
embedder at each start, and web processes can warn without loading it.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypedDict

from django.conf import settings

from konnect.embedded import data_directory
from matching.embedding.files import ModelProblem
from matching.embedding.gate import Verdict, examine, pairs_version
from matching.embedding.onnx_file import OnnxFileEmbedder
from matching.embedding.remote import RemoteEmbedder

logger = logging.getLogger(__name__)

Plugin = OnnxFileEmbedder | RemoteEmbedder


class Outcome(TypedDict):
    """What came of an embedder: its identity and test, why it is not used, for which settings."""

    settings: str
    identity: str
    problem: str
    verdict: dict[str, Any]


def is_plugin_wanted() -> bool:
    """Tell whether the settings name an embedder that does not come with the portal."""
    return bool(settings.EMBEDDER_URL) or OnnxFileEmbedder.name == settings.EMBEDDER


def load_plugin() -> Plugin:
    """Return the embedder that the settings name, examined or not.

    Raises:
        ModelProblem: a file cannot be used.
        EmbeddingServerError: the server cannot be used now.
    """
    if settings.EMBEDDER_URL:
        return RemoteEmbedder(
            settings.EMBEDDER_URL, key=settings.EMBEDDER_KEY, model=settings.EMBEDDER_MODEL
        )
    return OnnxFileEmbedder(settings.EMBEDDER_ONNX)


def passed_plugin() -> Plugin:
    """Return the embedder that the settings name; it has passed the gate, now or before.

    Raises:
        ModelProblem: a file cannot be used, or the embedder has failed.
        EmbeddingServerError: the server cannot be used now, which says nothing of its model.
    """
    plugin, verdict = examined_plugin()
    if verdict.problem:
        raise ModelProblem(verdict.problem)
    return plugin


def examined_plugin(*, is_anew: bool = False) -> tuple[Plugin, Verdict]:
    """Return the embedder that the settings name, and what the gate says of it.

    Raises:
        ModelProblem: a file or a vector cannot be used.
        EmbeddingServerError: the server cannot be used now.
    """
    try:
        plugin = load_plugin()
        verdict = (None if is_anew else known_verdict(plugin)) or examine(plugin)
    except ModelProblem as problem:
        keep_outcome("", str(problem), {})
        raise
    keep_outcome(identity_of(plugin), verdict.problem, asdict(verdict))
    return plugin, verdict


def plugin_problem() -> str:
    """Return why the embedder of the settings is not used, '' when it is or was not tried yet."""
    outcome = kept_outcome()
    return outcome["problem"] if outcome else ""


def known_verdict(plugin: Plugin) -> Verdict | None:
    """Return what the gate said of this very embedder before."""
    outcome = kept_outcome()
    if not outcome or outcome["identity"] != identity_of(plugin):
        return None
    try:
        return Verdict(**outcome["verdict"])
    except TypeError:
        return None


def identity_of(plugin: Plugin) -> str:
    """Return the embedder and its dimension."""
    return f"{plugin.name}@{plugin.version} {plugin.dimension}"


def settings_version() -> str:
    """Return what changes with the settings of embedders and with the pairs of the gate."""
    parts = [settings.EMBEDDER, settings.EMBEDDER_URL, settings.EMBEDDER_MODEL]
    parts += [f"{name}={value}" for name, value in sorted(settings.EMBEDDER_ONNX.items())]
    return hashlib.sha256("\n".join([*parts, pairs_version()]).encode()).hexdigest()


def outcome_path() -> Path:
    """Return where the outcome is kept."""
    return data_directory() / "embedder.json"


def kept_outcome() -> Outcome | None:
    """Return what came of the embedder of these settings; None when it was not tried."""
    try:
        outcome: Outcome = json.loads(outcome_path().read_text(encoding="utf-8"))
        return outcome if outcome["settings"] == settings_version() else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def keep_outcome(identity: str, problem: str, verdict: dict[str, Any]) -> None:
    """Write the outcome, whole or not at all; without a place for it all goes on."""
    outcome = Outcome(
        settings=settings_version(), identity=identity, problem=problem, verdict=verdict
    )
    path = outcome_path()
    new = path.with_suffix(f".{os.getpid()}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        new.write_text(json.dumps(outcome), encoding="utf-8")
        new.replace(path)
    except OSError as error:
        logger.warning("The test of the embedder cannot be kept: %s.", error)
