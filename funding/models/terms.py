"""What a call asks for, pays and judges by: frozen from its approval on."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from funding.models.call import Call
from funding.models.funder import CURRENCY, Funder


class Criterion(models.Model):
    """What reviewers score, 0 to `most` in halves; weights count for the ranking only."""

    call = models.ForeignKey(Call, models.CASCADE, related_name="criteria")
    code = models.SlugField(_("short name"), max_length=30)
    position = models.PositiveSmallIntegerField(default=0)
    name_en = models.CharField(_("name in English"), max_length=120)
    name_ko = models.CharField(_("name in Korean"), max_length=120)
    guidance_en = models.TextField(_("guidance in English"), max_length=2000, blank=True)
    guidance_ko = models.TextField(_("guidance in Korean"), max_length=2000, blank=True)
    weight = models.DecimalField(_("weight"), max_digits=4, decimal_places=2, default=1)
    most = models.DecimalField(_("best score"), max_digits=3, decimal_places=1, default=5)
    threshold = models.DecimalField(_("threshold"), max_digits=3, decimal_places=1, default=3)
    # Read under names only once the own score is in, where the call is blind in two steps.
    is_track_record = models.BooleanField(_("judges who applies"), default=False)

    class Meta:
        verbose_name = _("criterion")
        verbose_name_plural = _("criteria")
        ordering = ("call", "position", "pk")
        constraints = [
            models.UniqueConstraint(fields=["call", "code"], name="criterion_once_a_call"),
            models.CheckConstraint(
                condition=models.Q(threshold__gte=0, threshold__lte=models.F("most"), most__gt=0),
                name="criterion_threshold_within",
            ),
            models.CheckConstraint(condition=models.Q(weight__gt=0), name="criterion_weight"),
        ]

    def __str__(self) -> str:
        return self.name_ko if get_language() == "ko" else self.name_en


class FormKind(models.TextChoices):
    """What a form is filled in for: one engine serves all of them."""

    APPLICATION = "application", _("application")
    REPORT = "report", _("report")
    FINAL = "final", _("final report")
    FINANCIAL = "financial", _("financial report")
    HOST = "host", _("host's statement")
    FOLLOW_UP = "follow_up", _("follow-up")


class Form(models.Model):
    """The sections and fields of a form, as a value: `funding.forms_schema` says its shape."""

    call = models.ForeignKey(Call, models.CASCADE, related_name="forms")
    kind = models.CharField(max_length=12, choices=FormKind)
    number = models.PositiveSmallIntegerField(default=1)
    schema: models.JSONField[Any, Any] = models.JSONField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("form")
        verbose_name_plural = _("forms")
        ordering = ("call", "kind", "-number")
        constraints = [
            models.UniqueConstraint(fields=["call", "kind", "number"], name="form_number_once")
        ]

    def __str__(self) -> str:
        return f"{self.call_id} {self.kind} {self.number}"


class FunderCommitment(models.Model):
    """What a funder puts into a call, in its smallest unit of money; a trigger counts what is spent."""

    call = models.ForeignKey(Call, models.CASCADE, related_name="commitments")
    funder = models.ForeignKey(Funder, models.PROTECT, related_name="commitments")
    currency = models.CharField(_("currency"), max_length=3, validators=[CURRENCY])
    budget_minor = models.BigIntegerField(_("budget"))
    gap_pot_minor = models.BigIntegerField(_("for gaps"), default=0)
    # What one euro is in this money where budgets lie together, from when, and who says so.
    per_euro = models.DecimalField(
        _("for one euro"), max_digits=14, decimal_places=6, null=True, blank=True
    )
    rate_on = models.DateField(_("rate of"), null=True, blank=True)
    rate_source = models.CharField(_("source of the rate"), max_length=200, blank=True)
    committed_minor = models.BigIntegerField(default=0, editable=False)

    class Meta:
        verbose_name = _("commitment of a funder")
        verbose_name_plural = _("commitments of funders")
        ordering = ("call", "pk")
        constraints = [
            models.UniqueConstraint(fields=["call", "funder"], name="commitment_once_a_funder"),
            models.CheckConstraint(
                condition=models.Q(
                    committed_minor__gte=0, committed_minor__lte=models.F("budget_minor")
                ),
                name="commitment_within_budget",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    budget_minor__gte=0, gap_pot_minor__gte=0,
                    gap_pot_minor__lte=models.F("budget_minor"),
                ),
                name="commitment_gap_pot_within",
            ),
            models.CheckConstraint(
                condition=models.Q(per_euro__isnull=True, rate_on__isnull=True, rate_source="")
                | models.Q(
                    per_euro__isnull=False, per_euro__gt=0,
                    rate_on__isnull=False, rate_source__gt="",
                ),
                name="exchange_rate_is_dated",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.call_id}: {self.funder_id}"


class FunderRule(models.Model):
    """A funder's own rules for a call: the national regulations."""

    call = models.ForeignKey(Call, models.CASCADE, related_name="funder_rules")
    funder = models.ForeignKey(Funder, models.PROTECT, related_name="+")
    text_en = models.TextField(_("rules in English"), max_length=8000, blank=True)
    text_ko = models.TextField(_("rules in Korean"), max_length=8000, blank=True)
    # The most that one application may ask of it; None: no limit of its own.
    most_minor = models.BigIntegerField(_("most an application may ask"), null=True, blank=True)
    eligible_costs = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    organisation_types = ArrayField(models.CharField(max_length=20), default=list, blank=True)

    class Meta:
        verbose_name = _("rules of a funder")
        verbose_name_plural = _("rules of funders")
        constraints = [
            models.UniqueConstraint(fields=["call", "funder"], name="rule_once_a_funder"),
            models.CheckConstraint(
                condition=models.Q(most_minor__isnull=True) | models.Q(most_minor__gte=0),
                name="rule_most_is_no_debt",
            ),
        ]

    def __str__(self) -> str:
        return self.text_ko if get_language() == "ko" else self.text_en


class CallApproval(models.Model):
    """The officer, and one person of each funder, said yes to this call as it stands."""

    call = models.ForeignKey(Call, models.CASCADE, related_name="approvals")
    # None: the programme officer.
    funder = models.ForeignKey(Funder, models.PROTECT, null=True, related_name="+")
    approved_by = models.ForeignKey("accounts.User", models.SET_NULL, null=True, related_name="+")
    approved_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("approval of a call")
        verbose_name_plural = _("approvals of calls")
        constraints = [
            models.UniqueConstraint(
                fields=["call", "funder"], name="approval_once_a_funder", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return f"{self.call_id}: {self.funder_id}"
