"""How good a schedule can be at most: linear programs, and duals that prove it in integers.

The bound is Lagrange's. For any prices of the rows, none below zero, no schedule is worth more
than the prices of all limits and, for every wish, its best option after paying. Prices are
rounded to integers first and the sum is exact, so no tolerance of a solver can make it wrong.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import gcd

import numpy as np
from numpy.typing import NDArray
from ortools.pdlp import solvers_pb2
from ortools.pdlp.python import pdlp
from scipy import optimize, sparse

from events.scheduling.model import Model, model_of
from events.scheduling.problem import Problem

Floats = NDArray[np.float64]

# Prices are kept in units of 1 / SCALE of a weight.
SCALE = 1 << 20
# Options up to which the exact method is the faster one.
FEW_OPTIONS = 6_000
# What a choice costs: every value of the bound is proved, a closer one takes longer.
QUICK, CLOSE = 1e-5, 1e-7
# No row is worth more than so many times what a person below the floor costs: prices that a solver
# gives beyond that are its errors, and their sums would leave 64 bits.
HIGHEST_PRICE = 4
# The share from which the relaxation has a wish in question.
IN_QUESTION = 0.02


@dataclass(frozen=True)
class Relaxation:
    """What is known of the best schedule from prices."""

    # (options,): the share of each option.
    shares: Floats
    # (rows,): price of one more unit of each limit.
    prices: Floats
    # Units of 1 / SCALE: value less penalties of no schedule is above.
    scaled_bound: int
    unit: int
    penalty: int

    def bound(self, below_floor: int) -> int:
        """Return what no schedule with at most so many people below the floor exceeds."""
        whole = self.scaled_bound // SCALE + self.penalty * below_floor
        return whole // self.unit * self.unit


def upper_bound(problem: Problem) -> int:
    """Return a value that no schedule exceeds, leaving floor and pins aside: for "what if?"."""
    return relax(model_of(replace(problem, floor=0))).bound(0)


def relax(
    model: Model, *, seconds: float = 60.0, closeness: float = QUICK, exact: bool | None = None
) -> Relaxation:
    """Solve the relaxation of a model, and prove a bound by its prices.

    exact: by the simplex method; by default for few options. closeness: relative, of the other
    method, which is the only one that is stopped by `seconds`.
    """
    if not model.size:
        return proved(model, np.zeros(0), np.zeros(len(model.limits)))
    if model.size <= FEW_OPTIONS if exact is None else exact:
        shares, prices = by_simplex(model)
    else:
        shares, prices = by_gradients(model, seconds, closeness)
    return proved(model, shares, prices)


def costs_of(model: Model) -> Floats:
    """Return what each column costs when minimising."""
    penalties = np.full(len(model.floored), model.penalty)
    return np.concatenate((-model.weights, penalties)).astype(np.float64)


def wish_rows(model: Model) -> sparse.csr_matrix:
    """Return one row a wish: its options, (wishes, columns)."""
    ones = np.ones(model.size, dtype=np.int64)
    shape = (model.options.shape[0], model.size + len(model.floored))
    return sparse.csr_matrix((ones, (model.wish, np.arange(model.size))), shape=shape)


def by_simplex(model: Model) -> tuple[Floats, Floats]:
    """Return shares and prices of an exact optimum, by HiGHS."""
    wishes = wish_rows(model)
    found = optimize.linprog(
        costs_of(model),
        A_ub=sparse.vstack((model.rows, wishes[~model.must])),
        b_ub=np.concatenate((model.limits, np.ones(int((~model.must).sum())))),
        A_eq=wishes[model.must] if model.must.any() else None,
        b_eq=np.ones(int(model.must.sum())) if model.must.any() else None,
        bounds=(0, 1),
        method="highs",
    )
    if found.x is None:
        return np.zeros(model.size), np.zeros(len(model.limits))
    return found.x[: model.size], -found.ineqlin.marginals[: len(model.limits)]


def by_gradients(model: Model, seconds: float, closeness: float) -> tuple[Floats, Floats]:
    """Return shares and prices near an optimum, by the primal-dual hybrid gradient method."""
    program = pdlp.QuadraticProgram()
    wishes, columns = wish_rows(model), model.size + len(model.floored)
    rows = sparse.vstack((model.rows, wishes)).astype(np.float64).tocsc()
    program.resize_and_initialize(columns, rows.shape[0])
    program.objective_vector = costs_of(model)
    program.constraint_matrix = rows
    lowest = np.full(rows.shape[0], -np.inf)
    lowest[len(model.limits) :][model.must] = 1
    program.constraint_lower_bounds = lowest
    program.constraint_upper_bounds = np.concatenate((model.limits, np.ones(len(model.must))))
    program.variable_lower_bounds = np.zeros(columns)
    program.variable_upper_bounds = np.ones(columns)
    found = pdlp.primal_dual_hybrid_gradient(program, gradient_settings(seconds, closeness))
    shares = np.clip(found.primal_solution[: model.size], 0, 1)
    return shares, -found.dual_solution[: len(model.limits)]


def gradient_settings(
    seconds: float, closeness: float
) -> solvers_pb2.PrimalDualHybridGradientParams:
    """Return one thread's settings, the same result each time unless the clock ends it."""
    settings = solvers_pb2.PrimalDualHybridGradientParams()
    criteria = settings.termination_criteria
    criteria.simple_optimality_criteria.eps_optimal_absolute = closeness
    criteria.simple_optimality_criteria.eps_optimal_relative = closeness
    criteria.time_sec_limit = max(0.1, seconds)
    settings.num_threads = 1
    return settings


def proved(model: Model, shares: Floats, prices: Floats) -> Relaxation:
    """Return the relaxation with the bound that follows from rounded prices."""
    highest = HIGHEST_PRICE * model.penalty
    whole = np.rint(np.clip(np.nan_to_num(prices), 0, highest) * SCALE).astype(np.int64)
    gains = np.concatenate(
        (model.weights, np.full(len(model.floored), -model.penalty))
    ) * SCALE - (model.rows.T @ whole)
    best = np.full(len(model.must), -np.iinfo(np.int64).max // 4)
    np.maximum.at(best, model.wish, gains[: model.size])
    best = np.where(model.must, best, np.maximum(best, 0))
    below = np.maximum(gains[model.size :], 0)
    # In Python's integers, which do not wrap.
    rows = zip(whole.tolist(), model.limits.tolist(), strict=True)
    total = sum(best.tolist()) + sum(below.tolist()) + sum(price * most for price, most in rows)
    unit = gcd(*model.weights.tolist()) or 1
    return Relaxation(shares, prices, total, unit, model.penalty)


def least_below_floor(model: Model, seconds: float = 1.0) -> int:
    """Return how many people must stay below the floor at least, whatever the value."""
    bare = replace(model, weights=np.zeros_like(model.weights), penalty=1)
    return max(0, -(relax(bare, seconds=seconds).scaled_bound // SCALE))
