"""What the reviewers of an application agree on."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models.functions import Mod, Now
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _

from funding.models.application import Application
from funding.models.expert import Expert
from funding.models.people import Person
from funding.models.terms import Criterion
from funding.models.version import ApplicationVersion
from konnect.states import StateChange, Stateful, Transitions

HALF, NOTHING = Decimal("0.5"), Decimal(0)


class ConsensusState(models.TextChoices):
    """Where a consensus report stands."""

    DRAFT = "draft", _("Being written")
    SIGNING = "signing", _("To be signed")
    SIGNED = "signed", _("Signed")


class Consensus(Stateful):
    """What the reviewers of an application agree on; thresholds and ranking read this alone."""

    TRANSITIONS: ClassVar[Transitions] = {
        ConsensusState.DRAFT: frozenset({ConsensusState.SIGNING}),
        ConsensusState.SIGNING: frozenset({ConsensusState.DRAFT, ConsensusState.SIGNED}),
        ConsensusState.SIGNED: frozenset({ConsensusState.DRAFT}),
    }

    application = models.ForeignKey(Application, models.PROTECT, related_name="consensuses")
    version = models.OneToOneField(ApplicationVersion, models.PROTECT, related_name="consensus")
    state = models.CharField(max_length=7, choices=ConsensusState, default=ConsensusState.DRAFT)
    text = models.TextField(_("consensus report"), max_length=12000, blank=True)
    # Why the chair went on with fewer reviews than wanted.
    shortfall = models.CharField(max_length=500, blank=True)
    number = models.PositiveIntegerField(default=0)
    saved_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    saved_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("consensus report")
        verbose_name_plural = _("consensus reports")

    def __str__(self) -> str:
        return str(self.application_id)


class ConsensusChange(StateChange):
    """One state change of a consensus report."""

    consensus = models.ForeignKey(Consensus, models.CASCADE, related_name="changes")


class ConsensusScore(models.Model):
    """The agreed score of one criterion."""

    consensus = models.ForeignKey(Consensus, models.CASCADE, related_name="scores")
    criterion = models.ForeignKey(Criterion, models.PROTECT, related_name="+")
    value = models.DecimalField(_("score"), max_digits=3, decimal_places=1)
    # Needed when it lies more than 1.0 from the reviewers' median.
    reason = models.CharField(_("reason"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("agreed score")
        verbose_name_plural = _("agreed scores")
        ordering = ("consensus", "criterion__position")
        constraints = [
            models.UniqueConstraint(
                fields=["consensus", "criterion"], name="agreed_score_once_a_criterion"
            ),
            models.CheckConstraint(
                condition=models.Q(Exact(Mod("value", models.Value(HALF)), NOTHING), value__gte=0),
                name="agreed_score_in_halves",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.criterion_id}: {self.value}"


class Signature(models.Model):
    """A reviewer agrees with the consensus, or says what they see differently."""

    class Stance(models.TextChoices):
        """What a reviewer says of the report."""

        AGREE = "agree", _("I agree")
        DISAGREE = "disagree", _("I disagree")

    consensus = models.ForeignKey(Consensus, models.CASCADE, related_name="signatures")
    reviewer = models.ForeignKey(Expert, models.PROTECT, related_name="+")
    stance = models.CharField(max_length=8, choices=Stance)
    minority = models.TextField(_("minority view"), max_length=4000, blank=True)
    signed_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("signature")
        verbose_name_plural = _("signatures")
        constraints = [
            models.UniqueConstraint(fields=["consensus", "reviewer"], name="signature_once"),
            models.CheckConstraint(
                condition=models.Q(stance="agree") | ~models.Q(minority=""),
                name="whoever_disagrees_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.consensus_id}: {self.stance}"
