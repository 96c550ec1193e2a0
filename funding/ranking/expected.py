"""Expected ranks: what votes say of the order, and how sure they are of it.

The model is that of the Swiss National Science Foundation (Heyard, Ott, Salanti, Egger: Rethinking
the funding line, Statistics and Public Policy 9, 2022; their package ERforResearch): a vote is a
mean, the proposal, the panel if there are several, the reviewer within the panel, and noise. The
expected rank is the mean over posterior draws of the rank. Unlike there, the variance of reviewers
is learned, not fixed at half a mark, and the noise is not split into two that no vote can tell apart.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from funding.ranking.convergence import effective, r_hat
from funding.ranking.sampler import CHAINS, Design, Sampler, design_of
from funding.ranking.votes import Floats, Ints, Votes

# Sweeps before the first draw, and sweeps a draw: more only where chains do not agree yet.
WARM_UP = 300
THINNING = (1, 2, 6, 24)
AGREED, ENOUGH = 1.01, 400
QUANTILES = (0.25, 0.75, 0.05, 0.95)


@dataclass(frozen=True)
class Shares:
    """Which part of the votes' variance each source has: posterior means that add up to 1.

    Panel and reviewer are 0 without correction; panel is 0 where there is one.
    """

    proposal: float
    panel: float
    reviewer: float
    residual: float


@dataclass(frozen=True)
class Convergence:
    """The worst split R-hat and effective number of draws of any rank or variance."""

    r_hat: float
    effective: float
    draws: int
    sweeps: int

    @property
    def is_reached(self) -> bool:
        """Whether chains agree well enough to be used."""
        # The largest R-hat of hundreds of independent chains of few draws is above 1 by chance:
        # 1 plus half of a high quantile of chi-square(7) / 7, over the draws of half a chain.
        agreed = max(AGREED, 1 + 2 * 2 * CHAINS / self.draws)
        return self.r_hat <= agreed and self.effective >= min(ENOUGH, self.draws / 4)


@dataclass(frozen=True)
class Ranks:
    """What is known of each proposal, (n,), by its number; rank 1 is the best.

    Intervals are of the rank, int64, both ends within. `mean`, `median` and `spread` (the standard
    deviation with n - 1; 0 for one vote) are those of its votes as they were cast; `corrected` is
    the score that it would have from average reviewers, drawn towards the mean of all.
    `judges` names (panel, reviewer) rows (m, 2); `severity` how much above others each scores.
    """

    expected: Floats
    low50: Ints
    high50: Ints
    low90: Ints
    high90: Ints
    mean: Floats
    median: Floats
    spread: Floats
    corrected: Floats
    judges: Ints
    severity: Floats
    shares: Shares
    convergence: Convergence


@dataclass(frozen=True)
class _Chain:
    """Draws: proposals (chains, draws, n), variances (chains, draws, 4), means of severity (m,)."""

    proposals: Floats
    variances: Floats
    severity: Floats
    level: float


def expected_ranks(votes: Votes, *, seed: int, draws: int = 4000, correct_severity: bool) -> Ranks:
    """Return expected ranks with 50 and 90 per cent intervals; the same for the same seed.

    draws: posterior draws of all four chains together, at least 400. Chains run on, up to 24 sweeps
    a draw, until they agree; look at `convergence` whether they did. Without correction all
    reviewers are taken to be equally severe. Raises ValueError for too few draws.
    """
    if draws < 100 * CHAINS:
        raise ValueError(f"at least {100 * CHAINS} draws")
    design, mean, spread = design_of(votes)
    sampler = Sampler(design, seed, correct_severity=correct_severity)
    for _sweep in range(WARM_UP):
        sampler.sweep()
    count, sweeps = -(-draws // CHAINS), WARM_UP
    for thinning in THINNING:
        chain = _run(sampler, count, thinning)
        ranks = ranked(chain.proposals)
        sweeps += count * thinning
        convergence = _convergence(ranks, chain, sweeps)
        if convergence.is_reached:
            break
    return _summary(votes, chain, ranks, (mean, spread), convergence)


def _run(sampler: Sampler, count: int, thinning: int) -> _Chain:
    """Draw so many times from each chain."""
    design: Design = sampler.design
    proposals = np.empty((CHAINS, count, len(design.counts)))
    variances = np.empty((CHAINS, count, 4))
    severity, level = np.zeros(len(design.judge_counts)), 0.0
    for place in range(count):
        for _sweep in range(thinning):
            sampler.sweep()
        proposals[:, place] = sampler.proposals.values.T
        variances[:, place] = _variances(sampler).T
        severity += sampler.severity.mean(axis=1)
        level += float(sampler.mean.mean())
    return _Chain(proposals, variances, severity / count, level / count)


def _variances(sampler: Sampler) -> Floats:
    """Return the variances of proposals, panels, judges and noise, (4, chains)."""
    nothing = np.zeros(CHAINS)
    judges = sampler.judges.variance if sampler.correct_severity else nothing
    panels = sampler.panels.variance if sampler.has_panels else nothing
    return np.stack((sampler.proposals.variance, panels, judges, sampler.noise))


def ranked(values: Floats) -> Floats:
    """Return the rank of each value along the last axis, the highest first, 1 to n."""
    order = np.argsort(-values, axis=-1, kind="stable")
    ranks = np.empty_like(values)
    places = np.broadcast_to(np.arange(1.0, values.shape[-1] + 1), values.shape)
    np.put_along_axis(ranks, order, places, axis=-1)
    return ranks


def _convergence(ranks: Floats, chain: _Chain, sweeps: int) -> Convergence:
    """Return how well the chains agree on ranks, and on standard deviations."""
    moving = chain.variances.any(axis=(0, 1))
    watched = (ranks, np.sqrt(chain.variances[..., moving]))
    return Convergence(
        r_hat=float(max(r_hat(draws).max() for draws in watched)),
        effective=float(min(effective(draws).min() for draws in watched)),
        draws=ranks.shape[0] * ranks.shape[1],
        sweeps=sweeps,
    )


def _summary(
    votes: Votes,
    chain: _Chain,
    ranks: Floats,
    scale: tuple[float, float],
    convergence: Convergence,
) -> Ranks:
    mean, spread = scale
    flat = ranks.reshape(-1, ranks.shape[-1])
    low50, high50, low90, high90 = np.quantile(
        flat, QUANTILES, axis=0, method="inverted_cdf"
    ).astype(np.int64)
    cast = votes.by_proposal()
    level = chain.level + chain.proposals.mean(axis=(0, 1))
    parts = chain.variances / chain.variances.sum(axis=-1, keepdims=True)
    return Ranks(
        expected=flat.mean(axis=0),
        low50=low50,
        high50=high50,
        low90=low90,
        high90=high90,
        mean=np.array([scores.mean() for scores in cast]),
        median=np.array([np.median(scores) for scores in cast]),
        spread=np.array([scores.std(ddof=1) if len(scores) > 1 else 0.0 for scores in cast]),
        corrected=mean + spread * level,
        judges=votes.judges[0],
        severity=spread * chain.severity,
        shares=Shares(*(float(part) for part in parts.mean(axis=(0, 1)))),
        convergence=convergence,
    )
