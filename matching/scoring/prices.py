"""What makes people who are in great demand not be suggested to everybody.

In a market with transferable utility and random tastes (Choo and Siow 2006; as a recommender:
Tomita, Togashi, Moriwaki 2022) the mass of matches between i and j is a_i b_j exp(Phi_ij / 2 beta),
where the roots of the unmatched masses, a_i and b_j, balance both sides' capacities:

    n_i = a_i**2 + sum over j of a_i b_j exp(Phi_ij / 2 beta), and the same for each j.

2 beta log b_j is the price that j's scarcity puts on every pair with j. It is solved by iterative
proportional fitting in the log domain (plain exponentials stop converging where beta is small),
and both marginals are checked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matching.scoring.terms import UNIT, WEIGHTS

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

# Randomness of tastes, in standard deviations of the pairs' values: less separates people more
# and converges more slowly (measured in bench/market.py). Nothing is told apart below LEAST_BETA.
BETA_SHARE, LEAST_BETA = 0.25, 1e-3
# Staying without a partner is worth a good pair: so many deviations above the mean.
ALONE = 1.0
# Of the capacity.
TOLERANCE = 1e-3
ROUNDS = 2_000
# Rounds of plain multiplications before the logarithms are taken in again, and how far they may go.
PLAIN_ROUNDS, LARGEST_FACTOR = 20, 1e100
LEAST_DEMAND = round(WEIGHTS["demand"] * UNIT)


class NotConverged(ArithmeticError):  # noqa: N818 - it is a finding, not a programming error
    """The prices do not balance the capacities; the message says by how much."""


@dataclass(frozen=True)
class Market:
    """Who can be matched with whom.

    rows, columns: int32 (e,), each pair once, row by row; log_mass: float64 (e,), Phi / 2 beta;
    row_capacity: float64 (n,), column_capacity: float64 (m,), all above 0. beta: in scores.
    """

    rows: NDArray[np.int32]
    columns: NDArray[np.int32]
    log_mass: Floats
    row_capacity: Floats
    column_capacity: Floats
    beta: float


def prices(
    left_rows: Integers,
    right_rows: Integers,
    values: Integers,
    left_capacity: Integers,
    right_capacity: Integers,
    *,
    beta: float | None = None,
    tolerance: float = TOLERANCE,
) -> tuple[Integers, Integers]:
    """Return everybody's price in units of 2**-30: int64 (n,) and int64 (m,), none above 0.

    left_rows, right_rows: int64 (e,), the pairs that can be suggested, in any order (a pair that
    stands twice counts once); values: int64 (e,), their scores without prices, in units of 2**-30;
    capacities: int64 (n,) and (m,), open partner places; who has none counts as having one. beta:
    in scores, by default a quarter of the deviation of the values. The least demanded have 0.

    Raises:
        NotConverged: a marginal is further off than the tolerance, relative to the capacity.
    """
    market = market_of(left_rows, right_rows, values, left_capacity, right_capacity, beta)
    if not len(market.rows):
        return np.zeros(len(left_capacity), np.int64), np.zeros(len(right_capacity), np.int64)
    log_a, log_b = balanced(market, tolerance)
    return as_prices(log_a, market.beta), as_prices(log_b, market.beta)


def market_of(
    left_rows: Integers,
    right_rows: Integers,
    values: Integers,
    left_capacity: Integers,
    right_capacity: Integers,
    beta: float | None,
) -> Market:
    """Return the pairs row by row, each once, with capacities of at least one."""
    keys = left_rows.astype(np.int64) * max(len(right_capacity), 1) + right_rows
    _keys, first = np.unique(keys, return_index=True)
    scores = values[first] / UNIT
    deviation = float(scores.std()) if len(scores) else 0.0
    width = max(BETA_SHARE * deviation, LEAST_BETA) if beta is None else beta
    alone = float(scores.mean()) + ALONE * deviation if len(scores) else 0.0
    return Market(
        left_rows[first].astype(np.int32),
        right_rows[first].astype(np.int32),
        (scores - alone) / (2 * width),
        np.maximum(left_capacity, 1).astype(np.float64),
        np.maximum(right_capacity, 1).astype(np.float64),
        width,
    )


def balanced(market: Market, tolerance: float) -> tuple[Floats, Floats]:
    """Return log a, float64 (n,), and log b, float64 (m,), that balance both sides.

    Raises:
        NotConverged: they do not after ROUNDS rounds.
    """
    best = np.full(len(market.row_capacity), -np.inf)
    np.maximum.at(best, market.rows, market.log_mass)
    log_a = np.log(market.row_capacity) / 2 - np.where(np.isfinite(best), np.maximum(best, 0), 0)
    log_b = np.log(market.column_capacity) / 2
    error = np.inf
    for _round in range(0, ROUNDS, PLAIN_ROUNDS):
        log_a, log_b = plain_rounds(market, log_a, log_b)
        error = largest_error(market, log_a, log_b)
        if error <= tolerance:
            return log_a, log_b
    raise NotConverged(f"After {ROUNDS} rounds a marginal is off by {error:.2g} of its capacity")


def plain_rounds(market: Market, log_a: Floats, log_b: Floats) -> tuple[Floats, Floats]:
    """Return both sides after some rounds of fitting.

    Inside, factors multiply the masses of the beginning, so a round is two sparse products.
    """
    masses = matched(market, log_a, log_b)
    row_factor, column_factor = np.ones(len(log_a)), np.ones(len(log_b))
    own_rows = market.row_capacity * np.exp(2 * log_a)
    own_columns = market.column_capacity * np.exp(2 * log_b)
    for _round in range(PLAIN_ROUNDS):
        row_factor = fitted(masses @ column_factor, own_rows, market.row_capacity)
        column_factor = fitted(masses.T @ row_factor, own_columns, market.column_capacity)
        if max(row_factor.max(), column_factor.max()) > LARGEST_FACTOR:
            break
    return log_a + np.log(row_factor), log_b + np.log(column_factor)


def fitted(reached: Floats, own: Floats, capacity: Floats) -> Floats:
    """Return the factor that solves factor**2 own / capacity + factor reached = capacity."""
    half = reached / 2
    factor: Floats = capacity / (np.sqrt(own + half * half) + half)
    return factor


def matched(market: Market, log_a: Floats, log_b: Floats) -> Any:
    """Return the mass of matches of every pair, a sparse matrix (n, m)."""
    from scipy.sparse import csr_matrix  # noqa: PLC0415 - only a run needs it

    data = np.exp(market.log_mass + log_a[market.rows] + log_b[market.columns])
    starts = np.searchsorted(market.rows, np.arange(len(log_a) + 1))
    return csr_matrix((data, market.columns, starts), shape=(len(log_a), len(log_b)))


def largest_error(market: Market, log_a: Floats, log_b: Floats) -> float:
    """Return how far the worst marginal of both sides is off, relative to its capacity."""
    masses = matched(market, log_a, log_b)
    rows = np.exp(2 * log_a) + masses @ np.ones(len(log_b))
    columns = np.exp(2 * log_b) + masses.T @ np.ones(len(log_a))
    errors = (rows / market.row_capacity - 1, columns / market.column_capacity - 1)
    return float(max(np.abs(side).max() for side in errors))


def as_prices(logs: Floats, beta: float) -> Integers:
    """Return 2 beta log against the least demanded, in units of 2**-30, never below the limit."""
    relative = np.rint((logs - logs.max()) * (2 * beta * UNIT))
    return np.maximum(relative, LEAST_DEMAND).astype(np.int64)
