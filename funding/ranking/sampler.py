"""A Gibbs sampler for votes = mean + proposal + panel + reviewer within panel + noise, all normal.

Four chains move side by side, one column each. Scores are in standard deviations of all scores,
so that priors mean the same on every scale: half-Cauchy with scale 1 for every standard deviation
(Gelman: Prior distributions for variance parameters, Bayesian Analysis 1, 2006), flat for the mean.

Chains of crossed effects creep when sums of effects may be traded for each other. What prevents it:
the mean is drawn together with the effects (Papaspiliopoulos, Roberts, Zanella: Scalable inference
for crossed random effects models, Biometrika 107, 2020), panels are drawn before their reviewers,
what connected proposals and their panels could trade is moved in one step, and effects are a scale
times a shape (Gelman, van Dyk, Huang, Boscardin: Using redundant parameterizations, JCGS 17, 2008).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components
from scipy.special import gammainc, gammaincinv

from funding.ranking.votes import Floats, Ints, Votes

CHAINS = 4


@dataclass(frozen=True)
class Design:
    """What does not change: counts and sums of standardised votes; n proposals, m judges, p panels.

    A judge is a reviewer within a panel.
    """

    votes: int
    squares: float
    # The variance that rounding to marks makes alone: no noise is smaller.
    rounding: float
    # Shapes: (n, 1) of proposals, (m, 1) of judges.
    counts: Floats
    sums: Floats
    judge_counts: Floats
    judge_sums: Floats
    # Sparse (n, m): votes of each judge on each proposal; (m, n): the same, transposed.
    pairs: Any
    pairs_across: Any
    # (p, m): 1 where a judge belongs to a panel. (m,): the panel of each.
    members: Floats
    panel_of: Ints
    # What shares no vote with another part: proposals, and judges, or panels if there are several.
    parts: Groups
    judging_parts: Groups


@dataclass(frozen=True)
class Groups:
    """Which group each belongs to, and how many belong to each, (groups, 1)."""

    group_of: Ints
    sizes: Floats

    def sums(self, values: Floats) -> Floats:
        """Return the sum of each group in each chain, (groups, chains)."""
        if len(self.sizes) == 1:
            return values.sum(axis=0, keepdims=True)
        return np.stack([np.bincount(self.group_of, one, len(self.sizes)) for one in values.T], 1)


def design_of(votes: Votes) -> tuple[Design, float, float]:
    """Return the design, and mean and standard deviation that scores were standardised by."""
    mean, spread = float(votes.score.mean()), float(votes.score.std()) or 1.0
    scores = (votes.score - mean) / spread
    rows, judge = votes.judges
    ones = np.ones(len(scores))
    pairs = sparse.csr_array((ones, (votes.proposal, judge)), (votes.proposals, len(rows)))
    panels, found = np.unique(rows[:, 0], return_inverse=True)
    panel_of = found.reshape(-1)
    members = np.eye(len(panels))[:, panel_of]
    parts, judging_parts = _parts(pairs, members)
    design = Design(
        votes=len(scores),
        squares=float(scores @ scores),
        rounding=_step(votes.score) ** 2 / 12 / spread**2,
        counts=np.bincount(votes.proposal).astype(float)[:, None],
        sums=np.bincount(votes.proposal, scores).astype(float)[:, None],
        judge_counts=np.bincount(judge).astype(float)[:, None],
        judge_sums=np.bincount(judge, scores).astype(float)[:, None],
        pairs=pairs,
        pairs_across=sparse.csr_array(pairs.T),
        members=members,
        panel_of=panel_of,
        parts=parts,
        judging_parts=judging_parts,
    )
    return design, mean, spread


def _step(scores: Floats) -> float:
    """Return the smallest difference between two scores; 1 if there is none."""
    gaps = np.diff(np.unique(scores))
    return float(gaps.min()) if len(gaps) else 1.0


def _parts(pairs: Any, members: Floats) -> tuple[Groups, Groups]:
    """Return which proposals and which judges, or panels if there are several, hang together."""
    links = pairs if len(members) == 1 else sparse.csr_array(pairs @ members.T)
    graph = sparse.block_array([[None, links], [links.T, None]])
    count, label = connected_components(graph, directed=False)
    proposals = pairs.shape[0]
    return _groups(label[:proposals], count), _groups(label[proposals:], count)


def _groups(group_of: Ints, count: int) -> Groups:
    return Groups(group_of, np.bincount(group_of, minlength=count).astype(float)[:, None])


class Effects:
    """Effects of one kind in all chains, (count, chains): a scale times a shape of some size."""

    def __init__(self, random: np.random.Generator, count: int) -> None:
        """Begin anywhere, each chain elsewhere."""
        self.scale = np.ones(CHAINS)
        self.sizes = np.exp(random.uniform(-3, 1, CHAINS))
        self.values: Floats = random.standard_normal((count, CHAINS)) * np.sqrt(self.sizes)

    @property
    def variance(self) -> Floats:
        """The variance of the effects, (chains,)."""
        found: Floats = self.scale**2 * self.sizes
        return found

    def draw(self, random: np.random.Generator, counts: Any, sums: Floats, noise: Floats) -> None:
        """Draw the effects, given sums of what votes leave for them and the noise's variance."""
        precision = counts / noise + 1 / self.variance
        self.values = normal(random, sums / noise, precision)

    def rescale(
        self, random: np.random.Generator, counts: Any, sums: Floats, noise: Floats
    ) -> None:
        """Draw the scale given the shape and the votes, then the size given the shape."""
        shape = self.values / self.scale
        precision = 1 + (counts * shape**2).sum(axis=0) / noise
        self.scale = normal(random, (shape * sums).sum(axis=0) / noise, precision)
        self.values = self.scale * shape
        rates = (1 + (shape**2).sum(axis=0)) / 2
        self.sizes = rates / random.standard_gamma((1 + len(shape)) / 2, CHAINS)


def normal(random: np.random.Generator, pull: Floats, precision: Floats) -> Floats:
    """Draw from normals of mean pull / precision and variance 1 / precision."""
    found: Floats = pull / precision + random.standard_normal(pull.shape) / np.sqrt(precision)
    return found


class Sampler:
    """Four chains over one design; without correction the effects of judges and panels stay 0."""

    def __init__(self, design: Design, seed: int, *, correct_severity: bool) -> None:
        """Begin at places that lie far apart."""
        self.random = np.random.default_rng(seed)
        self.design = design
        self.correct_severity = correct_severity
        self.mean = self.random.standard_normal(CHAINS)
        self.noise = np.exp(self.random.uniform(-3, 1, CHAINS)) + design.rounding
        self.proposals = Effects(self.random, len(design.counts))
        self.judges = Effects(self.random, len(design.judge_counts))
        self.panels = Effects(self.random, len(design.members))
        if not correct_severity:
            self.judges.values = np.zeros_like(self.judges.values)
        # What the votes on each proposal have of severity, (n, chains).
        self.across = design.pairs @ self.severity

    @property
    def has_panels(self) -> bool:
        """Whether panels have effects of their own."""
        return self.correct_severity and len(self.design.members) > 1

    @property
    def of_panels(self) -> Floats | float:
        """The effect of each judge's panel, (m, chains)."""
        return self.panels.values[self.design.panel_of] if self.has_panels else 0.0

    @property
    def severity(self) -> Floats:
        """How much above or below others each judge scores, panel included, (m, chains)."""
        return self.judges.values + self.of_panels

    def sweep(self) -> None:
        """Draw everything once."""
        design = self.design
        left = design.sums - self.across
        self._draw_mean(left, design.counts, self.proposals.variance)
        self.proposals.draw(
            self.random, design.counts, left - design.counts * self.mean, self.noise
        )
        if self.correct_severity:
            self._sweep_judges()
        self._rescale_proposals()

    def _draw_mean(self, left: Floats, counts: Floats, variance: Floats) -> None:
        """Draw the mean, whatever effects of this variance are, from what votes leave for both."""
        weights = 1 / (counts * variance + self.noise)
        self.mean = normal(
            self.random, (weights * left).sum(axis=0), (weights * counts).sum(axis=0)
        )

    def _sweep_judges(self) -> None:
        design, random = self.design, self.random
        left = design.judge_sums - design.pairs_across @ self.proposals.values
        counts = design.judge_counts
        self._draw_mean(left - counts * self.of_panels, counts, self.judges.variance)
        if self.has_panels:
            self._draw_panels(left - counts * self.mean)
        sums = left - counts * (self.mean + self.of_panels)
        self.judges.draw(random, counts, sums, self.noise)
        self.judges.rescale(random, counts, sums, self.noise)
        if self.has_panels:
            self._trade_mean()
            sums = left - counts * (self.mean + self.judges.values)
            members = design.members
            self.panels.rescale(random, members @ counts, members @ sums, self.noise)
        self._trade_parts()
        if self.has_panels and len(design.parts.sizes) == len(self.panels.values):
            self._trade_scale()

    def _draw_panels(self, left: Floats) -> None:
        """Draw panels, whatever their judges' own effects are."""
        counts, members = self.design.judge_counts, self.design.members
        weights = 1 / (counts * self.judges.variance + self.noise)
        precision = members @ (weights * counts) + 1 / self.panels.variance
        self.panels.values = normal(self.random, members @ (weights * left), precision)

    def _trade_mean(self) -> None:
        """Move the mean up and all panels down by the same: no vote changes."""
        panels = self.panels
        precision = len(panels.values) / panels.variance
        by = normal(self.random, panels.values.sum(axis=0) / panels.variance, precision)
        panels.values = panels.values - by
        self.mean = self.mean + by

    def _trade_parts(self) -> None:
        """Move proposals that hang together up, and their judges or panels down, by the same."""
        parts, judging = self.design.parts, self.design.judging_parts
        other = self.panels if self.has_panels else self.judges
        own = self.proposals
        pull = judging.sums(other.values) / other.variance - parts.sums(own.values) / own.variance
        by = normal(self.random, pull, parts.sizes / own.variance + judging.sizes / other.variance)
        own.values = own.values + by[parts.group_of]
        other.values = other.values - by[judging.group_of]

    def _trade_scale(self) -> None:
        """Draw the scale of panels that share no proposal, and let proposals make up for it."""
        own, panels, design = self.proposals, self.panels, self.design
        shape, part_of = panels.values / panels.scale, design.judging_parts.group_of
        sums, sizes = design.parts.sums(own.values)[part_of], design.parts.sizes[part_of]
        pull = (shape * sums).sum(axis=0) / own.variance - panels.scale
        by = normal(self.random, pull, 1 + (sizes * shape**2).sum(axis=0) / own.variance)
        panels.scale = panels.scale + by
        panels.values = panels.scale * shape
        moved = np.empty_like(shape)
        moved[part_of] = by * shape
        own.values = own.values - moved[design.parts.group_of]

    def _rescale_proposals(self) -> None:
        """Draw the scale of proposals and the noise."""
        design, counts = self.design, self.design.counts
        severity = self.severity
        if self.correct_severity:
            self.across = design.pairs @ severity
        left = design.sums - counts * self.mean - self.across
        self.proposals.rescale(self.random, counts, left, self.noise)
        own = self.proposals.values
        # The sum of squares of what is left of the votes, without a loop over votes.
        judges = (severity * (2 * design.judge_sums - design.judge_counts * severity)).sum(axis=0)
        level = self.mean * (
            2 * (design.sums.sum() - self.across.sum(axis=0)) - design.votes * self.mean
        )
        rest = design.squares - judges - level - (own * (2 * left - counts * own)).sum(axis=0)
        self._draw_noise(np.maximum(rest, 0))

    def _draw_noise(self, squares: Floats) -> None:
        """Draw the noise's variance: half-Cauchy as two inverse gammas, not below rounding."""
        odds = (1 + 1 / self.noise) / self.random.standard_exponential(CHAINS)
        rates = squares / 2 + 1 / odds
        shape = (self.design.votes + 1) / 2
        highest = gammainc(shape, rates / self.design.rounding)
        drawn = gammaincinv(shape, highest * self.random.random(CHAINS))
        with np.errstate(divide="ignore"):
            self.noise = np.maximum(rates / drawn, self.design.rounding)
