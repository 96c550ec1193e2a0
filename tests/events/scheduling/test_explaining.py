"""Reasons are true: what is said to stand in the way does, and what is said to help does."""

from dataclasses import replace

from hypothesis import HealthCheck, given, settings

from events.scheduling.explaining import reasons
from events.scheduling.problem import NONE, ON_SITE, ONLINE, Schedule, Wish
from events.scheduling.reasons import Code
from events.scheduling.solving import solve
from tests.events.scheduling.problems import array, broken_rules, problem_of, problems

RELAXED = settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
AWAY, BOTH = 0, ON_SITE | ONLINE


def opened(problem, person, slot):
    """Return the problem in which somebody can come in one slot more, in every way."""
    modes = problem.modes.copy()
    modes[person, slot] = BOTH
    return replace(problem, modes=modes)


def fits_in(problem, schedule, number, slot):
    """Tell whether a wish can be held in a slot while everything else stays."""
    for place in range(len(problem.place_modes)):
        slots, places = schedule.slots.copy(), schedule.places.copy()
        slots[number], places[number] = slot, place
        if not broken_rules(problem, Schedule(slots, places)):
            return True
    return False


@RELAXED
@given(problems(most_people=6, most_slots=4, most_wishes=12))
def test_reasons_of_a_solved_schedule_are_true(problem):
    schedule = solve(problem, seconds=20).schedule

    found = reasons(problem, schedule)

    assert [one.wish for one in found] == [
        number for number, slot in enumerate(schedule.slots) if slot == NONE
    ]
    for one in found:
        check_reason(problem, schedule, one)


def check_reason(problem, schedule, one):
    wish, every_slot = problem.wishes[one.wish], range(problem.modes.shape[1])
    assert not any(fits_in(problem, schedule, one.wish, slot) for slot in every_slot)
    for person, slot in one.would_fit:
        assert fits_in(opened(problem, person, slot), schedule, one.wish, slot)
    own = [
        number
        for number, other in enumerate(problem.wishes)
        if schedule.slots[number] != NONE and one.person in other.people
    ]
    if one.code == Code.LIMIT_REACHED:
        assert len(own) == problem.limits[one.person]
    if one.code == Code.NO_COMMON_SLOT:
        for slot in every_slot:
            is_possible = all(problem.modes[person, slot] for person in wish.people)
            assert not is_possible or slot in wish.forbidden


def test_every_slot_that_would_help_is_found():
    modes = [[ON_SITE, AWAY, AWAY], [AWAY, ON_SITE, AWAY]]
    problem = problem_of([Wish((0, 1))], modes=modes)

    (reason,) = reasons(problem, Schedule(array([NONE], None), array([NONE], None)))

    assert reason.code == Code.NO_COMMON_SLOT
    assert reason.free_of == ((0, (0,)), (1, (1,)))
    assert set(reason.would_fit) == {(1, 0), (0, 1)}


def test_same_hours_but_no_way_to_meet():
    problem = problem_of([Wish((0, 1))], slots=1, modes=[[ON_SITE], [ONLINE]])

    (reason,) = reasons(problem, solve(problem, seconds=20).schedule)

    assert reason.code == Code.NO_COMMON_MODE
    assert reason.would_fit == ((1, 0),)


def test_limit_is_named_with_whose_it_is():
    problem = problem_of([Wish((0, 1), weight=9), Wish((0, 2))], limits=[1, 3, 3])

    (reason,) = reasons(problem, solve(problem, seconds=20).schedule)

    assert (reason.wish, reason.code, reason.person) == (1, Code.LIMIT_REACHED, 0)


def test_busy_people_are_told_which_slot_would_help():
    modes = [[ON_SITE, AWAY], [ON_SITE, ON_SITE], [ON_SITE, ON_SITE]]
    problem = problem_of([Wish((0, 1), weight=9), Wish((0, 2))], slots=2, modes=modes)

    (reason,) = reasons(problem, solve(problem, seconds=20).schedule)

    assert (reason.code, reason.person, reason.slots) == (Code.PEOPLE_BUSY, 0, (0,))
    assert reason.would_fit == ((0, 1),)


def test_full_tables_are_the_reason():
    problem = problem_of([Wish((0, 1), weight=9), Wish((2, 3))], slots=1, places=1)

    (reason,) = reasons(problem, solve(problem, seconds=20).schedule)

    assert (reason.wish, reason.code, reason.slots) == (1, Code.PLACES_FULL, (0,))


def test_order_of_wishes_is_the_reason():
    first, second = Wish((0, 1), weight=9), Wish((2, 3), after=(0,))
    problem = problem_of([first, second], slots=1)

    (reason,) = reasons(problem, solve(problem, seconds=20).schedule)

    assert reason.code == Code.PRECEDENCE


def test_impossible_pin_is_the_reason():
    problem = problem_of(
        [Wish((0, 1), is_pinned=True, pinned_slot=1)], modes=[[1, 0, 1], [1, 1, 1]]
    )

    (reason,) = reasons(problem, solve(problem, seconds=20).schedule)

    assert (reason.code, reason.slots) == (Code.PINS, (1,))
