"""The filtered pass: the same lists, in whatever pieces and order it is done."""

import tracemalloc
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.scoring import (
    PairRules,
    Vectors,
    kernels,
    left_vectors,
    right_vectors,
    top_pairs,
)
from matching.scoring.blocks import Pass, plan_blocks
from matching.scoring.candidates import rank_at
from tests.matching.populations import (
    as_pairs,
    assert_same,
    clusters,
    oracle,
    people,
    some_pairs,
    two_sides,
)

NARROW = mock.patch("matching.scoring.search.WIDTH", 16)


def filtered(left, right, rules=None, *, block=512, keep=10, groups=(None, None), **named):
    """What a large population gets, however small this one is."""
    one = Pass(left, right, rules, left_groups=groups[0], right_groups=groups[1],
               keep=keep, exact=False, **named)  # fmt: skip
    return one.all_lists(plan_blocks(len(left), block))


def exact(left, right, rules=None, *, keep=10, groups=(None, None)):
    one = Pass(left, right, rules, left_groups=groups[0], right_groups=groups[1],
               keep=keep, exact=True)  # fmt: skip
    return one.all_lists([])


def some_groups(left, right, kinds, seed=0):
    """One bit each: a share 1 / kinds of the pairs is allowed."""
    random = np.random.default_rng(seed)
    return tuple(
        np.uint64(1) << random.integers(0, kinds, len(side)).astype(np.uint64)
        for side in (left, right)
    )


@settings(deadline=None, max_examples=80)
@given(
    counts=st.tuples(st.integers(0, 60), st.integers(0, 60)),
    seed=st.integers(0, 2**16),
    block=st.integers(1, 70),
    keep=st.integers(1, 12),
    alike=st.booleans(),
    kinds=st.sampled_from((0, 1, 4)),
)
def test_lists_equal_the_oracle_and_hold_no_masked_pair(counts, seed, block, keep, alike, kinds):
    left, right, rules = two_sides(counts, seed, alike=alike)
    groups = some_groups(left, right, kinds, seed) if kinds else (None, None)

    with NARROW:
        lists = filtered(left, right, rules, block=block, keep=keep, groups=groups)

    expected = oracle(left, right, rules, keep, groups if kinds else None)
    assert [as_pairs(side) for side in lists] == expected


@settings(deadline=None, max_examples=40)
@given(
    seed=st.integers(0, 2**16),
    block=st.integers(5, 70),
    keep=st.integers(1, 12),
    alike=st.booleans(),
    data=st.data(),
)
def test_blocks_may_be_done_apart_and_in_any_order(seed, block, keep, alike, data):
    left, right, rules = two_sides((60, 50), seed, alike=alike)
    cut = data.draw(st.integers(0, 50))

    with NARROW:
        one = Pass(left, right, rules, keep=keep, exact=False)
        first, *others = plan_blocks(60, block)
        results = [one.score_block(first, None)]
        thresholds = results[0].thresholds
        results += [
            one.score_block(span, thresholds) for span in data.draw(st.permutations(others))
        ]
        survivors = data.draw(st.permutations([result.columns for result in results]))
        parts = [one.merge(survivors, thresholds, columns) for columns in ((0, cut), (cut, 50))]

    expected = oracle(left, right, rules, keep)
    assert {k: v for part in parts for k, v in as_pairs(part).items()} == expected[1]
    assert {k: v for part in results for k, v in as_pairs(part.rows).items()} == expected[0]
    assert sum(result.pairs for result in results) == 60 * 50


@pytest.mark.parametrize("is_sorted", (False, True))
@pytest.mark.parametrize("kinds", (0, 12))
@pytest.mark.parametrize("block", (300, 2048))
def test_thousands_of_people_in_clusters(is_sorted, kinds, block):
    left = clusters(2500, 1, is_sorted=is_sorted)
    right = clusters(2300, 2, first_id=10_000, is_sorted=is_sorted)
    random = np.random.default_rng(5)
    rules = PairRules(*(some_pairs(left, right, 4000, random) for _kind in range(4)))
    groups = some_groups(left, right, kinds) if kinds else (None, None)

    found = filtered(left, right, rules, block=block, keep=50, groups=groups)

    assert_same(found, exact(left, right, rules, keep=50, groups=groups))


def test_near_ties_that_float32_cannot_tell_apart():
    left = left_vectors(people(150, 1))
    right = right_vectors(people(200, 2, first_id=1000))
    rows = np.tile(right.rows[:1], (200, 1))
    rows[np.arange(200), np.arange(200) % (rows.shape[1] - 2)] += 1
    right = Vectors(right.ids, rows, right.starts, right.position)

    with NARROW:
        lists = filtered(left, right, block=64)

    assert [as_pairs(side) for side in lists] == oracle(left, right, PairRules(), 10)


@pytest.mark.parametrize("value", (0, 3000))
def test_everybody_alike_ties_go_to_the_smaller_id(value):
    rows = np.full((700, 16), value, dtype=np.int16)
    left = Vectors(np.arange(700)[::-1].copy(), rows, (0,), "left")
    right = Vectors(np.arange(1000, 1700)[::-1].copy(), rows, (0,), "right")

    found = filtered(left, right, block=256, keep=5)

    assert (found[0].partner_ids == np.arange(1000, 1005)).all()
    assert (found[1].partner_ids == np.arange(5)).all()
    assert (found[0].scores == 16 * value * value).all()


def test_rows_beyond_32_bits_are_still_scored_exactly():
    random = np.random.default_rng(1)
    rows = random.choice(np.array([-32768, 32767], np.int16), (80, 64))
    left = Vectors(np.arange(80), rows, (0,), "left")
    right = Vectors(np.arange(100, 180), np.ascontiguousarray(rows[::-1]), (0,), "right")

    with NARROW:
        lists = filtered(left, right, block=32)

    assert abs(lists[0].scores).max() > 2**32
    assert [as_pairs(side) for side in lists] == oracle(left, right, PairRules(), 10)


@pytest.mark.parametrize("counts", ((0, 0), (0, 5), (5, 0), (1, 1), (1, 3000), (3000, 1)))
def test_sides_with_nobody_or_one(counts):
    left, right = clusters(counts[0], 1), clusters(counts[1], 2, first_id=10_000)

    lists = filtered(left, right, keep=7)

    assert [len(side) for side in lists] == list(counts)
    for side, others in zip(lists, counts[::-1], strict=True):
        assert (side.counts == min(others, 7)).all()
    assert_same(lists, exact(left, right, keep=7))


def test_a_floor_that_was_too_high_is_noticed_and_redone():
    left, right = clusters(600, 1), clusters(600, 2, first_id=10_000)

    # Ranks far too small: most lists lose somebody.
    with (
        mock.patch("matching.scoring.search.rank_at", lambda keep, _share: max(keep // 8, 1)),
        NARROW,
    ):
        one = Pass(left, right, keep=20, exact=False)
        first = one.score_block((0, 300), None)
        second = one.score_block((300, 600), first.thresholds)
        columns = one.merge([first.columns, second.columns], first.thresholds)

    assert first.redone > 100
    expected = exact(left, right, keep=20)
    assert_same([columns], [expected[1]])
    rows = {**as_pairs(first.rows), **as_pairs(second.rows)}
    assert rows == as_pairs(expected[0])


def test_ranks_leave_room_for_chance_and_end_at_the_length_of_the_list():
    assert rank_at(50, 1.0) == 50
    assert rank_at(50, 0.1) == 16
    assert rank_at(1, 0.5) == 1


def test_order_of_the_input_does_not_matter():
    left, right = clusters(400, 1), clusters(400, 2, first_id=10_000)
    shuffled = np.random.default_rng(2).permutation(400)

    one = filtered(left, right)
    other = filtered(left.of(shuffled), right.of(shuffled[::-1]))

    assert_same([one[0].of(shuffled), one[1].of(shuffled[::-1])], other)


def test_progress_is_told_by_block():
    left = clusters(2100, 1)
    told = []

    top_pairs(left, clusters(50, 2), keep=3, block=500, progress=lambda *done: told.append(done))

    assert told == [(1, 5), (2, 5), (3, 5), (4, 5), (5, 5)]
    told.clear()
    top_pairs(left.of([0, 1]), left, keep=3, block=1, progress=lambda *done: told.append(done))
    assert told[-1] == (2, 2)


def test_kernels_are_compiled_where_nothing_can_be_kept():
    names = {}
    # A function without a file has no place beside it for what is compiled.
    exec("def double(value):\n    return 2 * value", names)

    assert kernels.compiled(names["double"])(21) == 42


def test_memory_does_not_grow_with_the_number_of_pairs():
    peaks = {}
    for count in (1500, 6000):
        left, right = clusters(count, 1), clusters(count, 2, first_id=10_000)
        tracemalloc.start()
        filtered(left, right, block=256, keep=10)
        peaks[count] = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    vectors = 2 * 6000 * 48 * 4

    # All values at once would be 144 MB; linear growth is at most fourfold.
    assert peaks[6000] < 4.2 * peaks[1500]
    assert peaks[6000] < 3 * vectors + 30e6


@pytest.mark.parametrize("keep_and_block", ((0, 100), (5, 0)))
def test_lists_and_blocks_without_a_place_are_refused(keep_and_block):
    keep, block = keep_and_block
    with pytest.raises(ValueError, match="at least one"):
        top_pairs(clusters(5, 1), clusters(5, 2), keep=keep, block=block)
