"""Prices: both marginals balance, demand costs, order and doubles do not matter."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench import market as simulation
from matching.scoring import prices as module
from matching.scoring.prices import LEAST_DEMAND, NotConverged, balanced, market_of, prices
from matching.scoring.terms import UNIT


def dense(values):
    """All pairs of a table of scores, one place each."""
    rows, columns = (place.ravel() for place in np.indices(values.shape))
    units = np.rint(values.ravel() * UNIT).astype(np.int64)
    return rows, columns, units, *(np.ones(size, np.int64) for size in values.shape)


def crowded(seed=1, size=(30, 20)):
    chance = np.random.default_rng(seed)
    return 0.15 * chance.random(size[1]) + 0.15 * chance.random(size)


def test_both_marginals_are_balanced_with_log_masses_far_beyond_plain_exponentials():
    values = dense(crowded())
    capacities = np.arange(1, 31), np.arange(1, 21)
    market = market_of(*values[:3], *capacities, 1e-4)
    assert np.ptp(market.log_mass) > 709  # exp() of this overflows

    log_a, log_b = balanced(market, 1e-6)

    masses = np.exp(market.log_mass + log_a[market.rows] + log_b[market.columns])
    rows = np.bincount(market.rows, masses) + np.exp(2 * log_a)
    columns = np.bincount(market.columns, masses) + np.exp(2 * log_b)
    assert rows == pytest.approx(capacities[0], rel=1e-5)
    assert columns == pytest.approx(capacities[1], rel=1e-5)


def test_who_is_wanted_by_all_costs_most():
    values = crowded()
    values[:, 7] += 0.1

    _left, right = prices(*dense(values))

    assert right.argmin() == 7
    assert right.max() == 0
    assert (right >= LEAST_DEMAND).all()


def test_more_places_cost_less():
    values = crowded()
    rows, columns, units, left, right = dense(values)
    before = prices(rows, columns, units, left, right)[1]
    wanted = int(before.argmin())
    right[wanted] = 10

    assert prices(rows, columns, units, left, right)[1][wanted] > before[wanted]


def test_order_and_doubles_of_pairs_do_not_matter():
    rows, columns, units, left, right = dense(crowded())
    order = np.random.default_rng(3).permutation(len(rows))
    again = np.concatenate([order, order[:50]])

    one = prices(rows, columns, units, left, right)
    other = prices(rows[again], columns[again], units[again], left, right)

    assert all(np.array_equal(*pair) for pair in zip(one, other, strict=True))


def test_people_in_nobodys_pool_cost_nothing():
    rows, columns, units, left, right = dense(crowded())
    left, right = np.ones(len(left) + 1, np.int64), np.ones(len(right) + 2, np.int64)

    of_left, of_right = prices(rows, columns, units, left, right)

    assert of_left[-1] == 0
    assert of_right[-2:].tolist() == [0, 0]


@pytest.mark.parametrize("sizes", ((0, 0), (3, 0), (0, 2)))
def test_nobody_opposite_costs_nothing(sizes):
    none = np.zeros(0, np.int64)
    places = [np.ones(size, np.int64) for size in sizes]

    assert [found.tolist() for found in prices(none, none, none, *places)] == [
        [0] * size for size in sizes
    ]


def test_one_pair_and_equal_scores_cost_nothing():
    one = prices(*dense(np.array([[0.3]])))
    same = prices(*dense(np.full((4, 4), 0.2)))

    assert [found.tolist() for found in one] == [[0], [0]]
    assert [found.tolist() for found in same] == [[0] * 4, [0] * 4]


def test_who_has_no_place_left_counts_as_having_one():
    rows, columns, units, left, right = dense(crowded())

    assert np.array_equal(
        prices(rows, columns, units, left * 0, right)[1],
        prices(rows, columns, units, left, right)[1],
    )


def test_prices_that_do_not_balance_are_an_error(monkeypatch):
    monkeypatch.setattr(module, "ROUNDS", 1)
    monkeypatch.setattr(module, "PLAIN_ROUNDS", 1)

    with pytest.raises(NotConverged, match="off by"):
        prices(*dense(crowded()))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 12), st.integers(1, 12), st.floats(0.05, 1))
def test_prices_are_finite_and_never_above_nothing(seed, rows, columns, width):
    values = width * np.random.default_rng(seed).random((rows, columns))

    for found in prices(*dense(values)):
        assert found.max() == 0
        assert found.min() >= LEAST_DEMAND


def test_prices_bring_more_matches_in_a_crowded_market():
    rules = simulation.rankings(simulation.market(0.5, 0))

    assert simulation.gain(rules) > 0.8
    assert rules["portal"]["gini"] < rules["portal without prices"]["gini"]


@pytest.mark.parametrize("seed", range(3))
def test_a_few_scores_far_above_all_others_still_balance(seed):
    heavy = np.abs(np.random.default_rng(seed).standard_t(2, (200, 150))) / 50

    of_left, of_right = prices(*dense(heavy))

    assert of_left.min() < 0
    assert of_right.min() < 0
