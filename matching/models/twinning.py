"""Organisations of the two sides that go together."""

from __future__ import annotations

from datetime import timedelta
from enum import nonmember
from typing import TYPE_CHECKING, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Greatest, Least, Now
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from konnect.accounts.models import Role, RoleGrant, Scope
from konnect.states import StateChange, Stateful, Transitions
from matching.models.organisation import Organisation
from matching.models.profile import Profile
from matching.models.vocabulary import Area

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from konnect.accounts.models import User


class TwinningState(models.TextChoices):
    """Where a twinning stands."""

    PROPOSED = "proposed", _("proposed")
    ACTIVE = "active", _("active")
    DECLINED = "declined", _("declined")
    WITHDRAWN = "withdrawn", _("withdrawn")
    LAPSED = "lapsed", _("not renewed")
    ENDED = "ended", _("ended")

    live_states = nonmember(("proposed", "active"))


class AgreementKind(models.TextChoices):
    """On what a twinning rests."""

    NONE = "none", _("No written agreement yet")
    LETTER = "letter", _("Letter of intent")
    MEMORANDUM = "memorandum", _("Memorandum of understanding")
    CONTRACT = "contract", _("Co-operation agreement")


def organisations_of(user: User) -> models.QuerySet[Organisation]:
    """Return the organisations that a person represents or works for."""
    grants = RoleGrant.objects.filter(
        user=user, role=Role.ORGANISATION_REPRESENTATIVE, scope=Scope.ORGANISATION
    )
    return Organisation.objects.filter(
        models.Q(pk__in=grants.values("scope_id"))
        | models.Q(pk__in=Profile.objects.filter(user=user).values("organisation_id"))
    )


class TwinningQuerySet(models.QuerySet["Twinning"]):
    """Reads of twinnings."""

    def active(self) -> TwinningQuerySet:
        """Return those that both sides confirmed and that have not run out."""
        return self.filter(state=TwinningState.ACTIVE, valid_until__gte=Now())

    def live(self) -> TwinningQuerySet:
        """Return those that are proposed or active."""
        return self.filter(state__in=TwinningState.live_states)

    def overdue(self) -> TwinningQuerySet:
        """Return those whose validity has run out, and proposals that nobody answered."""
        ended = models.Q(state=TwinningState.ACTIVE, valid_until__lt=Now())
        limit = timezone.now() - timedelta(days=Twinning.DAYS_TO_ANSWER)
        return self.filter(ended | models.Q(state=TwinningState.PROPOSED, created_at__lt=limit))

    def ending(self) -> TwinningQuerySet:
        """Return the active ones that can be renewed now."""
        day = timezone.now() + timedelta(days=Twinning.DAYS_TO_RENEW)
        return self.active().filter(valid_until__lte=day)

    def of(self, organisation: Organisation) -> TwinningQuerySet:
        """Return those of one organisation, whoever proposed them."""
        return self.filter(models.Q(proposer=organisation) | models.Q(partner=organisation))

    def visible_to(self, user: User | AnonymousUser) -> TwinningQuerySet:
        """Return the active ones; all others only to people of the two organisations."""
        shown = models.Q(state=TwinningState.ACTIVE, valid_until__gte=Now())
        if not user.is_authenticated:
            return self.filter(shown)
        own = organisations_of(user).values("pk")
        return self.filter(shown | models.Q(proposer__in=own) | models.Q(partner__in=own))

    def with_sides(self) -> TwinningQuerySet:
        """Fetch along what a line about a twinning shows."""
        return self.select_related("proposer", "partner").prefetch_related("areas")


class Twinning(Stateful):
    """Two organisations, one of each side, that both confirmed and keep renewing it."""

    MONTHS_OF_VALIDITY = 12
    DAYS_TO_ANSWER = 90
    # Before the end; afterwards, too.
    DAYS_TO_RENEW = 60

    TRANSITIONS: ClassVar[Transitions] = {
        TwinningState.PROPOSED: frozenset(
            {TwinningState.ACTIVE, TwinningState.DECLINED, TwinningState.WITHDRAWN,
             TwinningState.LAPSED}
        ),
        TwinningState.ACTIVE: frozenset({TwinningState.ENDED, TwinningState.LAPSED}),
        TwinningState.LAPSED: frozenset({TwinningState.ACTIVE, TwinningState.ENDED}),
        TwinningState.DECLINED: frozenset(),
        TwinningState.WITHDRAWN: frozenset(),
        TwinningState.ENDED: frozenset(),
    }  # fmt: skip

    proposer = models.ForeignKey(
        Organisation, models.PROTECT, related_name="twinnings_proposed",
        verbose_name=_("organisation that proposes"),
    )  # fmt: skip
    partner = models.ForeignKey(
        Organisation, models.PROTECT, related_name="twinnings_received",
        verbose_name=_("partner organisation"),
    )  # fmt: skip
    state = models.CharField(max_length=10, choices=TwinningState, default=TwinningState.PROPOSED)
    areas = models.ManyToManyField(
        Area, verbose_name=_("areas"), related_name="twinnings", blank=True
    )
    aims_en = models.TextField(_("aims in English"), max_length=2000, blank=True)
    aims_ko = models.TextField(_("aims in Korean"), max_length=2000, blank=True)
    agreement = models.CharField(
        _("agreement"), max_length=12, choices=AgreementKind, default=AgreementKind.NONE
    )
    agreement_url = models.URLField(_("address of the agreement"), max_length=500, blank=True)
    starts_on = models.DateField(_("starts on"))
    created_at = models.DateTimeField(db_default=Now())
    # Both sides renew; without that it lapses.
    valid_until = models.DateTimeField(null=True, editable=False)

    objects = TwinningQuerySet.as_manager()

    class Meta:
        verbose_name = _("twinning")
        verbose_name_plural = _("twinnings")
        ordering = ("-created_at", "-pk")
        constraints = [
            models.UniqueConstraint(
                Least("proposer", "partner"), Greatest("proposer", "partner"),
                condition=models.Q(state__in=TwinningState.live_states),
                name="one_live_twinning_a_pair",
            ),
            models.CheckConstraint(
                condition=~models.Q(proposer=models.F("partner")), name="twinning_of_two"
            ),
            models.CheckConstraint(
                condition=models.Q(state="active", valid_until__isnull=False)
                | ~models.Q(state="active"),
                name="twinning_active_has_end",
            ),
            models.CheckConstraint(
                condition=~models.Q(aims_en="") | ~models.Q(aims_ko=""), name="twinning_has_aims"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.proposer} – {self.partner}"

    def get_absolute_url(self) -> str:
        """Return the address of the twinning's page."""
        return reverse("matching:twinning_detail", args=[self.pk])

    def other_side(self, organisation: Organisation) -> Organisation:
        """Return the partner, seen from one of the two."""
        return self.partner if organisation.pk == self.proposer_id else self.proposer

    @property
    def is_renewable(self) -> bool:
        """Whether its sides may confirm another year now."""
        if self.state == TwinningState.LAPSED:
            return self.valid_until is not None
        if self.state != TwinningState.ACTIVE or self.valid_until is None:
            return False
        return self.valid_until - timezone.now() <= timedelta(days=self.DAYS_TO_RENEW)


class TwinningChange(StateChange):
    """One state change of a twinning."""

    twinning = models.ForeignKey(Twinning, models.CASCADE, related_name="changes")

    @property
    def label(self) -> str:
        """The new state in words."""
        return str(TwinningState(self.new_state).label)


class TwinningConfirmation(models.Model):
    """One side's yes to one term of a twinning: the first one, or a renewal."""

    twinning = models.ForeignKey(Twinning, models.CASCADE, related_name="confirmations")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    # 0 is the beginning, 1 the first renewal, and so on.
    term = models.PositiveSmallIntegerField(default=0)
    confirmed_by = models.ForeignKey("accounts.User", models.SET_NULL, null=True, related_name="+")
    confirmed_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("confirmation of a twinning")
        verbose_name_plural = _("confirmations of twinnings")
        ordering = ("confirmed_at", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["twinning", "organisation", "term"], name="confirmed_once_a_term"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id}: {self.term}"


class TwinningContact(models.Model):
    """Whom to ask about a twinning, on one side."""

    twinning = models.ForeignKey(Twinning, models.CASCADE, related_name="contacts")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    profile = models.ForeignKey(Profile, models.CASCADE, related_name="twinning_contacts")

    class Meta:
        verbose_name = _("contact point of a twinning")
        verbose_name_plural = _("contact points of twinnings")
        constraints = [
            models.UniqueConstraint(fields=["twinning", "profile"], name="contact_point_once"),
        ]

    def __str__(self) -> str:
        return str(self.profile)


class TwinningActivityKind(models.TextChoices):
    """What two organisations do together."""

    VISIT = "visit", _("Visit")
    WORKSHOP = "workshop", _("Workshop")
    EXCHANGE = "exchange", _("Exchange of researchers or students")
    COURSE = "course", _("Course or training")
    PROPOSAL = "proposal", _("Joint proposal")
    PUBLICATION = "publication", _("Joint publication")
    OTHER = "other", _("Something else")


class TwinningActivity(models.Model):
    """One thing that twinned organisations did or plan."""

    twinning = models.ForeignKey(Twinning, models.CASCADE, related_name="activities")
    kind = models.CharField(_("kind"), max_length=12, choices=TwinningActivityKind)
    title_en = models.CharField(_("title in English"), max_length=200, blank=True)
    title_ko = models.CharField(_("title in Korean"), max_length=200, blank=True)
    takes_place_on = models.DateField(_("date"))
    url = models.URLField(_("web address"), max_length=500, blank=True)
    recorded_by = models.ForeignKey("accounts.User", models.SET_NULL, null=True, related_name="+")
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("activity of a twinning")
        verbose_name_plural = _("activities of twinnings")
        ordering = ("-takes_place_on", "-pk")
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(title_en="") | ~models.Q(title_ko=""),
                name="activity_has_title",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        """The title in the reader's language, else in the other."""
        first, second = self.title_en, self.title_ko
        return (second or first) if get_language() == "ko" else (first or second)


class TwinningSuggestion(models.Model):
    """A computed proposal of a partner organisation, with the parts that add up to its score."""

    organisation = models.ForeignKey(
        Organisation, models.CASCADE, related_name="twinning_suggestions"
    )
    partner = models.ForeignKey(Organisation, models.CASCADE, related_name="+")
    # Units of matching.scoring.terms.UNIT, as in the suggestions of people.
    score = models.BigIntegerField()
    parts = ArrayField(models.BigIntegerField())
    # Ids only: pairs of people, listings, topics; names are looked up when a page is read.
    evidence = models.JSONField(default=dict)
    computed_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("suggestion of a twinning")
        verbose_name_plural = _("suggestions of twinnings")
        ordering = ("organisation", "-score", "partner")
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "partner"], name="twinning_suggested_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id}: {self.partner_id}"
