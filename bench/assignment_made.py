"""Invented calls: topics in fashion with applicants, others with reviewers, conflicts and quotas."""

from __future__ import annotations

import numpy as np

from funding.assignment import Flags, Floats, Group, Problem

TOPICS, SPREAD, NOISE = 24, 2.88, 0.1
# Of all pairs that are conflicts of interest, of reviewers in Europe, of reviewers who count as
# experts for an application, of reviewers who are applicants of the same call.
CONFLICTS, EUROPEANS, EXPERTS, APPLICANTS = 0.03, 0.55, 0.15, 0.2
DEMAND = 3


def made(reviewers: int, applications: int, seed: int, *, slack: float = 1.02) -> Problem:
    """Return a call with every rule; the same seed gives the same one.

    All loads together have `slack` times the room that is needed, rounded up by reviewer.
    """
    random = np.random.default_rng((seed, reviewers, applications))
    affinity = affinities(random, reviewers, applications)
    is_european = random.random(reviewers) < EUROPEANS
    experts = affinity > np.quantile(affinity, 1 - EXPERTS, axis=0)
    most = int(np.ceil(applications * DEMAND / reviewers * slack))
    return Problem(
        affinity=affinity,
        forbidden=random.random(affinity.shape) < CONFLICTS,
        demand=np.full(applications, DEMAND),
        least=np.ones(reviewers, dtype=np.int64),
        most=np.full(reviewers, most),
        groups=groups_of(is_european, experts),
        mutual=mutual_of(reviewers, applications),
        seed=seed,
    )


def affinities(random: np.random.Generator, reviewers: int, applications: int) -> Floats:
    """Return the likeness of topics, (reviewers, applications): few are near, most are far."""
    sides = []
    for count in (reviewers, applications):
        fashion = random.dirichlet(np.full(TOPICS, 0.7))
        topics = random.dirichlet(fashion * SPREAD + 1e-3, count) + 1e-9
        sides.append(topics / np.linalg.norm(topics, axis=1, keepdims=True))
    near = 0.85 * (sides[0] @ sides[1].T) ** 0.7
    noise = NOISE * random.random((reviewers, applications))
    return np.round(np.clip(near + noise, 0.0, 1.0), 6)


def groups_of(is_european: Flags, experts: Flags) -> tuple[Group, ...]:
    """Return that each application needs somebody of each region, and an expert."""
    one = np.ones(experts.shape[1], dtype=np.int64)
    return (
        Group("Europe", is_european, one),
        Group("Korea", ~is_european, one),
        Group("expert", experts, one),
    )


def mutual_of(
    reviewers: int, applications: int
) -> tuple[tuple[tuple[int, int], tuple[int, int]], ...]:
    """Return that no two of the reviewers who apply review each other."""
    both = range(min(int(reviewers * APPLICANTS), applications))
    return tuple(((one, other), (other, one)) for one in both for other in both if other < one)
