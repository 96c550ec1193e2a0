"""Consensus reports: opened when reviews are in, written by the rapporteur, signed by all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from statistics import median
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from funding.machines import CHAIR, RAPPORTEUR
from funding.models import (
    Application,
    Consensus,
    ConsensusScore,
    ConsensusState,
    Criterion,
    ReviewAssignment,
    Score,
    Signature,
)
from funding.permissions import roles_for
from funding.refusing import REASON_MISSING, Blocker, RefusedError
from funding.services.guards_reviews import LEAST_OVERALL, fits, reviews_are_in
from funding.services.ledger import record
from funding.services.moving import move
from funding.services.people import person_of
from funding.services.review_steps import lock_reviews, tell
from funding.services.waiting import Waiting
from konnect.states import TransitionError
from matching.services.profiles import EditConflict

if TYPE_CHECKING:
    from konnect.accounts.models import User

# An agreed score further than this from the reviewers' median needs a reason.
FAR = Decimal(1)
IN = ("submitted", "locked")

SHORT_TEXT = Blocker(
    "short_text",
    format_lazy(_("The report needs at least {most} characters."), most=LEAST_OVERALL),
)
MINORITY_MISSING = Blocker("minority_missing", _("Say what you see differently."))
NOT_YOURS = Blocker("not_yours", _("Only those whose review is in sign the report."))


@dataclass(frozen=True)
class Agreed:
    """An agreed score as it was typed, and why it lies where it lies."""

    value: Decimal | None
    reason: str = ""


@dataclass(frozen=True)
class Row:
    """One criterion: what reviewers gave, what is agreed."""

    criterion: Criterion
    given: list[Decimal]
    agreed: ConsensusScore | None

    @property
    def median(self) -> Decimal | None:
        """The reviewers' median, None where nobody gave a score."""
        return median(self.given) if self.given else None

    @property
    def spread(self) -> Decimal:
        """How far the reviewers lie apart."""
        return max(self.given) - min(self.given) if self.given else Decimal(0)


def open_consensus(
    application: Application, *, actor: User | None, shortfall: str = ""
) -> Consensus:
    """Begin the report when all reviews are in, or by the chair with a reason that is recorded.

    Raises:
        TransitionError, PermissionDenied, RefusedError: see `move`; reviews are missing.
    """
    with transaction.atomic():
        version = application.counted
        if shortfall.strip() and not is_chair(application, actor):
            raise PermissionDenied
        consensus, _is_new = Consensus.objects.get_or_create(
            application=application, version=version, defaults={"shortfall": shortfall[:500]}
        )
        move(application, "seek_consensus", actor=actor,
             facts={"shortfall": bool(consensus.shortfall)})  # fmt: skip
        tell_rapporteur(application)
    return consensus


def is_chair(application: Application, user: User | None) -> bool:
    """Tell whether somebody chairs the panel of an application's call."""
    return user is not None and CHAIR in roles_for(application, user)


def open_where_ready(application: Application) -> Consensus | None:
    """Begin the report by itself once the last review is in."""
    if application.state != "in_review" or reviews_are_in(application, None):
        return None
    return open_consensus(application, actor=None)


def tell_rapporteur(application: Application) -> None:
    """Tell whoever writes that the reviews are in."""
    for assignment in application.assignments.filter(is_rapporteur=True, state__in=IN):
        tell(assignment, "consensus", _("All reviews are in: please write the consensus report"))


def rows_of(application: Application, consensus: Consensus | None) -> list[Row]:
    """Return, criterion by criterion, what was given and what is agreed; three queries."""
    given: dict[int, list[Decimal]] = {}
    scores = Score.objects.filter(
        review__assignment__application=application, review__is_submitted=True,
        review__assignment__state__in=IN,
    ).order_by("value")  # fmt: skip
    for criterion_id, value in scores.values_list("criterion", "value"):
        if value is not None:
            given.setdefault(criterion_id, []).append(value)
    agreed = {row.criterion_id: row for row in consensus.scores.all()} if consensus else {}
    criteria = application.call.criteria.all()
    return [Row(each, given.get(each.pk, []), agreed.get(each.pk)) for each in criteria]


@transaction.atomic
def save_consensus(
    consensus: Consensus, *, actor: User, text: str, scores: Mapping[int, Agreed], number: int
) -> Consensus:
    """Keep the report as far as it is written; a changed report has to be signed anew.

    number: of the report that the page showed. Scores that are none are left out.

    Raises:
        PermissionDenied: only rapporteur and chair write. EditConflict: somebody else has saved.
        TransitionError: it is signed.
    """
    row = locked(consensus)
    writers_only(row, actor)
    if row.number != number:
        raise EditConflict
    if row.state == ConsensusState.SIGNED:
        raise TransitionError("signed")
    if row.state == ConsensusState.SIGNING:
        row.move_to(ConsensusState.DRAFT, actor=actor)
    row.signatures.all().delete()
    row.text, row.saved_by, row.saved_at = text, person_of(actor), timezone.now()
    row.number = number + 1
    row.save(update_fields=["text", "saved_by", "saved_at", "number"])
    write_scores(row, scores)
    return row


def locked(consensus: Consensus) -> Consensus:
    """Return a report that nobody else changes now."""
    return Consensus.objects.select_for_update(of=("self",)).get(pk=consensus.pk)


def writers_only(consensus: Consensus, user: User) -> None:
    """Raise PermissionDenied for everybody but the rapporteur and the chair."""
    if not roles_for(consensus.application, user) & {RAPPORTEUR, CHAIR}:
        raise PermissionDenied


def write_scores(consensus: Consensus, scores: Mapping[int, Agreed]) -> None:
    """Replace the agreed scores by those that fit their criteria."""
    criteria = {each.pk: each for each in consensus.application.call.criteria.all()}
    consensus.scores.all().delete()
    ConsensusScore.objects.bulk_create(
        ConsensusScore(
            consensus=consensus, criterion_id=pk, value=one.value, reason=one.reason[:500]
        )
        for pk, one in scores.items()
        if pk in criteria and one.value is not None and fits(one.value, criteria[pk])
    )


def consensus_blockers(consensus: Consensus) -> list[Blocker]:
    """Return what is missing before a report can be signed; thresholds are not looked at here."""
    found = reviews_are_in(consensus.application, None)
    if len(consensus.text.strip()) < LEAST_OVERALL:
        found.append(SHORT_TEXT)
    for row in rows_of(consensus.application, consensus):
        if row.agreed is None:
            words = format_lazy(_("{name}: agree on a score."), name=str(row.criterion))
            found.append(Blocker(f"criterion_{row.criterion.pk}", words))
        elif is_far(row) and not row.agreed.reason.strip():
            words = _("{name}: more than 1 point from the median {median}: give the reason.")
            words = format_lazy(words, name=str(row.criterion), median=row.median)
            found.append(Blocker(f"criterion_{row.criterion.pk}", words))
    return found


def is_far(row: Row) -> bool:
    """Tell whether what is agreed lies far from what reviewers gave."""
    middle = row.median
    return row.agreed is not None and middle is not None and abs(row.agreed.value - middle) > FAR


@transaction.atomic
def ask_for_signatures(consensus: Consensus, *, actor: User) -> None:
    """Send the report to everybody whose review counts; reviews are locked from now on.

    Raises:
        PermissionDenied: only rapporteur and chair. RefusedError: something is missing.
        TransitionError: it is not being written.
    """
    row = locked(consensus)
    writers_only(row, actor)
    if found := consensus_blockers(row):
        raise RefusedError(found)
    row.move_to(ConsensusState.SIGNING, actor=actor)
    lock_reviews(row.application)
    scores = {str(each.criterion_id): str(each.value) for each in row.scores.all()}
    record(row, "ask_for_signatures", actor=person_of(actor), after={"scores": scores})
    for assignment in signers_of(row):
        tell(assignment, f"sign:{row.number}", _("Please sign a consensus report"))


def signers_of(consensus: Consensus) -> QuerySet[ReviewAssignment]:
    """Return the assignments of those who sign: whose reviews are in and count."""
    rows = ReviewAssignment.objects.filter(application=consensus.application_id, state__in=IN)
    return rows.select_related("reviewer__person__user")


@transaction.atomic
def sign(consensus: Consensus, *, actor: User, stance: str, minority: str = "") -> None:
    """Agree, or say what one sees differently; the last signature ends the report.

    Raises:
        RefusedError: not one of the reviewers; no words with a disagreement.
        TransitionError: it is not to be signed now.
    """
    row = locked(consensus)
    if row.state != ConsensusState.SIGNING:
        raise TransitionError(row.state)
    own = signers_of(row).filter(reviewer__person__user=actor).first()
    if own is None:
        raise RefusedError([NOT_YOURS])
    if stance == Signature.Stance.DISAGREE and not minority.strip():
        raise RefusedError([MINORITY_MISSING])
    words = minority.strip() if stance == Signature.Stance.DISAGREE else ""
    Signature.objects.update_or_create(
        consensus=row, reviewer=own.reviewer,
        defaults={"stance": stance, "minority": words, "signed_at": timezone.now()},
    )  # fmt: skip
    record(row, "sign", actor=person_of(actor), after={"stance": stance})
    close_where_signed(row)


def close_where_signed(consensus: Consensus) -> None:
    """End a report that everybody has signed, whatever their stance; it can then be ranked."""
    signed = set(consensus.signatures.values_list("reviewer", flat=True))
    if signed >= set(signers_of(consensus).values_list("reviewer", flat=True)):
        consensus.move_to(ConsensusState.SIGNED, actor=None)
        record(consensus, "close", actor=None, after={"text": consensus.number})
        move(consensus.application, "rank", actor=None)


@transaction.atomic
def reopen_consensus(consensus: Consensus, *, actor: User, reason: str) -> None:
    """Let a report that is to be signed be changed again; reviews stay locked.

    Raises:
        PermissionDenied: only rapporteur and chair. RefusedError: no reason. TransitionError: it is
        signed, and its application ranked.
    """
    row = locked(consensus)
    writers_only(row, actor)
    if not reason.strip():
        raise RefusedError([REASON_MISSING])
    if row.state != ConsensusState.SIGNING:
        raise TransitionError(row.state)
    row.signatures.all().delete()
    row.move_to(ConsensusState.DRAFT, actor=actor, reason=reason)
    record(row, "reopen", actor=person_of(actor), reason=reason)


def consensuses_waiting(user: User) -> list[Waiting]:
    """Return the reports that somebody has to write or to sign; two queries."""
    own = ReviewAssignment.objects.filter(reviewer__person__user=user, state__in=IN)
    own = own.select_related("application__call")
    writing = own.filter(is_rapporteur=True, application__state="consensus",
                         application__consensuses__state="draft")  # fmt: skip
    signed = Signature.objects.filter(reviewer__person__user=user).values("consensus")
    signing = own.filter(application__consensuses__state="signing").exclude(
        application__consensuses__in=signed
    )
    return [
        Waiting(words, reverse("funding:consensus_detail", args=[row.application_id]),
                about=str(row.application.call))
        for words, rows in ((_("Write a consensus report"), writing),
                            (_("Sign a consensus report"), signing))
        for row in rows
    ]  # fmt: skip
