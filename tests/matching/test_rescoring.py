"""The second look: exact, additive, the same alone and among many, fair to both languages."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.scoring import reference as reference_module
from matching.scoring.evidence import Items, joined, starts_of, stored
from matching.scoring.likeness import Compared, products, shortened
from matching.scoring.reference import (
    PANEL,
    Reference,
    chosen,
    reference_of,
    standardised,
    topic_scores,
)
from matching.scoring.rescoring import Z_FULL, balance, levelled
from matching.scoring.terms import NOVELTY_PENALTY, PRODUCT_TERMS, TERMS, UNIT, WEIGHTS
from tests.factories.evidence import DIMENSION, blank, column, look, people, unit, with_items


@pytest.fixture(scope="module")
def sides():
    left, right = people(60, 1), people(50, 2, first_id=1_001)
    return left, right, reference_of(left, right)


# --- What the second look returns ---------------------------------------------------------------


def test_parts_are_the_terms_and_pass_on_what_is_not_looked_at_again(sides):
    left, right, reference = sides
    parts = np.arange(50 * 7).reshape(50, 7)
    worked = np.arange(50) % 3 == 0
    demand = -np.arange(50) * 1_000

    found = look(
        left.of([3]), right, reference, retrieval_parts=parts, worked=worked, demand=demand
    )

    assert found.parts.shape == (50, len(TERMS))
    for term in ("area", "organisation", "mobility", "stage"):
        assert column(found, term).tolist() == parts[:, PRODUCT_TERMS.index(term)].tolist()
    assert column(found, "novelty").tolist() == np.where(worked, -NOVELTY_PENALTY, 0).tolist()
    assert column(found, "demand").tolist() == demand.tolist()
    assert found.scores.tolist() == found.parts.sum(axis=1).tolist()


def test_order_is_by_score_then_by_id(sides):
    left, right, reference = sides
    twice = joined([right, replace(right, ids=right.ids + 5_000)])

    found = look(left.of([3]), twice, reference)
    order = found.order(twice.ids)

    ranked = list(zip((-found.scores[order]).tolist(), twice.ids[order].tolist(), strict=True))
    assert ranked == sorted(ranked)
    assert len(set(ranked)) == 100


def test_alone_and_among_many_a_candidate_gets_the_same(sides):
    left, right, reference = sides
    for row in (0, 7, 31):
        viewer = left.of([row])
        together = look(viewer, right, reference)
        for place in (0, 11, 49):
            alone = look(viewer, right.of([place]), reference)
            assert alone.parts.tolist() == together.parts[[place]].tolist()
            assert alone.evidence.tolist() == together.evidence[[place]].tolist()


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10_000), st.integers(0, 12), st.sampled_from(("left", "right")))
def test_any_order_of_candidates_gives_the_same(seed, count, side):
    chance = np.random.default_rng(seed)
    left, right = people(7, seed), people(count, seed + 1, first_id=100)
    reference = reference_of(left, right) if side == "left" else reference_of(right, left)
    order = chance.permutation(count)

    one = look(left.of([0]), right, reference, viewer_side=side)
    other = look(left.of([0]), right.of(order), reference, viewer_side=side)

    assert other.parts.tolist() == one.parts[order].tolist()
    assert other.evidence.tolist() == one.evidence[order].tolist()
    assert (np.abs(one.scores) < 2 * UNIT).all()


def test_reference_survives_as_plain_arrays(sides):
    left, right, reference = sides

    again = Reference.from_arrays({name: a.copy() for name, a in reference.to_arrays().items()})

    viewer = left.of([3])
    assert (
        look(viewer, right, again).parts.tolist() == look(viewer, right, reference).parts.tolist()
    )


def test_panels_do_not_depend_on_the_order_of_people(sides):
    left, right, reference = sides
    chance = np.random.default_rng(9)

    again = reference_of(left.of(chance.permutation(60)), right.of(chance.permutation(50)))

    assert again.left.ids.tolist() == reference.left.ids.tolist()
    assert again.priors.tolist() == reference.priors.tolist()
    assert np.array_equal(again.weights, reference.weights)


def test_panel_holds_so_many_of_each_kind_and_stays_when_others_come():
    left, right = people(3 * PANEL, 5), people(2, 6, first_id=9_000)
    reference = reference_of(left, right)

    assert reference.left.writes_english.sum() == PANEL
    assert len(reference.left) == 2 * PANEL
    ids = np.arange(500)
    assert set(chosen(ids, 100)) >= set(chosen(ids[:400], 100)) & set(chosen(ids, 100))


# --- The terms ----------------------------------------------------------------------------------


def test_products_of_shortened_vectors_are_exact():
    chance = np.random.default_rng(4)
    one, other = (unit(chance, 40, 512) for _ in range(2))
    one[0] = other[0]

    exact = (
        np.rint(one * (4_000 / 32_767)).astype(np.int64)
        @ np.rint(other * (4_000 / 32_767)).astype(np.int64).T
    )

    found = products(shortened(one), shortened(other))
    assert np.abs(found.astype(np.int64) - exact).max() <= 4_000  # rint of float32 against float64
    whole = shortened(one).astype(np.int64) @ shortened(other).astype(np.int64).T
    assert found.astype(np.int64).tolist() == whole.tolist()
    assert found.max() < 2**24


def test_seeking_is_covered_by_the_best_offer_for_each_thing_sought():
    axes = stored(np.eye(DIMENSION))
    viewer = with_items(people(1, 1), seeks=axes[:2], offers=axes[:0])
    candidates = with_items(people(1, 2, first_id=9), offers=axes[1:4], seeks=axes[5:6])

    found = look(viewer, candidates, reference_of(viewer, candidates))

    assert column(found, "seeking")[0] / UNIT == pytest.approx(WEIGHTS["seeking"] / 2, abs=1e-6)
    assert column(found, "offering").tolist() == [0]
    assert found.evidence[0, 2:4].tolist() == [2, 1]  # the second thing sought, the first offer


def test_opposites_cover_nothing_and_are_not_named():
    axes = stored(np.eye(DIMENSION))
    viewer = with_items(people(1, 1), seeks=axes[:1])
    candidates = with_items(people(1, 2, first_id=9), offers=-axes[:1])

    found = look(viewer, candidates, reference_of(viewer, candidates))

    assert column(found, "seeking").tolist() == [0]
    assert found.evidence[0, 2:4].tolist() == [0, 0]


def test_both_sides_of_a_pair_see_seeking_and_offering_exchanged(sides):
    left, right, reference = sides
    for row, place in ((3, 4), (8, 20), (30, 2)):
        mine = look(left.of([row]), right.of([place]), reference)
        theirs = look(right.of([place]), left.of([row]), reference, viewer_side="right")
        assert column(mine, "seeking").tolist() == column(theirs, "offering").tolist()
        assert column(mine, "offering").tolist() == column(theirs, "seeking").tolist()
        assert mine.evidence[0, 2:4].tolist() == theirs.evidence[0, [5, 4]].tolist()


@settings(deadline=None)
@given(*[st.integers(-(10**6), 10**9)] * 2, *[st.integers(0, 10**8)] * 2)
def test_balance_makes_the_mean_harmonic(topic, area, seeking, offering):
    terms = {"topic": topic, "area": area, "seeking": seeking, "offering": offering}
    found = int(balance({name: np.array([value]) for name, value in terms.items()})[0])

    base = max(topic + area, 0)
    one, other = base + 2 * seeking, base + 2 * offering
    harmonic = 2 * one * other / (one + other) if one + other else 0
    assert found <= 0
    assert (one + other) / 2 + found == pytest.approx(harmonic, rel=1e-9, abs=2)
    assert -found <= -WEIGHTS["balance"] * UNIT or max(seeking, offering) > 0.15 * UNIT


def test_balance_needs_wishes_on_both_sides(sides):
    left, right, reference = sides
    found = look(left.of([3]), right, reference)
    seek = (right.seeks.counts > 0) & (left.seeks.counts[3] > 0)

    assert (column(found, "balance")[~seek] == 0).all()
    assert (column(found, "balance")[seek] <= 0).all()


# --- Likeness of work ---------------------------------------------------------------------------


def test_likeness_is_told_in_deviations_from_the_viewers_own_panel():
    left, right = people(1, 1, english=0), people(400, 2, first_id=100, english=0)
    reference = reference_of(left, right)

    found = column(look(left.of([0]), right, reference), "topic") / UNIT

    deviations = found / WEIGHTS["topic"] * Z_FULL
    assert abs(deviations.mean()) < 0.3
    assert deviations.std() == pytest.approx(1, abs=0.2)


def test_english_channels_order_the_english_ones_and_leave_the_others_alone():
    left, right = people(20, 1, english=1), people(80, 2, first_id=100)
    reference = reference_of(left, right)
    twin = left.english.of([0])
    place = int(np.flatnonzero(right.writes_english)[0])
    with_twin = joined([right.of([place]), right])
    changed = replace(
        with_twin,
        english=Items(
            np.concatenate([twin.vectors, right.english.vectors]),
            starts_of([int(twin.counts[0]), *right.english.counts]),
            np.concatenate([twin.sources, right.english.sources]),
        ),
    )

    before = column(look(left.of([0]), with_twin, reference), "topic")
    after = column(look(left.of([0]), changed, reference), "topic")

    assert after[0] > before[0]
    assert after[0] == after[np.r_[0, 1 + np.flatnonzero(right.writes_english)]].max()
    assert after[1:].tolist() == before[1:].tolist()


def test_a_language_does_not_fill_a_list():
    """English vectors that all point the same way do not lift English candidates as a group."""
    left, right = people(20, 1, english=1), people(200, 2, first_id=100)
    heap = np.abs(right.english.vectors)
    right = replace(right, english=replace(right.english, vectors=heap))
    left = replace(left, english=replace(left.english, vectors=np.abs(left.english.vectors)))
    reference = reference_of(left, right)

    shares = []
    for row in range(20):
        found = look(left.of([row]), right, reference)
        best = np.argsort(-column(found, "topic"))[:50]
        shares.append(right.writes_english[best].mean())

    assert np.mean(shares) == pytest.approx(right.writes_english.mean(), abs=0.1)


def test_nobody_is_compared_with_themselves():
    both = people(30, 1)
    reference = reference_of(both, both)
    one = Compared.of(both.of([0]), reference.weights)
    strangers = reference_of(both, both.of(range(1, 30)))
    alone = replace(reference, right=strangers.right)

    found = topic_scores(one, Compared.of(both, reference.weights), reference, "right")
    expected = topic_scores(one, Compared.of(both, reference.weights), alone, "right")

    assert found.tolist() == expected.tolist()


def test_deviations_lean_on_the_prior_where_the_panel_is_small():
    prior = np.array([100.0, 400.0])
    nobody = np.zeros(0, np.int64)

    assert standardised(np.array([120]), nobody, prior).tolist() == [1.0]
    one = standardised(np.array([120]), np.array([100]), prior)
    many = standardised(np.array([120]), np.full(1_000, 100), prior)
    assert 1 < one[0] < many[0]


# --- Bad input ----------------------------------------------------------------------------------


@pytest.mark.parametrize("others", (0, 1, 5))
def test_people_who_wrote_nothing_are_neither_near_nor_far(others):
    reference = reference_of(blank(1), blank(others, 10))
    found = look(blank(1), blank(others, 10), reference)

    assert found.parts.shape == (others, len(TERMS))
    assert (column(found, "topic") == 0).all()
    assert (found.evidence == 0).all()


def test_blank_candidates_among_others_are_average(sides):
    left, right, reference = sides
    found = look(left.of([3]), joined([right, blank(2, 7_000)]), reference)

    assert column(found, "topic")[-2:].tolist() == [0, 0]
    assert (column(found, "topic")[:-2] != 0).any()


@pytest.mark.parametrize("english", (0, 1))
def test_a_single_candidate_and_an_empty_stratum_are_sane(english):
    left, right = people(1, 1, english=english), people(1, 2, first_id=9, english=1 - english)
    found = look(left, right, reference_of(left, right))

    assert abs(column(found, "topic")[0]) < WEIGHTS["topic"] * UNIT


def test_duplicates_of_a_person_get_the_same(sides):
    left, right, reference = sides
    found = look(left.of([3]), right.of([4, 4, 4]), reference)

    assert len({tuple(row) for row in found.parts.tolist()}) == 1


def test_panel_of_copies_without_any_spread_is_sane():
    left = people(1, 1, english=1)
    right = people(1, 2, first_id=9, english=1).of([0] * 40)
    right = replace(right, ids=np.arange(100, 140))

    found = look(left, right, reference_of(left, right))

    assert (np.abs(found.scores) < UNIT).all()


def test_vectors_that_are_not_finite_become_nothing():
    rows = np.eye(3)
    rows[1] = np.nan
    rows[2, 0] = np.inf

    assert stored(rows)[1:].tolist() == [[0, 0, 0], [0, 0, 0]]


def test_arrays_that_do_not_fit_are_refused(sides):
    left, right, reference = sides
    with pytest.raises(ValueError, match="one viewer"):
        look(left.of([1, 2]), right, reference)
    with pytest.raises(ValueError, match="do not fit"):
        look(left.of([1]), right, reference, worked=np.zeros(3, bool))
    with pytest.raises(ValueError, match="do not fit"):
        Items(np.zeros((2, 3), np.int16), np.array([0, 1]), np.zeros(2, np.int64))
    with pytest.raises(ValueError, match="different lengths"):
        replace(left, topic=left.topic[:3])


def test_fusion_shares_add_up():
    assert sum(reference_module.FUSION.values()) == pytest.approx(1)


def test_likeness_beyond_full_rises_to_half_as_much_again():
    deviations = np.linspace(-8, 400, 2_000)

    shares = levelled(deviations)

    assert (np.diff(shares) > 0).all()
    assert shares[-1] < 1.5
    below = deviations <= Z_FULL
    np.testing.assert_array_equal(shares[below], deviations[below] / Z_FULL)
