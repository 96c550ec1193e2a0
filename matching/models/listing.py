"""What people and organisations offer and seek."""

from __future__ import annotations

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


class ListingKind(models.TextChoices):
    """Whether something is given or wanted."""

    OFFER = "offer", _("Offer")
    REQUEST = "request", _("Request")


class ListingState(models.TextChoices):
    """Where a listing stands."""

    DRAFT = "draft", _("Draft")
    OPEN = "open", _("Open")
    CLOSED = "closed", _("Closed")
    EXPIRED = "expired", _("Expired")


class ListingQuerySet(models.QuerySet["Listing"]):
    """Reads of listings."""

    def open(self) -> ListingQuerySet:
        """Return the listings that are published and still valid."""
        return self.filter(state=ListingState.OPEN, valid_until__gte=Now())

    def overdue(self) -> ListingQuerySet:
        """Return the open listings whose validity has run out."""
        return self.filter(state=ListingState.OPEN, valid_until__lt=Now())

    def offers(self) -> ListingQuerySet:
        """Return what is offered."""
        return self.filter(kind=ListingKind.OFFER)

    def requests(self) -> ListingQuerySet:
        """Return what is sought."""
        return self.filter(kind=ListingKind.REQUEST)

    def visible_to(self, user: User | AnonymousUser) -> ListingQuerySet:
        """Return the open listings of visible people, and one's own in every state."""
        authors = Profile.objects.visible_to(user)
        shown = models.Q(profile__in=authors, state=ListingState.OPEN, valid_until__gte=Now())
        if user.is_authenticated:
            shown |= models.Q(profile__user=user)
        return self.filter(shown)


class Listing(Stateful):
    """One offer or request; the score reads the open ones of each person."""

    TRANSITIONS: ClassVar[Transitions] = {
        ListingState.DRAFT: frozenset({ListingState.OPEN, ListingState.CLOSED}),
        ListingState.OPEN: frozenset({ListingState.CLOSED, ListingState.EXPIRED}),
        ListingState.CLOSED: frozenset({ListingState.OPEN}),
        ListingState.EXPIRED: frozenset({ListingState.OPEN, ListingState.CLOSED}),
    }

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
                condition=models.Q(state=ListingState.OPEN),
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
        """Whether others may see it now."""
        return self.state == ListingState.OPEN and self.valid_until >= timezone.now()

    @property
    def title(self) -> str:
        """The title in the reader's language, else in the other."""
        if get_language() == "ko":
            return self.title_ko or self.title_en
        return self.title_en or self.title_ko


class ListingChange(StateChange):
    """One state change of a listing."""

    listing = models.ForeignKey(Listing, models.CASCADE, related_name="changes")
