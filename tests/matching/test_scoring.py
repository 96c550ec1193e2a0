"""The score: exact on integers, whatever the blocks."""

import numpy as np
import pytest

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
    left_vectors,
    right_vectors,
    tag_weights,
    top_pairs,
)
from matching.scoring.definition import coordinate_parts, seen_parts
from matching.scoring.terms import NOVELTY_PENALTY, PRODUCT_TERMS
from tests.matching.populations import DIMENSION, people


def test_vector_of_one_person_equals_their_row_among_many():
    many = people(40, 5)
    alone = People(**{name: getattr(many, name)[7:8] for name in vars(many)})

    for pack in (left_vectors, right_vectors):
        np.testing.assert_array_equal(pack(alone).rows, pack(many).rows[7:8])


def test_parts_add_up_to_the_score_exactly():
    left, right = left_vectors(people(30, 3)), right_vectors(people(30, 4))

    parts = coordinate_parts(left, right)

    dots = (left.rows.astype(object) * right.rows).sum(axis=1)
    assert parts.sum(axis=1).tolist() == dots.tolist()
    assert (parts / UNIT).sum(axis=1).tolist() == (dots.astype(np.int64) / UNIT).tolist()


def test_both_see_the_same_score_with_seeking_and_offering_exchanged():
    left, right = left_vectors(people(1, 3)), right_vectors(people(1, 4, first_id=9))
    worked = np.array([[left.ids[0], right.ids[0]]])

    sides = top_pairs(left, right, rules=PairRules(worked_together=worked))

    mine, theirs = (
        dict(zip(PRODUCT_TERMS, seen_parts(*pair)[0].tolist(), strict=False))
        for pair in ((left, right), (right, left))
    )
    assert mine["seeking"] != mine["offering"]
    assert mine == theirs | {"seeking": theirs["offering"], "offering": theirs["seeking"]}
    score = seen_parts(left, right).sum() - NOVELTY_PENALTY
    assert sides[0].scores[0, 0] == sides[1].scores[0, 0] == score


def test_score_holds_the_prices_of_both_and_cuts_them_at_half_a_point():
    prices = np.array([-(2**27), -(2**30)])
    left, right = (
        pack(People(**{**vars(people(2, 1)), "price": prices}))
        for pack in (left_vectors, right_vectors)
    )
    free = [
        pack(People(**{**vars(people(2, 1)), "price": prices * 0}))
        for pack in (left_vectors, right_vectors)
    ]

    cost = (coordinate_parts(left, right) - coordinate_parts(*free)).sum(axis=1)

    assert cost.tolist() == [-(2**28), -(2**30)]


@pytest.mark.parametrize("name", ("topic", "price"))
def test_what_is_no_number_is_refused(name):
    values = vars(people(3, 1)).copy()
    values[name] = values[name].astype(np.float64)
    values[name][1] = np.nan

    with pytest.raises(ValueError, match="number"):
        left_vectors(People(**values))


def test_people_without_any_tag_have_an_area_of_nothing():
    values = vars(people(3, 1)) | {"tags": np.zeros((3, 0), dtype=np.int64)}
    left, right = left_vectors(People(**values)), right_vectors(People(**values))

    parts = coordinate_parts(left, right)

    assert parts[:, TERMS.index("area")].tolist() == [0, 0, 0]
    products = (left.rows.astype(np.int64) * right.rows).sum(axis=1)
    np.testing.assert_array_equal(parts.sum(axis=1), products)


def one_person(person_id, **values):
    axis = np.zeros((1, DIMENSION), dtype=np.int16)
    blank = {
        "ids": np.array([person_id]), "topic": axis, "offers": axis, "seeks": axis,
        "tags": np.zeros((1, 5), np.int64), "organisation_types": np.zeros((1, 9), bool),
        "hosts": np.array([False]), "visits": np.array([False]),
        "stage": np.zeros((1, 4), bool), "wished_stages": np.zeros((1, 4), bool),
        "price": np.zeros(1, np.int64),
    }  # fmt: skip
    return People(**(blank | values))


def parts_between(left, right):
    [parts] = coordinate_parts(left_vectors(left), right_vectors(right)) / UNIT
    return dict(zip((*PRODUCT_TERMS, "demand"), parts.tolist(), strict=True))


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

    for term, part in parts.items():
        assert part == pytest.approx(max(WEIGHTS[term], 0), abs=2e-4)


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
