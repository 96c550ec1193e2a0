"""Mobility calls: what is promised, by whom, until when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from funding.machines import transitions
from funding.models.funder import Funder, Mission, Programme
from konnect.states import StateChange, Stateful, Transitions
from matching.models import Area

if TYPE_CHECKING:
    from datetime import datetime


class CallState(models.TextChoices):
    """Where a call stands; whether it is open says the clock (`CallPhase`)."""

    DRAFT = "draft", _("Draft")
    IN_APPROVAL = "in_approval", _("In approval")
    APPROVED = "approved", _("Approved")
    SCREENING = "screening", _("Eligibility check")
    REVIEWING = "reviewing", pgettext_lazy("funding", "In review")
    PANEL = "panel", _("With the panel")
    DECIDED = "decided", _("Decided, not released")
    RELEASED = "released", _("Decisions released")
    RUNNING = "running", _("Projects running")
    CLOSED_OUT = "closed_out", _("Closed out")
    CANCELLED = "cancelled", _("Cancelled")


# Whoever may read the text of a call without having to do with it.
PUBLIC_STATES = (
    "approved", "screening", "reviewing", "panel", "decided", "released", "running", "closed_out",
)  # fmt: skip


class BlindLevel(models.IntegerChoices):
    """Who knows whose name while a call is reviewed (reference, 2.6)."""

    OPEN = 0, _("Open: everybody knows everybody")
    SINGLE = 1, _("Applicants do not know who reviews")
    DOUBLE = 2, _("Nobody knows the other: redacted copies")
    TWO_STEP = 3, _("Names of applicants only once the own score is in")


class Policy(models.TextChoices):
    """What happens where the money of one funder ends (reference, 2.10)."""

    STRICT = "strict", _("stop at the first project that is blocked")
    SKIP = "skip", _("leave out what is blocked and go on")
    MIXED = "mixed", _("fill gaps from the common pot")


class Pot(models.TextChoices):
    """How the funders' money lies together."""

    REAL = "real", _("one common pot")
    VIRTUAL = "virtual", _("each funder pays its own side")
    MIXED = "mixed", _("own money, and a common pot for gaps")


class CallQuerySet(models.QuerySet["Call"]):
    """Calls; `funding.permissions` says who sees which."""

    def public(self) -> CallQuerySet:
        """Return those that anybody may read, the cancelled ones among them if once published."""
        was_public = models.Q(state="cancelled", approved_at__isnull=False)
        return self.filter(models.Q(state__in=PUBLIC_STATES) | was_public)

    def open(self) -> CallQuerySet:
        """Return those that take applications now, by the clock of the database."""
        return self.filter(state="approved", opens_at__lte=Now(), closes_at__gt=Now())


class Call(Stateful):
    """One joint call of several funders."""

    TRANSITIONS: ClassVar[Transitions] = transitions("call")

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="calls")
    number = models.CharField(_("number"), max_length=30)
    state = models.CharField(max_length=12, choices=CallState, default=CallState.DRAFT)
    title_en = models.CharField(_("title in English"), max_length=200)
    title_ko = models.CharField(_("title in Korean"), max_length=200)
    summary_en = models.TextField(_("in three sentences, in English"), max_length=800, blank=True)
    summary_ko = models.TextField(_("in three sentences, in Korean"), max_length=800, blank=True)
    text_en = models.TextField(_("text of the call in English"), max_length=30000, blank=True)
    text_ko = models.TextField(_("text of the call in Korean"), max_length=30000, blank=True)
    areas = models.ManyToManyField(Area, related_name="calls", blank=True)
    missions = models.ManyToManyField(Mission, through="CallMission", related_name="calls")
    # The promise: what the clocks of the zone show, and the instant that it was resolved to.
    # A wall time may end in T24:00, the end of that day.
    zone = models.CharField(_("time zone"), max_length=64, default="Europe/Brussels")
    opens_wall = models.CharField(_("opens"), max_length=16, blank=True)
    closes_wall = models.CharField(_("closes"), max_length=16, blank=True)
    opens_at = models.DateTimeField(null=True, blank=True)
    closes_at = models.DateTimeField(null=True, blank=True)
    # For drafts that were there before closing; never advertised.
    grace_seconds = models.PositiveIntegerField(
        _("seconds of grace"), default=0, validators=[MaxValueValidator(86400)]
    )
    # Of two steps: outlines first, then the full applications of those who were invited.
    stage = models.PositiveSmallIntegerField(_("stage"), default=1)
    is_outline = models.BooleanField(_("for outlines"), default=False)
    outline_call = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="full_calls",
        verbose_name=_("call for outlines"),
    )  # fmt: skip
    blind_level = models.PositiveSmallIntegerField(
        _("blindness"), choices=BlindLevel, default=BlindLevel.SINGLE
    )
    reviews_wanted = models.PositiveSmallIntegerField(_("reviews an application"), default=3)
    reviews_due_at = models.DateTimeField(_("reviews are due"), null=True, blank=True)
    overall_threshold = models.DecimalField(
        _("overall threshold"), max_digits=5, decimal_places=1, default=10
    )
    # Codes of `funding.ranking`, in the order in which they decide between equals.
    tie_break = ArrayField(models.CharField(max_length=30), default=list, blank=True)
    policy = models.CharField(max_length=8, choices=Policy, default=Policy.SKIP)
    pot = models.CharField(max_length=8, choices=Pot, default=Pot.VIRTUAL)
    shortest_days = models.PositiveSmallIntegerField(_("shortest stay in days"), default=5)
    longest_days = models.PositiveSmallIntegerField(_("longest stay in days"), default=90)
    contact_email = models.EmailField(_("e-mail for questions"), blank=True)
    approved_at = models.DateTimeField(null=True, editable=False)
    released_at = models.DateTimeField(null=True, editable=False)
    is_invented = models.BooleanField(default=False, editable=False)
    created_by = models.ForeignKey("accounts.User", models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(auto_now=True)

    objects = CallQuerySet.as_manager()

    class Meta:
        verbose_name = _("call")
        verbose_name_plural = _("calls")
        ordering = ("-closes_at", "-pk")
        constraints = [
            models.UniqueConstraint(fields=["programme", "number"], name="call_number_once"),
            models.CheckConstraint(
                condition=models.Q(opens_at__isnull=True) | models.Q(closes_at__isnull=True)
                | models.Q(opens_at__lt=models.F("closes_at")),
                name="call_opens_before_it_closes",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=("draft", "in_approval", "cancelled"))
                | models.Q(approved_at__isnull=False, opens_at__isnull=False,
                           closes_at__isnull=False),
                name="call_approved_has_dates",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=("released", "running", "closed_out"),
                                   released_at__isnull=False)
                | (~models.Q(state__in=("released", "running", "closed_out"))
                   & models.Q(released_at__isnull=True)),
                name="call_released_has_date",
            ),
            models.CheckConstraint(
                condition=models.Q(shortest_days__gte=1,
                                   shortest_days__lte=models.F("longest_days")),
                name="call_days_in_order",
            ),
            models.CheckConstraint(
                condition=models.Q(blind_level__in=(0, 1, 2, 3)), name="call_blindness_known"
            ),
            models.CheckConstraint(
                condition=models.Q(outline_call__isnull=True, stage=1)
                | models.Q(is_outline=False, outline_call__isnull=False, stage=2),
                name="call_second_stage_follows",
            ),
            models.UniqueConstraint(
                fields=["outline_call"], condition=~models.Q(state="cancelled"),
                name="one_full_call_an_outline_call",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.title_ko if get_language() == "ko" else self.title_en

    def get_absolute_url(self) -> str:
        """Return the address of the page about this call."""
        return reverse("funding:call_detail", args=[self.pk])

    @property
    def is_blind(self) -> bool:
        """Whether anybody who judges reads applications without names."""
        return self.blind_level >= BlindLevel.DOUBLE

    @property
    def summary(self) -> str:
        """The summary in the reader's language."""
        return self.summary_ko if get_language() == "ko" else self.summary_en

    @property
    def text(self) -> str:
        """The text in the reader's language."""
        return self.text_ko if get_language() == "ko" else self.text_en


class CallChange(StateChange):
    """One state change of a call."""

    call = models.ForeignKey(Call, models.CASCADE, related_name="changes")


class CallMission(models.Model):
    """A call serves a mission; the database asks for one at least when it is approved."""

    call = models.ForeignKey(Call, models.CASCADE, related_name="mission_rows")
    mission = models.ForeignKey(Mission, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("mission of a call")
        verbose_name_plural = _("missions of calls")
        constraints = [
            models.UniqueConstraint(fields=["call", "mission"], name="call_mission_once")
        ]

    def __str__(self) -> str:
        return f"{self.call_id}: {self.mission_id}"


class DeadlineKind(models.TextChoices):
    """Whose deadline it is, beside the researchers' own, which is the call's."""

    INSTITUTION = "institution", _("of the institution")
    OTHER_SIDE = "other_side", _("of the other side")
    REVIEWS = "reviews", _("of reviews")
    OTHER = "other", _("other")


class CallDeadline(models.Model):
    """A further date of a call, kept as the call's own: wall time, zone and instant."""

    call = models.ForeignKey(Call, models.CASCADE, related_name="deadlines")
    kind = models.CharField(_("whose"), max_length=12, choices=DeadlineKind)
    funder = models.ForeignKey(Funder, models.PROTECT, null=True, blank=True, related_name="+")
    label_en = models.CharField(_("in English"), max_length=120)
    label_ko = models.CharField(_("in Korean"), max_length=120)
    zone = models.CharField(_("time zone"), max_length=64)
    wall = models.CharField(_("when"), max_length=16)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("deadline")
        verbose_name_plural = _("deadlines")
        ordering = ("at", "pk")

    def __str__(self) -> str:
        return self.label_ko if get_language() == "ko" else self.label_en


class CallAmendment(models.Model):
    """A numbered, public change of an approved call: its text, or a later closing."""

    call = models.ForeignKey(Call, models.CASCADE, related_name="amendments")
    number = models.PositiveSmallIntegerField()
    text_en = models.TextField(_("what changed, in English"), max_length=4000)
    text_ko = models.TextField(_("what changed, in Korean"), max_length=4000)
    # By column: what it said before and after.
    columns: models.JSONField[Any, Any] = models.JSONField(default=dict)
    made_by = models.ForeignKey("accounts.User", models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField(db_default=Now())
    # When everybody with a draft was told; the worker does it.
    told_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("amendment")
        verbose_name_plural = _("amendments")
        ordering = ("call", "number")
        constraints = [
            models.UniqueConstraint(fields=["call", "number"], name="amendment_number_once")
        ]

    def __str__(self) -> str:
        return self.text_ko if get_language() == "ko" else self.text_en


class Outage(models.Model):
    """The portal could not be reached: recorded, so that a closing may move for everybody."""

    began_at = models.DateTimeField(_("from"))
    ended_at = models.DateTimeField(_("until"))
    note = models.CharField(_("what happened"), max_length=300)
    recorded_by = models.ForeignKey("accounts.User", models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("outage")
        verbose_name_plural = _("outages")
        ordering = ("-began_at",)
        constraints = [
            models.CheckConstraint(
                condition=models.Q(began_at__lt=models.F("ended_at")), name="outage_has_a_length"
            )
        ]

    def __str__(self) -> str:
        return f"{self.began_at:%F %R}"

    def length(self, before: datetime) -> float:
        """Return how many seconds of it lie before an instant."""
        return max((min(self.ended_at, before) - self.began_at).total_seconds(), 0.0)
