"""Thresholds, weights, zones, and the rank list with its reasons."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from funding.ranking import (
    LOTTERY,
    OVERALL,
    SCORE,
    UNDRAWN,
    Criterion,
    Item,
    Shortfall,
    Zone,
    expected_ranks,
    flips,
    line,
    meets,
    order,
    weighted,
    zones,
)
from tests.funding.votes_made import made

HORIZON = tuple(Criterion(code, 1, 3) for code in ("excellence", "impact", "implementation"))
HALVES = st.integers(0, 10).map(lambda half: Decimal(half) / 2)


def scores(*values):
    return dict(zip(("excellence", "impact", "implementation"), values, strict=False))


@pytest.mark.parametrize(
    ("values", "short"),
    (
        ((3, 3, 4), ()),
        ((3, 3, 3), ((OVERALL, 9, 10),)),
        ((5, 5, Decimal("2.5")), (("implementation", Fraction(5, 2), 3),)),
        ((0, 5, 4.5), (("excellence", 0, 3), (OVERALL, Fraction(19, 2), 10))),
        ((5, 5), (("implementation", None, 3),)),
    ),
)
def test_thresholds_of_horizon(values, short):
    assert meets(scores(*values), HORIZON, 10) == tuple(Shortfall(*one) for one in short)


def test_weights_do_not_count_for_thresholds():
    heavy = tuple(replace(criterion, weight=7) for criterion in HORIZON)

    assert meets(scores(3, 3, 3), heavy, 10) == meets(scores(3, 3, 3), HORIZON, 10)


@given(st.tuples(HALVES, HALVES, HALVES), st.permutations(HORIZON))
def test_equal_merit_is_an_equal_number(values, criteria):
    third = tuple(replace(criterion, weight=Decimal("0.1")) for criterion in criteria)

    assert weighted(scores(*values), third) == weighted(scores(*values), HORIZON)
    assert weighted(scores(*values), third) == weighted(scores(*values[::-1]), third)
    assert weighted(scores(*values), third) == float(Fraction(sum(values)) / 3)


def test_weights_move_the_mean():
    criteria = (Criterion("excellence", 1), Criterion("impact", Decimal("1.5")))

    assert weighted(scores(5, 0), criteria) == 2
    assert weighted(scores(0, 5), criteria) == 3


@pytest.mark.parametrize(
    ("values", "words"),
    (
        ({"excellence": Decimal("3.3")}, "half mark"),
        ({"excellence": 5.5}, "half mark"),
        ({"excellence": -1}, "half mark"),
        ({"beauty": 3}, "no such criterion"),
        ({"excellence": 3}, "no score for impact"),
    ),
)
def test_scores_that_make_no_sense_are_refused(values, words):
    with pytest.raises(ValueError, match=words):
        weighted(values, HORIZON)


@pytest.mark.parametrize("wrong", ({"weight": -1}, {"threshold": 6}, {"code": OVERALL}))
def test_criteria_that_make_no_sense_are_refused(wrong):
    with pytest.raises(ValueError, match=r"range|called"):
        Criterion(**({"code": "impact"} | wrong))


@pytest.fixture(scope="module")
def ranks():
    return expected_ranks(made(1)[0], seed=1, draws=400, correct_severity=False)


def with_ranks(ranks, expected, low, high):
    bounds = {
        f"{side}{size}": np.array(ends)
        for side, ends in (("low", low), ("high", high))
        for size in (50, 90)
    }
    return replace(ranks, expected=np.array(expected), **bounds)


def test_zone_is_which_side_of_the_line_an_interval_lies_on(ranks):
    five = with_ranks(ranks, [1.2, 2.4, 2.9, 3.5, 5], [1, 1, 2, 2, 5], [2, 3, 4, 5, 5])

    assert line(five, 3) == 2.9
    assert zones(five, 3) == (Zone.FUND, Zone.DRAW, Zone.DRAW, Zone.DRAW, Zone.NOT)


def test_nothing_is_drawn_where_all_that_could_be_drawn_is_paid(ranks):
    five = with_ranks(ranks, [1.2, 2.4, 2.9, 3.5, 5], [1, 1, 2, 3, 5], [2, 3, 4, 5, 5])

    assert zones(five, 3) == (Zone.FUND,) * 3 + (Zone.NOT,) * 2


def test_nothing_is_drawn_where_the_order_is_certain(ranks):
    sure = with_ranks(ranks, [1.0, 2, 3], [1, 2, 3], [1, 2, 3])

    assert zones(sure, 2) == (Zone.FUND, Zone.FUND, Zone.NOT)


@pytest.mark.parametrize(("fundable", "zone"), ((0, Zone.NOT), (30, Zone.FUND), (99, Zone.FUND)))
def test_money_for_nobody_or_everybody_needs_no_lottery(ranks, fundable, zone):
    assert set(zones(ranks, fundable)) == {zone}


@pytest.mark.parametrize("interval", (50, 90))
def test_zones_leave_the_money_for_the_drawn(ranks, interval):
    for fundable in range(31):
        found = zones(ranks, fundable, interval)

        funded, drawn = found.count(Zone.FUND), found.count(Zone.DRAW)
        assert funded <= fundable <= funded + drawn
        assert (funded == fundable) == (drawn == 0)


def test_wider_intervals_draw_more(ranks):
    assert zones(ranks, 8, 50).count(Zone.DRAW) < zones(ranks, 8, 90).count(Zone.DRAW)


def test_flips_are_the_zones_that_differ():
    votes, _quality = made(1, proposals=60, reviewers=6, votes=3, severity=1.0, noise=0.3)
    raw, corrected = (
        expected_ranks(votes, seed=1, correct_severity=correct) for correct in (False, True)
    )

    found = {one.proposal: (one.before, one.after) for one in flips(raw, corrected, 20)}

    pairs = list(zip(zones(raw, 20), zones(corrected, 20), strict=True))
    assert found
    assert found == {place: pair for place, pair in enumerate(pairs) if pair[0] != pair[1]}


@pytest.mark.parametrize(("fundable", "interval"), ((-1, 50), (3, 80)))
def test_zones_that_make_no_sense_are_refused(ranks, fundable, interval):
    with pytest.raises(ValueError, match=r"at least 0|per cent"):
        zones(ranks, fundable, interval)


def item(name, score, ticket=None, **keys):
    return Item(name, score, {"coverage": frozenset(), "impact": 3, **keys}, ticket)


def reasons(ranked):
    return [(one.id, one.decided_by) for one in ranked.placed]


def test_each_step_of_the_order_decides_in_its_turn():
    items = (
        item("drawn late", 4, ticket=9),
        item("drawn early", 4, ticket=2),
        item("impact", 4, impact=4, ticket=5),
        item("best", 5, impact=0, ticket=7),
        item("new topic", 4, coverage=frozenset({"batteries"}), impact=1, ticket=8),
    )

    assert reasons(order(items, ("coverage", "impact"))) == [
        ("best", None),
        ("new topic", SCORE),
        ("impact", "coverage"),
        ("drawn early", "impact"),
        ("drawn late", LOTTERY),
    ]


def test_topic_that_is_covered_above_counts_no_more():
    sea, sky = frozenset({"sea"}), frozenset({"sky"})
    items = (
        item("sea above", 5, coverage=sea),
        item("sea again", 4, coverage=sea, impact=5),
        item("sky and sea", 4, coverage=sky | sea, impact=1),
        item("sky", 4, coverage=sky, impact=4),
    )

    ranked = order(items, ("coverage", "impact"))

    # When the third is placed, the sky is covered too: impact decides between the last two.
    assert reasons(ranked) == [
        ("sea above", None),
        ("sky", SCORE),
        ("sea again", "coverage"),
        ("sky and sea", "impact"),
    ]
    assert (ranked.placed[2].above, ranked.placed[2].here) == (1, 0)


def test_equals_without_a_lot_wait_for_the_lottery():
    ranked = order((item("a", 4), item("b", 4), item("c", 3)), ("impact",))

    assert reasons(ranked) == [("a", None), ("b", UNDRAWN), ("c", SCORE)]
    assert ranked.undrawn == ("a", "b")


ITEMS = st.lists(
    st.tuples(st.integers(4, 6), st.sets(st.integers(0, 3)), st.integers(1, 3)),
    min_size=1,
    max_size=8,
)


@given(ITEMS, st.randoms())
def test_order_is_total_and_does_not_depend_on_the_entry(rows, chance):
    items = [
        item(place, score / 2, ticket=place, coverage=frozenset(topics), impact=impact)
        for place, (score, topics, impact) in enumerate(rows)
    ]
    shuffled = chance.sample(items, len(items))

    ranked = order(items, ("coverage", "impact"))

    assert order(shuffled, ("coverage", "impact")) == ranked
    assert [one.position for one in ranked.placed] == list(range(1, len(items) + 1))
    values = {one.id: one.score for one in items}
    assert [values[one] for one in ranked.ids] == sorted(values.values(), reverse=True)
    for above, here in zip(ranked.placed, ranked.placed[1:], strict=False):
        assert (here.decided_by == SCORE) == (values[above.id] != values[here.id])
        if here.decided_by in ("coverage", "impact", SCORE):
            assert here.above > here.here
        else:
            assert here.above < here.here


@pytest.mark.parametrize(
    ("items", "words"),
    (
        ((item("a", 4), item("a", 3)), "twice"),
        ((item("a", 4, ticket=1), item("b", 3, ticket=1)), "twice"),
        ((item("a", float("nan")),), "not a number"),
        ((Item("a", 4),), "a has no coverage"),
    ),
)
def test_items_that_make_no_sense_are_refused(items, words):
    with pytest.raises(ValueError, match=words):
        order(items, ("coverage", "impact"))
