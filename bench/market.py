"""What prices do in a simulated two-sided market, with the portal's own ranking rule.

    python -m bench.market

400 people on one side, 300 on the other. How much i likes j is crowding times j's popularity plus
the rest times chance, both uniform. Everybody reads a list of ten and looks at the n-th with
probability 1/n; a match needs both to look at and to like each other. Tastes stand for what one
side seeks and the other offers; the rest of the score is equal for all. Five seeds, averages.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching.scoring.prices import prices
from matching.scoring.rescoring import balance
from matching.scoring.terms import UNIT, WEIGHTS

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
LEFT, RIGHT, SHOWN, SEEDS = 400, 300, 10, 5
CROWDING = (0.2, 0.5, 0.8)
FIGURES = ("matches", "gini", "coverage")


@dataclass(frozen=True)
class Market:
    """How much each side likes the other, float64 (400, 300): left row, right column."""

    left_likes: Floats
    right_likes: Floats


def market(crowding: float, seed: int) -> Market:
    """Return a market by chance."""
    chance = np.random.default_rng(seed)

    def likes(viewers: int, candidates: int) -> Floats:
        popularity, rest = chance.random(candidates), chance.random((viewers, candidates))
        found: Floats = crowding * popularity + (1 - crowding) * rest
        return found

    return Market(likes(LEFT, RIGHT), likes(RIGHT, LEFT).T)


def score_without_prices(taste: Market) -> tuple[Integers, Integers]:
    """Return the portal's score of every pair, and the part of it known to retrieval.

    int64 (400, 300) in units of 2**-30.
    """
    terms = {
        "seeking": as_term(taste.left_likes, "seeking"),
        "offering": as_term(taste.right_likes, "offering"),
    }
    retrieved = terms["seeking"] + terms["offering"]
    nothing = np.zeros_like(retrieved)
    return retrieved + balance(terms | {"topic": nothing, "area": nothing}), retrieved


def as_term(likes: Floats, term: str) -> Integers:
    """Return likings in [0, 1] as a weighted term."""
    return np.rint(likes * (WEIGHTS[term] * UNIT)).astype(np.int64)


def outcome(taste: Market, left_order: Floats, right_order: Floats) -> dict[str, float]:
    """Return expected matches, and inequality and coverage of exposure over both sides.

    left_order: what the left's lists are ordered by; right_order: the right's; both (400, 300).
    """
    left_looks, right_looks = looks(left_order), looks(right_order.T).T
    matches = (left_looks * right_looks * taste.left_likes * taste.right_likes).sum()
    exposures = (left_looks.sum(axis=0), right_looks.sum(axis=1))
    return {
        "matches": float(matches),
        "gini": float(np.mean([gini(exposure) for exposure in exposures])),
        "coverage": float(np.mean([(exposure > 0).mean() for exposure in exposures])),
    }


def looks(order: Floats) -> Floats:
    """Return the probability that each row's viewer looks at each column."""
    best = np.argsort(-order, axis=1, kind="stable")[:, :SHOWN]
    found = np.zeros(order.shape)
    np.put_along_axis(found, best, np.broadcast_to(1 / np.arange(1.0, SHOWN + 1), best.shape), 1)
    return found


def gini(values: Floats) -> float:
    """Return the Gini coefficient: 0 when all have the same, near 1 when one has everything."""
    ordered, count = np.sort(values), len(values)
    weights = 2 * np.arange(1, count + 1) - count - 1
    return float(weights @ ordered / (count * ordered.sum()))


def rankings(taste: Market) -> dict[str, dict[str, float]]:
    """Return the outcome of each rule in one market."""
    score, retrieved = score_without_prices(taste)
    rows, columns = (places.ravel() for places in np.indices(score.shape))
    places = (np.ones(LEFT, dtype=np.int64), np.ones(RIGHT, dtype=np.int64))
    of_left, of_right = prices(rows, columns, retrieved.ravel(), *places)
    return {
        "own taste only": outcome(taste, taste.left_likes, taste.right_likes),
        "portal without prices": outcome(taste, score / UNIT, score / UNIT),
        "portal": outcome(taste, (score + of_right) / UNIT, (score + of_left[:, None]) / UNIT),
    }


def market_report() -> dict[str, dict[str, dict[str, float]]]:
    """Return {crowding: {rule: figures}}, averages over the seeds."""
    report = {}
    for crowding in CROWDING:
        found = [rankings(market(crowding, seed)) for seed in range(SEEDS)]
        report[str(crowding)] = {
            rule: {name: float(np.mean([one[rule][name] for one in found])) for name in FIGURES}
            for rule in found[0]
        }
    return report


def gain(rules: dict[str, dict[str, float]]) -> float:
    """Return how many more matches prices bring, as a share."""
    return rules["portal"]["matches"] / rules["portal without prices"]["matches"] - 1


def print_report(report: dict[str, dict[str, dict[str, float]]]) -> None:
    """Print one line a rule and crowding."""
    print(f"{'market':10}{'rule':26}" + "".join(f"{name:>10}" for name in FIGURES))
    for crowding, rules in report.items():
        for rule, row in rules.items():
            figures = f"{row['matches']:10.0f}{row['gini']:10.2f}{row['coverage']:10.2f}"
            more = f"   {gain(rules):+.0%} matches by prices" if rule == "portal" else ""
            print(f"{crowding:10}{rule:26}{figures}{more}")


if __name__ == "__main__":
    sys.exit(print_report(market_report()))
