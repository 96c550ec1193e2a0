"""Thresholds and weights of consensus scores: half marks, reckoned exactly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

# int, Decimal and float all become fractions without loss; half marks are exact in each.
Number = int | float | Decimal | Fraction
# The code of what falls short when it is the sum.
OVERALL = "overall"


@dataclass(frozen=True)
class Criterion:
    """One thing that is scored: from 0 to `most` in halves, at least `threshold`.

    `weight` counts in the ranking only; raises ValueError for numbers that make no sense.
    """

    code: str
    weight: Number = 1
    threshold: Number = 0
    most: Number = 5

    def __post_init__(self) -> None:
        """Refuse what no call could mean."""
        if self.code == OVERALL or not self.code:
            raise ValueError(f"a criterion cannot be called {self.code!r}")
        if self.weight < 0 or not 0 <= self.threshold <= self.most:
            raise ValueError(f"{self.code}: weight or threshold out of range")


@dataclass(frozen=True)
class Shortfall:
    """A threshold that is not met; `score` is None where there is no consensus score."""

    code: str
    score: Fraction | None
    threshold: Fraction


def meets(
    scores: Mapping[str, Number], criteria: Sequence[Criterion], overall_threshold: Number
) -> tuple[Shortfall, ...]:
    """Return what falls short, in the order of the criteria, the sum last; empty if nothing does.

    scores: consensus scores by criterion. The sum is of all criteria, without weights. What has
    no score falls short, whatever its threshold, and counts as nothing in the sum. Raises
    ValueError for a score that is no half mark or out of range, or of an unknown criterion.
    """
    exact = _checked(scores, criteria)
    found = [
        Shortfall(criterion.code, exact.get(criterion.code), Fraction(criterion.threshold))
        for criterion in criteria
        if criterion.code not in exact or exact[criterion.code] < Fraction(criterion.threshold)
    ]
    total, wanted = sum(exact.values(), Fraction()), Fraction(overall_threshold)
    if total < wanted:
        found.append(Shortfall(OVERALL, total, wanted))
    return tuple(found)


def weighted(scores: Mapping[str, Number], criteria: Sequence[Criterion]) -> float:
    """Return the weighted mean of consensus scores, on their own scale.

    Reckoned in fractions and rounded once, so that equal merit gives equal floats. Raises
    ValueError if a score is missing or makes no sense, or nothing has a weight.
    """
    exact = _checked(scores, criteria)
    missing = [criterion.code for criterion in criteria if criterion.code not in exact]
    weights = sum((Fraction(criterion.weight) for criterion in criteria), Fraction())
    if missing or not weights:
        raise ValueError(f"no score for {', '.join(missing)}" if missing else "no weights")
    total = sum(
        (Fraction(criterion.weight) * exact[criterion.code] for criterion in criteria), Fraction()
    )
    return float(total / weights)


def _checked(scores: Mapping[str, Number], criteria: Sequence[Criterion]) -> dict[str, Fraction]:
    known = {criterion.code: criterion for criterion in criteria}
    if len(known) != len(criteria):
        raise ValueError("a criterion is there twice")
    if unknown := set(scores) - set(known):
        raise ValueError(f"no such criterion: {', '.join(sorted(unknown))}")
    return {code: _half_mark(score, known[code]) for code, score in scores.items()}


def _half_mark(score: Number, criterion: Criterion) -> Fraction:
    exact = Fraction(score)
    if (exact * 2).denominator != 1 or not 0 <= exact <= Fraction(criterion.most):
        raise ValueError(f"{criterion.code}: {score} is no half mark from 0 to {criterion.most}")
    return exact
