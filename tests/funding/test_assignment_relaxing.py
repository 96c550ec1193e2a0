"""What to give up where nothing keeps every rule: enough, and no cheaper way."""

from itertools import combinations

import numpy as np
from hypothesis import HealthCheck, given, settings

from funding.assignment import (
    Group,
    Relaxation,
    RelaxationCode,
    Status,
    faults,
    relaxations,
    relaxed,
    solve,
)
from funding.assignment.relaxing import PENALTIES
from tests.funding.assignment_problems import every_assignment, plain, problems

MANY = settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))


@given(problems())
@MANY
def test_what_is_given_up_is_enough_and_nothing_cheaper_is(problem):
    found = relaxations(problem)

    assert next(every_assignment(relaxed(problem, found)), None) is not None
    assert price(found) == cheapest(problem)


def price(found):
    return sum(PENALTIES[one.code] * one.by for one in found)


def cheapest(problem):
    """Return the least price of all sets of pairs without a conflict, whatever they break."""
    places = [tuple(place) for place in np.argwhere(~problem.forbidden).tolist()]
    mutual = [set(both) for both in problem.mutual]
    # More than ten pairs would be too many sets; these examples are left to the first assertion.
    if len(places) > 10:
        return price(relaxations(problem))
    return min(
        broken(problem, set(chosen))
        for count in range(len(places) + 1)
        for chosen in combinations(places, count)
        if not any(both <= set(chosen) for both in mutual)
    )


def broken(problem, chosen):
    assigned = np.zeros(problem.affinity.shape, dtype=bool)
    for pair in chosen:
        assigned[pair] = True
    loads, counts = assigned.sum(axis=1), assigned.sum(axis=0)
    if (counts > problem.demand).any():
        return np.inf
    short = (problem.demand - counts).sum() * PENALTIES[RelaxationCode.DEMAND]
    least = np.maximum(problem.least - loads, 0).sum() * PENALTIES[RelaxationCode.LEAST]
    most = np.maximum(loads - problem.most, 0).sum() * PENALTIES[RelaxationCode.MOST]
    pins = len(set(problem.pinned) - chosen) * PENALTIES[RelaxationCode.PIN]
    groups = sum(lacks(group, assigned) for group in problem.groups)
    return short + least + most + pins + groups * PENALTIES[RelaxationCode.GROUP]


def lacks(group, assigned):
    members = group.members if group.members.ndim == 2 else group.members[:, None]
    return np.maximum(group.wanted - (assigned & members).sum(axis=0), 0).sum()


def test_nothing_is_given_up_where_all_can_be_kept():
    assert relaxations(plain([[0.1, 0.2], [0.3, 0.4]])) == ()


def test_one_more_for_a_reviewer_is_cheaper_than_one_reviewer_fewer():
    problem = plain([[0.1, 0.2, 0.3], [0.3, 0.4, 0.5]], 1, 1)

    assert solve(problem).status == Status.INFEASIBLE
    (only,) = relaxations(problem)
    assert (only.code, only.by) == (RelaxationCode.MOST, 1)
    assert solve(relaxed(problem, (only,))).is_optimal


def test_a_quota_that_conflicts_leave_no_member_for_is_named():
    korea = Group("Korea", np.array([False, False, True]), np.array([1, 1]))
    forbidden = np.zeros((3, 2), dtype=bool)
    forbidden[2, 1] = True
    problem = plain(np.full((3, 2), 0.5), 2, 2, groups=(korea,), forbidden=forbidden)

    found = relaxations(problem)

    assert found == (Relaxation(RelaxationCode.GROUP, 1, application=1, number=0),)
    assert faults(problem, solve(relaxed(problem, found)).assigned)[0].application == 1


def test_a_pin_on_a_conflict_is_dropped_not_the_conflict():
    forbidden = np.array([[True, False], [False, False]])
    problem = plain(np.full((2, 2), 0.5), 1, 2, forbidden=forbidden, pinned=((0, 0),))

    assert solve(problem).status == Status.INFEASIBLE
    assert relaxations(problem) == (Relaxation(RelaxationCode.PIN, 1, 0, 0),)
