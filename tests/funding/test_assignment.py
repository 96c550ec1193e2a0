"""The solver against exhaustive search, against published examples, and against itself."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from funding.assignment import (
    FaultCode,
    Group,
    Objective,
    Status,
    faults,
    faults_of_problem,
    relaxations,
    solve,
)
from funding.assignment.problem import steps_of
from funding.assignment.reaching import narrowed, reachable
from tests.funding.assignment_problems import every_assignment, plain, problems, worth

MANY = settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
# Stelmakh, Shah and Singh, "PeerReview4All", as their own code's examples have them.
HALF, THIRD = 1 / 2, 1 / 3
FIRST = [[1, 1, 1], [0, 0, 0.24], [0.25, 0.25, 0.5]]
SECOND = [
    [1, 1, 1, 1, 0, 0],
    *[[0, 0, 0, 0, THIRD, THIRD]] * 3,
    *[[HALF] * 6] * 2,
]
THIRD_ONE = [[0, 0.04, 0.10], [0.01, 0.05, 0], [0, 0.10, 1]]


@given(problems())
@MANY
def test_the_highest_total_is_the_one_of_exhaustive_search(problem):
    check(problem, Objective.TOTAL, lambda total, worst, even: (total, worst, even))


@given(problems())
@MANY
def test_the_fairest_is_the_one_of_exhaustive_search(problem):
    check(problem, Objective.WORST, lambda total, worst, even: (worst, total, even))


def check(problem, objective, key):
    best = max((key(*worth(problem, one)) for one in every_assignment(problem)), default=None)

    result = solve(problem, objective=objective, seconds=20)

    if best is None:
        assert result.status == Status.INFEASIBLE
        assert not result.assigned.any()
        return
    assert faults(problem, result.assigned) == ()
    assert key(*worth(problem, result.assigned)) == best
    assert result.status == Status.OPTIMAL
    assert result.is_optimal
    assert result.total == pytest.approx(worth(problem, result.assigned)[0] / 10)
    assert result.worst == pytest.approx(worth(problem, result.assigned)[1] / 10)
    assert result.bound_total == pytest.approx(result.total, abs=1e-4)
    assert result.bound_worst == pytest.approx(result.worst, abs=1e-4)
    assert result.loads.tolist() == result.assigned.sum(axis=1).tolist()


@pytest.mark.parametrize(
    ("rows", "load", "total", "least_by_total", "fairest"),
    (
        # 0.24: the highest total leaves an application with nobody who knows its field.
        (FIRST, 1, 1.5, 0.0, 0.24),
        (SECOND, 2, 16 / 3, 2 / 3, 2 / 3),
        # 0.01: more than one assignment has the highest total, and not all are as fair.
        (THIRD_ONE, 1, 1.05, 0.01, 0.01),
    ),
)
def test_published_examples(rows, load, total, least_by_total, fairest):
    problem = plain(rows, load, load)

    by_total, fair = (solve(problem, objective=one) for one in ("total", "worst"))

    assert by_total.total == pytest.approx(total)
    assert by_total.worst == pytest.approx(least_by_total)
    assert fair.worst == pytest.approx(fairest)
    assert fair.is_optimal


@given(problems())
@MANY
def test_what_a_least_sum_forbids_is_in_no_assignment_that_reaches_it(problem):
    steps = steps_of(problem)
    for assigned in every_assignment(problem):
        sums = np.where(assigned, steps, 0).sum(axis=0)
        assert (sums <= reachable(problem, steps)).all()
        asked = sums[problem.demand > 0]
        there = narrowed(problem, steps, int(asked.min(initial=10**9))) if len(asked) else problem
        assert there is not None
        assert faults(there, assigned) == ()


def test_the_same_problem_gives_the_same_assignment():
    random = np.random.default_rng(4)
    problem = plain(random.random((12, 18)).round(1), 2, 3)

    one, other = solve(problem), solve(problem)

    assert (one.assigned == other.assigned).all()


def test_a_run_tells_what_it_has_and_stops_when_asked():
    random = np.random.default_rng(5)
    problem = plain(random.random((12, 18)).round(6), 2, 3)
    told = []

    whole = solve(problem, tell=told.append)
    stopped = solve(problem, should_stop=lambda: True)

    assert told[-1].total == pytest.approx(whole.total)
    assert [one.worst for one in told] == sorted(one.worst for one in told)
    assert faults(problem, stopped.assigned) == ()
    assert stopped.status == Status.FEASIBLE
    assert stopped.worst <= whole.worst <= stopped.bound_worst


def test_nobody_and_nothing_are_an_assignment():
    problem = plain(np.zeros((0, 0)))

    result = solve(problem)

    assert (result.status, result.total, result.worst) == (Status.OPTIMAL, 0, 0)
    assert relaxations(problem) == ()


def test_even_loads_decide_between_equals():
    result = solve(plain(np.full((4, 4), 0.5), 2, 4))

    assert result.loads.tolist() == [2, 2, 2, 2]


def test_a_problem_that_cannot_be_read_says_why():
    good = plain([[0.1, 0.2], [0.3, 0.4]])

    assert faults_of_problem(good) == ()
    assert codes(replace(good, affinity=np.array([[0.1, np.nan], [0.3, 1.4]]))) == ["affinity"] * 2
    assert codes(replace(good, demand=np.array([1]))) == ["shape"]
    assert codes(replace(good, demand=np.array([1, -1]))) == ["negative"]
    assert codes(replace(good, least=np.array([0, 2]))) == ["limits"]
    assert codes(replace(good, pinned=((0, 2),))) == ["unknown_pair"]
    assert codes(replace(good, cap=0.0)) == ["cap"]
    group = Group("Europe", np.ones(3, dtype=bool), np.ones(2, dtype=int))
    assert codes(replace(good, groups=(group,))) == ["shape"]


def codes(problem):
    return [fault.code.value for fault in faults_of_problem(problem)]


def test_the_checker_finds_each_broken_rule():
    members = np.array([True, False])
    problem = replace(
        plain([[0.1, 0.2], [0.3, 0.4]]),
        forbidden=np.array([[True, False], [False, False]]),
        least=np.array([0, 1]),
        pinned=((1, 1),),
        groups=(Group("Europe", members, np.array([0, 1])),),
        mutual=(((0, 0), (0, 1)),),
    )

    assert broken(problem, [[0, 0], [1, 1]]) == {FaultCode.MOST, FaultCode.GROUP}
    assert broken(problem, [[1, 1], [0, 0]]) == {
        FaultCode.CONFLICT,
        FaultCode.MOST,
        FaultCode.LEAST,
        FaultCode.PIN,
        FaultCode.MUTUAL,
    }
    assert broken(problem, [[0, 0], [0, 1]]) == {FaultCode.DEMAND, FaultCode.GROUP}
    assert faults(problem, np.zeros((1, 1), dtype=bool))[0].code == FaultCode.SHAPE


def broken(problem, rows):
    return {fault.code for fault in faults(problem, np.array(rows, dtype=bool))}
