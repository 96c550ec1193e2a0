"""What must hold before reviews move, and before applications leave them."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from funding.models import ACTIVE, Application, Consensus, Criterion, Review, ReviewAssignment
from funding.refusing import Blocker
from funding.services.conflicts import forbidding
from funding.services.guards import guard

if TYPE_CHECKING:
    from konnect.accounts.models import User

# Characters of a comment that says something.
LEAST_COMMENT, LEAST_OVERALL, LEAST_REASON = 40, 80, 10
IN = ("submitted", "locked")

CONFLICT_STANDS = Blocker(
    "conflict_stands",
    _("A conflict of interest stands: the officer has to decide about it first."),
)
NOT_DECLARED = Blocker("not_declared", _("Say first whether you have a conflict of interest."))
NO_CONFIDENCE = Blocker("no_confidence", _("Say how sure you are."))
SHORT_OVERALL = Blocker(
    "short_overall",
    format_lazy(_("Write at least {most} characters about the whole."), most=LEAST_OVERALL),
)
NOT_REVIEWING = Blocker("not_reviewing", _("Reviews of this call are not open."))
REVIEWS_MISSING = Blocker(
    "reviews_missing", _("Not all reviews are in. Go on only with a reason that is recorded.")
)
BEING_SIGNED = Blocker(
    "being_signed", _("The consensus report is being signed: reviews stand as they are.")
)
NOT_SIGNED = Blocker("not_signed", _("The consensus is not signed by everybody yet."))


@guard("no_conflict_stands")
def no_conflict_stands(assignment: ReviewAssignment, actor: User | None) -> list[Blocker]:
    """Nobody reads what they may not judge."""
    person = assignment.reviewer.person_id
    found = forbidding(person, assignment.application_id).exists()
    return [CONFLICT_STANDS] if found else []


@guard("conflict_is_answered")
def conflict_is_answered(assignment: ReviewAssignment, actor: User | None) -> list[Blocker]:
    """The declaration is written with the move."""
    return [] if assignment.declaration in ("none", "possible") else [NOT_DECLARED]


@guard("call_is_reviewing")
def call_is_reviewing(assignment: ReviewAssignment, actor: User | None) -> list[Blocker]:
    """After the panel has met, or once the report is being signed, nothing is written any more."""
    if assignment.application.call.state != "reviewing":
        return [NOT_REVIEWING]
    signing = Consensus.objects.filter(
        application=assignment.application_id, version=assignment.version_id,
        state__in=("signing", "signed"),
    )  # fmt: skip
    return [BEING_SIGNED] if signing.exists() else []


@guard("review_is_complete")
def review_is_complete(assignment: ReviewAssignment, actor: User | None) -> list[Blocker]:
    """Every criterion has a score with a comment, or a reason why not."""
    review = Review.objects.get(assignment=assignment)
    found = call_is_reviewing(assignment, actor) + no_conflict_stands(assignment, actor)
    for criterion in assignment.application.call.criteria.all():
        found += criterion_blockers(criterion, review.draft.get(str(criterion.pk), {}))
    if review.confidence is None:
        found.append(NO_CONFIDENCE)
    if len(review.comment.strip()) < LEAST_OVERALL:
        found.append(SHORT_OVERALL)
    return found


def criterion_blockers(criterion: Criterion, typed: dict[str, Any]) -> Iterator[Blocker]:
    """Yield what is missing at one criterion; a code begins with the part that it is about."""
    value, reason = score_of(typed.get("value")), str(typed.get("reason", "")).strip()
    if value is None and not reason:
        words = _("{name}: give a score, or say why you do not assess it.")
        yield Blocker(f"value_{criterion.pk}", format_lazy(words, name=str(criterion)))
    elif value is None and len(reason) < LEAST_REASON:
        words = _("{name}: say in a few words why you do not assess it.")
        yield Blocker(f"reason_{criterion.pk}", format_lazy(words, name=str(criterion)))
    elif value is not None and not fits(value, criterion):
        words = _("{name}: scores go from 0 to {most} in halves.")
        words = format_lazy(words, name=str(criterion), most=criterion.most)
        yield Blocker(f"value_{criterion.pk}", words)
    elif value is not None and len(str(typed.get("comment", "")).strip()) < LEAST_COMMENT:
        words = _("{name}: write at least {most} characters that explain the score.")
        words = format_lazy(words, name=str(criterion), most=LEAST_COMMENT)
        yield Blocker(f"comment_{criterion.pk}", words)


def score_of(text: object) -> Decimal | None:
    """Return a score as it was typed, None where there is none."""
    try:
        value = Decimal(str(text).replace(",", ".")) if text not in (None, "") else None
    except InvalidOperation:
        return None
    return value if value is None or value.is_finite() else None


def fits(value: Decimal, criterion: Criterion) -> bool:
    """Tell whether a score lies in halves between nothing and the best."""
    return 0 <= value <= criterion.most and value * 2 % 1 == 0


@guard("reviews_are_in")
def reviews_are_in(application: Application, actor: User | None) -> list[Blocker]:
    """All that were asked for are in, and as many as the call wants; or the chair goes on."""
    states = application.assignments.filter(state__in=ACTIVE).values_list("state", flat=True)
    done = [state for state in states if state in IN]
    is_enough = len(done) == len(states) and len(done) >= application.call.reviews_wanted
    if is_enough:
        return []
    shortfall = Consensus.objects.filter(application=application).exclude(shortfall="")
    return [] if done and shortfall.exists() else [REVIEWS_MISSING]


@guard("consensus_is_signed")
def consensus_is_signed(application: Application, actor: User | None) -> list[Blocker]:
    """Everybody whose review counts has agreed, or said what they see differently."""
    signed = Consensus.objects.filter(
        application=application, version__number=application.submitted_version or 0, state="signed"
    )
    return [] if signed.exists() else [NOT_SIGNED]
