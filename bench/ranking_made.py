"""Invented votes of which the truth is known, and the plain rules that rank them too."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

from funding.ranking import Ranks, Votes

Floats = NDArray[np.float64]
PROPOSALS, VOTES = 400, 3000
# Reviewers, panels, and how much reviewers differ; marks from 0 to 5 in halves.
CASES = {
    "one panel, 100 reviewers": (100, 1, 0.5),
    "one panel, 400 reviewers": (400, 1, 0.5),
    "10 panels of 12": (120, 10, 0.5),
    "one panel, all equally severe": (100, 1, 0.0),
}
QUALITY, NOISE, MIDDLE, TRIMMED = 0.7, 0.7, 3.0, 0.2


@dataclass(frozen=True)
class Made:
    """Votes, and the true quality of each proposal."""

    votes: Votes
    quality: Floats

    def covered(self, ranks: Ranks) -> float:
        """Return which share of true ranks lies inside the 90 per cent intervals."""
        true = 1 + (self.quality[None] > self.quality[:, None]).sum(axis=1)
        return float(((ranks.low90 <= true) & (true <= ranks.high90)).mean())

    def agreement(self, raw: Ranks, corrected: Ranks) -> dict[str, float]:
        """Return the rank correlation of each rule's order with the truth."""
        rules = {
            "corrected": -corrected.expected,
            "uncorrected": -raw.expected,
            "mean": raw.mean,
            "median": raw.median,
            "trimmed mean": np.array([trimmed(scores) for scores in self.votes.by_proposal()]),
        }
        return {name: correlation(order, self.quality) for name, order in rules.items()}


def correlation(one: Floats, other: Floats) -> float:
    """Return Spearman's rank correlation."""
    return float(spearmanr(one, other).statistic)


def trimmed(scores: Floats) -> float:
    """Return the mean without a fifth of the votes at each end."""
    cut = int(TRIMMED * len(scores))
    return float(np.sort(scores)[cut : len(scores) - cut].mean())


def made(name: str, seed: int) -> Made:
    """Return a case by its name: proposals and reviewers are dealt to panels in turn."""
    reviewers, panels, severity = CASES[name]
    chance = np.random.default_rng(seed)
    quality = chance.normal(0, QUALITY, PROPOSALS)
    leaning = chance.normal(0, severity, reviewers) if severity else np.zeros(reviewers)
    proposal = np.arange(VOTES) % PROPOSALS
    chosen = [
        chance.permutation(np.arange(one % panels, reviewers, panels)) for one in range(PROPOSALS)
    ]
    reviewer = np.array(
        [
            chosen[one][turn]
            for one, turn in zip(proposal, np.arange(VOTES) // PROPOSALS, strict=True)
        ]
    )
    exact = MIDDLE + quality[proposal] + leaning[reviewer] + chance.normal(0, NOISE, VOTES)
    score = np.clip(np.round(2 * exact) / 2, 0, 5)
    return Made(Votes(proposal % panels, proposal, reviewer, score), quality)
