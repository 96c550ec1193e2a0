"""What somebody's answers change in the order of what they see next.

Only the order: the score and its terms stay what was computed. Every answer *not for me* with a
reason changes it a little, and an undone answer changes it back, because the order is derived
anew from the answers that count.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from matching.scoring.terms import TERMS, WEIGHTS

# A term that dismissals found wanting counts more, up to twice.
STEP, LARGEST = 0.25, 2.0
TERM_OF_REASON = {
    "other_topic": "topic",
    "nothing_to_gain": "seeking",
    # Whoever knows the suggested people already wants new ones first.
    "known_already": "novelty",
}


@dataclass(frozen=True)
class Candidate:
    """What preferences can be about: the terms of the score, the stage, the organisation."""

    parts: tuple[float, ...]
    career_stage: str = ""
    organisation_types: tuple[str, ...] = ()


@dataclass(frozen=True)
class Dismissal:
    """One answer *not for me*: the reason, and what the dismissed person was."""

    reason: str
    career_stage: str = ""
    organisation_types: tuple[str, ...] = ()


@dataclass(frozen=True)
class Preferences:
    """What a person's dismissals say together.

    multipliers: by term; unwanted_stages, unwanted_types: of dismissed people, where that was
    the reason. Such candidates lose as much as the term could add.
    """

    multipliers: dict[str, float] = field(default_factory=dict)
    unwanted_stages: frozenset[str] = frozenset()
    unwanted_types: frozenset[str] = frozenset()

    def value(self, candidate: Candidate) -> float:
        """Return what the candidate is ordered by."""
        terms = zip(TERMS, candidate.parts, strict=True)
        value = sum(part * self.multipliers.get(term, 1.0) for term, part in terms)
        if candidate.career_stage in self.unwanted_stages:
            value -= WEIGHTS["stage"]
        if self.unwanted_types.intersection(candidate.organisation_types):
            value -= WEIGHTS["organisation"]
        return value


def preferences_from(dismissals: Iterable[Dismissal]) -> Preferences:
    """Return what dismissals say together."""
    multipliers: dict[str, float] = {}
    stages: set[str] = set()
    types: set[str] = set()
    for dismissal in dismissals:
        if term := TERM_OF_REASON.get(dismissal.reason):
            multipliers[term] = min(multipliers.get(term, 1.0) + STEP, LARGEST)
        if dismissal.reason == "wrong_stage" and dismissal.career_stage:
            stages.add(dismissal.career_stage)
        if dismissal.reason == "wrong_organisation":
            types.update(dismissal.organisation_types)
    return Preferences(multipliers, frozenset(stages), frozenset(types))
