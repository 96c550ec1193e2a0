"""Panels, ranked lists, lots, decisions and their release."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from funding.models.application import Application
from funding.models.call import Call
from funding.models.expert import ConflictKind
from funding.models.funder import Funder
from funding.models.people import Person
from matching.models import Side


class Panel(models.Model):
    """Who decides about a call."""

    call = models.OneToOneField(Call, models.CASCADE, related_name="panel")
    # So many of each side must be there.
    quorum = models.PositiveSmallIntegerField(_("needed of each side"), default=1)
    meets_at = models.DateTimeField(_("meets"), null=True, blank=True)
    minutes = models.TextField(_("minutes"), max_length=20000, blank=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("panel")
        verbose_name_plural = _("panels")

    def __str__(self) -> str:
        return str(self.call)


class PanelMember(models.Model):
    """Somebody of a panel."""

    panel = models.ForeignKey(Panel, models.CASCADE, related_name="members")
    person = models.ForeignKey(Person, models.PROTECT, related_name="panels")
    side = models.CharField(_("side"), max_length=10, choices=Side.choices)
    is_chair = models.BooleanField(_("chair"), default=False)
    # At the meeting; counts for the quorum.
    is_present = models.BooleanField(_("present"), default=False)
    conflicts_checked_at = models.DateTimeField(_("conflicts checked"), null=True, blank=True)

    class Meta:
        verbose_name = _("member of a panel")
        verbose_name_plural = _("members of panels")
        ordering = ("panel", "-is_chair", "pk")
        constraints = [
            models.UniqueConstraint(fields=["panel", "person"], name="panel_member_once"),
            models.UniqueConstraint(
                fields=["panel"], condition=models.Q(is_chair=True), name="one_chair"
            ),
        ]

    def __str__(self) -> str:
        return str(self.person)


class Recusal(models.Model):
    """A member leaves the room, and the list, when an application is spoken of."""

    member = models.ForeignKey(PanelMember, models.CASCADE, related_name="recusals")
    application = models.ForeignKey(Application, models.CASCADE, related_name="recusals")
    # As it was typed, or the kind of the conflict for which the portal wrote it.
    reason = models.CharField(_("reason"), max_length=300)
    recorded_by = models.ForeignKey("accounts.User", models.SET_NULL, null=True, related_name="+")
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("recusal")
        verbose_name_plural = _("recusals")
        constraints = [
            models.UniqueConstraint(fields=["member", "application"], name="recusal_once")
        ]

    def __str__(self) -> str:
        return f"{self.member_id}: {self.application_id}"

    @property
    def words(self) -> str:
        """Why, in the reader's language where the portal says so."""
        is_kind = self.recorded_by_id is None and self.reason in ConflictKind.values
        return str(ConflictKind(self.reason).label) if is_kind else self.reason


class RankList(models.Model):
    """The ranked list of a call, computed once from what was agreed; a change is a new list."""

    class Method(models.TextChoices):
        """Whether the panel chose the corrected scores; it must say."""

        RAW = "raw", _("scores as given")
        CORRECTED = "corrected", _("scores corrected for severity")

    call = models.ForeignKey(Call, models.CASCADE, related_name="rank_lists")
    number = models.PositiveSmallIntegerField()
    method = models.CharField(max_length=9, choices=Method, default=Method.RAW)
    method_reason = models.CharField(_("why this one"), max_length=500, blank=True)
    seed = models.BigIntegerField(default=0)
    inputs_sha256 = models.CharField(max_length=64)
    # Variance shares, flips, marginal table, allocation: what the panel saw.
    facts: models.JSONField[Any, Any] = models.JSONField(default=dict)
    made_by = models.ForeignKey("accounts.User", models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField(db_default=Now())
    frozen_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("ranked list")
        verbose_name_plural = _("ranked lists")
        ordering = ("call", "-number")
        constraints = [
            models.UniqueConstraint(fields=["call", "number"], name="rank_list_number_once"),
            models.UniqueConstraint(
                fields=["call"], condition=models.Q(frozen_at__isnull=False),
                name="one_frozen_rank_list",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.call_id}: {self.number}"


class RankItem(models.Model):
    """One application's place, with what is known about how sure it is."""

    class Zone(models.TextChoices):
        """What the interval says of the line."""

        FUND = "fund", _("fund")
        DRAW = "draw", _("draw lots")
        NOT = "not", _("do not fund")
        BELOW = "below", _("below a threshold")

    rank_list = models.ForeignKey(RankList, models.CASCADE, related_name="items")
    application = models.ForeignKey(Application, models.PROTECT, related_name="rank_items")
    position = models.PositiveIntegerField()
    score = models.DecimalField(max_digits=7, decimal_places=3)
    expected_rank = models.FloatField(null=True)
    low50 = models.FloatField(null=True)
    high50 = models.FloatField(null=True)
    low90 = models.FloatField(null=True)
    high90 = models.FloatField(null=True)
    corrected_rank = models.FloatField(null=True)
    zone = models.CharField(max_length=5, choices=Zone)
    # Which key decided between this one and the one above it; '' where the score did.
    decided_by = models.CharField(max_length=30, blank=True)

    class Meta:
        verbose_name = _("place in a ranked list")
        verbose_name_plural = _("places in ranked lists")
        ordering = ("rank_list", "position")
        constraints = [
            models.UniqueConstraint(
                fields=["rank_list", "application"], name="rank_once_an_application"
            ),
            models.UniqueConstraint(
                fields=["rank_list", "position"], name="rank_position_once",
                deferrable=models.Deferrable.DEFERRED,
            ),
            models.CheckConstraint(
                condition=models.Q(position__gte=1), name="rank_position_from_one"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.position}: {self.application_id}"


class LotteryDraw(models.Model):
    """A lottery that anyone can check: first the check sum of the seed, later the seed."""

    rank_list = models.OneToOneField(RankList, models.CASCADE, related_name="draw")
    commit_hash = models.CharField(max_length=64)
    committed_at = models.DateTimeField(db_default=Now())
    # What is to be taken as the public value, said beforehand; and then its value.
    public_value_source = models.CharField(max_length=300)
    public_value = models.CharField(max_length=300, blank=True)
    # Kept from the commitment on; pages show it from the draw on.
    seed = models.BinaryField()
    drawn_at = models.DateTimeField(null=True)
    # Application ids in the order of the draw.
    order: models.JSONField[Any, Any] = models.JSONField(default=list)

    class Meta:
        verbose_name = _("lottery")
        verbose_name_plural = _("lotteries")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(drawn_at__isnull=True, public_value="")
                | (models.Q(drawn_at__gt=models.F("committed_at")) & ~models.Q(public_value="")),
                name="draw_after_the_commitment",
            )
        ]

    def __str__(self) -> str:
        return self.commit_hash


class Outcome(models.TextChoices):
    """What a panel decides."""

    FUNDED = "funded", _("funded")
    RESERVE = "reserve", _("on the reserve list")
    INVITED = "invited", _("invited to apply in full")
    NOT_FUNDED = "not_funded", _("not funded")
    NOT_INVITED = "not_invited", _("not invited")
    BELOW_THRESHOLD = "below_threshold", _("below a threshold")


class Decision(models.Model):
    """What was decided about an application; funded means money, and money means funded."""

    application = models.OneToOneField(Application, models.PROTECT, related_name="decision")
    rank_list = models.ForeignKey(RankList, models.PROTECT, null=True, related_name="decisions")
    outcome = models.CharField(_("decision"), max_length=15, choices=Outcome)
    reserve_position = models.PositiveSmallIntegerField(null=True, blank=True)
    reason = models.TextField(_("reason"), max_length=2000, blank=True)
    decided_by = models.ForeignKey("accounts.User", models.SET_NULL, null=True, related_name="+")
    decided_at = models.DateTimeField(db_default=Now())
    # The letter went into the outbox.
    told_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")

    def __str__(self) -> str:
        return f"{self.application_id}: {self.outcome}"


class DecisionAmount(models.Model):
    """What a funder gives to a funded application; a trigger keeps its budget."""

    decision = models.ForeignKey(Decision, models.CASCADE, related_name="amounts")
    funder = models.ForeignKey(Funder, models.PROTECT, related_name="+")
    amount_minor = models.BigIntegerField()
    from_gap_pot_minor = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("money of a decision")
        verbose_name_plural = _("money of decisions")
        constraints = [
            models.UniqueConstraint(fields=["decision", "funder"], name="amount_once_a_funder"),
            models.CheckConstraint(
                condition=models.Q(
                    amount_minor__gt=0, from_gap_pot_minor__gte=0,
                    from_gap_pot_minor__lte=models.F("amount_minor"),
                ),
                name="amount_is_money",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.funder_id}: {self.amount_minor}"


class Release(models.Model):
    """The chair, or a funder, agreed that decisions go out."""

    call = models.ForeignKey(Call, models.CASCADE, related_name="releases")
    # None: the chair.
    funder = models.ForeignKey(Funder, models.PROTECT, null=True, related_name="+")
    agreed_by = models.ForeignKey("accounts.User", models.SET_NULL, null=True, related_name="+")
    agreed_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("agreement to release")
        verbose_name_plural = _("agreements to release")
        constraints = [
            models.UniqueConstraint(
                fields=["call", "funder"], name="release_once_a_funder", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return f"{self.call_id}: {self.funder_id}"
