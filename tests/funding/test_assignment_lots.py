"""Assignments by lot: chances under the cap, and every draw keeps every rule."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from funding.assignment import Group, Status, faults, solve
from funding.assignment.problem import Objective
from funding.assignment.rounding import rounded
from funding.assignment.sampling import lottery_of
from funding.assignment.whole import Clock
from tests.funding.assignment_problems import plain, problems

DRAWS = 600
# Five standard deviations of a frequency over so many draws.
MARGIN = 5 * 0.5 / DRAWS**0.5


def committee():
    """Return fifteen reviewers, ten applications, two regions, experts across them, a mutual pair."""
    random = np.random.default_rng(7)
    affinity = random.random((15, 10)).round(3)
    ones = np.ones(10, dtype=int)
    europe = np.arange(15) < 8
    return plain(
        affinity,
        3,
        3,
        least=np.ones(15, dtype=int),
        forbidden=random.random((15, 10)) < 0.1,
        groups=(
            Group("Europe", europe, ones),
            Group("Korea", ~europe, ones),
            Group("expert", affinity > np.quantile(affinity, 0.6, axis=0), ones),
        ),
        mutual=(((0, 1), (1, 0)), ((2, 3), (3, 2))),
        pinned=((4, 4),),
        cap=0.6,
    )


def drawn(problem, objective):
    """Return how often each pair is drawn, as a share, and every draw, checked."""
    lottery = lottery_of(problem, objective, Clock(20))
    counts = np.zeros(problem.affinity.shape)
    for seed in range(DRAWS):
        draw = rounded(lottery.chances, lottery.parts, np.random.default_rng(seed))
        assert faults(problem, draw) == ()
        counts += draw
    return lottery, counts / DRAWS


@pytest.mark.parametrize("objective", tuple(Objective))
def test_no_pair_is_drawn_more_often_than_the_cap(objective):
    problem = committee()

    lottery, shares = drawn(problem, objective)

    free = np.ones(problem.affinity.shape, dtype=bool)
    free[4, 4] = False
    assert lottery.chances[free].max() <= problem.cap + 1e-6
    assert shares[free].max() <= problem.cap + MARGIN
    assert np.abs(shares - lottery.chances).max() <= MARGIN
    assert shares[4, 4] == 1
    # Without the cap some pair would be certain: the cap is what holds it down.
    assert solve(replace(problem, cap=None)).assigned[free].max() == 1
    assert (lottery.chances * problem.affinity).sum() <= lottery.bound_total + 1e-6


def test_the_draw_that_is_used_is_the_seed_s():
    problem = committee()

    draws = [solve(replace(problem, seed=seed)) for seed in (1, 1, 2, 3, 4)]

    assert (draws[0].assigned == draws[1].assigned).all()
    assert len(Counter(draw.assigned.tobytes() for draw in draws)) > 1
    assert {draw.status for draw in draws} == {Status.FEASIBLE}
    assert all(faults(problem, draw.assigned) == () for draw in draws)


def test_a_cap_that_leaves_too_few_reviewers_cannot_be_kept():
    problem = plain(np.full((3, 2), 0.5), 2, 2, cap=0.6)

    assert solve(problem).status == Status.INFEASIBLE
    assert solve(replace(problem, cap=0.7)).status == Status.FEASIBLE


@given(problems(), st.sampled_from((0.5, 0.7, 0.9)), st.integers(0, 99))
@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_draw_keeps_every_rule(problem, cap, seed):
    result = solve(replace(problem, cap=cap, seed=seed), seconds=20)

    if result.chances is not None:
        assert faults(problem, result.assigned) == ()
        assert (result.chances[result.assigned] > 0).all()
        assert result.status == Status.FEASIBLE
    elif result.status == Status.OPTIMAL:
        # Nobody is wanted, so nothing is drawn.
        assert not result.assigned.any()
    else:
        assert result.status in (Status.INFEASIBLE, Status.UNKNOWN)
        assert not result.assigned.any()
