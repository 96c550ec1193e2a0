"""Everybody's best partners: exactly those of the oracle, whatever the way."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.scoring import (
    PairRules,
    Vectors,
    exact_scores,
    left_vectors,
    right_vectors,
    top_for_one,
    top_pairs,
)
from tests.matching.populations import (
    as_pairs,
    assert_same,
    clusters,
    oracle,
    people,
    two_sides,
)


@settings(deadline=None, max_examples=60)
@given(
    counts=st.tuples(st.integers(0, 25), st.integers(0, 25)),
    seed=st.integers(0, 2**16),
    block=st.integers(1, 30),
    keep=st.integers(1, 12),
    alike=st.booleans(),
    bits=st.sampled_from((0, 1, 4)),
)
def test_top_pairs_equal_the_oracle_for_every_block_size(counts, seed, block, keep, alike, bits):
    left, right, rules = two_sides(counts, seed, alike=alike)
    random = np.random.default_rng(seed)
    groups = [random.integers(0, 2**bits, count).astype(np.uint64) for count in counts]
    left_groups, right_groups = groups if bits else (None, None)

    lists = top_pairs(
        left, right, rules=rules, keep=keep, block=block,
        left_groups=left_groups, right_groups=right_groups,
    )  # fmt: skip

    expected = oracle(left, right, rules, keep, groups if bits else None)
    assert [as_pairs(side) for side in lists] == expected
    assert lists[0].person_ids.tolist() == left.ids.tolist()
    assert lists[1].person_ids.tolist() == right.ids.tolist()


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 2**16), keep=st.integers(1, 30))
def test_top_for_one_equals_the_batch_bit_for_bit(seed, keep):
    left, right, rules = two_sides((20, 15), seed)
    batch = top_pairs(left, right, rules=rules, keep=keep)

    for position, (one_side, others) in enumerate(((left, right), (right, left))):
        mine = (rules.hidden_from_left, rules.hidden_from_right)[position]
        excluded = np.concatenate([rules.forbidden, mine])
        for row, person_id in enumerate(one_side.ids):
            alone = top_for_one(
                one_side.of([row]),
                others,
                excluded=excluded[excluded[:, position] == person_id, 1 - position],
                worked_together=rules.worked_together[
                    rules.worked_together[:, position] == person_id, 1 - position
                ],
                keep=keep,
            )
            for name in ("person_ids", "partner_ids", "scores", "counts"):
                expected = getattr(batch[position], name)[row : row + 1]
                np.testing.assert_array_equal(getattr(alone, name), expected)


@pytest.mark.parametrize("is_mapped", (False, True))
def test_top_for_one_among_thousands_mapped_or_not(tmp_path, is_mapped):
    left, others = clusters(3, 1), clusters(3000, 2, first_id=10_000)
    others = others.of(np.random.default_rng(1).permutation(3000))
    rules = PairRules(
        hidden_from_left=np.array([[1, 10_005], [1, 12_000], [1, 5]]),
        worked_together=np.array([[1, 10_700], [1, 10_700], [1, 12_999]]),
    )
    batch = top_pairs(left, others, rules=rules, keep=40)[0]
    if is_mapped:
        others.rows.tofile(tmp_path / "rows")
        rows = np.memmap(tmp_path / "rows", np.int16, "r", shape=others.rows.shape)
        others = Vectors(others.ids, rows, others.starts, others.position)

    alone = top_for_one(
        left.of([0]),
        others,
        excluded=rules.hidden_from_left[:, 1],
        worked_together=rules.worked_together[:, 1],
        keep=40,
    )

    assert_same([alone], [batch.of([0])])


SMALL_WITHOUT_NUMBA = """
import sys
if {is_missing}:
    sys.modules["numba"] = None
from matching.scoring import top_for_one, top_pairs
from tests.matching.populations import NOBODY, clusters

left, right = clusters({count}, 1), clusters(60, 2, first_id=10_000)
lists = top_pairs(left, right, keep=5)
alone = top_for_one(right.of([0]), left, excluded=NOBODY, worked_together=NOBODY, keep=5)
assert (alone.partner_ids == lists[1].partner_ids[0]).all()
print(lists[0].partner_ids.sum(), sys.modules.get("numba") is not None)
"""


@pytest.mark.parametrize(
    "case", ((1999, False, False), (2001, False, True), (2001, True, False)), ids=str
)
def test_the_compiler_is_loaded_only_for_thousands_and_may_be_missing(case):
    count, is_missing, is_loaded = case
    code = SMALL_WITHOUT_NUMBA.format(count=count, is_missing=is_missing)

    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    lists = top_pairs(clusters(count, 1), clusters(60, 2, first_id=10_000), keep=5)
    assert run.stdout.split() == [str(lists[0].partner_ids.sum()), str(is_loaded)]


def test_scores_beyond_32_bits_are_exact_for_one_person_too():
    rows = np.full((2500, 64), 32_767, dtype=np.int16)
    others = Vectors(np.arange(2500), rows, (0,), "right")

    scores = exact_scores(others.of([0]), others)

    assert (scores == 64 * 32_767**2).all()


def test_an_id_that_stands_twice_is_refused():
    left = left_vectors(people(3, 1))
    twice = Vectors(np.array([5, 6, 5]), left.rows, left.starts, "right")

    with pytest.raises(ValueError, match="same id"):
        top_pairs(left, twice, rules=PairRules())


def test_groups_that_are_not_one_a_person_are_refused():
    left, right = left_vectors(people(3, 1)), right_vectors(people(3, 1))

    with pytest.raises(ValueError, match="2 groups for 3 people"):
        top_pairs(
            left, right, left_groups=np.ones(2, np.uint64), right_groups=np.ones(3, np.uint64)
        )
