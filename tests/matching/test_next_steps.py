"""What somebody should do next."""

import pytest

from matching.completeness import Missing
from matching.services.next_steps import Facts, next_steps

NAME = Missing("name", "Enter your name.", 10, "name", is_required=True)
ORCID = Missing("orcid", "Add your ORCID iD.", 5, "cooperation")
BOTH = frozenset({"offer", "request"})


def codes(**facts):
    return [step.code for step in next_steps(Facts(**facts))]


def test_new_account_completes_its_profile():
    (step,) = next_steps(Facts(state="draft", missing=(NAME, ORCID)))

    assert (step.code, step.reason) == ("complete", "Enter your name.")
    assert (step.url_name, step.argument) == ("matching:profile_edit", "name")


@pytest.mark.parametrize("state", ("draft", "invited", "hidden"))
def test_ready_profile_is_published(state):
    assert codes(state=state, missing=(ORCID,)) == ["publish"]


def test_what_others_wait_for_comes_first():
    steps = codes(
        state="published", missing=(ORCID,), pending_requests=1, unread_messages=2,
        has_suggestions=True, ending_listings=1,
    )  # fmt: skip

    assert steps == ["answer", "read", "renew", "list", "ask", "improve"]


def test_without_suggestions_one_searches():
    assert codes(state="published", open_listing_kinds=BOTH) == ["search"]


def test_all_done_leaves_nothing():
    assert codes(state="published", open_listing_kinds=BOTH, has_asked=True) == []


def test_missing_offers_are_told_once():
    offers = Missing("offers", "Say what you offer.", 10, "offers")

    assert codes(state="published", missing=(offers,), has_asked=True) == ["list"]


def test_new_account_may_fill_its_profile_from_elsewhere():
    assert codes(state="draft", missing=(NAME,), can_fill=True) == ["complete", "fill"]
    assert codes(state="draft", missing=(ORCID,), can_fill=True) == ["publish"]


def test_published_profile_is_filled_where_orcid_can_help():
    facts = {"state": "published", "open_listing_kinds": BOTH, "has_asked": True, "can_fill": True}

    assert codes(**facts, missing=(ORCID,)) == ["fill", "improve"]
    assert codes(**facts, missing=(Missing("stage", "Add it.", 5, "name"),)) == ["improve"]


@pytest.mark.parametrize("state", ("draft", "published"))
def test_what_was_found_elsewhere_waits_to_be_chosen_from(state):
    step = next_steps(Facts(state=state, missing=(NAME,), ready_look=7))[0]

    assert (step.code, step.url_name, step.argument) == ("choose", "matching:source_detail", "7")
