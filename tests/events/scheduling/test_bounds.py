"""The bound is above every schedule, whatever the prices are that it is proved by."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from events.scheduling.bounds import least_below_floor, proved, relax, upper_bound
from events.scheduling.checking import MOST_WEIGHT, faults_of_problem
from events.scheduling.model import model_of
from events.scheduling.options import options_of
from events.scheduling.pins import possible_pins
from events.scheduling.problem import ON_SITE, Wish
from tests.events.scheduling.problems import (
    counts_of,
    every_schedule,
    problem_of,
    problems,
    value_of,
)

RELAXED = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@RELAXED
@given(st.data(), problems(most_people=5, most_slots=3, most_wishes=5, with_pins=False))
def test_no_schedule_is_above_the_bound_of_any_prices(data, problem):
    model = model_of(problem)
    price = st.floats(-2, 20, allow_nan=False)
    prices = np.array([data.draw(price) for _row in model.limits])

    found = proved(model, np.zeros(model.size), prices)

    for schedule in every_schedule(problem):
        counts = counts_of(problem, schedule)
        short = sum(has < need for has, need in zip(counts, model.needs, strict=True))
        assert value_of(problem, schedule) <= found.bound(short)


@RELAXED
@given(problems(most_people=5, most_slots=3, most_wishes=5, with_pins=False))
def test_both_methods_prove_bounds_and_the_exact_one_is_not_worse(problem):
    model = model_of(replace(problem, floor=0))
    best = max(value_of(problem, schedule) for schedule in every_schedule(problem))

    exact, near = (relax(model, exact=is_exact).bound(0) for is_exact in (True, False))

    assert best <= exact <= near <= exact + 1


@RELAXED
@given(problems(most_people=5, most_slots=3, most_wishes=5))
def test_as_many_pins_are_held_as_can_be(problem):
    pins = possible_pins(problem, options_of(problem), 20.0)

    pinned = [number for number, wish in enumerate(problem.wishes) if wish.is_pinned]
    most = max(
        sum(bool(schedule.held[number]) for number in pinned)
        for schedule in every_schedule(problem)
    )
    assert pins.held.sum() == most
    assert pins.are_proved
    assert (pins.held | pins.impossible).sum() == len(pinned)


@RELAXED
@given(problems(most_people=5, most_slots=3, most_wishes=5))
def test_of_as_many_pins_the_weightiest_are_held(problem):
    pins = possible_pins(problem, options_of(problem), 20.0)

    most = max(rank_of_pins(problem, schedule.held) for schedule in every_schedule(problem))
    assert rank_of_pins(problem, pins.held) == most


def rank_of_pins(problem, held):
    """Return how many pins are held and what they weigh."""
    weights = [
        wish.weight
        for wish, is_held in zip(problem.wishes, held, strict=True)
        if wish.is_pinned and is_held
    ]
    return len(weights), sum(weights)


PIN = {"is_pinned": True, "pinned_slot": 0}


def test_pins_that_exclude_each_other_are_not_called_the_only_best():
    problem = problem_of([Wish((0, 1), **PIN), Wish((1, 2), weight=9, **PIN), Wish((3, 4), **PIN)])

    pins = possible_pins(problem, options_of(problem), 20.0)

    assert pins.held.tolist() == [False, True, True]
    assert (pins.are_proved, pins.are_best) == (True, False)


def test_pins_without_a_choice_are_the_best():
    away = Wish((0, 1), is_pinned=True, pinned_slot=1)
    modes = [[ON_SITE, 0, 0], *[[ON_SITE] * 3] * 3]
    problem = problem_of([away, Wish((2, 3), **PIN)], modes=modes)

    pins = possible_pins(problem, options_of(problem), 20.0)

    assert (pins.held.tolist(), pins.impossible.tolist()) == ([False, True], [True, False])
    assert pins.are_best


def test_pins_for_which_there_was_no_time_are_not_called_impossible():
    pinned = [Wish(pair, **PIN) for pair in itertools.combinations(range(90), 2)]
    away = Wish((90, 91), is_pinned=True, pinned_slot=1)
    modes = [[ON_SITE] * 3] * 91 + [[ON_SITE, 0, ON_SITE]]
    problem = problem_of([*pinned, away], modes=modes, places=90)

    pins = possible_pins(problem, options_of(problem), 0.0)

    assert not pins.are_proved
    assert not pins.are_best
    assert np.flatnonzero(pins.impossible).tolist() == [len(pinned)]


def test_bound_before_booking_tells_what_tables_and_limits_cost():
    wishes = [Wish((0, 1), weight=5), Wish((2, 3), weight=4), Wish((4, 5), weight=3)]
    problem = problem_of(wishes, slots=1, places=2)

    assert upper_bound(problem) == 9
    assert upper_bound(replace(problem, limits=np.zeros(6, dtype=np.int64))) == 0


def test_bound_leaves_pins_aside_that_cannot_be_held():
    away = Wish((0, 1), is_pinned=True, pinned_slot=0)
    problem = problem_of(
        [away, Wish((1, 2), weight=5)], slots=1, modes=[[0], [ON_SITE], [ON_SITE]]
    )

    assert upper_bound(problem) == 5


@RELAXED
@given(problems(most_people=5, most_slots=3, most_wishes=5))
def test_no_schedule_is_above_the_bound_whatever_is_pinned(problem):
    best = max(value_of(problem, schedule) for schedule in every_schedule(problem))

    assert upper_bound(problem) >= best


@pytest.mark.parametrize("price", (np.inf, -np.inf, np.nan, 1e300, 1e9))
def test_bound_holds_by_prices_that_are_a_solvers_errors(price):
    # So many rows that their sum leaves 64 bits if prices may be anything.
    wishes = [Wish((0, 1), weight=7), Wish((1, 2), weight=7), Wish((0, 2), weight=7)]
    model = model_of(problem_of(wishes, slots=3000, places=3))
    assert len(model.limits) >= 9000

    found = proved(model, np.zeros(model.size), np.full(len(model.limits), price))

    assert found.bound(0) >= 21


def test_heaviest_weights_leave_the_bound_true():
    wishes = [Wish((0, 1), weight=MOST_WEIGHT), Wish((0, 2), weight=MOST_WEIGHT - 1)]
    problem = problem_of(wishes, slots=1, floor=1)
    model = model_of(problem)
    highest = np.full(len(model.limits), np.inf)

    assert faults_of_problem(problem) == []
    assert relax(model).bound(1) == MOST_WEIGHT
    assert proved(model, np.zeros(model.size), highest).bound(1) >= MOST_WEIGHT


def test_fewest_below_the_floor_are_those_who_cannot_all_have_one():
    wishes = [Wish((0, 1)), Wish((0, 2)), Wish((0, 3))]

    assert least_below_floor(model_of(problem_of(wishes, slots=1, floor=1))) == 2


def test_bound_leaves_the_floor_aside():
    wishes = [Wish((0, 1), weight=100), Wish((0, 2)), Wish((1, 3))]

    assert upper_bound(problem_of(wishes, slots=1, places=2, floor=1)) == 100


def test_fractional_triangle_is_rounded_down():
    wishes = [Wish((0, 1)), Wish((1, 2)), Wish((0, 2))]
    problem = problem_of(wishes, slots=1, places=9, modes=[[ON_SITE]] * 3)

    assert upper_bound(problem) == 1
