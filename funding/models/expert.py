"""The pool of reviewers, and why one of them may not judge an application."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from funding.models.application import Application
from funding.models.call import Call
from funding.models.people import Person
from matching.models import Area, Side


class Expert(models.Model):
    """Somebody of the reviewer pool, with what shows that they know the field."""

    person = models.OneToOneField(Person, models.PROTECT, related_name="expert")
    side = models.CharField(_("side"), max_length=10, choices=Side.choices)
    languages = ArrayField(models.CharField(max_length=2), default=list, blank=True)
    areas = models.ManyToManyField(Area, related_name="experts", blank=True)
    is_domain_expert = models.BooleanField(_("knows the field from own works"), default=False)
    most = models.PositiveSmallIntegerField(_("reviews a call at most"), default=5)
    is_available = models.BooleanField(_("can be asked"), default=True)
    agreed_at = models.DateTimeField(_("agreed to be in the pool"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("expert")
        verbose_name_plural = _("experts")
        ordering = ("pk",)

    def __str__(self) -> str:
        return str(self.person)


class CallExpert(models.Model):
    """An expert may be given applications of a call, so many at least and at most."""

    class Answer(models.TextChoices):
        """What the expert said."""

        INVITED = "invited", _("Invited")
        ACCEPTED = "accepted", _("Accepted")
        DECLINED = "declined", _("Declined")
        EXPIRED = "expired", _("Not answered in time")

    call = models.ForeignKey(Call, models.CASCADE, related_name="expert_rows")
    expert = models.ForeignKey(Expert, models.PROTECT, related_name="call_rows")
    answer = models.CharField(max_length=8, choices=Answer, default=Answer.INVITED)
    least = models.PositiveSmallIntegerField(_("at least"), default=0)
    most = models.PositiveSmallIntegerField(_("at most"), default=5)
    invited_at = models.DateTimeField(db_default=Now())
    answer_by = models.DateTimeField(_("answer until"))
    answered_at = models.DateTimeField(null=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    suggestions = models.CharField(_("who could instead"), max_length=500, blank=True)
    reminded_at = models.DateTimeField(null=True, editable=False)
    # Older than a profile's last change: conflicts are looked for anew.
    conflicts_checked_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("expert of a call")
        verbose_name_plural = _("experts of calls")
        constraints = [
            models.UniqueConstraint(fields=["call", "expert"], name="expert_once_a_call"),
            models.CheckConstraint(
                condition=models.Q(least__lte=models.F("most")), name="expert_loads_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.call_id}: {self.expert_id}"

    @property
    def takes_bids(self) -> bool:
        """Tell whether it still matters what the expert would gladly read."""
        return self.answer == self.Answer.ACCEPTED and self.call.state in (
            "screening",
            "reviewing",
        )


class Bid(models.Model):
    """How gladly an expert would review an application: -2 no, to 2 very much."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="bids")
    expert = models.ForeignKey(Expert, models.CASCADE, related_name="bids")
    value = models.SmallIntegerField(_("how gladly"))

    class Meta:
        verbose_name = _("bid")
        verbose_name_plural = _("bids")
        constraints = [
            models.UniqueConstraint(fields=["application", "expert"], name="bid_once"),
            models.CheckConstraint(
                condition=models.Q(value__gte=-2, value__lte=2), name="bid_within"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application_id}, {self.expert_id}: {self.value}"


class ConflictKind(models.TextChoices):
    """Why somebody may not judge an application (reference, 2.7)."""

    INVOLVED = "involved", _("is named in the application")
    SAME_CALL = "same_call", _("applies in the same call")
    DEPARTMENT = "department", _("works in the same department")
    FAMILY = "family", _("is of the family")
    MUTUAL = "mutual", _("would be judged by the applicant")
    ORGANISATION = "organisation", _("works at the same organisation")
    CO_AUTHOR = "co_author", _("has published or worked together")
    ADVISER = "adviser", _("was adviser or advisee")
    COLLABORATOR = "collaborator", _("declared collaborator")
    DESIGNED_CALL = "designed_call", _("took part in designing the call")
    UNWANTED = "unwanted", _("named by the applicant as not to review")
    OTHER = "other", _("other reason")


HARD_KINDS = ("involved", "same_call", "department", "family", "mutual")


class Verdict(models.TextChoices):
    """What was decided about a conflict."""

    STANDS = "stands", _("stands")
    FALSE_POSITIVE = "false_positive", _("not a conflict: somebody else was meant")
    OVERRIDDEN = "overridden", _("may review all the same")


class Conflict(models.Model):
    """A reason why a person should not judge an application, with what shows it.

    No active assignment may stand beside a hard conflict: two triggers refuse it, whoever is first.
    """

    person = models.ForeignKey(Person, models.PROTECT, related_name="conflicts")
    application = models.ForeignKey(Application, models.CASCADE, related_name="conflicts")
    kind = models.CharField(_("why"), max_length=14, choices=ConflictKind)
    is_hard = models.BooleanField(_("cannot be overridden"))
    source = models.CharField(_("known from"), max_length=20)  # declared, profile, works, team, …
    evidence: models.JSONField[Any, Any] = models.JSONField(default=dict, blank=True)
    verdict = models.CharField(max_length=14, choices=Verdict, default=Verdict.STANDS)
    decided_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    seconded_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+"
    )
    reason = models.CharField(_("reason of the verdict"), max_length=500, blank=True)
    found_at = models.DateTimeField(db_default=Now())
    # The last time that it was computed anew and still there.
    seen_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("conflict of interest")
        verbose_name_plural = _("conflicts of interest")
        ordering = ("application", "-is_hard", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["person", "application", "kind", "source"], name="conflict_once"
            ),
            models.CheckConstraint(
                condition=~models.Q(verdict="overridden")
                | models.Q(is_hard=False, decided_by__isnull=False, seconded_by__isnull=False)
                & ~models.Q(reason="") & ~models.Q(decided_by=models.F("seconded_by")),
                name="conflict_overridden_by_two",
            ),
            models.CheckConstraint(
                condition=~models.Q(verdict="false_positive")
                | models.Q(decided_by__isnull=False) & ~models.Q(reason=""),
                name="conflict_false_positive_has_a_reason",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.person_id}, {self.application_id}: {self.kind}"
