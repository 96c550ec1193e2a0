"""What other places know of a person, until the person says what to take."""

from __future__ import annotations

from datetime import timedelta
from enum import nonmember
from typing import TYPE_CHECKING

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from matching.models.profile import Profile, ProfileState

if TYPE_CHECKING:
    from konnect.accounts.models import User


class Source(models.TextChoices):
    """Where facts about a person come from."""

    ORCID = "orcid", "ORCID"
    OPENALEX = "openalex", "OpenAlex"
    BIBTEX = "bibtex", _("BibTeX file")
    RIS = "ris", _("RIS file")
    DOI = "doi", _("List of DOIs")


class SourceRequestState(models.TextChoices):
    """Where a look at a source stands."""

    WAITING = "waiting", _("being fetched")
    READY = "ready", _("ready to choose from")
    FAILED = "failed", _("failed")
    TAKEN = "taken", _("taken over")
    DROPPED = "dropped", _("dropped")

    open_states = nonmember(("waiting", "ready"))


class SourceRequestQuerySet(models.QuerySet["SourceRequest"]):
    """Reads of looks at sources."""

    def visible_to(self, user: User) -> SourceRequestQuerySet:
        """Return a person's own looks; nobody sees another's."""
        return self.filter(profile__user_id=user.pk)

    def open(self) -> SourceRequestQuerySet:
        """Return those that are being fetched, or wait for the person to choose."""
        return self.filter(state__in=SourceRequestState.open_states)

    def due(self) -> SourceRequestQuerySet:
        """Return those whose next try has come."""
        return self.filter(state=SourceRequestState.WAITING, next_try_at__lte=Now())


class SourceRequest(models.Model):
    """One look at one source: what was asked, and what it proposes to change."""

    MAXIMUM_TRIES = 5
    # Longer than all time limits of one look together.
    LEASE = timedelta(minutes=4)

    profile = models.ForeignKey(Profile, models.CASCADE, related_name="source_requests")
    source = models.CharField(max_length=10, choices=Source)
    state = models.CharField(
        max_length=10, choices=SourceRequestState, default=SourceRequestState.WAITING
    )
    # The ORCID iD, or the text of the file or list.
    asked = models.TextField(max_length=1_000_000)
    # Proposals as matching.sources describes them, at most some hundred. After the person has
    # chosen: {"undo": what was there before, "seen": keys of all that was offered}.
    found = models.JSONField(default=list)
    # Lines that could not be read: [{"line": 3, "reason": "no title"}].
    refused = models.JSONField(default=list)
    problem = models.CharField(max_length=40, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(db_default=Now())
    asked_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)

    objects = SourceRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("look at a source")
        verbose_name_plural = _("looks at sources")
        ordering = ("-asked_at", "-pk")
        indexes = [
            models.Index(
                fields=["next_try_at"],
                condition=models.Q(state="waiting"),
                name="source_request_due",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["profile", "source"],
                condition=models.Q(state__in=("waiting", "ready")),
                name="one_open_look_a_source",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.profile_id}: {self.source} {self.state}"


class VouchQuerySet(models.QuerySet["Vouch"]):
    """Reads of vouchers."""

    def standing(self) -> VouchQuerySet:
        """Return those whose giver is still a published colleague of the same organisation."""
        return self.filter(
            voucher__state=ProfileState.PUBLISHED,
            voucher__user__is_active=True,
            voucher__organisation=models.F("profile__organisation"),
        )


class Vouch(models.Model):
    """A colleague of the same organisation says that somebody works there.

    A change of the organisation, on either side, ends it.
    """

    profile = models.ForeignKey(Profile, models.CASCADE, related_name="vouches")
    voucher = models.ForeignKey(Profile, models.CASCADE, related_name="vouches_given")
    vouched_at = models.DateTimeField(db_default=Now())

    objects = VouchQuerySet.as_manager()

    class Meta:
        verbose_name = _("voucher for an affiliation")
        verbose_name_plural = _("vouchers for affiliations")
        constraints = [
            models.UniqueConstraint(fields=["profile", "voucher"], name="vouched_once"),
            models.CheckConstraint(
                condition=~models.Q(profile=models.F("voucher")), name="vouch_for_another"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.voucher_id} for {self.profile_id}"
