"""Consensus reports: opened, written, signed; reviews lock, and the application is ranked."""

from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse

from funding.models import Consensus, Review, ReviewAssignment, Signature
from funding.refusing import RefusedError
from funding.services.consensuses import (
    Agreed,
    ask_for_signatures,
    consensuses_waiting,
    open_consensus,
    reopen_consensus,
    rows_of,
    save_consensus,
    sign,
)
from funding.services.reviewing import reopen_review, save_review, submit_review
from konnect.states import TransitionError
from matching.services.profiles import EditConflict
from tests.funding.review_stage import (
    LONG,
    application_in,
    asked,
    chair_of,
    drafting,
    expert_in,
    fresh,
    reviewed,
    reviewing_call,
    typed,
)


@pytest.fixture
def call(db):
    return reviewing_call(reviews_wanted=2)


@pytest.fixture
def application(call):
    return application_in(call)


@pytest.fixture
def experts(call):
    return expert_in(call), expert_in(call, side="korea")


@pytest.fixture
def consensus(application, experts):
    """A report whose two reviews are in, 4 and 2 everywhere; the first reviewer writes."""
    reviewed(application, experts[0], "4.0", is_rapporteur=True)
    reviewed(application, experts[1], "2.0")
    return Consensus.objects.get()


def agreed(call, value, reason=""):
    return {each.pk: Agreed(Decimal(value), reason) for each in call.criteria.all()}


def written(consensus, user, value="3.0", reason=""):
    scores = agreed(consensus.application.call, value, reason)
    return save_consensus(consensus, actor=user, text=LONG, scores=scores, number=consensus.number)


def test_it_opens_with_the_last_review(application, experts):
    reviewed(application, experts[0], is_rapporteur=True)
    assert not Consensus.objects.exists()

    reviewed(application, experts[1])

    assert fresh(application).state == "consensus"
    waiting = consensuses_waiting(experts[0].person.user)
    assert [str(each.words) for each in waiting] == ["Write a consensus report"]


def test_the_chair_goes_on_with_a_recorded_shortfall(call, application, experts):
    reviewed(application, experts[0])
    asked(application, experts[1])
    chair = chair_of(call)

    with pytest.raises(RefusedError, match="reviews_missing"):
        open_consensus(application, actor=chair)
    with pytest.raises(PermissionDenied):
        open_consensus(application, actor=experts[0].person.user, shortfall="I am in a hurry")
    open_consensus(application, actor=chair, shortfall="One reviewer fell ill")

    assert Consensus.objects.get().shortfall == "One reviewer fell ill"
    assert fresh(application).state == "consensus"


def test_a_review_that_was_opened_again_is_waited_for(consensus, call, experts):
    own = ReviewAssignment.objects.get(reviewer=experts[1])
    reopen_review(own, actor=chair_of(call), reason="A score without a word")
    report = written(consensus, experts[0].person.user)

    with pytest.raises(RefusedError, match="reviews_missing"):
        ask_for_signatures(report, actor=experts[0].person.user)
    submit_review(fresh(own), actor=experts[1].person.user)
    ask_for_signatures(report, actor=experts[0].person.user)

    assert fresh(report).state == "signing"


def test_no_review_slips_in_while_the_report_is_signed(call, application, experts):
    reviewed(application, experts[0], is_rapporteur=True)
    late = drafting(application, experts[1])
    writer, reviewer = experts[0].person.user, experts[1].person.user
    save_review(late, typed(call), actor=reviewer, number=0)
    consensus = open_consensus(application, actor=chair_of(call), shortfall="One fell ill")
    ask_for_signatures(written(consensus, writer, "4.0"), actor=writer)

    with pytest.raises(RefusedError, match="being_signed"):
        submit_review(fresh(late), actor=reviewer)


def test_median_and_spread_are_shown(consensus, application):
    row = rows_of(application, consensus)[0]

    assert (row.median, row.spread) == (Decimal(3), Decimal(2))


@pytest.mark.parametrize(("value", "is_far"), (("4.0", False), ("4.5", True), ("1.5", True)))
def test_far_from_the_median_a_reason_is_needed(consensus, experts, value, is_far):
    user = experts[0].person.user
    kept = written(consensus, user, value)
    if is_far:
        with pytest.raises(RefusedError):
            ask_for_signatures(kept, actor=user)
        kept = written(kept, user, value, "New results came out")

    ask_for_signatures(kept, actor=user)

    assert fresh(consensus).state == "signing"
    assert not Review.objects.filter(locked_at=None).exists()


def test_only_rapporteur_and_chair_write(consensus, experts, call):
    with pytest.raises(PermissionDenied):
        written(consensus, experts[1].person.user)
    written(consensus, chair_of(call))


def test_two_windows_do_not_overwrite_each_other(consensus, experts):
    user = experts[0].person.user
    written(consensus, user)

    with pytest.raises(EditConflict):
        written(consensus, user)


def test_it_ends_when_everybody_has_signed_whatever_they_say(consensus, experts, application):
    first, second = (each.person.user for each in experts)
    ask_for_signatures(written(consensus, first), actor=first)

    sign(consensus, actor=first, stance="agree")
    with pytest.raises(RefusedError, match="minority_missing"):
        sign(consensus, actor=second, stance="disagree")
    sign(consensus, actor=second, stance="disagree", minority="The risk is underrated")

    assert fresh(consensus).state == "signed"
    assert fresh(application).state == "ranked"
    with pytest.raises(TransitionError):
        reopen_consensus(consensus, actor=first, reason="Once more")


def test_a_changed_report_is_signed_anew(consensus, experts):
    first = experts[0].person.user
    ask_for_signatures(written(consensus, first), actor=first)
    sign(consensus, actor=first, stance="agree")

    reopen_consensus(consensus, actor=first, reason="A wrong number")

    assert not Signature.objects.exists()
    assert fresh(consensus).state == "draft"


def test_the_database_asks_for_the_words_of_who_disagrees(consensus, experts):
    with pytest.raises(IntegrityError, match="whoever_disagrees"), transaction.atomic():
        Signature.objects.create(consensus=consensus, reviewer=experts[0], stance="disagree")


def test_no_agreed_score_is_above_the_best(consensus, call):
    with pytest.raises(IntegrityError, match="best one"), transaction.atomic():
        consensus.scores.create(criterion=call.criteria.first(), value=Decimal("5.5"))


# --- Pages ----------------------------------------------------------------------------------------


def test_rapporteur_writes_and_both_sign(consensus, application, experts, call, client_of):
    page = reverse("funding:consensus_detail", args=[application.pk])
    first, second = (client_of(each.person.user) for each in experts)
    data = {"number": 0, "text": LONG, "ask": "1"}
    for each in call.criteria.all():
        data |= {f"value_{each.pk}": "3.0", f"reason_{each.pk}": ""}

    assert b"Send it to be signed" in first.get(page).content
    first.post(page, data)
    assert fresh(consensus).state == "signing"
    signing = reverse("funding:consensus_sign", args=[application.pk])
    first.post(signing, {"stance": "agree", "minority": ""})
    refused = second.post(signing, {"stance": "disagree", "minority": ""}, follow=True)
    # The second reviewer reads Korean.
    assert "다르게 보는 점을 적어 주세요." in refused.content.decode()
    second.post(signing, {"stance": "agree", "minority": ""})

    assert fresh(application).state == "ranked"


def test_a_refused_report_keeps_what_was_typed(consensus, application, experts, call, client_of):
    page = reverse("funding:consensus_detail", args=[application.pk])
    data = {"number": 0, "text": "Too short, but mine", "ask": "1"}
    data |= {
        f"{name}_{each.pk}": "" for each in call.criteria.all() for name in ("value", "reason")
    }

    answer = client_of(experts[0].person.user).post(page, data)

    assert "Too short, but mine" in answer.content.decode()
    assert "agree on a score" in answer.content.decode()
