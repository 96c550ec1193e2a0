"""The int8 filter: the same lists as float32, and an audit that notices when it is not so."""

import logging
from unittest import mock

import numpy as np
import pytest

from matching.scoring import PairRules, Vectors, left_vectors, right_vectors, top_pairs
from matching.scoring.blocks import Pass, plan_blocks
from matching.scoring.onnx_bytes import ZERO_POINT, multiplication_by
from matching.scoring.quantised import loaded
from tests.matching.populations import assert_same, clusters, oracle, people, some_pairs


def lists(left, right, rules=None, *, method="int8", exact=False, keep=20, block=700, groups=None):
    masks = {"left_groups": groups[0], "right_groups": groups[1]} if groups else {}
    one = Pass(left, right, rules, keep=keep, method=method, exact=exact, **masks)
    return one.all_lists(plan_blocks(len(left), block))


@pytest.mark.parametrize("shape", ((1, 1, 1), (300, 64, 17), (33, 1211, 20)))
def test_the_model_multiplies_integers_exactly(shape):
    rows, dimension, columns = shape
    random = np.random.default_rng(1)
    x = random.integers(1, 256, (rows, dimension)).astype(np.uint8)
    weights = random.integers(-127, 128, (dimension, columns)).astype(np.int8)

    (y,) = loaded(multiplication_by(weights)).run(None, {"x": x})

    np.testing.assert_array_equal(y, (x.astype(np.int64) - ZERO_POINT) @ weights)


@pytest.mark.parametrize("is_sorted", (False, True))
@pytest.mark.parametrize("kinds", (0, 12))
def test_lists_are_those_of_exact_arithmetic(is_sorted, kinds):
    left = clusters(2500, 1, is_sorted=is_sorted)
    right = clusters(2300, 2, first_id=10_000, is_sorted=is_sorted)
    random = np.random.default_rng(5)
    rules = PairRules(*(some_pairs(left, right, 4000, random) for _kind in range(4)))
    groups = [
        np.uint64(1) << random.integers(0, kinds or 1, len(side)).astype(np.uint64)
        for side in (left, right)
    ]

    found = lists(left, right, rules, groups=groups)

    assert_same(found, lists(left, right, rules, groups=groups, exact=True))
    assert found[0].found_by == found[1].found_by == "int8"


@pytest.mark.parametrize("alike", (False, True))
def test_large_components_and_prices_are_cut_into_parts(alike):
    left = left_vectors(people(400, 1, alike=alike))
    right = right_vectors(people(300, 2, first_id=1000, alike=alike))

    found = lists(left, right, keep=10)

    sides = [
        dict(zip(side.person_ids.tolist(), side.partner_ids.tolist(), strict=True))
        for side in found
    ]
    expected = oracle(left, right, PairRules(), 10)
    assert sides == [
        {one: [other for _score, other in pairs] for one, pairs in side.items()}
        for side in expected
    ]


def test_copies_of_large_columns_keep_the_steps_small():
    left, right = clusters(600, 1, dimension=200), clusters(600, 2, dimension=200)
    spiked = [
        Vectors(side.ids, np.hstack([side.rows, np.full((600, 1), 2**14, np.int16)]), (0,), "left")
        for side in (left, right)
    ]

    plain = Pass(left, right, keep=10, method="int8", exact=False).search.filter
    with_spike = Pass(*spiked, keep=10, method="int8", exact=False).search.filter

    assert len(with_spike.steps.columns) <= 201 * 1.06 + 16
    assert with_spike.unit < 2 * plain.unit


def test_blocks_done_apart_agree():
    left, right = clusters(900, 1), clusters(800, 2, first_id=10_000)
    one = Pass(left, right, keep=20, method="int8", exact=False)
    first, *others = plan_blocks(900, 256)

    results = [one.score_block(first, None)]
    results += [one.score_block(span, results[0].thresholds) for span in others[::-1]]
    columns = one.merge([result.columns for result in results], results[0].thresholds)

    assert_same([columns], [lists(left, right, exact=True)[1]])


@pytest.fixture
def careless(monkeypatch):
    """A fifteenth of the margin: one list in forty is wrong and does not show it."""
    monkeypatch.setattr("matching.scoring.quantised.SIGMAS", 0.2)


def test_audit_notices_a_margin_that_is_too_small(careless, caplog):
    left, right = clusters(2500, 1), clusters(2300, 2, first_id=10_000)

    with caplog.at_level(logging.WARNING):
        found = top_pairs(left, right, keep=20, method="int8")

    assert "The int8 filter lost somebody" in caplog.text
    assert found[0].found_by == found[1].found_by == "float32"
    assert_same(found, lists(left, right, exact=True))


def test_audit_of_a_block_notices_it_too(careless, caplog):
    left, right = clusters(900, 1), clusters(800, 2, first_id=10_000)
    one = Pass(left, right, keep=20, method="int8", exact=False)

    with caplog.at_level(logging.WARNING):
        result = one.score_block((0, 900), None)

    assert "The int8 filter lost somebody" in caplog.text
    assert result.rows.found_by == "float32"
    columns = one.merge([result.columns], result.thresholds)
    assert_same([columns], [lists(left, right, exact=True)[1]])


def test_without_the_audit_the_careless_margin_would_have_shown(careless):
    left, right = clusters(2500, 1), clusters(2300, 2, first_id=10_000)

    with mock.patch("matching.scoring.blocks.missed_lists", return_value=0):
        found = lists(left, right)

    true = lists(left, right, exact=True)
    assert (found[0].partner_ids != true[0].partner_ids).any()


@pytest.mark.parametrize("counts", ((0, 5), (1, 1), (1, 3000), (3000, 1)))
def test_sides_with_nobody_or_one(counts):
    left, right = clusters(counts[0], 1), clusters(counts[1], 2, first_id=10_000)

    assert_same(lists(left, right), lists(left, right, exact=True))


def test_vectors_of_nothing_but_zeros():
    nothing = Vectors(np.arange(50), np.zeros((50, 16), np.int16), (0,), "left")

    found = lists(nothing, nothing, keep=5)

    assert (found[0].partner_ids == np.arange(5)).all()
    assert (found[0].scores == 0).all()
