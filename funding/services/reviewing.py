"""A review from the invitation to the lock: answered, declared, written, handed in, reopened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy

from funding.machines import OFFICER
from funding.models import (
    HARD_KINDS,
    Application,
    Call,
    ConflictKind,
    Declaration,
    Review,
    ReviewAssignment,
    Score,
)
from funding.permissions import roles_for
from funding.refusing import RefusedError
from funding.services.conflicts import DECLARED, declare_conflict, refresh_conflicts
from funding.services.consensuses import open_where_ready
from funding.services.guards_reviews import score_of
from funding.services.moving import move
from funding.services.review_steps import begin_reviews, name_rapporteurs, tell
from funding.services.waiting import Waiting
from konnect.states import TransitionError
from matching.services.profiles import EditConflict

if TYPE_CHECKING:
    from konnect.accounts.models import User

ANSWER_TIME = timedelta(days=7)
REMINDED_BEFORE = timedelta(days=3)
# States in which a reviewer has something to do.
ASKED = ("invited", "accepted", "coi_declared", "drafting")
WRITTEN = ("drafting", "submitted", "locked")


@dataclass(frozen=True)
class Typed:
    """What a reviewer typed: texts, and {criterion id: {"value", "reason", "comment"}}."""

    comment: str
    confidential: str
    confidence: int | None
    scores: Mapping[str, Mapping[str, str]]


def assignments_of(user: User) -> QuerySet[ReviewAssignment]:
    """Return the reviews of somebody, in an order of their own: who reads last is another."""
    rows = ReviewAssignment.objects.filter(reviewer__person__user=user).exclude(state="proposed")
    rows = rows.select_related("application__call", "reviewer__person", "version")
    rows = rows.prefetch_related("application__redactions")
    return rows.order_by("application__call__reviews_due_at", "key")


def invite_reviewers(call: Call, *, actor: User, answer_by: datetime | None = None) -> int:
    """Ask everybody whose assignment is only proposed; return how many. Conflicts are looked at first."""
    proposed = ReviewAssignment.objects.filter(application__call=call, state="proposed")
    refresh_conflicts(call, people=set(proposed.values_list("reviewer__person", flat=True)))
    until = answer_by or timezone.now() + ANSWER_TIME
    applications = set(proposed.values_list("application", flat=True))
    with transaction.atomic():
        count = sum(invite(each, actor=actor, until=until) for each in proposed.all())
        # Those whom an officer chose by hand were never part of a run.
        begin_reviews(applications)
    return count


def reviews_of(user: User) -> list[ReviewAssignment]:
    """Return the reviews of somebody: what waits by its date, then what is over, the newest first."""
    rows = list(assignments_of(user))
    waiting = [row for row in rows if waits(row)]
    over = [row for row in rows if not waits(row)]
    return waiting + sorted(over, key=due, reverse=True)


def waits(row: ReviewAssignment) -> bool:
    """Tell whether a reviewer has something to do."""
    return row.state in ASKED and row.application.call.state == "reviewing"


def due(row: ReviewAssignment) -> datetime:
    """Return when the reviews of a call were due; calls without a date are the oldest."""
    return row.application.call.reviews_due_at or datetime.min.replace(tzinfo=UTC)


@transaction.atomic
def invite(assignment: ReviewAssignment, *, actor: User | None, until: datetime) -> bool:
    """Ask one reviewer; whoever has a conflict meanwhile is left out."""
    try:
        move(assignment, "invite", actor=actor, columns={"answer_by": until})
    except RefusedError:
        return False
    tell(
        assignment,
        f"invited:{until:%Y%m%d}",
        gettext_lazy("You are asked to review an application"),
    )
    return True


def accept_review(assignment: ReviewAssignment, *, actor: User) -> None:
    """Agree to review; the declaration of conflicts comes next.

    Raises:
        TransitionError, PermissionDenied, RefusedError: see `move`.
    """
    move(assignment, "accept", actor=actor)


def decline_review(
    assignment: ReviewAssignment, *, actor: User, reason: str, suggestions: str = ""
) -> None:
    """Decline with a reason, and perhaps with who could instead.

    Raises:
        TransitionError, PermissionDenied, RefusedError: see `move`.
    """
    words = f"{reason}\n→ {suggestions}" if suggestions.strip() else reason
    move(assignment, "decline", actor=actor, reason=words[:500])


@transaction.atomic
def declare(
    assignment: ReviewAssignment, *, actor: User, declaration: str, kind: str = "", note: str = ""
) -> None:
    """Say whether there is a conflict; a clear one ends the review, a possible one waits.

    kind: of `ConflictKind`, where there is one.

    Raises:
        TransitionError, PermissionDenied, RefusedError: see `move`.
    """
    columns = {"declaration": declaration, "declaration_note": note[:500]}
    ReviewAssignment.objects.filter(pk=assignment.pk).update(**columns)
    if declaration != Declaration.CONFLICT:
        move(assignment, "declare", actor=actor, facts={"declaration": declaration})
    if declaration == Declaration.NONE:
        begin(assignment, actor=actor)
        return
    person = assignment.reviewer.person
    chosen = kind or ConflictKind.OTHER
    if declaration == Declaration.CONFLICT and chosen not in HARD_KINDS:
        move(assignment, "recuse", actor=actor, reason=DECLARED)
    declare_conflict(person, assignment.application, kind=chosen, note=note)


@transaction.atomic
def begin(assignment: ReviewAssignment, *, actor: User) -> bool:
    """Open the form where nothing stands against it; return whether it is open."""
    try:
        move(assignment, "draft", actor=actor)
    except RefusedError:
        return False
    Review.objects.get_or_create(assignment=assignment)
    return True


@transaction.atomic
def save_review(assignment: ReviewAssignment, typed: Typed, *, actor: User, number: int) -> Review:
    """Keep what was typed so far; the same again changes nothing.

    number: of the review that the page showed.

    Raises:
        TransitionError: it is not being written.
        EditConflict: another window saved meanwhile; nothing is overwritten.
    """
    review = Review.objects.select_for_update().get(assignment=assignment)
    state = ReviewAssignment.objects.values_list("state", flat=True).get(pk=assignment.pk)
    if state != "drafting" or assignment.reviewer.person.user_id != actor.pk:
        raise TransitionError(f"save in {state}")
    wanted = {
        "comment": typed.comment, "confidential": typed.confidential,
        "confidence": typed.confidence if typed.confidence in (1, 2, 3) else None,
        "draft": {key: dict(row) for key, row in typed.scores.items()},
    }  # fmt: skip
    if review.number and all(getattr(review, name) == value for name, value in wanted.items()):
        return review
    if review.number != number:
        raise EditConflict(review)
    for name, value in wanted.items():
        setattr(review, name, value)
    review.number, review.saved_at = number + 1, timezone.now()
    review.save()
    return review


@transaction.atomic
def submit_review(assignment: ReviewAssignment, *, actor: User) -> None:
    """Hand a review in: its scores are written, and count from now on.

    Raises:
        TransitionError, PermissionDenied, RefusedError: see `move`; the blockers name what is missing.
    """
    review = Review.objects.select_for_update().get(assignment=assignment)
    move(assignment, "submit", actor=actor, facts={"version": assignment.version.sha256})
    review.scores.all().delete()
    criteria = assignment.application.call.criteria.all()
    Score.objects.bulk_create(
        score_row(review, criterion.pk, review.draft[str(criterion.pk)]) for criterion in criteria
    )
    Review.objects.filter(pk=review.pk).update(is_submitted=True, submitted_at=Now())
    open_where_ready(Application.objects.get(pk=assignment.application_id))


def score_row(review: Review, criterion_id: int, typed: Mapping[str, str]) -> Score:
    """Return one score as the table keeps it: a value, or the reason why there is none."""
    value = score_of(typed.get("value"))
    reason = "" if value is not None else typed["reason"].strip()[:300]
    comment = typed.get("comment", "").strip()[:4000]
    return Score(review=review, criterion_id=criterion_id, value=value, no_score_reason=reason,
                 comment=comment)  # fmt: skip


@transaction.atomic
def reopen_review(assignment: ReviewAssignment, *, actor: User, reason: str) -> None:
    """Give a review back to its reviewer; by the chair, until it is locked.

    Raises:
        TransitionError, PermissionDenied, RefusedError: see `move`.
    """
    move(assignment, "reopen", actor=actor, reason=reason)
    rows = Review.objects.filter(assignment=assignment)
    rows.update(is_submitted=False, submitted_at=None, number=F("number") + 1)
    tell(assignment, f"reopened:{assignment.changes.count()}",
         gettext_lazy("Your review is open again: the chair asks for a change"))  # fmt: skip


def leave_review(assignment: ReviewAssignment, *, actor: User, reason: str) -> None:
    """End a review before its end: by the reviewer, the chair or the officer.

    Raises:
        TransitionError, PermissionDenied, RefusedError: see `move`.
    """
    move(assignment, "recuse", actor=actor, reason=reason)


@transaction.atomic
def end_review(assignment: ReviewAssignment, *, actor: User, reason: str) -> None:
    """Take a reviewer off an application as an officer, before the review is in; tell them so.

    The place is free again for the next run, or for somebody who is fixed by hand.

    Raises:
        TransitionError: the review is in, or over. PermissionDenied: not the officer.
        RefusedError: there is no reason.
    """
    # Locked first: who hands in at this moment is in.
    locked = ReviewAssignment.objects.select_for_update().get(pk=assignment.pk)
    if locked.state not in ASKED:
        raise TransitionError(f"{locked.state}: in or over")
    if OFFICER not in roles_for(assignment.application.call, actor):
        raise PermissionDenied
    move(assignment, "recuse", actor=actor, reason=reason)
    name_rapporteurs([assignment.application_id])
    tell(
        assignment,
        "ended",
        gettext_lazy("A review that you were asked for is not needed any more"),
    )


def remind_reviewers() -> int:
    """Remind once whoever has not answered, or not handed in, shortly before it is due."""
    soon = timezone.now() + REMINDED_BEFORE
    waiting = ReviewAssignment.objects.filter(
        reminded_at=None, application__call__state="reviewing"
    )
    invited = waiting.filter(state="invited", answer_by__lt=soon)
    writing = waiting.filter(
        state__in=("accepted", "coi_declared", "drafting"),
        application__call__reviews_due_at__lt=soon,
    )
    done = 0
    for assignment in (invited | writing).select_related("reviewer__person__user"):
        with transaction.atomic():
            rows = ReviewAssignment.objects.filter(pk=assignment.pk, reminded_at=None)
            if rows.update(reminded_at=Now()):
                tell(assignment, "reminded", gettext_lazy("A review waits for you"))
                done += 1
    return done


def reviews_waiting(user: User) -> list[Waiting]:
    """Return what a reviewer has to do, as My work shows it; one query."""
    words = {
        "invited": gettext_lazy("Say whether you can review an application"),
        "accepted": gettext_lazy("Say whether you have a conflict of interest"),
        "drafting": gettext_lazy("Write a review"),
    }
    rows = assignments_of(user).filter(state__in=words, application__call__state="reviewing")
    rows = rows.prefetch_related(None)
    return [
        Waiting(
            words[row.state], reverse("funding:review_detail", args=[row.key]),
            row.answer_by if row.state == "invited" else row.application.call.reviews_due_at,
            str(row.application.call),
        )
        for row in rows
    ]  # fmt: skip
