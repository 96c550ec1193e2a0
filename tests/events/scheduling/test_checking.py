"""The checker finds every rule that is broken on purpose, and nothing where all is well."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from events.scheduling.checking import Fault, FaultCode, faults, faults_of_problem
from events.scheduling.problem import NONE, ON_SITE, ONLINE, Schedule, Wish
from tests.events.scheduling.problems import array, broken_rules, problem_of, problems

EVERYTHING = problem_of(
    [
        Wish((0, 1), forbidden=frozenset({3})),
        Wish((0, 2), is_pinned=True, pinned_slot=1),
        Wish((2, 3), after=(0,), modes=ON_SITE),
        Wish((4, 5), is_pinned=True, pinned_place=2),
    ],
    slots=4,
    modes=[[3, 3, 3, 3], [3, 3, 3, 3], [3, 3, 3, 1], [3, 3, 3, 1], [3] * 4, [3] * 4],
    limits=[2, 2, 2, 1, 1, 1],
    place_modes=[ON_SITE, ON_SITE, ON_SITE, ONLINE],
    place_open=[[1] * 4, [1] * 4, [1, 1, 0, 1], [1] * 4],
    host_places=[0, NONE, NONE, NONE, NONE, NONE],
)
GOOD = ((0, 0), (1, 0), (2, 1), (0, 2))


def schedule_of(seats):
    """Return the schedule of (slot, place) by wish."""
    return Schedule(
        array([slot for slot, _ in seats], None), array([place for _, place in seats], None)
    )


def changed(**seats):
    """Return the good schedule with some wishes elsewhere."""
    return schedule_of([seats.get(f"wish_{number}", seat) for number, seat in enumerate(GOOD)])


def test_good_schedule_has_no_faults():
    assert faults_of_problem(EVERYTHING) == []
    assert faults(EVERYTHING, schedule_of(GOOD)) == []
    assert faults(EVERYTHING, changed(wish_1=(NONE, NONE))) == []


@pytest.mark.parametrize(
    ("seats", "code"),
    (
        ({"wish_0": (3, 0)}, FaultCode.FORBIDDEN),
        ({"wish_0": (0, 1)}, FaultCode.HOST),
        ({"wish_0": (2, 0)}, FaultCode.PRECEDENCE),
        ({"wish_0": (1, 3)}, FaultCode.PERSON_TWICE),
        ({"wish_1": (2, 0)}, FaultCode.PIN),
        ({"wish_2": (2, 3)}, FaultCode.MODE),
        ({"wish_2": (2, 2)}, FaultCode.CLOSED),
        ({"wish_3": (0, 0)}, FaultCode.PIN),
        ({"wish_3": (2, 2)}, FaultCode.CLOSED),
        ({"wish_2": (0, 2), "wish_0": (NONE, NONE)}, FaultCode.PLACE_TWICE),
        ({"wish_2": (9, 0)}, FaultCode.NOWHERE),
        ({"wish_2": (2, NONE)}, FaultCode.NOWHERE),
        ({"wish_2": (NONE, 1)}, FaultCode.NOWHERE),
    ),
)
def test_broken_rule_is_found(seats, code):
    assert code in [fault.code for fault in faults(EVERYTHING, changed(**seats))]


def test_person_who_is_away_or_beyond_a_limit_is_named():
    problem = replace(EVERYTHING, limits=array([1, 2, 2, 1, 1, 1], None))
    modes = EVERYTHING.modes.copy()
    modes[5, 0] = ONLINE

    assert faults(problem, schedule_of(GOOD)) == [Fault(FaultCode.LIMIT, person=0)]
    assert faults(replace(EVERYTHING, modes=modes), schedule_of(GOOD)) == [
        Fault(FaultCode.AWAY, wish=3, person=5, slot=0)
    ]


def test_schedule_of_another_problem_is_refused():
    assert faults(EVERYTHING, schedule_of(GOOD[:2])) == [Fault(FaultCode.SHAPE)]


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data(), problems())
def test_two_checkers_written_apart_agree(data, problem):
    slots, places = problem.modes.shape[1], len(problem.place_modes)
    seat = st.tuples(st.integers(0, slots - 1), st.integers(0, places - 1)) | st.just((NONE, NONE))
    seats = [data.draw(seat) for _wish in problem.wishes]
    schedule = schedule_of(seats)

    assert bool(faults(problem, schedule)) == bool(broken_rules(problem, schedule))


@pytest.mark.parametrize(
    ("changes", "code"),
    (
        ({"people": (0,)}, FaultCode.TOO_FEW_PEOPLE),
        ({"people": (0, 0)}, FaultCode.REPEATED_PERSON),
        ({"people": (0, 9)}, FaultCode.UNKNOWN_PERSON),
        ({"weight": 0}, FaultCode.WEIGHT),
        ({"forbidden": frozenset({7})}, FaultCode.UNKNOWN_SLOT),
        ({"live_slot": 7}, FaultCode.UNKNOWN_SLOT),
        ({"pinned_place": 7}, FaultCode.UNKNOWN_PLACE),
        ({"after": (7,)}, FaultCode.UNKNOWN_WISH),
        ({"after": (0,)}, FaultCode.CYCLE),
        ({"after": (1,)}, FaultCode.CYCLE),
    ),
)
def test_wish_that_cannot_be_read_is_found(changes, code):
    first = Wish(**{"people": (0, 1), **changes})
    problem = problem_of([first, Wish((1, 2), after=(0,))], people=3)

    assert code in [fault.code for fault in faults_of_problem(problem)]


@pytest.mark.parametrize(
    ("changes", "code"),
    (
        ({"limits": array([1], None)}, FaultCode.SHAPE),
        ({"sessions": array([0, 1, 0], None)}, FaultCode.SESSIONS),
        ({"place_modes": array([ON_SITE, 3], None)}, FaultCode.MODE),
        ({"host_places": array([9, NONE], None)}, FaultCode.UNKNOWN_PLACE),
        (
            {"host_places": array([1, NONE], None), "place_modes": array([ON_SITE, ONLINE], None)},
            FaultCode.HOST,
        ),
    ),
)
def test_problem_that_cannot_be_read_is_found(changes, code):
    problem = problem_of([Wish((0, 1))])

    assert faults_of_problem(problem) == []
    assert code in [fault.code for fault in faults_of_problem(replace(problem, **changes))]
