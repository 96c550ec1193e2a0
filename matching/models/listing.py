"""What people and organisations offer and seek."""

from __future__ import annotations

from datetime import datetime
from enum import nonmember
from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from konnect.states import StateChange, Stateful, Transitions
from matching.models.organisation import Organisation
from matching.models.profile import Profile
from matching.models.vocabulary import Area, Topic

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from konnect.accounts.models import User
    from matching.models.partner_search import PartnerSearch


class ListingKind(models.TextChoices):
    """Whether something is given or wanted."""

    OFFER = "offer", _("Offer")
    REQUEST = "request", _("Request")


class ListingState(models.TextChoices):
    """Where a listing stands."""

    DRAFT = "draft", _("Draft")
    IN_REVIEW = "in_review", _("In review")
    OPEN = "open", _("Open")
    IN_TALKS = "in_talks", _("In talks")
    FOUND = "found", _("Partner found")
    CLOSED = "closed", _("Closed")
    EXPIRED = "expired", _("Expired")

    shown_states = nonmember(("open", "in_talks"))
    ended_states = nonmember(("found", "closed", "expired"))


class ListingQuerySet(models.QuerySet["Listing"]):
    """Reads of listings."""

    def open(self) -> ListingQuerySet:
        """Return the listings that are published and still valid."""
        return self.filter(state=ListingState.OPEN, valid_until__gte=Now())

    def shown(self) -> ListingQuerySet:
        """Return what others may read: the open ones and those whose author is in talks.

        Only the open ones feed the score and take expressions of interest: whoever is in talks
        wants to be read, but seeks nobody at the moment.
        """
        return self.filter(state__in=ListingState.shown_states, valid_until__gte=Now())

    def overdue(self) -> ListingQuerySet:
        """Return the listings that are shown although their validity has run out."""
        return self.filter(state__in=ListingState.shown_states, valid_until__lt=Now())

    def simple(self) -> ListingQuerySet:
        """Return plain offers and requests, without partner searches."""
        return self.filter(partner_search=None)

    def partner_searches(self) -> ListingQuerySet:
        """Return the listings that are partner searches."""
        return self.exclude(partner_search=None).select_related("partner_search")

    def awaiting_review(self) -> ListingQuerySet:
        """Return the partner searches that wait for somebody's look, the oldest first."""
        return self.partner_searches().filter(state=ListingState.IN_REVIEW).order_by("updated_at")

    def changed_since_review(self) -> ListingQuerySet:
        """Return the shown partner searches whose author changed them after the last look."""
        shown = self.partner_searches().shown()
        return shown.filter(partner_search__reviewed_at__lt=models.F("updated_at"))

    def ending_before(self, day: datetime) -> ListingQuerySet:
        """Return the shown partner searches that end by then and were not reminded of it."""
        shown = self.partner_searches().shown().filter(valid_until__lte=day)
        return shown.filter(partner_search__reminded_at=None)

    def without_outcome(self) -> ListingQuerySet:
        """Return the ended partner searches whose author was never asked what became of them."""
        ended = self.partner_searches().filter(state__in=ListingState.ended_states)
        return ended.filter(partner_search__outcome="", partner_search__outcome_asked_at=None)

    def offers(self) -> ListingQuerySet:
        """Return what is offered."""
        return self.filter(kind=ListingKind.OFFER)

    def requests(self) -> ListingQuerySet:
        """Return what is sought."""
        return self.filter(kind=ListingKind.REQUEST)

    def visible_to(self, user: User | AnonymousUser) -> ListingQuerySet:
        """Return the shown listings of visible people, and one's own in every state."""
        authors = Profile.objects.visible_to(user)
        shown = models.Q(
            profile__in=authors, state__in=ListingState.shown_states, valid_until__gte=Now()
        )
        if user.is_authenticated:
            shown |= models.Q(profile__user=user)
        return self.filter(shown)

    def findable_by(self, user: User | AnonymousUser) -> ListingQuerySet:
        """Return the open ones of `visible_to`, in the form that PostgreSQL joins quickly."""
        return self.open().filter(profile__in=Profile.objects.findable_by(user))


class Listing(Stateful):
    """One offer or request; the score reads the open ones of each person."""

    TRANSITIONS: ClassVar[Transitions] = {
        ListingState.DRAFT: frozenset(
            {ListingState.IN_REVIEW, ListingState.OPEN, ListingState.CLOSED}
        ),
        # Partner searches only: somebody looks at them before they are shown.
        ListingState.IN_REVIEW: frozenset(
            {ListingState.DRAFT, ListingState.OPEN, ListingState.CLOSED}
        ),
        ListingState.OPEN: frozenset(
            {ListingState.DRAFT, ListingState.IN_TALKS, ListingState.FOUND, ListingState.CLOSED,
             ListingState.EXPIRED}
        ),
        ListingState.IN_TALKS: frozenset(
            {ListingState.DRAFT, ListingState.OPEN, ListingState.FOUND, ListingState.CLOSED,
             ListingState.EXPIRED}
        ),
        ListingState.FOUND: frozenset({ListingState.CLOSED}),
        ListingState.CLOSED: frozenset({ListingState.OPEN, ListingState.IN_REVIEW}),
        ListingState.EXPIRED: frozenset(
            {ListingState.OPEN, ListingState.IN_REVIEW, ListingState.CLOSED}
        ),
    }  # fmt: skip

    kind = models.CharField(_("kind"), max_length=10, choices=ListingKind)
    state = models.CharField(max_length=10, choices=ListingState, default=ListingState.DRAFT)
    profile = models.ForeignKey(Profile, models.CASCADE, related_name="listings")
    # Set when the person speaks for the organisation, not for themselves.
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="listings",
        verbose_name=_("on behalf of"),
    )  # fmt: skip
    title_en = models.CharField(_("title in English"), max_length=200, blank=True)
    title_ko = models.CharField(_("title in Korean"), max_length=200, blank=True)
    description_en = models.TextField(_("description in English"), max_length=3000, blank=True)
    description_ko = models.TextField(_("description in Korean"), max_length=3000, blank=True)
    areas = models.ManyToManyField(
        Area, verbose_name=_("areas"), related_name="listings", blank=True
    )
    topics = models.ManyToManyField(
        Topic, verbose_name=_("topics"), related_name="listings", blank=True
    )
    valid_until = models.DateTimeField(_("valid until"))
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ListingQuerySet.as_manager()

    class Meta:
        verbose_name = _("listing")
        verbose_name_plural = _("listings")
        ordering = ("-created_at", "-pk")
        indexes = [
            models.Index(fields=["profile", "kind", "state"], name="listing_by_profile"),
            models.Index(
                fields=["valid_until"],
                condition=models.Q(state__in=ListingState.shown_states),
                name="listing_validity",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(title_en="") | ~models.Q(title_ko=""),
                name="listing_has_title",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        """Whether others may see it and answer it now."""
        return self.state == ListingState.OPEN and self.valid_until >= timezone.now()

    @property
    def is_shown(self) -> bool:
        """Whether others may read it now."""
        is_valid = self.valid_until >= timezone.now()
        return self.state in ListingState.shown_states and is_valid

    @property
    def search(self) -> PartnerSearch | None:
        """What it says as a partner search; None for a plain offer or request."""
        return getattr(self, "partner_search", None)

    @property
    def title(self) -> str:
        """The title in the reader's language, else in the other."""
        if get_language() == "ko":
            return self.title_ko or self.title_en
        return self.title_en or self.title_ko


class ListingChange(StateChange):
    """One state change of a listing."""

    listing = models.ForeignKey(Listing, models.CASCADE, related_name="changes")

    @property
    def label(self) -> str:
        """The new state in words."""
        return str(ListingState(self.new_state).label)
