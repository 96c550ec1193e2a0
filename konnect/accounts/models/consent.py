"""The ledger of what people agreed to."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from konnect.accounts.models.user import Language, User


class ConsentPurpose(models.TextChoices):
    """What a person agrees to, each apart from the others."""

    TERMS = "terms", _("Terms of use")
    PRIVACY = "privacy", _("Processing of my data for the account")
    PUBLIC_PROFILE = "public_profile", _("Publication of my profile on the open web")
    NEWSLETTER = "newsletter", _("News about calls and events by e-mail")


class ConsentChannel(models.TextChoices):
    """Where a consent was given or taken back."""

    SIGN_UP = "sign_up", _("Sign-up")
    SETTINGS = "settings", _("Settings")
    INVITATION = "invitation", _("Invitation")
    POLICY = "policy", _("Notice of a new version")
    EMAIL = "email", _("Link in an e-mail")


class ConsentQuerySet(models.QuerySet["Consent"]):
    """Reads of the consent ledger."""

    def current(self) -> ConsentQuerySet:
        """Return the newest line of each person and purpose."""
        return self.order_by("user", "purpose", "-pk").distinct("user", "purpose")

    def is_given(self, user: User, purpose: str) -> bool:
        """Tell whether the person's newest word on this purpose is yes."""
        newest = self.filter(user=user, purpose=purpose).order_by("pk").last()
        return newest is not None and newest.is_given


class Consent(models.Model):
    """One line of the consent ledger; a database trigger keeps it append-only."""

    user = models.ForeignKey(User, models.CASCADE, related_name="consents")
    purpose = models.CharField(max_length=20, choices=ConsentPurpose)
    is_given = models.BooleanField()
    text_version = models.CharField(max_length=20)
    language = models.CharField(max_length=2, choices=Language)
    channel = models.CharField(max_length=20, choices=ConsentChannel)
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = ConsentQuerySet.as_manager()

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        ordering = ("recorded_at", "pk")

    def __str__(self) -> str:
        return f"{self.purpose} {self.text_version}: {self.is_given}"
