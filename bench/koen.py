"""Embed pairs of Korean and English texts as the portal embeds what people write.

    python -m bench.koen PAIRS.json OUT.npz [--ranking]
    python -m bench.koen PAIRS.json --ranking

PAIRS: {set: [{"en": text, "ko": text}, ...], ...}. OUT: for each set two arrays, SET_en and SET_ko,
float32, one unit row a pair in the order of the file. Printed for each set: how often a text's
translation is the nearest of all texts of the other language, and of all texts of both.
--ranking prints the same of the portal's final ranking, in which English texts are compared by a
model of their own and by their words besides. No database is needed.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.encoded import CachedEmbedder
from bench.koen_ranking import Report, print_report, ranking_report
from matching.embedding import (
    Embedder,
    EmbeddingServerError,
    ModelProblem,
    embedder_warning,
    get_embedder,
    get_english_embedder,
    identity,
)
from matching.embedding.gate import Verdict, verdict_on
from matching.scoring.terms import STORED

LANGUAGES = ("en", "ko")
RESULTS = Path(__file__).resolve().parent / "results"

Pairs = dict[str, list[dict[str, str]]]
Vectors = dict[str, NDArray[np.float32]]


class BadInput(ValueError):  # noqa: N818 - the message is for the person who started it
    """The file is not what it should be; the message says where."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Read, embed, write, print; return the exit status."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "konnect.settings")
    options = parsed(arguments)
    try:
        run(options)
    except (BadInput, ModelProblem, EmbeddingServerError, OSError) as problem:
        print(f"bench.koen: {problem}", file=sys.stderr)
        return 2
    return 0


def parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Return what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m bench.koen", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("pairs", type=Path)
    parser.add_argument("out", type=Path, nargs="?")
    parser.add_argument("--ranking", action="store_true", help="measure the final ranking too")
    options = parser.parse_args(arguments)
    if not options.out and not options.ranking:
        parser.error("OUT.npz or --ranking is needed")
    return options


def run(options: argparse.Namespace) -> None:
    """Do what was asked for.

    Raises:
        BadInput: the pairs are not what they should be.
        ModelProblem, EmbeddingServerError: an embedder cannot be used.
    """
    pairs = read_pairs(options.pairs)
    if warning := embedder_warning():
        print(f"bench.koen: {warning}", file=sys.stderr)
    embedder = get_embedder()
    vectors = vectors_of(pairs, embedder, LANGUAGES)
    if options.out:
        write(options.out, vectors)
    verdicts = {
        name: verdict_on(*(vectors[f"{name}_{language}"] for language in LANGUAGES))
        for name, rows in pairs.items()
        if len(rows) > 1
    }
    print_verdicts(verdicts, embedder)
    ranking = final_ranking(pairs, vectors) if options.ranking else {}
    keep({name: asdict(verdict) for name, verdict in verdicts.items()}, ranking, embedder)


def read_pairs(path: Path) -> Pairs:
    """Return the pairs of each set.

    Raises:
        BadInput: the file holds something else.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as problem:
        raise BadInput(f"{path} is not JSON: {problem}") from problem
    if not isinstance(found, dict) or not found:
        raise BadInput(f"{path} holds no object of sets: {{name: [{{en, ko}}, ...]}}")
    for name, rows in found.items():
        check_set(name, rows)
    return found


def check_set(name: str, rows: Any) -> None:
    """Refuse what is not a list of pairs of texts.

    Raises:
        BadInput: it names the set, the pair and the language.
    """
    if not isinstance(rows, list):
        raise BadInput(f"{name}: not a list of pairs")
    for number, row in enumerate(rows):
        for language in LANGUAGES:
            text = row.get(language) if isinstance(row, dict) else None
            if not isinstance(text, str) or not is_readable(text):
                raise BadInput(f"{name}, pair {number}: no text {language!r}")


def is_readable(text: str) -> bool:
    """Tell whether a text has anything in it, and only what can be written down."""
    try:
        return bool(text.encode().strip())
    except UnicodeEncodeError:
        return False


def vectors_of(pairs: Pairs, embedder: Embedder, languages: Sequence[str]) -> Vectors:
    """Return unit rows as the portal stores them, by set and language."""
    cached = CachedEmbedder(embedder)
    return {
        f"{name}_{language}": cached.embed([row[language] for row in rows]) / np.float32(STORED)
        for name, rows in pairs.items()
        for language in languages
    }


def write(path: Path, vectors: Vectors) -> None:
    """Write the arrays, all or none."""
    partial = path.with_name(f"{path.name}.{os.getpid()}.part")
    with partial.open("wb") as file:
        np.savez(file, **vectors)
    partial.replace(path)


def final_ranking(pairs: Pairs, vectors: Vectors) -> Report:
    """Print and return the figures of the final ranking.

    Raises:
        ModelProblem: there is no model for English texts.
    """
    english = get_english_embedder()
    if english is None:
        raise ModelProblem(embedder_warning() or "The settings leave the English model out")
    report = ranking_report(pairs, vectors, vectors_of(pairs, english, ["en"]))
    print_report(report)
    return report


def print_verdicts(verdicts: Mapping[str, Verdict], embedder: Embedder) -> None:
    """Print one line a set."""
    print(identity(embedder))
    print(f"{'embedder':16}{'pairs':>7}{'ko>en':>10}{'en>ko':>10}{'mixed':>10}{'gap':>10}")
    for name, found in verdicts.items():
        figures = (found.to_english, found.to_korean, found.mixed, found.gap)
        print(f"{name:16}{found.pairs:7}" + "".join(f"{figure:10.3f}" for figure in figures))


def keep(verdicts: Mapping[str, Any], ranking: Report, embedder: Embedder) -> None:
    """Write the figures beside those of the other measurements."""
    figures = {"embedder": identity(embedder), "vectors": verdicts, "ranking": ranking}
    try:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / "koen.json").write_text(json.dumps(figures, indent=1) + "\n")
    except OSError as problem:
        print(f"The figures are not kept: {problem}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
