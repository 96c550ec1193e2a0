"""What people's answers say about the weights of the score: a proposal, never a change.

Of two people suggested to the same viewer, one welcomed and one dismissed, the score should put
the welcomed one first. Weights are fitted to that by logistic regression on pairs (Bradley and
Terry 1952; RankNet), drawn towards the weights in use, none against its sign, their sum kept. Each
viewer counts once, however many answers they gave. What is not corrected: people answer what they
were shown, and what stands first is seen first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize, minimize_scalar

from matching.scoring.terms import PRODUCT_TERMS, TERMS, UNIT, WEIGHTS

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

LEARNED = (*PRODUCT_TERMS, "novelty")
# What depends on other terms or on the market stays as it is.
GIVEN = tuple(term for term in TERMS if term not in LEARNED)
# The weights in use count as much as this many viewers.
PULL = 20.0
FEWEST_VIEWERS, FEWEST_PAIRS = 30, 300
FOLDS, RESAMPLES, SEED = 5, 200, 1
# How steeply a difference in scores turns into a preference: what is tried.
STEEPNESS = (0.1, 300.0)


@dataclass(frozen=True)
class Answers:
    """Answers to suggestions.

    viewers: int64 (n,), who answered; parts: int64 (n, terms) in units of 2**-30, the terms of the
    score as the viewer saw them; welcomed: bool (n,), contact wished or made, else dismissed.

    Raises:
        ValueError: the arrays do not have one row an answer.
    """

    viewers: Integers
    parts: Integers
    welcomed: NDArray[np.bool_]

    def __post_init__(self) -> None:
        count = len(self.viewers)
        if self.parts.shape != (count, len(TERMS)) or len(self.welcomed) != count:
            raise ValueError(f"{count} answers do not fit parts of shape {self.parts.shape}")


@dataclass(frozen=True)
class Proposal:
    """What the answers say, and how sure that is.

    weights: by term, those that are not learned unchanged. intervals: 95 %, by learned term, from
    viewers drawn again. agreement_now, agreement_then: share of pairs put in the right order by
    the weights in use and by weights learned from other viewers; gain: then minus now with its
    95 % interval. objections: codes, none when the proposal is worth a discussion.
    """

    weights: dict[str, float]
    intervals: dict[str, tuple[float, float]]
    answers: int
    viewers: int
    pairs: int
    agreement_now: float
    agreement_then: float
    gain: tuple[float, float, float]
    objections: tuple[str, ...]


@dataclass(frozen=True)
class Pairs:
    """Welcomed against dismissed people of the same viewer.

    features: float64 (p, learned), differences of the terms before weighting; offsets: float64
    (p,), of what is given; owners: int64 (p,), numbers of viewers; viewers: how many there are.
    """

    features: Floats
    offsets: Floats
    owners: Integers
    viewers: int

    def weighed(self, viewers: Floats) -> Floats:
        """Return the weight of each pair, given each viewer's; a viewer's pairs share it."""
        counts = np.bincount(self.owners, minlength=self.viewers)
        return viewers[self.owners] / counts[self.owners]


def propose(
    answers: Answers, weights: Mapping[str, float] = WEIGHTS, *, resamples: int = RESAMPLES
) -> Proposal:
    """Return the weights that agree best with the answers, and how sure that is.

    weights: those that the parts were made with; resamples: how often viewers are drawn again.
    """
    pairs = pairs_of(answers, weights)
    now = np.array([weights[term] for term in LEARNED])
    if not pairs.viewers:
        return nothing_learned(answers, weights)
    everybody = np.ones(pairs.viewers)
    learned = fit(pairs, now, everybody)
    before, after = held_out(pairs, now)
    gain = with_interval(after - before)
    objections = [
        *["few_answers"] * (pairs.viewers < FEWEST_VIEWERS or len(pairs.owners) < FEWEST_PAIRS),
        *["no_sure_gain"] * (gain[1] <= 0),
    ]
    return Proposal(
        weights=dict(weights) | dict(zip(LEARNED, learned.round(4).tolist(), strict=True)),
        intervals=intervals(pairs, now, resamples),
        answers=len(answers.viewers),
        viewers=pairs.viewers,
        pairs=len(pairs.owners),
        agreement_now=float(before.mean()),
        agreement_then=float(after.mean()),
        gain=gain,
        objections=tuple(objections),
    )


def nothing_learned(answers: Answers, weights: Mapping[str, float]) -> Proposal:
    """Return the weights in use: nobody both welcomed and dismissed somebody."""
    same = {term: (weights[term], weights[term]) for term in LEARNED}
    return Proposal(
        weights=dict(weights),
        intervals=same,
        answers=len(answers.viewers),
        viewers=0,
        pairs=0,
        agreement_now=0.0,
        agreement_then=0.0,
        gain=(0.0, 0.0, 0.0),
        objections=("few_answers",),
    )


def pairs_of(answers: Answers, weights: Mapping[str, float]) -> Pairs:
    """Return every welcomed person against every dismissed one, viewer by viewer."""
    columns = [TERMS.index(term) for term in LEARNED]
    scale = np.array([weights[term] for term in LEARNED]) * UNIT
    features = answers.parts[:, columns] / scale
    offsets = answers.parts[:, [TERMS.index(term) for term in GIVEN]].sum(axis=1) / UNIT
    better, worse, owners = [], [], []
    number = 0
    for viewer in np.unique(answers.viewers):
        mine = answers.viewers == viewer
        liked, others = (
            np.flatnonzero(mine & answers.welcomed),
            np.flatnonzero(mine & ~answers.welcomed),
        )
        if len(liked) and len(others):
            better.append(np.repeat(liked, len(others)))
            worse.append(np.tile(others, len(liked)))
            owners.append(np.full(len(liked) * len(others), number))
            number += 1
    one, other, owner = (
        np.concatenate([np.zeros(0, np.int64), *lists]) for lists in (better, worse, owners)
    )
    return Pairs(features[one] - features[other], offsets[one] - offsets[other], owner, number)


def fit(pairs: Pairs, now: Floats, viewers: Floats) -> Floats:
    """Return learned weights; viewers: float64, how much each counts."""
    shares = pairs.weighed(viewers)
    steep = steepness(pairs, now, shares)
    pull = PULL / 2

    def loss(weights: Floats) -> tuple[float, Floats]:
        leads = steep * (pairs.features @ weights + pairs.offsets)
        away = (weights - now) / now
        slope = -steep * (shares / (1 + np.exp(np.clip(leads, -500, 500)))) @ pairs.features
        value = shares @ np.logaddexp(0, -leads) + pull * away @ away
        return float(value), slope + 2 * pull * away / now

    positive = now > 0
    found = minimize(
        loss,
        now,
        jac=True,
        method="SLSQP",
        bounds=[(0.0, None) if sign else (None, 0.0) for sign in positive],
        constraints={
            "type": "eq",
            "fun": lambda weights: weights[positive].sum() - now[positive].sum(),
            "jac": lambda _weights: positive.astype(np.float64),
        },
    )
    learned: Floats = found.x if found.success else now
    return learned


def steepness(pairs: Pairs, now: Floats, shares: Floats) -> float:
    """Return how steeply scores by the weights in use turn into preferences."""
    leads = pairs.features @ now + pairs.offsets

    def loss(logarithm: float) -> float:
        return float(shares @ np.logaddexp(0, -np.exp(logarithm) * leads))

    low, high = np.log(STEEPNESS)
    return float(np.exp(minimize_scalar(loss, bounds=(low, high), method="bounded").x))


def agreement(pairs: Pairs, weights: Floats) -> Floats:
    """Return each viewer's share of pairs in the right order, a tie counting half."""
    leads = pairs.features @ weights + pairs.offsets
    right = (leads > 0) + 0.5 * (leads == 0)
    counts = np.bincount(pairs.owners, minlength=pairs.viewers)
    shares: Floats = np.bincount(pairs.owners, right, pairs.viewers) / counts
    return shares


def held_out(pairs: Pairs, now: Floats) -> tuple[Floats, Floats]:
    """Return each viewer's agreement with the weights in use, and with those of other viewers."""
    fold = np.random.default_rng(SEED).permutation(pairs.viewers) % FOLDS
    after = np.zeros(pairs.viewers)
    for number in range(min(FOLDS, pairs.viewers)):
        learned = fit(pairs, now, (fold != number).astype(np.float64))
        after[fold == number] = agreement(pairs, learned)[fold == number]
    return agreement(pairs, now), after


def intervals(pairs: Pairs, now: Floats, resamples: int) -> dict[str, tuple[float, float]]:
    """Return 95 % intervals of the learned weights, from viewers drawn again."""
    chance = np.random.default_rng(SEED)
    draws = chance.multinomial(pairs.viewers, [1 / pairs.viewers] * pairs.viewers, resamples)
    found = np.array([fit(pairs, now, draw.astype(np.float64)) for draw in draws])
    low, high = np.percentile(found, [2.5, 97.5], axis=0).round(4)
    return {term: (float(low[i]), float(high[i])) for i, term in enumerate(LEARNED)}


def with_interval(differences: Floats) -> tuple[float, float, float]:
    """Return a mean over viewers with its 95 % interval, from viewers drawn again."""
    count = len(differences)
    drawn = np.random.default_rng(SEED).integers(count, size=(1_000, count))
    low, high = np.percentile(differences[drawn].mean(axis=1), [2.5, 97.5])
    return float(differences.mean()), float(low), float(high)
