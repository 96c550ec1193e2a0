"""Answers to a partner search."""

from __future__ import annotations

from enum import nonmember
from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from konnect.states import StateChange, Stateful, Transitions
from matching.models.contact import ContactRequest, blocks_between
from matching.models.listing import Listing, ListingState
from matching.models.organisation import Organisation
from matching.models.partner_search import DeadlineKind, ListingDeadline
from matching.models.profile import Profile
from matching.models.vocabulary import OrganisationType, PartnerRole

if TYPE_CHECKING:
    from konnect.accounts.models import User


class InterestState(models.TextChoices):
    """Where an expression of interest stands."""

    SENT = "sent", _("sent")
    SHORTLISTED = "shortlisted", _("shortlisted")
    ACCEPTED = "accepted", _("accepted")
    DECLINED = "declined", _("declined")
    WITHDRAWN = "withdrawn", _("withdrawn")
    LAPSED = "lapsed", _("not answered in time")

    live_states = nonmember(("sent", "shortlisted", "accepted"))


class OwnFunding(models.TextChoices):
    """How the one who answers would pay their part."""

    PROGRAMME = "programme", _("By the programme of the call")
    NATIONAL = "national", _("By a national scheme")
    OWN = "own", _("By own funds")
    UNKNOWN = "unknown", _("Not settled yet")


class ExpressionOfInterestQuerySet(models.QuerySet["ExpressionOfInterest"]):
    """Reads of answers."""

    def visible_to(self, user: User) -> ExpressionOfInterestQuerySet:
        """Return the answers that this person wrote, or that their searches received, blocks apart."""
        own = models.Q(profile__user=user) | models.Q(listing__profile__user=user)
        return self.filter(own).exclude(
            models.Exists(blocks_between("profile", "listing__profile"))
        )

    def sent_by(self, user: User) -> ExpressionOfInterestQuerySet:
        """Return what this person wrote."""
        return self.filter(profile__user=user)

    def received_by(self, user: User) -> ExpressionOfInterestQuerySet:
        """Return what this person's searches received."""
        return self.filter(listing__profile__user=user)

    def live(self) -> ExpressionOfInterestQuerySet:
        """Return what was neither declined nor withdrawn, and has not lapsed."""
        return self.filter(state__in=InterestState.live_states)

    def with_people(self) -> ExpressionOfInterestQuerySet:
        """Fetch what a page shows of both sides in the same query."""
        return self.select_related(
            "profile__user", "profile__organisation", "organisation", "listing__partner_search",
            "listing__profile__user", "listing__profile__organisation",
            "contact_request__conversation",
        )  # fmt: skip

    def outlived(self) -> ExpressionOfInterestQuerySet:
        """Return what was not settled before its search ended, or before the call did."""
        ended = ListingDeadline.objects.filter(
            listing=models.OuterRef("listing"), kind=DeadlineKind.CALL, at__lte=Now()
        )
        is_over = models.Q(listing__state__in=ListingState.ended_states) | models.Exists(ended)
        return self.awaiting_answer().filter(is_over)

    def awaiting_answer(self) -> ExpressionOfInterestQuerySet:
        """Return what the author of the search has not settled."""
        return self.filter(state__in=("sent", "shortlisted"))


class ExpressionOfInterest(Stateful):
    """One person's structured answer to one partner search; there is one live one of each."""

    TRANSITIONS: ClassVar[Transitions] = {
        InterestState.SENT: frozenset(
            {
                InterestState.SHORTLISTED,
                InterestState.ACCEPTED,
                InterestState.DECLINED,
                InterestState.WITHDRAWN,
                InterestState.LAPSED,
            }
        ),
        InterestState.SHORTLISTED: frozenset(
            {
                InterestState.ACCEPTED,
                InterestState.DECLINED,
                InterestState.WITHDRAWN,
                InterestState.LAPSED,
            }
        ),
        InterestState.ACCEPTED: frozenset({InterestState.WITHDRAWN}),
        InterestState.DECLINED: frozenset(),
        InterestState.WITHDRAWN: frozenset(),
        InterestState.LAPSED: frozenset(),
    }

    listing = models.ForeignKey(Listing, models.CASCADE, related_name="interests")
    profile = models.ForeignKey(Profile, models.CASCADE, related_name="interests")
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("on behalf of"),
    )  # fmt: skip
    state = models.CharField(max_length=12, choices=InterestState, default=InterestState.SENT)
    role = models.CharField(_("role offered"), max_length=20, choices=PartnerRole.choices)
    organisation_type = models.CharField(
        _("type of organisation"), max_length=20, choices=OrganisationType.choices
    )
    country_code = models.CharField(_("country"), max_length=2)
    expertise = models.TextField(_("relevant expertise"), max_length=2000)
    contribution = models.TextField(_("what you would do in the project"), max_length=2000)
    references = models.TextField(
        _("earlier projects and publications"), max_length=2000, blank=True
    )
    funding = models.CharField(
        _("funding of your part"), max_length=10, choices=OwnFunding, default=OwnFunding.UNKNOWN
    )
    person_months = models.PositiveSmallIntegerField(_("person-months"), null=True, blank=True)
    answer = models.TextField(_("answer"), max_length=2000, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    answered_at = models.DateTimeField(null=True)
    # Acceptance opens the way to talk.
    contact_request = models.ForeignKey(
        ContactRequest, models.SET_NULL, null=True, related_name="interests"
    )

    objects = ExpressionOfInterestQuerySet.as_manager()

    class Meta:
        verbose_name = _("expression of interest")
        verbose_name_plural = _("expressions of interest")
        ordering = ("-created_at", "-pk")
        indexes = [models.Index(fields=["profile", "-created_at"], name="interest_by_author")]
        constraints = [
            models.UniqueConstraint(
                fields=["listing", "profile"],
                condition=models.Q(state__in=InterestState.live_states),
                name="one_live_interest",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=("accepted", "declined"), answered_at__isnull=False)
                | ~models.Q(state__in=("accepted", "declined")),
                name="interest_answered_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.profile_id} on {self.listing_id}: {self.state}"

    @property
    def is_awaiting_answer(self) -> bool:
        """Whether the author of the search has still to settle it."""
        return self.state in {InterestState.SENT, InterestState.SHORTLISTED}


class ExpressionOfInterestChange(StateChange):
    """One state change of an expression of interest."""

    interest = models.ForeignKey(ExpressionOfInterest, models.CASCADE, related_name="changes")
