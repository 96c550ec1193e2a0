"""Examine the configured embedder: does it find translations in a pool of both languages?"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from matching.embedding import (
    Embedder,
    EmbeddingServerError,
    LexicalEmbedder,
    ModelProblem,
    get_embedder,
    identity,
)
from matching.embedding.gate import LEAST_MIXED, Verdict, examine
from matching.embedding.plugins import examined_plugin, is_plugin_wanted


class Command(BaseCommand):
    """`manage.py check_embedder`; docs/deploy.md tells more."""

    help = "Examine the configured embedder and print what the gate finds."

    def handle(self, *args: Any, **options: Any) -> None:
        """Examine anew, whatever was found before, and say how it went."""
        try:
            embedder, verdict = examined()
        except (ModelProblem, EmbeddingServerError) as problem:
            raise CommandError(str(problem)) from problem
        self.stdout.write(f"{identity(embedder)}, {embedder.dimension} dimensions")
        self.stdout.write(words_of(verdict))
        if embedder.name == LexicalEmbedder.name:
            self.stdout.write(self.style.WARNING("The floor without any model: not held to it."))
        elif verdict.problem:
            raise CommandError(verdict.problem)
        else:
            self.stdout.write(self.style.SUCCESS("Passed."))


def examined() -> tuple[Embedder, Verdict]:
    """Return the embedder that is used, and its verdict."""
    if is_plugin_wanted():
        return examined_plugin(is_anew=True)
    embedder = get_embedder()
    return embedder, examine(embedder)


def words_of(verdict: Verdict) -> str:
    """Return the figures, a line each."""
    return (
        f"{verdict.pairs} pairs of sentences\n"
        f"translation nearest of all texts: {verdict.mixed:.3f} (needed: {LEAST_MIXED})\n"
        f"of the English texts: {verdict.to_english:.3f}, of the Korean: {verdict.to_korean:.3f}\n"
        f"likeness of one language over two: {verdict.gap:+.2f} standard deviations"
    )
