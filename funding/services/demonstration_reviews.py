"""The invented reviews: experts of both sides, some still at work, and what they agree on."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from hashlib import sha256
from statistics import median
from typing import TYPE_CHECKING

from django.utils import timezone

from funding.models import (
    Application,
    CallExpert,
    Consensus,
    ConsensusScore,
    EligibilityOpinion,
    Review,
    ReviewAssignment,
    Score,
    Signature,
)
from funding.services.demonstration_applications import move
from funding.services.people import person_of

if TYPE_CHECKING:
    from funding.models.expert import Expert
    from funding.services.demonstration import Stage

REVIEWED = ("panel", "released", "running", "closed_out")
COMMENTS = (
    "The question is clear, and the two laboratories need each other to answer it.",
    "Well planned. What happens after the second stay could be said more precisely.",
    "A sound idea; the budget for the stay seems high for what is done there.",
    "The samples are the strength of this proposal, the time table is tight.",
)
CONSENSUS = (
    "The reviewers agree that both sides bring what the other lacks. The plan is realistic; they "
    "recommend to fix the open protocol in the first month."
)


def write_reviews(stage: Stage) -> None:
    """Find who is eligible, assign three experts each, and let them come as far as the call is."""
    state = stage.invented.state
    if state not in ("screening", "reviewing", *REVIEWED):
        return
    write_opinions(stage)
    if state == "screening":
        return
    invite_pool(stage)
    for place, application in enumerate(stage.applications):
        when = stage.call.closes_at or timezone.now()
        move(application, "eligible", {}, when + timedelta(days=9))
        move(application, "in_review", {}, when + timedelta(days=14))
        assigned = assign(stage, application, place)
        for at, assignment in enumerate(assigned):
            review(stage, assignment, progress_of(stage, place, at))
        if state in REVIEWED:
            agree(stage, application, assigned)


def write_opinions(stage: Stage) -> None:
    """Let the officer look at every other application; where the call went on, at all of them."""
    officer = person_of(stage.cast.officer) if stage.cast.officer else stage.cast.chair
    for number, application in enumerate(stage.applications):
        if stage.invented.state != "screening" or number % 2:
            for person in (officer, stage.cast.chair)[: 1 if number % 2 else 2]:
                EligibilityOpinion.objects.create(
                    application=application, version=application.versions.get(), is_eligible=True,
                    given_by=person,
                )  # fmt: skip


def invite_pool(stage: Stage) -> None:
    """Ask the whole pool; all of it agreed."""
    when = (stage.call.closes_at or timezone.now()) + timedelta(days=10)
    CallExpert.objects.bulk_create(
        CallExpert(call=stage.call, expert=expert, answer="accepted", most=8,
                   answer_by=when + timedelta(days=10), answered_at=when)
        for expert in stage.cast.experts
    )  # fmt: skip


def assign(stage: Stage, application: Application, place: int) -> list[ReviewAssignment]:
    """Give an application three experts, of both sides, who are not in its team."""
    team = set(application.participants.values_list("person", flat=True))
    pool = stage.cast.experts
    turned = [pool[(place * 3 + step) % len(pool)] for step in range(len(pool))]
    if stage.invented.state == "reviewing" and place < 4:
        # Visitors sign in as the first of the pool: work waits for them.
        turned = [pool[0], *(each for each in turned if each is not pool[0])]
    fitting = [expert for expert in turned if expert.person_id not in team]
    sides = {expert.side for expert in fitting[:3]}
    if len(sides) == 1:
        fitting.insert(2, next(each for each in fitting if each.side not in sides))
    return [
        ReviewAssignment.objects.create(
            application=application,
            version=application.versions.get(),
            reviewer=expert,
            state="invited",
            is_rapporteur=at == 0,
            affinity=0.5,
            answer_by=timezone.now() + timedelta(days=10),
        )
        for at, expert in enumerate(fitting[:3])
    ]


def progress_of(stage: Stage, place: int, at: int) -> str:
    """Return how far a review is: locked where the call went on, else something of everything."""
    if stage.invented.state in REVIEWED:
        return "locked"
    return ("submitted", "drafting", "invited", "submitted", "accepted")[(place + at) % 5]


def review(stage: Stage, assignment: ReviewAssignment, state: str) -> None:
    """Write a review as far as it is."""
    declared = "" if state in ("invited", "accepted") else "none"
    ReviewAssignment.objects.filter(pk=assignment.pk).update(state=state, declaration=declared)
    if not declared:
        return
    random, expert = stage.cast.random, assignment.reviewer
    written = Review.objects.create(
        assignment=assignment, comment=random.choice(COMMENTS), confidence=random.choice((2, 3)),
        number=3,
    )  # fmt: skip
    given = stage.criteria if state != "drafting" else stage.criteria[:1]
    merit = merit_of(stage, assignment.application.number or 0, expert)
    for criterion in given:
        value = min(5, max(0, round(2 * (merit + random.gauss(0, 0.5))) / 2))
        Score.objects.create(
            review=written, criterion=criterion, value=Decimal(str(value)),
            comment=random.choice(COMMENTS),
        )  # fmt: skip
    if state == "drafting":
        return
    when = (stage.call.closes_at or timezone.now()) + timedelta(days=40)
    locked = when + timedelta(days=5) if state == "locked" else None
    Review.objects.filter(pk=written.pk).update(
        is_submitted=True, submitted_at=when, locked_at=locked
    )


def merit_of(stage: Stage, number: int, expert: Expert) -> float:
    """Return about what an expert thinks of an application, the same in every database."""
    severity = hash_of(f"expert {stage.cast.experts.index(expert)}") - 0.5
    return 3.6 + 3 * (hash_of(f"{number}/{stage.invented.key}") - 0.5) + severity


def hash_of(name: str) -> float:
    """Return a number from 0 to 1 that is always the same for the same name."""
    return int.from_bytes(sha256(name.encode()).digest()[:4]) / 2**32


def agree(stage: Stage, application: Application, assigned: list[ReviewAssignment]) -> None:
    """Write the consensus: medians, signed by everybody."""
    consensus = Consensus.objects.create(
        application=application, version=application.versions.get(), text=CONSENSUS,
        state="signed", saved_by=assigned[0].reviewer.person,
    )  # fmt: skip
    for criterion in stage.criteria:
        given = Score.objects.filter(criterion=criterion, review__assignment__in=assigned)
        values = [value for value in given.values_list("value", flat=True) if value is not None]
        value = Decimal(round(median(values) * 2)) / 2
        ConsensusScore.objects.create(consensus=consensus, criterion=criterion, value=value)
    for assignment in assigned:
        Signature.objects.create(consensus=consensus, reviewer=assignment.reviewer, stance="agree")
    when = (stage.call.closes_at or timezone.now()) + timedelta(days=60)
    move(application, "consensus", {}, when)
    move(application, "ranked", {}, when)
