"""Planning again: what is live stays, and what can be gained is gained."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from events.scheduling.problem import NONE, ON_SITE, ONLINE, Wish
from events.scheduling.replanning import replan
from events.scheduling.solving import solve
from tests.events.scheduling.problems import (
    broken_rules,
    every_schedule,
    first_come_first_served,
    pins_missing,
    problem_of,
    problems,
    value_of,
)

RELAXED = settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
SECONDS = 120


def published(problem, schedule):
    """Return the problem with a schedule as what is live."""
    wishes = [
        replace(
            wish, live_slot=int(schedule.slots[number]), live_place=int(schedule.places[number])
        )
        for number, wish in enumerate(problem.wishes)
    ]
    return replace(problem, wishes=tuple(wishes))


def without_person(problem, person):
    """Return the problem in which somebody cancelled."""
    modes = problem.modes.copy()
    modes[person] = 0
    return replace(problem, modes=modes)


@RELAXED
@given(problems(most_people=8, most_slots=6, most_wishes=16, is_live=True))
def test_new_plan_breaks_no_rule_whatever_was_live(problem):
    result = replan(problem, seconds=SECONDS)

    assert broken_rules(problem, result.schedule) == []
    assert result.measures.pinned_missing == pins_missing(problem, result.schedule)
    assert result.measures.pinned_missing == len(result.infeasible_pins)
    assert result.measures.value == value_of(problem, result.schedule) <= result.bound


@RELAXED
@given(problems(most_people=8, most_slots=6, most_wishes=12, with_pins=False))
def test_best_schedule_stays_as_it_is(problem):
    best = solve(problem, seconds=SECONDS)
    live = published(problem, best.schedule)

    again = replan(live, seconds=SECONDS)

    assert again.schedule.slots.tolist() == best.schedule.slots.tolist()
    assert (again.measures.meetings_moved, again.measures.people_told) == (0, 0)


@RELAXED
@given(problems(most_people=6, most_slots=4, most_wishes=12, with_pins=False))
def test_cancellation_leaves_every_other_meeting_held(problem):
    before = solve(problem, seconds=SECONDS).schedule
    live = without_person(published(problem, before), 0)

    result = replan(live, seconds=SECONDS)

    for number, wish in enumerate(live.wishes):
        if wish.live_slot != NONE and 0 not in wish.people:
            assert result.schedule.slots[number] != NONE
    assert broken_rules(live, result.schedule) == []


@settings(RELAXED, max_examples=25)
@given(problems(most_people=5, most_slots=3, most_wishes=5, with_pins=False))
def test_small_problem_gains_all_that_can_be_and_tells_the_fewest(problem):
    problem = replace(problem, floor=0, host_places=np.full_like(problem.host_places, NONE))
    live = without_person(published(problem, first_come_first_served(problem)), 0)
    kept = {
        number
        for number, wish in enumerate(live.wishes)
        if wish.live_slot != NONE and 0 not in wish.people
    }

    result = replan(live, seconds=SECONDS)

    allowed = [
        schedule
        for schedule in every_schedule(live)
        if kept <= set(np.flatnonzero(schedule.held).tolist())
    ]
    best = min((-value_of(live, one), told(live, one)) for one in allowed)
    assert (-result.measures.value, told(live, result.schedule)) == best


def told(problem, schedule):
    """Count the people whose live meetings are at another time or place, or gone."""
    now = list(zip(schedule.slots.tolist(), schedule.places.tolist(), strict=True))
    return len(
        {
            person
            for number, wish in enumerate(problem.wishes)
            if wish.live_slot != NONE and (wish.live_slot, wish.live_place) != now[number]
            for person in wish.people
        }
    )


@RELAXED
@given(problems(most_people=8, most_slots=6, most_wishes=16, is_live=True))
def test_people_who_are_told_are_counted(problem):
    live = published(problem, first_come_first_served(problem))

    result = replan(without_person(live, 0), seconds=SECONDS)

    assert result.measures.people_told == told(live, result.schedule)


@pytest.mark.parametrize("smaller", (0, 1))
def test_the_fewest_are_told_of_another_place(smaller):
    group, pair = (
        Wish((0, 1, 2), live_slot=0, live_place=0),
        Wish((3, 4), live_slot=0, live_place=1),
    )
    live = (
        [replace(pair, live_place=0), replace(group, live_place=1)] if smaller else [group, pair]
    )
    problem = problem_of(
        [*live, Wish((5, 6), modes=ON_SITE)],
        slots=1, modes=[[ON_SITE | ONLINE]] * 7, place_modes=[ON_SITE, ON_SITE, ONLINE],
    )  # fmt: skip

    result = replan(problem, seconds=SECONDS)

    assert result.measures.meetings == 3
    assert (result.measures.meetings_moved, result.measures.people_told) == (1, 2)


def test_meeting_in_a_room_stays_there_although_a_table_is_left():
    both = [[ON_SITE | ONLINE] * 2] * 3
    held = Wish((0, 1), live_slot=0, live_place=1)
    problem = problem_of(
        [held, Wish((0, 2))],
        slots=2, modes=both, place_modes=[ON_SITE, ONLINE], place_open=[[1, 1], [1, 0]],
    )  # fmt: skip

    result = replan(problem, seconds=SECONDS)

    assert list(zip(result.schedule.slots, result.schedule.places, strict=True)) == [
        (0, 1),
        (1, 0),
    ]
    assert result.measures.people_told == 0


def test_new_wish_goes_where_nobody_has_to_move():
    held = Wish((0, 1), live_slot=0, live_place=0)
    problem = problem_of([held, Wish((0, 2), weight=50)], slots=2)

    result = replan(problem, seconds=SECONDS)

    assert result.schedule.slots.tolist() == [0, 1]
    assert result.measures.meetings_moved == 0


def test_meeting_moves_when_a_wish_is_gained_by_it():
    held = Wish((0, 1), live_slot=0, live_place=0)
    modes = [[ON_SITE] * 2, [ON_SITE] * 2, [ON_SITE, 0]]
    problem = problem_of([held, Wish((0, 2))], slots=2, modes=modes)

    result = replan(problem, seconds=SECONDS)

    assert result.schedule.slots.tolist() == [1, 0]
    assert (result.measures.meetings_moved, result.measures.people_told) == (1, 2)


def test_meeting_keeps_its_table():
    wishes = [Wish((0, 1), live_slot=0, live_place=3), Wish((0, 2), live_slot=1, live_place=1)]

    result = replan(problem_of(wishes, places=4), seconds=SECONDS)

    assert result.schedule.places.tolist() == [3, 1]


def test_new_pin_goes_before_what_was_live():
    wishes = [
        Wish((0, 1), live_slot=0, live_place=0),
        Wish((0, 2), is_pinned=True, pinned_slot=0),
    ]

    result = replan(problem_of(wishes, slots=2), seconds=SECONDS)

    assert result.schedule.slots.tolist() == [1, 0]
    assert result.infeasible_pins == ()


def test_stopped_plan_keeps_what_is_live():
    problem = problem_of([Wish((0, 1), live_slot=2, live_place=1), Wish((0, 2))])

    result = replan(problem, seconds=SECONDS, should_stop=lambda: True)

    assert result.was_stopped
    assert (result.schedule.slots[0], result.schedule.places[0]) == (2, 1)
