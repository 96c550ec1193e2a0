"""What was submitted: versions that nobody changes, and who may still hand something in."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from funding.models.application import Application
from funding.models.call import Call
from funding.models.people import Person
from funding.models.terms import Form
from matching.models import Side


class LateToken(models.Model):
    """Leave to submit after closing, given by two officers."""

    call = models.ForeignKey(Call, models.CASCADE, related_name="late_tokens")
    application = models.ForeignKey(
        Application, models.CASCADE, null=True, blank=True, related_name="late_tokens"
    )
    key = models.UUIDField(default=uuid4, unique=True, editable=False)
    most_uses = models.PositiveSmallIntegerField(_("how often"), default=1)
    used = models.PositiveSmallIntegerField(default=0, editable=False)
    valid_until = models.DateTimeField(_("until"))
    reason = models.TextField(_("reason"), max_length=1000)
    granted_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    # None until the second officer agreed: it opens nothing before.
    approved_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+"
    )
    granted_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("leave to submit late")
        verbose_name_plural = _("leaves to submit late")
        ordering = ("call", "pk")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(used__lte=models.F("most_uses")), name="late_token_not_overused"
            ),
            models.CheckConstraint(
                condition=models.Q(approved_by__isnull=True)
                | ~models.Q(approved_by=models.F("granted_by")),
                name="late_token_of_two_people",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.call_id}: {self.reason[:40]}"


class Clarification(models.Model):
    """An officer asks about named fields; the answer becomes a version of its own."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="clarifications")
    question = models.TextField(_("question"), max_length=2000)
    # Codes "section.field" that may change.
    fields: models.JSONField[Any, Any] = models.JSONField(default=list)
    due_at = models.DateTimeField(_("until"))
    asked_by = models.ForeignKey("accounts.User", models.SET_NULL, null=True, related_name="+")
    asked_at = models.DateTimeField(db_default=Now())
    answered_version = models.PositiveIntegerField(null=True)

    class Meta:
        verbose_name = _("request for clarification")
        verbose_name_plural = _("requests for clarification")
        ordering = ("application", "asked_at")

    def __str__(self) -> str:
        return self.question[:60]


class ApplicationVersion(models.Model):
    """What was submitted: the database takes it once, in time, and never lets it change.

    A trigger sets `received_at` to the start of the transaction and `late_by`, and refuses what
    comes after closing without grace, a late token or an open request for clarification.
    """

    application = models.ForeignKey(Application, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    form = models.ForeignKey(Form, models.PROTECT, related_name="+")
    # Everything: answers, people, budget, documents with their check sums; canonical JSON.
    content: models.JSONField[Any, Any] = models.JSONField()
    # Of the canonical JSON of the content.
    sha256 = models.CharField(max_length=64)
    # Of the content without what a submission adds: what partners confirmed.
    draft_sha256 = models.CharField(max_length=64)
    lead_region = models.CharField(max_length=10, choices=Side.choices)
    partner_region = models.CharField(max_length=10, choices=Side.choices)
    submitted_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    received_at = models.DateTimeField(db_default=Now(), editable=False)
    # Seconds after closing.
    late_by = models.PositiveIntegerField(default=0, editable=False)
    token = models.ForeignKey(LateToken, models.PROTECT, null=True, related_name="+")
    clarification = models.ForeignKey(
        Clarification, models.PROTECT, null=True, related_name="versions"
    )

    class Meta:
        verbose_name = _("version of an application")
        verbose_name_plural = _("versions of applications")
        ordering = ("application", "number")
        constraints = [
            models.UniqueConstraint(fields=["application", "number"], name="version_number_once"),
            models.CheckConstraint(
                condition=~models.Q(lead_region=models.F("partner_region")),
                name="version_of_two_regions",
            ),
            models.CheckConstraint(
                condition=models.Q(sha256__regex=r"^[0-9a-f]{64}$"), name="version_has_check_sum"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application_id}: {self.number}"


class EligibilityOpinion(models.Model):
    """What one person found about a version; two must agree before it counts."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="opinions")
    version = models.ForeignKey(ApplicationVersion, models.PROTECT, related_name="+")
    is_eligible = models.BooleanField()
    code = models.CharField(_("reason"), max_length=40, blank=True)
    note = models.TextField(_("note"), max_length=2000, blank=True)
    given_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    given_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("opinion about eligibility")
        verbose_name_plural = _("opinions about eligibility")
        ordering = ("application", "given_at")
        constraints = [
            models.UniqueConstraint(fields=["version", "given_by"], name="opinion_once_a_person"),
            models.CheckConstraint(
                condition=models.Q(is_eligible=True) | ~models.Q(code=""),
                name="ineligible_has_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application_id}: {self.is_eligible}"


class Redaction(models.Model):
    """Words that readers who may not know who applies do not read, wherever they stand."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="redactions")
    passage = models.CharField(_("words to hide"), max_length=200)
    made_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("hidden words")
        verbose_name_plural = _("hidden words")
        ordering = ("application", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["application", "passage"], name="words_are_hidden_once"
            ),
            models.CheckConstraint(
                condition=models.Q(passage__regex=r"\S.*\S"), name="hidden_words_are_two_letters"
            ),
        ]

    def __str__(self) -> str:
        return self.passage
