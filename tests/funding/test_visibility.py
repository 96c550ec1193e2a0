"""Who sees which part of an application: level by level, role by role."""

import pytest

from funding.machines import CHAIR, FUNDER, HOST, LEAD, MEMBER, OFFICER, REVIEWER
from funding.visibility import (
    APPLICANT_NAMES,
    BUDGET,
    CONFIDENTIAL,
    CONSENSUS,
    FIELDS,
    NAMES,
    RANK,
    RESULT,
    REVIEWER_NAMES,
    REVIEWS,
    TEXT,
    View,
    visible,
)


def sees(role, field, level=1, phase="reviewing", **facts):
    return visible(frozenset({role}), field, View(level, phase, **facts))


@pytest.mark.parametrize("field", NAMES)
@pytest.mark.parametrize(("level", "before", "after"), (
    (0, True, True), (1, True, True), (2, False, False), (3, False, True),
))  # fmt: skip
def test_names_of_applicants_for_reviewers(field, level, before, after):
    """Before and after their own score is in: only a call in two steps makes a difference."""
    assert sees(REVIEWER, field, level) is before
    assert sees(REVIEWER, field, level, own_score_is_in=True) is after


def test_a_double_blind_panel_learns_names_with_the_decisions():
    assert not sees(CHAIR, APPLICANT_NAMES, 2, "panel")
    assert sees(CHAIR, APPLICANT_NAMES, 2, "released")
    assert sees(CHAIR, APPLICANT_NAMES, 3, "panel")


@pytest.mark.parametrize("level", (0, 1, 2, 3))
def test_applicants_see_nothing_of_the_judgement_before_the_release(level):
    hidden = (REVIEWER_NAMES, REVIEWS, CONSENSUS, CONFIDENTIAL, RANK, RESULT)

    assert not any(sees(LEAD, field, level, "decided") for field in hidden)
    assert sees(LEAD, RESULT, level, "released")
    assert sees(LEAD, CONSENSUS, level, "released")
    assert not sees(LEAD, CONFIDENTIAL, level, "released")
    assert sees(LEAD, REVIEWER_NAMES, level, "released") is (level == 0)


def test_peers_are_read_after_the_own_score_is_in():
    assert not sees(REVIEWER, REVIEWS)
    assert sees(REVIEWER, REVIEWS, own_score_is_in=True)
    assert not sees(REVIEWER, REVIEWER_NAMES, 2, own_score_is_in=True)


def test_a_funder_reads_the_consensus_but_no_single_review():
    assert sees(FUNDER, CONSENSUS)
    assert not sees(FUNDER, REVIEWS)
    assert not sees(FUNDER, REVIEWER_NAMES)


def test_who_judges_sees_as_a_judge_whatever_else_they_are():
    both = frozenset({OFFICER, REVIEWER})

    assert not visible(both, APPLICANT_NAMES, View(2, "reviewing"))


@pytest.mark.parametrize("roles", (frozenset(), frozenset({HOST}), frozenset({"stranger"})))
def test_strangers_and_hosts_see_nothing(roles):
    views = [View(level, phase) for level in range(4) for phase in ("draft", "released")]

    assert not any(visible(roles, field, view) for field in FIELDS for view in views)


def test_the_panel_sees_what_it_decides_about():
    assert all(sees(MEMBER, field) for field in (TEXT, BUDGET, REVIEWS, CONSENSUS, RANK))


def test_a_field_that_nobody_knows_is_an_error():
    with pytest.raises(ValueError, match="shoe_size"):
        sees(LEAD, "shoe_size")
