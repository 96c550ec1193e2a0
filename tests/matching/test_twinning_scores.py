"""Which organisations fit together: exact sums, in any order, for any number of organisations."""

import time

import numpy as np
import pytest

from matching.scoring import twinning
from matching.scoring.terms import UNIT
from matching.scoring.twinning import (
    BLOCK,
    TWINNING_TERMS,
    TWINNING_WEIGHTS,
    Bodies,
    best_pairs,
    propose,
)


def some_bodies(seed: int, count: int, dimension: int = 24, first: int = 1) -> Bodies:
    random = np.random.default_rng(seed)

    def vectors(share: float = 1.0):
        rows = random.integers(-32_767, 32_768, (count, dimension))
        return rows * (random.random((count, 1)) < share)

    ids = random.permutation(np.arange(first, first + count))
    return Bodies(ids, vectors(), vectors(0.4), vectors(0.4), random.integers(0, 4, (count, 5)))


def of(bodies: Bodies, rows) -> Bodies:
    return Bodies(*(getattr(bodies, name)[rows] for name in Bodies.__dataclass_fields__))


@pytest.fixture
def sides():
    return some_bodies(1, 30), some_bodies(2, 40, first=1001)


def test_the_parts_add_up_to_the_score(sides):
    proposals = propose(*sides)
    assert proposals
    for proposal in proposals:
        assert sum(proposal.parts) == proposal.score
        assert len(proposal.parts) == len(TWINNING_TERMS)
        assert 0 < proposal.score <= UNIT * 1.001


def test_both_sides_see_the_same_number_of_a_pair(sides):
    left, right = sides
    found = {(one.organisation, one.partner): one for one in propose(left, right, keep=50)}
    pair = next(iter(found))
    there, back = found[pair], found[pair[::-1]]
    assert there.score == back.score
    topic, areas, seeking, offering = there.parts
    assert back.parts == (topic, areas, offering, seeking)


def test_rows_in_another_order_give_the_same_lists(sides):
    left, right = sides
    random = np.random.default_rng(3)
    shuffled = of(left, random.permutation(30)), of(right, random.permutation(40))
    assert sorted(map(str, propose(*shuffled))) == sorted(map(str, propose(left, right)))


def test_lists_are_the_best_of_all_pairs_with_ties_by_id():
    """Against a plain loop over Python's integers, over several blocks."""
    left, right = some_bodies(4, BLOCK + 9), some_bodies(5, 23, first=2001)
    twins = of(right, [0, 0, *range(len(right))])
    twins.ids[:2] = [5000, 4000]
    rows = twinning.packed(left, swapped=False).tolist()
    columns = twinning.packed(twins, swapped=True).tolist()
    found = [one for one in propose(left, twins, keep=3) if one.organisation in left.ids]
    for place in (0, BLOCK - 1, BLOCK, BLOCK + 8):
        scores = [
            (-sum(a * b for a, b in zip(rows[place], column, strict=True)), int(pk))
            for column, pk in zip(columns, twins.ids, strict=True)
        ]
        wanted = [(pk, -score) for score, pk in sorted(scores)[:3] if score < 0]
        own = [one for one in found if one.organisation == left.ids[place]]
        assert [(one.partner, one.score) for one in own] == wanted


def test_what_one_seeks_and_the_other_offers_counts_where_it_belongs():
    nothing = np.zeros((1, 3), dtype=np.int64)
    wish = np.array([[32_767, 0, 0]])
    left = Bodies(np.array([1]), nothing, nothing, wish, nothing)
    right = Bodies(np.array([2]), nothing, wish, nothing, nothing)
    there, back = propose(left, right)
    parts = dict(zip(TWINNING_TERMS, there.parts, strict=True))
    assert parts["seeking"] == pytest.approx(TWINNING_WEIGHTS["seeking"] * UNIT, rel=1e-3)
    assert parts["offering"] == 0
    assert dict(zip(TWINNING_TERMS, back.parts, strict=True))["offering"] == parts["seeking"]


def test_size_does_not_count(sides):
    left, right = sides
    grown = Bodies(left.ids, left.topic * 400, left.offers, left.seeks, left.areas * 400)
    assert [one.partner for one in propose(grown, right)] == [
        one.partner for one in propose(left, right)
    ]


def test_organisations_of_which_nothing_is_known_get_no_suggestion(sides):
    empty = Bodies(np.array([7]), *(np.zeros((1, n), dtype=np.int64) for n in (24, 24, 24, 5)))
    assert propose(empty, sides[1]) == []
    assert propose(of(sides[0], []), sides[1]) == []


def test_closest_pairs_name_everybody_once():
    mine = np.array([[32_767, 0], [32_000, 7_000]], dtype=np.int16)
    theirs = np.array([[32_767, 0], [0, 32_767]], dtype=np.int16)
    found = best_pairs(mine, theirs)
    assert [(row, column) for row, column, _cosine in found] == [(0, 0), (1, 1)]
    assert found[0][2] == pytest.approx(1, abs=1e-3)
    assert best_pairs(mine, theirs[:0]) == []


def test_two_thousand_a_side_take_seconds():
    left, right = some_bodies(6, 2000, 512), some_bodies(7, 2000, 512, first=5001)
    started = time.process_time()
    assert len(propose(left, right)) == 40_000
    assert time.process_time() - started < 60
