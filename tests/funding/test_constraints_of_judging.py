"""What the tables of reviews, ranked lists and decisions hold, whoever writes to them."""

from datetime import timedelta
from decimal import Decimal
from hashlib import sha256

import pytest
from django.db import transaction
from django.utils import timezone

from funding.models import (
    Consensus,
    ConsensusScore,
    Decision,
    DecisionAmount,
    LotteryDraw,
    RankItem,
    RankList,
    Review,
    Score,
    Signature,
)
from tests.factories.funding import (
    ApplicationFactory,
    ExpertFactory,
    PersonFactory,
)
from tests.funding.rows_made import SUM, assign, check_now, conflict, refused, submit


@pytest.fixture
def application(db):
    return ApplicationFactory()


@pytest.fixture
def review(application):
    assignment = assign(application, ExpertFactory(), state="drafting")
    return Review.objects.create(assignment=assignment)


@pytest.mark.parametrize("order", ("conflict first", "assignment first"))
def test_nobody_with_a_hard_conflict_is_assigned(application, order):
    expert = ExpertFactory()
    steps = [
        lambda: conflict(expert.person, application), lambda: assign(application, expert)
    ]  # fmt: skip
    first, second = steps if order == "conflict first" else reversed(steps)
    submit(application)
    first()
    check_now()

    with refused("conflict of interest"), transaction.atomic():
        second()
        check_now()


def test_a_false_positive_a_soft_one_and_a_recused_reviewer_are_no_obstacle(application):
    wrong, soft, gone = ExpertFactory(), ExpertFactory(), ExpertFactory()
    decider = PersonFactory()
    conflict(wrong.person, application, verdict="false_positive", decided_by=decider,
             reason="Another Kim")  # fmt: skip
    conflict(soft.person, application, kind="organisation", is_hard=False)
    conflict(gone.person, application)

    assign(application, wrong)
    assign(application, soft)
    assign(application, gone, state="recused")
    check_now()


@pytest.mark.parametrize(
    "columns",
    (
        {"is_hard": True, "reason": "Far away"},
        {"is_hard": False, "reason": ""},
        {"is_hard": False, "reason": "Far away", "seconded_by": None},
    ),
)
def test_a_conflict_is_overridden_by_two_with_a_reason_if_it_is_soft(application, columns):
    values = {"decided_by": PersonFactory(), "seconded_by": PersonFactory()} | columns

    with refused("conflict_overridden_by_two"), transaction.atomic():
        conflict(PersonFactory(), application, kind="organisation", verdict="overridden", **values)


def test_one_person_cannot_override_alone(application):
    officer = PersonFactory()

    with refused("conflict_overridden_by_two"), transaction.atomic():
        conflict(
            PersonFactory(), application, kind="organisation", is_hard=False, reason="Far away",
            verdict="overridden", decided_by=officer, seconded_by=officer,
        )  # fmt: skip


def test_a_reviewer_has_an_application_once(application):
    expert = ExpertFactory()
    assign(application, expert)

    with refused("reviewer_once_an_application"), transaction.atomic():
        assign(application, expert)


@pytest.mark.parametrize(
    ("value", "reason", "name"),
    (
        (Decimal("3.3"), "", "score_in_halves"),
        (Decimal("-0.5"), "", "score_in_halves"),
        (Decimal("5.5"), "", "no score is above"),
        (None, "", "score_or_reason"),
        (Decimal(3), "Not my field", "score_or_reason"),
    ),
)
def test_a_score_is_a_half_mark_within_or_a_reason(review, value, reason, name):
    criterion = review.assignment.application.call.criteria.first()

    with refused(name), transaction.atomic():
        Score.objects.create(
            review=review, criterion=criterion, value=value, no_score_reason=reason
        )


def test_a_locked_review_stands(review):
    criterion = review.assignment.application.call.criteria.first()
    score = Score.objects.create(review=review, criterion=criterion, value=Decimal("3.5"))
    now = timezone.now()
    Review.objects.filter(pk=review.pk).update(
        is_submitted=True, submitted_at=now, locked_at=now, comment="Good"
    )

    for change in (
        lambda: Review.objects.filter(pk=review.pk).update(comment="Bad"),
        lambda: Review.objects.filter(pk=review.pk).update(locked_at=None),
        lambda: Score.objects.filter(pk=score.pk).update(value=Decimal(5)),
        score.delete,
    ):
        with refused("a locked review stands"), transaction.atomic():
            change()
    # The chair may still say how useful it was.
    assert Review.objects.filter(pk=review.pk).update(quality=4) == 1


@pytest.mark.parametrize("quality", (0, 6))
def test_a_mark_of_a_review_is_one_to_five(review, quality):
    with refused("review_quality_one_to_five"), transaction.atomic():
        Review.objects.filter(pk=review.pk).update(quality=quality)


def test_a_review_is_submitted_with_its_date(review):
    with refused("review_submitted_has_date"), transaction.atomic():
        Review.objects.filter(pk=review.pk).update(is_submitted=True)


def test_whoever_disagrees_says_why_and_agreed_scores_are_half_marks(application):
    consensus = Consensus.objects.create(application=application, version=submit(application))

    with refused("whoever_disagrees_says_why"), transaction.atomic():
        Signature.objects.create(consensus=consensus, reviewer=ExpertFactory(), stance="disagree")
    with refused("agreed_score_in_halves"), transaction.atomic():
        ConsensusScore.objects.create(
            consensus=consensus, criterion=application.call.criteria.first(), value=Decimal("3.2")
        )
    with refused("no score is above"), transaction.atomic():
        ConsensusScore.objects.create(
            consensus=consensus, criterion=application.call.criteria.first(), value=Decimal("5.5")
        )


@pytest.fixture
def rank_list(application):
    return RankList.objects.create(call=application.call, number=1, inputs_sha256=SUM)


def test_each_application_has_one_place_and_each_place_one_application(rank_list, application):
    values = {"rank_list": rank_list, "score": 12, "zone": "fund"}
    RankItem.objects.create(application=application, position=1, **values)
    other = ApplicationFactory(call=application.call)

    with refused("rank_position_once"), transaction.atomic():
        RankItem.objects.create(application=other, position=1, **values)
        check_now()
    with refused("rank_once_an_application"), transaction.atomic():
        RankItem.objects.create(application=application, position=2, **values)


def test_a_frozen_ranked_list_stands(rank_list, application):
    item = RankItem.objects.create(
        rank_list=rank_list, application=application, position=1, score=12, zone="fund"
    )
    RankList.objects.filter(pk=rank_list.pk).update(frozen_at=timezone.now())

    with refused("a frozen ranked list stands"), transaction.atomic():
        RankItem.objects.filter(pk=item.pk).update(position=2)


def test_a_seed_is_the_one_that_was_promised(rank_list):
    seed = b"s" * 32
    with refused("draw_reveals_the_promised_seed"), transaction.atomic():
        LotteryDraw.objects.create(
            rank_list=rank_list, seed=seed, commit_hash=SUM, public_value_source="A beacon"
        )
    draw = LotteryDraw.objects.create(
        rank_list=rank_list, seed=seed, commit_hash=sha256(seed).hexdigest(),
        public_value_source="A beacon",
    )  # fmt: skip

    other = sha256(b"t").hexdigest()
    with refused("what was promised for the draw stands"), transaction.atomic():
        LotteryDraw.objects.filter(pk=draw.pk).update(seed=b"t", commit_hash=other)
    with refused("draw_after_the_commitment"), transaction.atomic():
        LotteryDraw.objects.filter(pk=draw.pk).update(
            public_value="9", drawn_at=timezone.now() - timedelta(days=1)
        )


def test_funded_means_money_and_money_means_funded(application):
    with refused("funded means money"), transaction.atomic():
        Decision.objects.create(application=application, outcome="funded")
        check_now()
    with refused("funded means money"), transaction.atomic():
        decision = Decision.objects.create(application=application, outcome="reserve")
        funder = application.call.commitments.first().funder
        DecisionAmount.objects.create(decision=decision, funder=funder, amount_minor=1)
        check_now()
