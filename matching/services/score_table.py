"""How a score comes about, as a table: numbers that add up as they are printed, and bars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from matching.scoring.explain import tenths
from matching.scoring.terms import PRODUCT_TERMS, TERMS, UNIT, WEIGHTS

TERM_LABELS = {
    "topic": gettext_lazy("What you both write about"),
    "seeking": gettext_lazy("What you seek and they offer"),
    "offering": gettext_lazy("What you offer and they seek"),
    "area": gettext_lazy("Shared areas and topics"),
    "organisation": gettext_lazy("Kinds of organisation"),
    "mobility": gettext_lazy("Research visits"),
    "stage": gettext_lazy("Career stage"),
    "novelty": gettext_lazy("You have worked together before"),
    "balance": gettext_lazy("Balance of give and take"),
    "demand": gettext_lazy("In great demand"),
}
# The drawings are 100 wide, for so many tenths of a point.
WIDEST = 375


def bar(tenths_of_a_point: int) -> str:
    """Return the width of a bar in a drawing that is 100 wide; what does not fit is cut."""
    return f"{100 * min(abs(tenths_of_a_point), WIDEST) / WIDEST:.4g}"


@dataclass(frozen=True)
class Part:
    """One term of a score: its name in words; what it adds, in tenths of a point of 100.

    limit: what it adds at its best, or takes at its worst; a term may pass it.
    """

    term: str
    label: str | Promise
    tenths: int
    limit: int

    @property
    def bar(self) -> str:
        """How wide the bar is of what the term adds or takes."""
        return bar(self.tenths)

    @property
    def track(self) -> str:
        """How wide the bar is of what the term could add or take."""
        return bar(self.limit)

    @property
    def is_loss(self) -> bool:
        """Whether the term takes something from the score."""
        return self.tenths < 0


@dataclass(frozen=True)
class ScoreTable:
    """The terms of a score and their sum, as they are printed."""

    parts: list[Part]
    tenths: int

    @property
    def filled(self) -> int:
        """How much of a bar of 1,000 the score fills."""
        return min(max(self.tenths, 0), 1000)


def score_table(shares: Sequence[float]) -> ScoreTable:
    """Return the table of a score; shares: the terms in the order of TERMS, exact, 1.0 for all.

    Deductions that are none are left out.
    """
    numbers = tenths([round(share * UNIT) for share in shares])
    parts = [
        Part(term, TERM_LABELS[term], number, round(1000 * WEIGHTS[term]))
        for term, number in zip(TERMS, numbers, strict=True)
        if number or term in PRODUCT_TERMS
    ]
    return ScoreTable(parts, sum(numbers))
