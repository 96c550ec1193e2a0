"""What people report to the operators."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from konnect.states import StateChange, Stateful, Transitions
from matching.models.contact import Message
from matching.models.listing import Listing
from matching.models.organisation import Organisation
from matching.models.profile import Profile


class AbuseReason(models.TextChoices):
    """What is wrong with something."""

    SPAM = "spam", _("Advertising or unwanted mass messages")
    FALSE = "false", _("Not who or what it says it is")
    RUDE = "rude", _("Insulting or harassing")
    PERSONAL = "personal", _("Shows personal data of somebody else")
    ILLEGAL = "illegal", _("Against the law")
    WRONG = "wrong", _("Wrong or out of date")
    OTHER = "other", _("Something else")


class AbuseReportState(models.TextChoices):
    """Where a report stands."""

    OPEN = "open", _("open")
    IN_REVIEW = "in_review", _("in review")
    UPHELD = "upheld", _("something was done")
    DISMISSED = "dismissed", _("nothing needed to be done")


class AbuseReport(Stateful):
    """One person tells the operators that something should not stand as it does."""

    TRANSITIONS: ClassVar[Transitions] = {
        AbuseReportState.OPEN: frozenset(
            {AbuseReportState.IN_REVIEW, AbuseReportState.UPHELD, AbuseReportState.DISMISSED}
        ),
        AbuseReportState.IN_REVIEW: frozenset(
            {AbuseReportState.OPEN, AbuseReportState.UPHELD, AbuseReportState.DISMISSED}
        ),
        AbuseReportState.UPHELD: frozenset(),
        AbuseReportState.DISMISSED: frozenset(),
    }

    reporter = models.ForeignKey(
        Profile, models.SET_NULL, null=True, related_name="abuse_reports_made"
    )
    profile = models.ForeignKey(Profile, models.CASCADE, null=True, related_name="abuse_reports")
    listing = models.ForeignKey(Listing, models.CASCADE, null=True, related_name="abuse_reports")
    message = models.ForeignKey(Message, models.CASCADE, null=True, related_name="abuse_reports")
    organisation = models.ForeignKey(
        Organisation, models.CASCADE, null=True, related_name="abuse_reports"
    )
    reason = models.CharField(_("reason"), max_length=10, choices=AbuseReason)
    words = models.TextField(_("what happened"), max_length=2000, blank=True)
    state = models.CharField(
        max_length=10, choices=AbuseReportState, default=AbuseReportState.OPEN
    )
    decision = models.TextField(_("decision"), max_length=2000, blank=True)
    decided_by = models.ForeignKey("accounts.User", models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    decided_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("report of a problem")
        verbose_name_plural = _("reports of problems")
        ordering = ("created_at", "pk")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(profile__isnull=False, listing=None, message=None,
                                   organisation=None)
                | models.Q(profile=None, listing__isnull=False, message=None, organisation=None)
                | models.Q(profile=None, listing=None, message__isnull=False, organisation=None)
                | models.Q(profile=None, listing=None, message=None, organisation__isnull=False),
                name="abuse_report_of_one_thing",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=("open", "in_review"), decided_at=None)
                | models.Q(state__in=("upheld", "dismissed"), decided_at__isnull=False),
                name="abuse_report_decided_has_time",
            ),
            models.UniqueConstraint(
                fields=["reporter", "profile", "listing", "message", "organisation"],
                condition=models.Q(state__in=("open", "in_review"), reporter__isnull=False),
                name="one_open_report_of_a_thing",
                nulls_distinct=False,
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.get_reason_display()} ({self.state})"


class AbuseReportChange(StateChange):
    """One state change of a report."""

    abuse_report = models.ForeignKey(AbuseReport, models.CASCADE, related_name="changes")
