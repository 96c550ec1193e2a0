"""Reasons and preferences, from numbers to codes."""

import numpy as np
import pytest

from matching.scoring import STORED, TERMS, WEIGHTS
from matching.scoring.explain import BestPair, Facts, best_pair, reasons
from matching.scoring.preferences import Candidate, Dismissal, preferences_from
from matching.services.reasons import PLAIN, TERM_LABELS, WITH_NAMES

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
    facts = Facts(you_seek=BestPair(0, 1, 0.9), you_offer=BestPair(1, 0, 0.8), shared_topics=(4,))

    found = reasons(parts(seeking=0.1, offering=0.12, area=0.05), facts)

    assert [(reason.code, reason.weight) for reason in found] == [
        ("you_offer", 0.12), ("you_seek", 0.1), ("shared_topics", 0.05), ("new_contact", 0.0),
    ]  # fmt: skip


def test_pair_that_adds_nothing_is_no_reason():
    assert codes(parts(seeking=-0.01), Facts(you_seek=BestPair(0, 0, 0.9))) == ["new_contact"]


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
    assert codes(parts(novelty=-0.05), Facts(worked_together=True)) == ["worked_together"]


def test_best_pair_is_the_nearest_of_all():
    assert best_pair(axes(0, 1), axes(2, 1, 3)) == BestPair(1, 1, 1.0)


@pytest.mark.parametrize("offered", (axes(), axes(2, 3)))
def test_best_pair_is_none_without_likeness(offered):
    assert best_pair(axes(0, 1), offered) is None


def test_every_code_and_term_has_words():
    assert list(TERM_LABELS) == list(TERMS)
    assert set(WITH_NAMES) & set(PLAIN) == set()


def test_dismissals_for_a_term_make_it_count_more_up_to_twice():
    values = [
        preferences_from([Dismissal("other_topic")] * count).value(
            Candidate(tuple(parts(topic=1)))
        )
        for count in (0, 1, 9)
    ]

    assert values == [1, 1.25, 2]


def test_dismissals_for_stage_and_organisation_lower_candidates_like_them():
    preferences = preferences_from(
        [Dismissal("wrong_stage", "R1"), Dismissal("wrong_organisation", "R4", ("company",))]
    )

    alike = preferences.value(Candidate(tuple(parts()), "R1", ("company", "other")))
    unlike = preferences.value(Candidate(tuple(parts()), "R4", ("education",)))

    assert alike == -(WEIGHTS["stage"] + WEIGHTS["organisation"])
    assert unlike == 0
