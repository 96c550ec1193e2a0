"""The score: exact on integers, whatever the blocks."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.models import CareerStage, OrganisationType
from matching.scoring import (
    CAREER_STAGES,
    ORGANISATION_TYPES,
    STORED,
    TERMS,
    UNIT,
    WEIGHTS,
    PairRules,
    People,
    as_floats,
    left_vectors,
    ranking,
    right_vectors,
    score_parts,
    tag_weights,
    top_for_one,
    top_pairs,
)

DIMENSION = 8


def unit_rows(random, count):
    rows = random.normal(size=(count, DIMENSION))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    rows[random.random(count) < 0.1] = 0
    return np.rint(rows * STORED).astype(np.int16)


def people(count, seed, *, first_id=1, alike=False):
    """Random people; `alike` makes them few different persons, so that scores tie."""
    random = np.random.default_rng(seed)
    made = People(
        ids=random.permutation(np.arange(first_id, first_id + count)),
        topic=unit_rows(random, count),
        offers=unit_rows(random, count),
        seeks=unit_rows(random, count),
        tags=random.integers(0, 2, (count, 5)) * np.array([1000, 1500, 2000, 2500, 3000]),
        organisation_types=random.random((count, 9)) < 0.15,
        hosts=random.random(count) < 0.5,
        visits=random.random(count) < 0.5,
        stage=np.eye(5, 4, dtype=bool)[random.integers(0, 5, count)],
        wished_stages=random.random((count, 4)) < 0.2,
    )
    if alike and count:
        same = random.integers(0, min(count, 3), count)
        values = {name: getattr(made, name)[same] for name in vars(made) if name != "ids"}
        made = People(ids=made.ids, **values)
    return made


def rules_between(left, right, seed):
    random = np.random.default_rng(seed)

    def some():
        if not len(left) or not len(right):
            return ranking.no_pairs()
        count = len(left) * len(right) // 6 + 1
        strangers = [[999_999, 1]]
        pairs = np.stack([random.choice(left.ids, count), random.choice(right.ids, count)], axis=1)
        return np.concatenate([pairs, strangers])

    return PairRules(some(), some(), some(), some())


def oracle(left, right, rules, keep):
    """Everybody's list by brute force on Python integers, left and right."""
    together = set(map(tuple, rules.worked_together.tolist()))
    forbidden = set(map(tuple, rules.forbidden.tolist()))
    hidden = (
        set(map(tuple, rules.hidden_from_left.tolist())) | forbidden,
        set(map(tuple, rules.hidden_from_right.tolist())) | forbidden,
    )
    products = left.rows.astype(object) @ right.rows.astype(object).T
    lists = ({one: [] for one in left.ids.tolist()}, {one: [] for one in right.ids.tolist()})
    for row, one in enumerate(left.ids.tolist()):
        for column, other in enumerate(right.ids.tolist()):
            score = products[row, column] - ranking.NOVELTY_PENALTY * ((one, other) in together)
            if (one, other) not in hidden[0]:
                lists[0][one].append((-score, other))
            if (one, other) not in hidden[1]:
                lists[1][other].append((-score, one))
    return [{one: sorted(pairs)[:keep] for one, pairs in side.items()} for side in lists]


def as_pairs(lists):
    return {
        ranked.person_id: [
            (-score, partner)
            for score, partner in zip(
                ranked.scores.tolist(), ranked.partner_ids.tolist(), strict=True
            )
        ]
        for ranked in lists
    }


@settings(deadline=None, max_examples=60)
@given(
    counts=st.tuples(st.integers(0, 25), st.integers(0, 25)),
    seed=st.integers(0, 2**16),
    block=st.integers(1, 30),
    keep=st.integers(1, 12),
    alike=st.booleans(),
)
def test_top_pairs_equal_the_oracle_for_every_block_size(counts, seed, block, keep, alike):
    left = left_vectors(people(counts[0], seed, alike=alike))
    right = right_vectors(people(counts[1], seed + 1, first_id=1000, alike=alike))
    rules = rules_between(left, right, seed)

    lists = top_pairs(left, right, rules=rules, keep=keep, block=block)

    assert [as_pairs(side) for side in lists] == oracle(left, right, rules, keep)


@pytest.mark.parametrize("block", (7, 64, 512))
def test_top_pairs_equal_the_oracle_with_thousands_of_near_ties(block):
    left = left_vectors(people(150, 1))
    right = right_vectors(people(200, 2, first_id=1000))
    # Components one step apart: float32 cannot tell these scores from each other.
    rows = np.tile(right.rows[:1], (200, 1))
    rows[np.arange(200), np.arange(200) % rows.shape[1]] += 1
    right = type(right)(right.ids, rows, right.starts, right.position)

    lists = top_pairs(left, right, keep=10, block=block)

    assert [as_pairs(side) for side in lists] == oracle(left, right, PairRules(), 10)


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 2**16), keep=st.integers(1, 30))
def test_top_for_one_equals_the_batch_bit_for_bit(seed, keep):
    everyone = people(20, seed)
    left, right = left_vectors(everyone), right_vectors(people(15, seed + 1, first_id=1000))
    rules = rules_between(left, right, seed)
    batch = {ranked.person_id: ranked for side in top_pairs(left, right, rules=rules, keep=keep)
             for ranked in side}  # fmt: skip

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
            np.testing.assert_array_equal(alone.partner_ids, batch[int(person_id)].partner_ids)
            np.testing.assert_array_equal(alone.parts, batch[int(person_id)].parts)


def test_vector_of_one_person_equals_their_row_among_many():
    many = people(40, 5)
    alone = People(**{name: getattr(many, name)[7:8] for name in vars(many)})

    for pack in (left_vectors, right_vectors):
        np.testing.assert_array_equal(pack(alone).rows, pack(many).rows[7:8])


def test_parts_add_up_to_the_score_exactly():
    left, right = left_vectors(people(30, 3)), right_vectors(people(30, 4))
    worked = np.arange(30) % 2 == 0

    parts = score_parts(left, right, worked)

    dots = (left.rows.astype(object) * right.rows).sum(axis=1) - worked * ranking.NOVELTY_PENALTY
    assert parts.sum(axis=1).tolist() == dots.tolist()
    assert as_floats(parts).sum(axis=1).tolist() == as_floats(dots.astype(np.int64)).tolist()


def test_both_see_the_same_score_with_seeking_and_offering_exchanged():
    left, right = left_vectors(people(1, 3)), right_vectors(people(1, 4, first_id=9))

    (seen_left,), (seen_right,) = top_pairs(left, right)

    mine = dict(zip(TERMS, seen_left.parts[0].tolist(), strict=True))
    theirs = dict(zip(TERMS, seen_right.parts[0].tolist(), strict=True))
    assert mine["seeking"] == theirs["offering"]
    assert mine["offering"] == theirs["seeking"]
    assert sum(mine.values()) == sum(theirs.values())


def one_person(person_id, **values):
    axis = np.zeros((1, DIMENSION), dtype=np.int16)
    blank = {
        "ids": np.array([person_id]), "topic": axis, "offers": axis, "seeks": axis,
        "tags": np.zeros((1, 5), np.int64), "organisation_types": np.zeros((1, 9), bool),
        "hosts": np.array([False]), "visits": np.array([False]),
        "stage": np.zeros((1, 4), bool), "wished_stages": np.zeros((1, 4), bool),
    }  # fmt: skip
    return People(**(blank | values))


def parts_between(left, right):
    parts = score_parts(left_vectors(left), right_vectors(right), np.array([False]))
    return dict(zip(TERMS, as_floats(parts[0]).tolist(), strict=True))


def test_blank_people_have_neutral_terms_only():
    parts = parts_between(one_person(1), one_person(2))

    assert {term: round(part, 4) for term, part in parts.items() if part} == {
        "organisation": 0.04,
        "stage": 0.025,
    }


def test_perfect_pair_reaches_every_weight():
    axis = np.zeros((1, DIMENSION), np.int16)
    axis[0, 0] = STORED
    stage = np.array([[False, False, True, False]])
    common = {
        "topic": axis, "offers": axis, "seeks": axis, "tags": np.array([[0, 1500, 0, 0, 2000]]),
        "hosts": np.array([True]), "visits": np.array([True]), "stage": stage,
        "wished_stages": stage,
    }  # fmt: skip
    company = np.array([[name == "company" for name in ORGANISATION_TYPES]])
    university = np.array([[name == "education" for name in ORGANISATION_TYPES]])

    parts = parts_between(
        one_person(1, organisation_types=company, **common),
        one_person(2, organisation_types=university, **common),
    )

    for term, weight in WEIGHTS.items():
        assert parts[term] == pytest.approx(max(weight, 0), abs=2e-4)


def test_shapes_that_differ_are_refused():
    with pytest.raises(ValueError, match="different lengths"):
        one_person(1, hosts=np.array([True, False]))


def test_vocabulary_of_the_score_is_that_of_the_models():
    assert list(ORGANISATION_TYPES) == OrganisationType.values
    assert list(CAREER_STAGES) == CareerStage.values
    assert UNIT == 2**30


def test_rare_tags_weigh_more():
    weights = tag_weights({"topic:1": 1, "topic:2": 100}, 1000)

    assert weights["topic:1"] > weights["topic:2"] > 1000
