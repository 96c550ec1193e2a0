"""Reviewers, who may not review what, who reviews what, and what they say."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar
from uuid import uuid4

from django.db import models
from django.db.models.functions import Mod, Now
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _

from funding.machines import transitions
from funding.models.application import Application
from funding.models.call import Call
from funding.models.expert import Expert
from funding.models.terms import Criterion
from funding.models.version import ApplicationVersion
from konnect.states import StateChange, Stateful, Transitions

HALF, NOTHING = Decimal("0.5"), Decimal(0)


class AssignmentRun(models.Model):
    """One computed assignment: what went in, what came out, with which proof."""

    class State(models.TextChoices):
        """Where a run stands."""

        QUEUED = "queued", _("Queued")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        APPLIED = "applied", _("Applied")
        DISCARDED = "discarded", _("Discarded")

    call = models.ForeignKey(Call, models.CASCADE, related_name="assignment_runs")
    state = models.CharField(max_length=9, choices=State, default=State.QUEUED)
    objective = models.CharField(max_length=5, default="worst")
    seed = models.BigIntegerField(default=0)
    version = models.CharField(max_length=20, blank=True)
    inputs: models.JSONField[Any, Any] = models.JSONField(default=dict)
    inputs_sha256 = models.CharField(max_length=64, blank=True)
    # [[application id, expert id, affinity, is_pinned], ...], and the values of the objectives.
    result: models.JSONField[Any, Any] = models.JSONField(default=dict)
    progress: models.JSONField[Any, Any] = models.JSONField(default=dict)
    error = models.CharField(max_length=300, blank=True)
    started_by = models.ForeignKey("accounts.User", models.SET_NULL, null=True, related_name="+")
    queued_at = models.DateTimeField(db_default=Now())
    # Whoever works on it holds it until then; afterwards another worker may take it.
    leased_until = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("computed assignment")
        verbose_name_plural = _("computed assignments")
        ordering = ("-queued_at", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=["call"], condition=models.Q(state__in=("queued", "running")),
                name="one_assignment_run_at_a_time",
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.call_id}: {self.queued_at:%F %R}"


class ReviewState(models.TextChoices):
    """Where a review stands, from the proposal to the lock."""

    PROPOSED = "proposed", _("Proposed")
    INVITED = "invited", _("Invited")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    COI_DECLARED = "coi_declared", _("Conflicts declared")
    DRAFTING = "drafting", _("Being written")
    SUBMITTED = "submitted", _("Submitted")
    LOCKED = "locked", _("Locked")
    RECUSED = "recused", _("Recused")


ACTIVE = (
    "proposed", "invited", "accepted", "coi_declared", "drafting", "submitted", "locked",
)  # fmt: skip


class Declaration(models.TextChoices):
    """What a reviewer says of their own conflicts before they read."""

    NONE = "none", _("no conflict")
    POSSIBLE = "possible", _("perhaps: I explain")
    CONFLICT = "conflict", _("a conflict: I cannot review this")


class ReviewAssignment(Stateful):
    """An expert is to judge one version of an application."""

    TRANSITIONS: ClassVar[Transitions] = transitions("review")

    application = models.ForeignKey(Application, models.PROTECT, related_name="assignments")
    version = models.ForeignKey(ApplicationVersion, models.PROTECT, related_name="assignments")
    reviewer = models.ForeignKey(Expert, models.PROTECT, related_name="assignments")
    stage = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=12, choices=ReviewState, default=ReviewState.PROPOSED)
    run = models.ForeignKey(AssignmentRun, models.SET_NULL, null=True, related_name="assignments")
    is_pinned = models.BooleanField(default=False)
    is_rapporteur = models.BooleanField(default=False)
    affinity = models.FloatField(null=True)
    declaration = models.CharField(max_length=8, choices=Declaration, blank=True)
    declaration_note = models.CharField(max_length=500, blank=True)
    key = models.UUIDField(default=uuid4, unique=True, editable=False)
    answer_by = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("assignment of a review")
        verbose_name_plural = _("assignments of reviews")
        ordering = ("application", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["application", "reviewer", "stage"], name="reviewer_once_an_application"
            ),
            models.UniqueConstraint(
                fields=["application", "stage"],
                condition=models.Q(is_rapporteur=True, state__in=ACTIVE), name="one_rapporteur",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.application_id}: {self.reviewer_id}"


class ReviewAssignmentChange(StateChange):
    """One state change of an assignment and its review."""

    assignment = models.ForeignKey(ReviewAssignment, models.CASCADE, related_name="changes")


class Review(models.Model):
    """What a reviewer wrote; nobody changes it once it is locked (trigger)."""

    assignment = models.OneToOneField(ReviewAssignment, models.PROTECT, related_name="review")
    comment = models.TextField(_("overall comment"), max_length=8000, blank=True)
    # Read by the panel and the officers, never by applicants.
    confidential = models.TextField(_("for the panel only"), max_length=4000, blank=True)
    confidence = models.PositiveSmallIntegerField(_("how sure"), null=True, blank=True)
    # {criterion id: {"value", "reason", "comment"}} as typed; scores are made of it when it is handed in.
    draft: models.JSONField[Any, Any] = models.JSONField(default=dict, blank=True)
    # Rises with every save: two windows of one reviewer are noticed.
    number = models.PositiveIntegerField(default=0)
    saved_at = models.DateTimeField(db_default=Now())
    is_submitted = models.BooleanField(default=False)
    submitted_at = models.DateTimeField(null=True)
    locked_at = models.DateTimeField(null=True)
    # 1 to 5, by the chair: counts for mileage.
    quality = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(is_submitted=True, submitted_at__isnull=False)
                | models.Q(is_submitted=False, submitted_at__isnull=True),
                name="review_submitted_has_date",
            ),
            models.CheckConstraint(
                condition=models.Q(locked_at__isnull=True) | models.Q(is_submitted=True),
                name="review_locked_was_submitted",
            ),
            models.CheckConstraint(
                condition=models.Q(confidence__isnull=True) | models.Q(confidence__in=(1, 2, 3)),
                name="review_confidence_one_to_three",
            ),
            models.CheckConstraint(
                condition=models.Q(quality__isnull=True) | models.Q(quality__range=(1, 5)),
                name="review_quality_one_to_five",
            ),
        ]

    def __str__(self) -> str:
        return str(self.assignment_id)


class Score(models.Model):
    """The score of one criterion, or why there is none."""

    review = models.ForeignKey(Review, models.PROTECT, related_name="scores")
    criterion = models.ForeignKey(Criterion, models.PROTECT, related_name="+")
    value = models.DecimalField(_("score"), max_digits=3, decimal_places=1, null=True, blank=True)
    no_score_reason = models.CharField(_("why it is not assessed"), max_length=300, blank=True)
    comment = models.TextField(_("comment"), max_length=4000, blank=True)

    class Meta:
        verbose_name = _("score")
        verbose_name_plural = _("scores")
        ordering = ("review", "criterion__position")
        constraints = [
            models.UniqueConstraint(fields=["review", "criterion"], name="score_once_a_criterion"),
            models.CheckConstraint(
                condition=models.Q(value__isnull=False, no_score_reason="")
                | (models.Q(value__isnull=True) & ~models.Q(no_score_reason="")),
                name="score_or_reason",
            ),
            # The criterion's own most is held by a trigger.
            models.CheckConstraint(
                condition=models.Q(value__isnull=True)
                | models.Q(Exact(Mod("value", models.Value(HALF)), NOTHING), value__gte=0),
                name="score_in_halves",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.criterion_id}: {self.value}"
