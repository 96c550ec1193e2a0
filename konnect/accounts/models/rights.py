"""What a person may ask of the portal about their own data, and what was done."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from konnect.accounts.models.user import User


class DataExportState(models.TextChoices):
    """Where a copy of somebody's data stands."""

    WAITING = "waiting", _("being prepared")
    READY = "ready", _("ready")
    FAILED = "failed", _("failed")


class DataExport(models.Model):
    """A copy of one person's data: a ZIP of JSON, CSV and a page to read."""

    KEPT = timedelta(days=7)

    user = models.ForeignKey(User, models.CASCADE, related_name="data_exports")
    state = models.CharField(
        max_length=10, choices=DataExportState, default=DataExportState.WAITING
    )
    asked_at = models.DateTimeField(db_default=Now())
    ready_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(db_default=Now())
    # In the database: it is erased with the account, and no machine needs a shared disk.
    content = models.BinaryField(null=True)
    sha256 = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = _("data export")
        verbose_name_plural = _("data exports")
        ordering = ("-asked_at", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=models.Q(state="waiting"), name="one_waiting_export"
            ),
            models.CheckConstraint(
                condition=models.Q(state="ready", ready_at__isnull=False, content__isnull=False)
                | (~models.Q(state="ready") & models.Q(content=None)),
                name="export_ready_has_content",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.state}"


class ErasedAccount(models.Model):
    """The number of an account that was erased, so that a restored backup can be cleaned again.

    Nothing else is kept of the person.
    """

    account_id = models.BigIntegerField(unique=True)
    erased_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("erased account")
        verbose_name_plural = _("erased accounts")

    def __str__(self) -> str:
        return str(self.account_id)


class ApiTokenScope(models.TextChoices):
    """What a program may do with a token."""

    READ = "read", _("Read what I may read")
    WRITE = "write", _("Read and change what I may change")


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    """Reads of tokens."""

    def live(self) -> ApiTokenQuerySet:
        """Return the tokens that still open the API."""
        unending = models.Q(expires_at=None) | models.Q(expires_at__gt=Now())
        return self.filter(unending, revoked_at=None, user__is_active=True)


class ApiToken(models.Model):
    """A key for a person's own programs; only its digest is stored."""

    user = models.ForeignKey(User, models.CASCADE, related_name="api_tokens")
    name = models.CharField(_("name"), max_length=100)
    scope = models.CharField(
        # Without a context, Django's name of the month would be this word too.
        pgettext_lazy("token", "may"),
        max_length=5,
        choices=ApiTokenScope,
        default=ApiTokenScope.READ,
    )
    # SHA-256 of the whole token, in hexadecimal.
    digest = models.CharField(max_length=64, unique=True)
    # The first characters, so that people can tell their tokens apart.
    prefix = models.CharField(max_length=12)
    created_at = models.DateTimeField(db_default=Now())
    last_used_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(_("ends"), null=True, blank=True)
    revoked_at = models.DateTimeField(null=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        ordering = ("-created_at", "-pk")

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"
