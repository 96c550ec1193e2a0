"""Money over one ranking: never too much, and what is said to unblock, unblocks."""

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from funding.allocation import (
    POT,
    Blocked,
    Funder,
    Mode,
    Policy,
    Project,
    allocate,
    cheapest_top_up,
    is_usual_gap_share,
    marginal_table,
    reserve,
)

CODES = ("NRF", "DFG", "ANR")
MODES = st.sampled_from(list(Mode))
POLICIES = st.sampled_from(list(Policy))


@st.composite
def cases(draw, most=6, highest=12):
    codes = CODES[: draw(st.integers(1, 3))]
    amounts = st.integers(0, highest)
    funders = tuple(
        Funder(code, draw(st.integers(0, 2 * highest)), draw(st.integers(0, highest)))
        for code in codes
    )
    projects = tuple(
        Project(f"p{place}", place, {code: draw(amounts) for code in codes if draw(st.booleans())})
        for place in range(1, draw(st.integers(1, most)) + 1)
    )
    return projects, funders


def budgets(funders, extra):
    return tuple(replace(one, budget=one.budget + extra.get(one.code, 0)) for one in funders)


# The joint call in miniature: the third project is one that NRF cannot pay.
FUNDERS = (Funder("NRF", 100, 0), Funder("DFG", 200, 30))
PROJECTS = (
    Project("a", 1, {"NRF": 60, "DFG": 50}),
    Project("b", 2, {"NRF": 30, "DFG": 50}),
    Project("c", 3, {"NRF": 30, "DFG": 20}),
    Project("d", 4, {"NRF": 10, "DFG": 70}),
)


@pytest.mark.parametrize(
    ("policy", "mode", "funded", "blocked"),
    (
        (Policy.STRICT, Mode.VIRTUAL, ("a", "b"), (Blocked("c", "NRF", 20),)),
        (Policy.SKIP, Mode.VIRTUAL, ("a", "b", "d"), (Blocked("c", "NRF", 20),)),
        (Policy.MIXED, Mode.VIRTUAL, ("a", "b", "c", "d"), ()),
        (Policy.STRICT, Mode.MIXED, ("a", "b", "c", "d"), ()),
        (Policy.STRICT, Mode.REAL, ("a", "b", "c"), (Blocked("d", POT, 20),)),
    ),
)
def test_joint_call(policy, mode, funded, blocked):
    allocation = allocate(PROJECTS, FUNDERS, policy, mode)

    assert (allocation.funded, allocation.blocked) == (funded, blocked)


def test_gap_money_is_told_apart():
    allocation = allocate(PROJECTS, FUNDERS, Policy.MIXED)

    assert allocation.paid == {"NRF": 100, "DFG": 220}
    assert allocation.gap_paid == {"NRF": 0, "DFG": 30}
    assert allocation.left == {"NRF": 0, "DFG": 10}
    assert allocation.gap_left == {"NRF": 0, "DFG": 0}
    gap = [
        (share.project, share.funder, share.amount) for share in allocation.shares if share.is_gap
    ]
    assert gap == [("c", "NRF", 20), ("d", "NRF", 10)]


def test_table_says_who_blocks_and_what_it_would_take():
    rows = marginal_table(PROJECTS, FUNDERS, Policy.SKIP)

    assert [row.is_funded for row in rows] == [True, True, False, True]
    assert rows[2].missing == (Blocked("c", "NRF", 20),)
    assert [row.until for row in rows] == [{}, {}, {"NRF": 20}, {"NRF": 30}]


def test_strict_says_who_was_never_asked():
    allocation = allocate(PROJECTS, FUNDERS, Policy.STRICT)

    assert allocation.unreached == ("d",)
    assert cheapest_top_up(PROJECTS, FUNDERS, Policy.STRICT) == {"NRF": 20}


@given(cases(), POLICIES, MODES)
def test_amounts_are_exact_and_never_over_budget(case, policy, mode):
    projects, funders = case

    allocation = allocate(projects, funders, policy, mode)

    assert min((*allocation.left.values(), *allocation.gap_left.values())) >= 0
    for project in projects:
        for code, cost in project.costs.items():
            shares = [
                share.amount
                for share in allocation.shares
                if (share.project, share.funder) == (project.id, code)
            ]
            assert sum(shares) == (cost if project.id in allocation.funded else 0)
    gap_paid, paid = allocation.gap_paid, allocation.paid
    for funder in funders:
        assert allocation.gap_left[funder.code] + gap_paid[funder.code] == funder.gap_pot
        own = paid[funder.code] - gap_paid[funder.code]
        assert allocation.left[funder.code] + own == funder.budget


@given(cases(), POLICIES, MODES)
def test_money_crosses_sides_only_where_it_may(case, policy, mode):
    allocation = allocate(*case, policy, mode)

    is_mixed = policy is Policy.MIXED or mode is Mode.MIXED
    assert is_mixed or not any(share.is_gap for share in allocation.shares)
    across = [share for share in allocation.shares if share.payer != share.funder]
    assert all(share.is_gap for share in across) or (mode is Mode.REAL and not is_mixed)


@given(cases(), MODES)
def test_strict_is_a_prefix_and_skipping_funds_all_of_it(case, mode):
    projects, funders = case
    strict = allocate(projects, funders, Policy.STRICT, mode)
    skip = allocate(projects, funders, Policy.SKIP, mode)

    names = tuple(project.id for project in projects)
    assert strict.funded == names[: len(strict.funded)]
    assert skip.funded[: len(strict.funded)] == strict.funded
    asked = {one.project for one in strict.blocked}
    assert len(strict.funded) + len(asked) + len(strict.unreached) == len(names)


@given(cases(), POLICIES, MODES, st.data())
def test_top_up_unblocks_everything_until_there(case, policy, mode, data):
    projects, funders = case
    until = data.draw(st.integers(1, len(projects)))

    extra = cheapest_top_up(projects, funders, policy, mode, until=until)
    extra = {funders[0].code if code == POT else code: amount for code, amount in extra.items()}
    funded = allocate(projects, budgets(funders, extra), policy, mode).funded

    assert {project.id for project in projects[:until]} <= set(funded)


@settings(max_examples=60, deadline=None)
@given(cases(most=3, highest=3), POLICIES, MODES)
def test_nothing_smaller_unblocks(case, policy, mode):
    projects, funders = case
    extra = cheapest_top_up(projects, funders, policy, mode, until=len(projects))
    wanted = {project.id for project in projects}
    enough = []
    for amounts in product(range(10), repeat=len(funders)):
        tried = {one.code: amount for one, amount in zip(funders, amounts, strict=True)}
        if set(allocate(projects, budgets(funders, tried), policy, mode).funded) == wanted:
            enough.append(amounts)

    assert min(map(sum, enough)) == sum(extra.values())
    if mode is Mode.VIRTUAL and policy is not Policy.MIXED:
        assert [min(column) for column in zip(*enough, strict=True)] == [
            extra.get(funder.code, 0) for funder in funders
        ]


@given(cases(), POLICIES, MODES)
def test_next_top_up_funds_the_first_that_is_blocked(case, policy, mode):
    projects, funders = case
    blocked = allocate(projects, funders, policy, mode).blocked
    extra = cheapest_top_up(projects, funders, policy, mode)

    assert bool(extra) == bool(blocked)
    if blocked:
        to = {funders[0].code if code == POT else code: by for code, by in extra.items()}
        assert blocked[0].project in allocate(projects, budgets(funders, to), policy, mode).funded


@given(cases(), POLICIES, MODES)
def test_table_agrees_with_the_allocation(case, policy, mode):
    projects, funders = case
    allocation = allocate(projects, funders, policy, mode)

    rows = marginal_table(projects, funders, policy, mode)

    assert tuple(row.project for row in rows if row.is_funded) == allocation.funded
    asked = {one.project for one in allocation.blocked}
    found = tuple(one for row in rows for one in row.missing if row.project in asked)
    assert found == allocation.blocked
    for row in rows:
        until = cheapest_top_up(projects, funders, policy, mode, until=row.position)
        assert row.until == until


@given(
    st.integers(0, 10**12),
    st.lists(st.integers(1, 10**10), min_size=1, max_size=5),
    st.integers(0, 100),
)
def test_common_money_is_split_without_a_rest(common, amounts, percent):
    funders = tuple(Funder(str(place), amount) for place, amount in enumerate(amounts))

    gap_pot, parts = reserve(common, funders, percent)

    assert gap_pot + sum(parts.values()) == common
    assert gap_pot == common * percent // 100
    for funder in funders:
        exact = (common - gap_pot) * funder.budget / sum(amounts)
        assert abs(parts[funder.code] - exact) < 1.01


@pytest.mark.parametrize(
    ("percent", "is_usual"), ((39, False), (40, True), (75, True), (76, False))
)
def test_usual_share_of_the_gap_pot(percent, is_usual):
    assert is_usual_gap_share(percent, 100) is is_usual


@pytest.mark.parametrize(
    ("projects", "funders", "words"),
    (
        ((PROJECTS[0], replace(PROJECTS[1], id="a")), FUNDERS, "a project is there twice"),
        ((PROJECTS[0], replace(PROJECTS[1], position=1)), FUNDERS, "a position"),
        (PROJECTS, (*FUNDERS, FUNDERS[0]), "a funder"),
        (PROJECTS, (FUNDERS[0],), "unknown funder: DFG"),
        (PROJECTS, (replace(FUNDERS[0], budget=-1), FUNDERS[1]), "below 0"),
        ((replace(PROJECTS[0], costs={"NRF": -1}),), FUNDERS, "less than nothing"),
    ),
)
def test_what_makes_no_sense_is_refused(projects, funders, words):
    with pytest.raises(ValueError, match=words):
        allocate(projects, funders, Policy.SKIP)


def test_position_that_nobody_has_is_refused():
    with pytest.raises(ValueError, match="nothing is at position 9"):
        cheapest_top_up(PROJECTS, FUNDERS, Policy.SKIP, until=9)
