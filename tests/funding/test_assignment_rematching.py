"""Places given away anew: every rule is kept, nothing gets worse, and small cases become best."""

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bench.assignment_made import made
from funding.assignment import Objective, Problem, faults, solve
from funding.assignment.problem import STEPS
from funding.assignment.rematching import DEFICIT, Rematching
from funding.assignment.whole import Clock
from tests.funding.assignment_problems import every_assignment, plain, problems

MANY = settings(max_examples=150, deadline=None)


def somewhere(problem, data):
    """Return any assignment of a problem, if there is one."""
    found = list(every_assignment(problem))
    assume(found)
    return data.draw(st.sampled_from(found))


def worth(matching, assigned, floor):
    """What a round makes the most of: the total, and above it what is lacking below the floor."""
    total = int(matching.sums(assigned).sum())
    return total - DEFICIT * matching.lacking(assigned, floor)


@MANY
@given(problem=problems(), data=st.data())
def test_a_round_keeps_every_rule_and_loses_nothing(problem, data):
    assigned, matching = somewhere(problem, data), Rematching(problem)
    floor = data.draw(st.integers(0, 3 * STEPS))

    for _turn in range(4):
        before, assigned = assigned, matching.round(assigned, floor)
        assert faults(problem, assigned) == ()
        assert worth(matching, assigned, floor) >= worth(matching, before, floor)


@MANY
@given(problem=problems(), data=st.data())
def test_what_is_fairer_or_richer_takes_nothing_from_the_worst_off(problem, data):
    start, matching = somewhere(problem, data), Rematching(problem)
    told = []

    fairer = matching.fairer(start, 3 * STEPS, Clock(5), told.append)
    richer = matching.richer(fairer, Clock(5))

    assert faults(problem, fairer) == faults(problem, richer) == ()
    assert matching.worst(start) <= matching.worst(fairer) <= matching.worst(richer)
    assert matching.steps[richer].sum() >= matching.steps[fairer].sum()
    rising = [matching.worst(each) for each in told]
    assert rising == sorted(set(rising))


def test_with_one_place_each_a_round_is_the_best_assignment():
    random = np.random.default_rng(3)
    problem = plain(random.integers(0, 100, (6, 6)) / 100)
    assigned = np.eye(6, dtype=bool)

    found = Rematching(problem).round(assigned, 0)

    best = solve(problem, objective=Objective.TOTAL)
    assert np.isclose(problem.affinity[found].sum(), best.total)


def test_a_reviewer_with_room_comes_in_and_one_who_must_have_work_keeps_it():
    # The third is best everywhere and has room for both; the second has to keep one.
    problem = plain(
        [[0.1, 0.1], [0.2, 0.2], [0.9, 0.8]],
        least=np.array([0, 1, 0]), most=np.array([1, 1, 2]),
    )  # fmt: skip
    start = np.array([[True, False], [False, True], [False, False]])

    found = Rematching(problem).round(start, 0)

    assert found.tolist() == [[False, False], [False, True], [True, False]]


def test_pins_stay():
    problem = plain([[0.1, 0.1], [0.9, 0.9]], pinned=((0, 0),))
    start = np.array([[True, False], [False, True]])

    assert Rematching(problem).round(start, STEPS).tolist() == start.tolist()


def test_mutual_pairs_are_not_both_made():
    problem = plain([[0.1, 0.9], [0.9, 0.1]], mutual=(((0, 1), (1, 0)),))
    start = np.eye(2, dtype=bool)
    matching = Rematching(problem)

    for _turn in range(5):
        start = matching.round(start, 0)

    assert faults(problem, start) == ()


def test_a_higher_total_never_costs_the_worst_off_the_smallest_step():
    problem = plain([[0.5, 0.9], [0.4999, 0.6]])
    start = np.array([[True, False], [False, True]])

    found = Rematching(problem).richer(start, Clock(5))

    assert found.tolist() == start.tolist()


def test_a_large_call_becomes_much_fairer_and_its_rules_are_kept():
    problem: Problem = made(60, 140, 5)
    first = solve(problem, objective=Objective.TOTAL, seconds=20)
    matching = Rematching(problem)

    found = matching.fairer(first.assigned, 3 * STEPS, Clock(60), lambda each: None)

    assert faults(problem, found) == ()
    assert matching.worst(found) > 1.2 * STEPS * first.worst


def test_the_same_seed_climbs_the_same_way():
    problem = made(30, 70, 5)
    start = solve(problem, objective=Objective.TOTAL, seconds=20).assigned

    both = [Rematching(problem) for _time in range(2)]

    for _turn in range(5):
        assert (both[0].round(start, STEPS) == both[1].round(start, STEPS)).all()
