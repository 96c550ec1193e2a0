"""Grants and what comes of them: trips, payments, reports, follow-ups, results."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.postgres.fields import DateRangeField
from django.db import models
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from funding.machines import transitions
from funding.models.decision import Decision
from funding.models.funder import Funder
from konnect.states import StateChange, Stateful, Transitions


class GrantState(models.TextChoices):
    """Where a grant stands."""

    OFFERED = "offered", _("Offered")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    LAPSED = "lapsed", _("Lapsed")
    ACTIVE = "active", _("Running")
    SUSPENDED = "suspended", _("Suspended")
    TERMINATED = "terminated", _("Terminated")
    COMPLETED = "completed", _("Completed")
    CLOSED = "closed", pgettext_lazy("funding", "Closed")


class Grant(Stateful):
    """Money that was offered for a decision, and the project that it pays."""

    TRANSITIONS: ClassVar[Transitions] = transitions("grant")

    decision = models.OneToOneField(Decision, models.PROTECT, related_name="grant")
    reference = models.CharField(_("grant number"), max_length=40, unique=True)
    state = models.CharField(max_length=10, choices=GrantState, default=GrantState.OFFERED)
    period = DateRangeField(_("from when to when"))
    offered_at = models.DateTimeField(db_default=Now())
    answer_by = models.DateTimeField(_("answer until"))
    accepted_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)
    note = models.TextField(_("conditions"), max_length=4000, blank=True)

    class Meta:
        verbose_name = _("grant")
        verbose_name_plural = _("grants")
        ordering = ("-offered_at", "pk")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(period__isempty=False, period__startswith__isnull=False,
                                   period__endswith__isnull=False),
                name="grant_has_a_beginning_and_an_end",
            ),
            # What trips point at, with its time.
            models.UniqueConstraint(fields=["id", "period"], name="grant_with_period"),
            models.CheckConstraint(
                condition=models.Q(state__in=("offered", "declined", "lapsed"))
                | models.Q(accepted_at__isnull=False),
                name="grant_accepted_has_date",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=("completed", "closed"))
                | models.Q(completed_at__isnull=False),
                name="grant_completed_has_date",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.reference

    def get_absolute_url(self) -> str:
        """Return the address of the page about this grant."""
        return reverse("funding:grant_detail", args=[self.pk])


class GrantChange(StateChange):
    """One state change of a grant."""

    grant = models.ForeignKey(Grant, models.CASCADE, related_name="changes")


class GrantAmendment(models.Model):
    """A numbered change of a running grant: its dates, its conditions."""

    grant = models.ForeignKey(Grant, models.CASCADE, related_name="amendments")
    number = models.PositiveSmallIntegerField()
    text = models.TextField(_("what changed and why"), max_length=2000)
    columns: models.JSONField[Any, Any] = models.JSONField(default=dict)
    made_by = models.ForeignKey("accounts.User", models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("amendment of a grant")
        verbose_name_plural = _("amendments of grants")
        ordering = ("grant", "number")
        constraints = [
            models.UniqueConstraint(fields=["grant", "number"], name="grant_amendment_once")
        ]

    def __str__(self) -> str:
        return self.text[:60]


class Award(models.Model):
    """What one funder awards to a grant, and what of it a trigger has counted as paid."""

    grant = models.ForeignKey(Grant, models.CASCADE, related_name="awards")
    funder = models.ForeignKey(Funder, models.PROTECT, related_name="awards")
    amount_minor = models.BigIntegerField()
    paid_minor = models.BigIntegerField(default=0, editable=False)

    class Meta:
        verbose_name = _("award of a funder")
        verbose_name_plural = _("awards of funders")
        constraints = [
            models.UniqueConstraint(fields=["grant", "funder"], name="award_once_a_funder"),
            models.CheckConstraint(
                condition=models.Q(
                    amount_minor__gt=0, paid_minor__gte=0, paid_minor__lte=models.F("amount_minor")
                ),
                name="award_not_overpaid",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.grant_id}: {self.funder_id}"
