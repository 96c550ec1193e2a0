"""A call that is with its panel: applications with reviews, signed consensus and budgets."""

from dataclasses import dataclass, field
from decimal import Decimal

from django.utils import timezone

from funding.models import (
    Call,
    Consensus,
    ConsensusScore,
    PanelMember,
    Review,
    ReviewAssignment,
    Score,
)
from funding.services.panels import panel_of
from tests.factories.funding import (
    ApplicationFactory,
    ExpertFactory,
    PersonFactory,
    approved_call,
    funder_officer_of,
    officer_of,
    submitted,
)

REPORT = "The reviewers agree that the work is sound, well planned and worth the travel."


@dataclass
class Stage:
    """Everybody who has to do with one call before its panel."""

    call: Call
    applications: list
    officer: object
    chair: object
    member: object
    europe: object
    korea: object
    reviewers: list = field(default_factory=list)


def member_of(call, side, *, is_chair=False, is_present=True):
    """Put somebody new on the panel of a call; return their account."""
    person = PersonFactory()
    PanelMember.objects.create(
        panel=panel_of(call), person=person, side=side, is_chair=is_chair, is_present=is_present
    )
    return person.user


def ranked(call, scores, *, votes=(), cost=(10_000_00, 15_000_000), reviewers=()):
    """Return an application with a signed consensus, votes of reviewers, and a budget.

    scores: agreed, by the order of the criteria; votes: one score a reviewer, for all criteria.
    cost: asked of the European and of the Korean funder.
    """
    funders = [each.funder for each in call.commitments.order_by("pk")]
    budget = [
        {"funder": funder.code, "currency": funder.currency, "cost": "travel", "note": "",
         "amount_minor": amount}
        for funder, amount in zip(funders, cost, strict=True) if amount
    ]  # fmt: skip
    application = submitted(
        ApplicationFactory(call=call), content={"budget": budget}, state="ranked"
    )
    version = application.versions.get()
    consensus = Consensus.objects.create(
        application=application, version=version, state="signed", text=REPORT
    )
    criteria = list(call.criteria.all())
    for criterion, value in zip(criteria, scores, strict=True):
        ConsensusScore.objects.create(
            consensus=consensus, criterion=criterion, value=Decimal(str(value))
        )
    for reviewer, value in zip(reviewers, votes, strict=False):
        vote(application, version, reviewer, criteria, value)
    return application


def vote(application, version, reviewer, criteria, value):
    """Write a review that is in and locked: one score for every criterion."""
    assignment = ReviewAssignment.objects.create(
        application=application, version=version, reviewer=reviewer, state="drafting"
    )
    review = Review.objects.create(
        assignment=assignment, is_submitted=True, submitted_at=timezone.now()
    )
    for criterion in criteria:
        Score.objects.create(review=review, criterion=criterion, value=Decimal(str(value)))
    ReviewAssignment.objects.filter(pk=assignment.pk).update(state="locked")


def panel_stage(count=4, *, scores=None, votes=True, **columns):
    """Return a call with the panel; the first application is the best, each a half mark apart."""
    call = approved_call(state="panel", **columns)
    reviewers = [ExpertFactory(), ExpertFactory(), ExpertFactory()] if votes else []
    rows = scores or [(5 - place / 2, 4.5, 4) for place in range(count)]
    applications = [
        ranked(
            call, row, reviewers=reviewers, votes=[max(row[0] - shift, 0) for shift in (0, 0.5, 1)]
        )
        for row in rows
    ]
    return Stage(
        call=call, applications=applications, officer=officer_of(call),
        chair=member_of(call, "europe", is_chair=True), member=member_of(call, "korea"),
        europe=funder_officer_of(call), korea=funder_officer_of(call, "korea"),
        reviewers=reviewers,
    )  # fmt: skip
