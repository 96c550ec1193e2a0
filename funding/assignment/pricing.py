"""Prices of applications, reviewers and quotas, and what a pair is worth after them."""

from __future__ import annotations

import numpy as np

from funding.assignment.model import Rows, open_pairs
from funding.assignment.problem import Flags, Floats, Problem, members_of, pinned_pairs

# How often a guess at the prices is corrected.
TURNS = 60
# Less than any worth or loss.
NEVER = -1e12


def guessed(problem: Problem, worth: Floats) -> Floats:
    """Return the worth of each pair less a guess at what its reviewer's time costs.

    Each application asks for those who suit it best, the price of whoever is asked too often
    rises, and again, in ever smaller steps: without it a program would start with the few
    reviewers whom all want. Pairs that cannot be are worth NEVER.
    """
    shown = np.where(open_pairs(problem), worth, NEVER)
    prices, step = np.zeros(len(worth)), float(worth.max(initial=0.0)) / 4
    count = min(len(worth), int(problem.demand.max(initial=1)))
    for turn in range(TURNS if count else 0):
        left = shown - prices[:, None]
        asked = np.argpartition(-left, count - 1, axis=0)[:count]
        loads = np.bincount(asked.ravel(), minlength=len(worth))
        over = np.clip((loads - problem.most) / np.maximum(problem.most, 1), -1.0, 1.0)
        prices = np.maximum(prices + step * over / (1 + turn / 8), 0.0)
    return shown - prices[:, None]


def start_of(problem: Problem, shown: Floats, count: int) -> Flags:
    """Return the best pairs of each application, of each reviewer, and of each quota."""
    own = np.where(open_pairs(problem), shown - shown.max(axis=0, initial=NEVER), NEVER)
    chosen = best_of(shown, count) | best_of(own.T, count).T | pinned_pairs(problem)
    for group in problem.groups:
        chosen |= best_of(np.where(members_of(problem, group), shown, NEVER), count // 2)
    return chosen


def best_of(values: Floats, count: int, above: float = NEVER / 2) -> Flags:
    """Return the `count` highest of each column that are higher than `above`."""
    count = min(count, len(values))
    chosen = np.zeros(values.shape, dtype=np.bool_)
    if count:
        rows = np.argpartition(-values, count - 1, axis=0)[:count]
        np.put_along_axis(chosen, rows, values=True, axis=0)
    return chosen & (values > above)


def losses_of(problem: Problem, gain: Floats, worth: Floats, prices: list[Floats]) -> Floats:
    """Return what each pair takes off the bound at these prices, (reviewers, applications)."""
    demand, load, *others = prices
    losses: Floats = -gain - demand[None, :] - load[:, None]
    for group, price in zip(problem.groups, others, strict=False):
        losses -= price[None, :] * members_of(problem, group)
    mutual, *worst = others[len(problem.groups) :]
    for price, both in zip(mutual.tolist(), problem.mutual, strict=True):
        for pair in both:
            losses[pair] -= price
    return losses - worst[0][None, :] * worth if worst else losses


def bound_of(
    problem: Problem, blocks: list[Rows], prices: list[Floats], losses: Floats, most: Floats
) -> float:
    """Return a total that nothing exceeds: true at any prices, best at the solver's."""
    cost = 0.0
    for rows, price in zip(blocks, prices, strict=True):
        # A price of the wrong sign would count on a limit that is not there.
        ends = np.where(price > 0, rows.low, rows.high)
        cost += float((price * np.where(np.isfinite(ends), ends, 0.0)).sum())
    pinned = pinned_pairs(problem)
    free = open_pairs(problem) & ~pinned
    cost += float(losses[pinned].sum())
    return -(cost + float(np.minimum(losses[free] * most[free], 0.0).sum()))
