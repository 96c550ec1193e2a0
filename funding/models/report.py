"""Reports, follow-ups and results."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from funding.machines import transitions
from funding.models.grant import Grant
from funding.models.people import Person
from funding.models.terms import FormKind
from konnect.states import StateChange, Stateful, Transitions


class ReportState(models.TextChoices):
    """Where a report stands; overdue is computed."""

    SCHEDULED = "scheduled", _("Not yet open")
    OPEN = "open", pgettext_lazy("funding", "Open")
    DRAFT = "draft", _("Being written")
    SUBMITTED = "submitted", _("Submitted")
    RETURNED = "returned", _("Returned")
    APPROVED = "approved", _("Approved")
    PUBLISHED = "published", _("Published")
    UNCONFIRMED = "auto_filled_unconfirmed", _("Filled in, not confirmed")


class ReportDue(Stateful):
    """A report that is due: its date is set once; only an extension row moves it."""

    TRANSITIONS: ClassVar[Transitions] = transitions("report")

    grant = models.ForeignKey(Grant, models.CASCADE, related_name="reports_due")
    kind = models.CharField(_("kind"), max_length=12, choices=FormKind)
    # Follow-ups: the year, 1, 3 or 5. Others: 1, 2, 3 ...
    sequence = models.PositiveSmallIntegerField()
    due_on = models.DateField(_("due"))
    state = models.CharField(max_length=24, choices=ReportState, default=ReportState.SCHEDULED)
    reminders = models.PositiveSmallIntegerField(default=0, editable=False)
    reminded_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("report that is due")
        verbose_name_plural = _("reports that are due")
        ordering = ("grant", "due_on", "pk")
        constraints = [
            models.UniqueConstraint(fields=["grant", "kind", "sequence"], name="report_due_once"),
            models.CheckConstraint(
                condition=~models.Q(kind="follow_up") | models.Q(sequence__in=(1, 3, 5)),
                name="follow_up_after_one_three_five_years",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.grant_id}: {self.kind} {self.sequence}"

    def get_absolute_url(self) -> str:
        """Return the address of the report."""
        return reverse("funding:report_detail", args=[self.pk])


class ReportDueChange(StateChange):
    """One state change of a report."""

    report_due = models.ForeignKey(ReportDue, models.CASCADE, related_name="changes")


class DueExtension(models.Model):
    """A later date for a report, with its reason."""

    due = models.ForeignKey(ReportDue, models.CASCADE, related_name="extensions")
    new_on = models.DateField(_("new date"))
    reason = models.CharField(_("reason"), max_length=500)
    granted_by = models.ForeignKey("accounts.User", models.SET_NULL, null=True, related_name="+")
    granted_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("extension")
        verbose_name_plural = _("extensions")
        ordering = ("due", "granted_at")

    def __str__(self) -> str:
        return f"{self.due_id}: {self.new_on}"


class Report(models.Model):
    """One version of a report; the newest is the draft until it is submitted."""

    due = models.ForeignKey(ReportDue, models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField()
    answers: models.JSONField[Any, Any] = models.JSONField(default=dict)
    # Rises with every save.
    draft_number = models.PositiveIntegerField(default=0)
    saved_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    saved_at = models.DateTimeField(db_default=Now())
    submitted_at = models.DateTimeField(null=True)
    is_prefilled = models.BooleanField(default=False)
    officer_note = models.TextField(max_length=2000, blank=True)

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        ordering = ("due", "number")
        constraints = [
            models.UniqueConstraint(fields=["due", "number"], name="report_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.due_id}: {self.number}"


class FollowUp(models.Model):
    """What became of a grant one, three and five years after; non-response is an answer too."""

    grant = models.ForeignKey(Grant, models.CASCADE, related_name="follow_ups")
    year = models.PositiveSmallIntegerField()
    due = models.OneToOneField(ReportDue, models.CASCADE, related_name="follow_up")
    # Marks of ex-post reviewers, 0 to 5, by code of the rubric.
    rubric: models.JSONField[Any, Any] = models.JSONField(default=dict)
    judged_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    still_together = models.BooleanField(null=True)

    class Meta:
        verbose_name = _("follow-up")
        verbose_name_plural = _("follow-ups")
        ordering = ("grant", "year")
        constraints = [
            models.UniqueConstraint(fields=["grant", "year"], name="follow_up_once_a_year"),
            models.CheckConstraint(
                condition=models.Q(year__in=(1, 3, 5)), name="follow_up_year_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.grant_id}: {self.year}"


class OutputKind(models.TextChoices):
    """What sort of result something is."""

    PUBLICATION = "publication", _("Publication")
    DATA = "data", _("Data set")
    SOFTWARE = "software", _("Software")
    PATENT = "patent", _("Patent")
    STANDARD = "standard", _("Standard")
    EVENT = "event", _("Event")
    PERSON = "person", _("Degree or position")
    OTHER = "other", _("Other")


class Output(models.Model):
    """A result of a grant, found or told, and confirmed by the people of the grant."""

    grant = models.ForeignKey(Grant, models.CASCADE, related_name="outputs")
    kind = models.CharField(_("kind"), max_length=12, choices=OutputKind)
    # DOI in lower case, patent number, address: whatever names it for good.
    identifier = models.CharField(_("identifier"), max_length=300)
    title = models.CharField(_("title"), max_length=500)
    year = models.PositiveSmallIntegerField(null=True, blank=True)
    source = models.CharField(_("known from"), max_length=20)
    is_confirmed = models.BooleanField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    found_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("result")
        verbose_name_plural = _("results")
        ordering = ("grant", "-year", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["grant", "kind", "identifier"], name="output_once_a_grant"
            ),
            models.CheckConstraint(
                condition=models.Q(is_confirmed__isnull=True, confirmed_at__isnull=True)
                | models.Q(is_confirmed__isnull=False, confirmed_at__isnull=False),
                name="output_answered_has_date",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class FollowOn(models.Model):
    """Later money that grew out of a grant: another grant here, or one elsewhere."""

    grant = models.ForeignKey(Grant, models.CASCADE, related_name="follow_ons")
    next_grant = models.ForeignKey(
        Grant, models.PROTECT, null=True, blank=True, related_name="grown_from"
    )
    name = models.CharField(_("what it is called"), max_length=300, blank=True)
    funder_name = models.CharField(_("who pays"), max_length=200, blank=True)
    amount_minor = models.BigIntegerField(_("amount"), null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True)

    class Meta:
        verbose_name = _("follow-on funding")
        verbose_name_plural = _("follow-on fundings")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(next_grant__isnull=False) | ~models.Q(name=""),
                name="follow_on_names_something",
            ),
            models.CheckConstraint(
                condition=models.Q(next_grant__isnull=True)
                | ~models.Q(next_grant=models.F("grant")),
                name="follow_on_is_another_grant",
            ),
        ]

    def __str__(self) -> str:
        return self.name or str(self.next_grant)
