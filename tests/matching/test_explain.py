"""Reasons and preferences, from numbers to codes."""

import inspect
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.scoring import STORED, TERMS, UNIT, WEIGHTS, explain
from matching.scoring.explain import BestPair, Facts, best_pair, reasons, tenths
from matching.scoring.preferences import Candidate, Dismissal, preferences_from
from matching.scoring.terms import PRODUCT_TERMS
from matching.services.reasons import PLAIN, WITH_TITLES
from matching.services.score_table import TERM_LABELS, bar, score_table

NOTHING = dict.fromkeys(TERMS, 0.0)


def parts(**terms):
    return list((NOTHING | terms).values())


def codes(terms, facts=None):
    return [reason.code for reason in reasons(terms, facts or Facts())]


def axes(*numbers):
    return (np.eye(4)[list(numbers)] * STORED).astype(np.int16)


def test_nothing_in_common_leaves_novelty_only():
    assert codes(parts()) == ["new_contact"]


def test_reasons_come_with_the_weightiest_first():
    facts = Facts(you_seek=True, you_offer=True, shared_topics=(4,))

    found = reasons(parts(seeking=0.1, offering=0.12, area=0.05), facts)

    assert [(reason.code, reason.weight) for reason in found] == [
        ("you_offer", 0.12), ("you_seek", 0.1), ("shared_topics", 0.05), ("new_contact", 0.0),
    ]  # fmt: skip


def test_exchange_that_adds_nothing_is_no_reason():
    assert codes(parts(seeking=-0.01), Facts(you_seek=True)) == ["new_contact"]


@pytest.mark.parametrize(
    ("topic", "known", "expected"),
    (
        (0.2, True, ["close_works", "new_contact"]),
        (0.2, False, ["similar_work", "new_contact"]),
        (0.1, True, ["new_contact"]),
        (0.5, True, ["close_works", "new_contact"]),
    ),
)
def test_works_are_named_where_the_topic_counts(topic, known, expected):
    assert codes(parts(topic=topic), Facts(close_works=known)) == expected


@pytest.mark.parametrize(
    ("terms", "expected"),
    (
        ({"balance": -0.05, "seeking": 0.1}, ["you_gain_more", "new_contact"]),
        ({"balance": -0.05, "offering": 0.1}, ["they_gain_more", "new_contact"]),
        ({"balance": -0.005, "offering": 0.1}, ["new_contact"]),
        ({"demand": -0.02, "balance": -0.01}, ["they_gain_more", "in_demand", "new_contact"]),
    ),
)
def test_what_takes_from_the_score_is_said_after_what_adds(terms, expected):
    assert codes(parts(**terms)) == expected


@pytest.mark.parametrize(
    ("facts", "code"),
    (
        (Facts(you_would_visit=True, they_would_visit=True), "exchange_visits"),
        (Facts(you_would_visit=True), "they_host"),
        (Facts(they_would_visit=True), "you_host"),
    ),
)
def test_visits_are_named_by_direction(facts, code):
    assert codes(parts(mobility=0.035), facts)[0] == code


def test_earlier_work_together_is_said():
    assert codes(parts(novelty=-0.05)) == ["worked_together"]


def test_best_pair_is_the_nearest_of_all():
    assert best_pair(axes(0, 1), axes(2, 1, 3)) == BestPair(1, 1, 1.0)


@pytest.mark.parametrize("offered", (axes(), axes(2, 3)))
def test_best_pair_is_none_without_likeness(offered):
    assert best_pair(axes(0, 1), offered) is None


def test_every_code_and_term_has_words():
    assert list(TERM_LABELS) == list(TERMS)
    assert set(WITH_TITLES) & set(PLAIN) == set()
    assert {*WITH_TITLES, *PLAIN, "shared_topics", "shared_areas"} == codes_in_source()


def codes_in_source():
    """Return every code that the pure module writes."""
    source = inspect.getsource(explain)
    return set(re.findall(r'"([a-z]+_[a-z_]+)"', source)) - set(TERMS)


units = st.integers(-(2**29), 2**30)


@given(st.lists(units, min_size=len(TERMS), max_size=len(TERMS)))
def test_printed_parts_add_up_to_the_printed_score(numbers):
    printed = tenths(numbers)

    assert 2 * abs(sum(printed) * UNIT - 1000 * sum(numbers)) <= UNIT
    assert all(abs(shown * UNIT - 1000 * exact) < UNIT for shown, exact in
               zip(printed, numbers, strict=True))  # fmt: skip


def test_rounding_each_part_alone_would_not_add_up():
    numbers = [round(0.1004 * UNIT)] * len(TERMS)

    alone = [round(1000 * number / UNIT) for number in numbers]

    assert (sum(alone), sum(tenths(numbers))) == (1000, 1004)
    assert tenths(numbers)[:5] == [101, 101, 101, 101, 100]


def test_table_leaves_out_deductions_that_are_none():
    shown = [part.term for part in score_table(parts(topic=0.3, demand=-0.02)).parts]

    assert shown == [*PRODUCT_TERMS, "demand"]


@pytest.mark.parametrize(
    ("value", "width"), ((75, "20"), (-75, "20"), (0, "0"), (999, "100"), (-999, "100"))
)
def test_bars_are_as_wide_as_what_they_stand_for_and_stay_inside(value, width):
    assert bar(value) == width


def test_dismissals_for_a_term_make_it_count_more_up_to_twice():
    values = [
        preferences_from([Dismissal("other_topic")] * count).value(
            Candidate(tuple(parts(topic=1)))
        )
        for count in (0, 1, 9)
    ]

    assert values == [1, 1.25, 2]


def test_dismissals_of_people_known_already_put_new_ones_first():
    known, new = (
        Candidate(tuple(parts(topic=0.31, novelty=-0.05))),
        Candidate(tuple(parts(topic=0.25))),
    )
    before, after = (preferences_from([Dismissal("known_already")] * count) for count in (0, 2))

    assert before.value(known) > before.value(new)
    assert after.value(known) < after.value(new)


def test_dismissals_for_a_term_make_people_below_the_mean_worse():
    below = Candidate(tuple(parts(topic=-0.1)))

    assert preferences_from([Dismissal("other_topic")]).value(below) < -0.1


def test_dismissals_for_stage_and_organisation_lower_candidates_like_them():
    preferences = preferences_from(
        [Dismissal("wrong_stage", "R1"), Dismissal("wrong_organisation", "R4", ("company",))]
    )

    alike = preferences.value(Candidate(tuple(parts()), "R1", ("company", "other")))
    unlike = preferences.value(Candidate(tuple(parts()), "R4", ("education",)))

    assert alike == -(WEIGHTS["stage"] + WEIGHTS["organisation"])
    assert unlike == 0
