"""Searches that people keep, and what they were told about."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from konnect.accounts.models import Rhythm, User
from matching.models.listing import Listing
from matching.models.organisation import Organisation
from matching.models.profile import Profile


class SearchKind(models.TextChoices):
    """What a search looks for."""

    PEOPLE = "people", _("People")
    ORGANISATIONS = "organisations", _("Organisations")
    LISTINGS = "listings", _("Offers and requests")


class SavedSearch(models.Model):
    """A search that somebody wants news of, as an e-mail, on the site or as an Atom feed."""

    MOST_A_PERSON = 50

    user = models.ForeignKey(User, models.CASCADE, related_name="saved_searches")
    name = models.CharField(_("name"), max_length=100)
    kind = models.CharField(max_length=15, choices=SearchKind)
    # The query of the address, put in order: q=graphene&area=nano.
    query = models.CharField(max_length=1000, blank=True)
    rhythm = models.CharField(_("e-mail"), max_length=10, choices=Rhythm, default=Rhythm.DAILY)
    # Opens the Atom feed without a sign-in; a new one closes the old address, none has no feed.
    feed_token = models.CharField(max_length=43, unique=True, null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    looked_at = models.DateTimeField(db_default=Now())
    next_look_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("saved search")
        verbose_name_plural = _("saved searches")
        ordering = ("name", "pk")
        indexes = [models.Index(fields=["next_look_at"], name="saved_search_due")]
        constraints = [
            models.UniqueConstraint(fields=["user", "kind", "query"], name="search_saved_once"),
        ]

    def __str__(self) -> str:
        return self.name


class SavedSearchHit(models.Model):
    """Something that a saved search found for the first time."""

    saved_search = models.ForeignKey(SavedSearch, models.CASCADE, related_name="hits")
    profile = models.ForeignKey(Profile, models.CASCADE, null=True, related_name="+")
    organisation = models.ForeignKey(Organisation, models.CASCADE, null=True, related_name="+")
    listing = models.ForeignKey(Listing, models.CASCADE, null=True, related_name="+")
    found_at = models.DateTimeField(db_default=Now())
    # What the search had found when it was saved is no news.
    is_news = models.BooleanField(default=True)

    class Meta:
        verbose_name = _("hit of a saved search")
        verbose_name_plural = _("hits of saved searches")
        ordering = ("-found_at", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=["saved_search", "profile", "organisation", "listing"],
                name="hit_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=models.Q(profile__isnull=False, organisation=None, listing=None)
                | models.Q(profile=None, organisation__isnull=False, listing=None)
                | models.Q(profile=None, organisation=None, listing__isnull=False),
                name="hit_of_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.saved_search_id}: {self.found_at:%Y-%m-%d}"
