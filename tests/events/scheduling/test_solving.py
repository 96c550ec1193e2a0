"""What a solved schedule always is: within the rules, and as good as it says."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from events.scheduling import bounds, placing
from events.scheduling.checking import faults
from events.scheduling.options import needs_of, options_of
from events.scheduling.problem import NONE, ON_SITE, ONLINE, Wish
from events.scheduling.solving import solve
from tests.events.scheduling.problems import (
    breaks_of,
    broken_rules,
    counts_of,
    every_schedule,
    first_come_first_served,
    pins_missing,
    problem_of,
    problems,
    value_of,
)

RELAXED = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
FEW = settings(RELAXED, max_examples=25)
SECONDS = 120


def rank(problem, needs, schedule):
    """Return by what schedules are compared, the smaller the better."""
    short = sum(has < need for has, need in zip(counts_of(problem, schedule), needs, strict=True))
    return pins_missing(problem, schedule), short, -value_of(problem, schedule)


@RELAXED
@given(problems(most_people=8, most_slots=6, most_wishes=16))
def test_solved_schedule_breaks_no_rule_and_measures_what_it_holds(problem):
    result = solve(problem, seconds=SECONDS)

    schedule, measures = result.schedule, result.measures
    assert broken_rules(problem, schedule) == []
    assert faults(problem, schedule) == []
    assert measures.value == value_of(problem, schedule) <= result.bound
    assert measures.breaks == breaks_of(problem, schedule)
    assert measures.pinned_missing == pins_missing(problem, schedule)
    assert measures.pinned_missing == len(result.infeasible_pins)


@RELAXED
@given(problems(most_people=8, most_slots=6, most_wishes=16))
def test_solved_schedule_is_not_below_first_come_first_served(problem):
    needs = needs_of(problem, options_of(problem))
    result = solve(problem, seconds=SECONDS)

    served = first_come_first_served(problem)
    assert rank(problem, needs, result.schedule) <= rank(problem, needs, served)


@RELAXED
@given(problems(most_people=5, most_slots=3, most_wishes=5))
def test_small_problems_are_solved_as_well_as_by_going_through_everything(problem):
    needs = needs_of(problem, options_of(problem))
    result = solve(problem, seconds=SECONDS)

    best = min(rank(problem, needs, schedule) for schedule in every_schedule(problem))
    assert rank(problem, needs, result.schedule) == best
    assert result.is_optimal
    assert result.bound == -best[2]


@FEW
@given(problems(), st.integers(0, 6))
def test_stopped_run_gives_a_schedule_within_the_rules(problem, answers):
    asked = []

    def should_stop():
        asked.append(1)
        return len(asked) > answers

    result = solve(problem, seconds=SECONDS, should_stop=should_stop)

    assert broken_rules(problem, result.schedule) == []
    assert result.was_stopped or len(asked) <= answers
    assert result.measures.value <= result.bound


@FEW
@given(problems())
def test_same_problem_and_seed_give_the_same_schedule(problem):
    first, second = (solve(problem, seconds=SECONDS) for _time in range(2))

    assert first.schedule.slots.tolist() == second.schedule.slots.tolist()
    assert first.schedule.places.tolist() == second.schedule.places.tolist()


def test_no_time_at_all_still_gives_a_valid_schedule():
    problem = problem_of([Wish((0, 1)), Wish((1, 2)), Wish((0, 2))])

    result = solve(problem, seconds=0)

    assert broken_rules(problem, result.schedule) == []
    assert result.measures.meetings == 3


def test_pins_that_contradict_each_other_are_named():
    pin = {"is_pinned": True, "pinned_slot": 0}
    problem = problem_of([Wish((0, 1), **pin), Wish((1, 2), **pin), Wish((3, 4), weight=5)])

    result = solve(problem, seconds=SECONDS)

    assert len(result.infeasible_pins) == 1
    assert set(result.infeasible_pins) < {0, 1}
    assert result.measures.pinned_missing == 1
    assert result.schedule.slots[2] != NONE


def test_of_pins_that_exclude_each_other_those_of_the_best_schedule_are_held():
    pin = {"is_pinned": True, "pinned_slot": 0}
    # The lighter pin leaves room for a wish that makes up for it.
    wishes = [Wish((0, 1), **pin), Wish((1, 2), weight=3, **pin), Wish((2, 3), weight=7)]
    problem = problem_of(wishes, slots=1)

    result = solve(problem, seconds=SECONDS)

    assert result.schedule.slots.tolist() == [0, NONE, 0]
    assert (result.measures.value, result.bound, result.is_optimal) == (8, 8, True)
    assert result.infeasible_pins == (1,)


def test_choice_among_pins_without_the_time_for_it_proves_nothing(monkeypatch):
    pin = {"is_pinned": True, "pinned_slot": 0}
    wishes = [Wish((0, 1), **pin), Wish((1, 2), weight=3, **pin), Wish((2, 3), weight=7)]
    problem = problem_of(wishes, slots=1)
    # As if it were too large to be solved to the end.
    monkeypatch.setattr(placing, "SMALL", 0)

    result = solve(problem, seconds=SECONDS)

    assert result.measures.value == 3
    assert result.bound >= 8
    assert not result.is_optimal


def test_bound_below_a_schedule_is_an_error_and_no_proof(monkeypatch):
    problem = problem_of([Wish((0, 1), weight=5)])
    monkeypatch.setattr(bounds, "SCALE", -bounds.SCALE)

    with pytest.raises(ArithmeticError, match="worth 5"):
        solve(problem, seconds=SECONDS)


def test_pin_outside_somebodys_hours_is_named():
    problem = problem_of(
        [Wish((0, 1), is_pinned=True, pinned_slot=1)], modes=[[ON_SITE, 0, ON_SITE], [ON_SITE] * 3]
    )

    assert solve(problem, seconds=SECONDS).infeasible_pins == (0,)


def test_pin_is_held_although_it_costs_value():
    pinned = Wish((0, 1), is_pinned=True, pinned_slot=0, pinned_place=1)
    problem = problem_of(
        [pinned, Wish((0, 2), weight=9), Wish((1, 2), weight=9)], limits=[1, 1, 2]
    )

    result = solve(problem, seconds=SECONDS)

    assert (result.schedule.slots[0], result.schedule.places[0]) == (0, 1)
    assert result.is_optimal
    assert result.measures.value == 1


def test_nobody_is_left_with_nothing_for_the_sake_of_value():
    wishes = [Wish((0, 1), weight=100), Wish((0, 2)), Wish((1, 3))]
    problem = problem_of(wishes, slots=1, floor=1)

    result = solve(problem, seconds=SECONDS)

    assert result.measures.below_floor == 0
    assert result.measures.value == 2
    assert result.is_optimal
    assert solve(replace(problem, floor=0), seconds=SECONDS).measures.value == 100


def test_tables_and_rooms_are_used_together():
    both = [[ON_SITE | ONLINE]] * 6
    problem = problem_of(
        [Wish((0, 1)), Wish((2, 3)), Wish((4, 5))],
        slots=1, modes=both, place_modes=[ON_SITE, ONLINE], place_open=[True, True],
    )  # fmt: skip

    result = solve(problem, seconds=SECONDS)

    assert result.measures.meetings == 2
    assert result.is_optimal
    assert sorted(result.schedule.places.tolist()) == [NONE, 0, 1]


def test_guests_come_to_the_hosts_table():
    problem = problem_of(
        [Wish((0, 1)), Wish((0, 2)), Wish((1, 2))], places=3, host_places=[2, NONE, NONE]
    )

    result = solve(problem, seconds=SECONDS)

    assert result.measures.meetings == 3
    assert result.schedule.places[:2].tolist() == [2, 2]


def test_breaks_go_when_the_same_meetings_can_stand_together():
    problem = problem_of([Wish((0, 1)), Wish((0, 2)), Wish((0, 3))], slots=12, places=1)

    result = solve(problem, seconds=SECONDS)

    assert (result.measures.meetings, result.measures.breaks) == (3, 0)


def test_uncomfortable_hours_are_avoided():
    problem = problem_of([Wish((0, 1))], discomfort=[[2, 0, 1], [2, 0, 1]])

    assert solve(problem, seconds=SECONDS).schedule.slots.tolist() == [1]


def test_people_stay_at_their_table():
    problem = problem_of([Wish((0, 1)), Wish((0, 2)), Wish((0, 3))], places=5)

    result = solve(problem, seconds=SECONDS)

    assert len(set(result.schedule.places.tolist())) == 1
    assert result.measures.moves == 0


def test_progress_is_told_stage_by_stage():
    told = []
    problem = problem_of([Wish((0, 1)), Wish((1, 2))])

    result = solve(problem, seconds=SECONDS, report=told.append)

    assert result.stages[0].stage == "greedy"
    assert result.stages[-1] == told[-1]
    assert told[-1].value == result.measures.value
    assert all(progress.bound >= progress.value for progress in told)
    assert set(result.solver_versions) == {"numpy", "scipy", "ortools", "numba"}


def test_problem_without_wishes_has_an_empty_schedule():
    result = solve(problem_of([], people=2), seconds=SECONDS)

    assert result.schedule.slots.tolist() == []
    assert (result.bound, result.is_optimal, result.gap) == (0, True, 0.0)


def test_group_meets_when_all_of_it_is_there():
    away = [ON_SITE, ON_SITE, 0]
    problem = problem_of([Wish((0, 1, 2, 3))], modes=[[0, ON_SITE, ON_SITE], away, away, away])

    assert solve(problem, seconds=SECONDS).schedule.slots.tolist() == [1]


def test_later_wish_stands_later():
    problem = problem_of([Wish((0, 1), after=(1,)), Wish((2, 3))], slots=2)

    assert solve(problem, seconds=SECONDS).schedule.slots.tolist() == [1, 0]
    assert np.all(solve(problem, seconds=SECONDS).schedule.held)
