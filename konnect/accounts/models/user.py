"""A person's account."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from konnect.accounts.zones import known_time_zones


class Language(models.TextChoices):
    """The portal's two languages, each named in itself."""

    ENGLISH = "en", "English"
    KOREAN = "ko", "한국어"


class Appearance(models.TextChoices):
    """Light, dark, or as the device says."""

    SYSTEM = "system", _("As my device")
    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")


class Dormancy(models.TextChoices):
    """What was done because somebody has not been here for long."""

    NONE = "", _("none")
    ASKED = "asked", _("asked to come back")
    HIDDEN = "hidden", _("hidden")


def validate_time_zone(value: str) -> None:
    """Refuse names that the IANA database does not have.

    Raises:
        ValidationError: there is no such zone.
    """
    if value not in known_time_zones():
        raise ValidationError(_("There is no time zone of this name."), code="time_zone")


class UserManager(BaseUserManager["User"]):
    """Makes users from an e-mail address."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Create a user; without a password they cannot sign in with one."""
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Create an administrator."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        """Find a user by address, in whatever case it is typed."""
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """One person's account; what others read of them is their Profile."""

    email = models.EmailField(_("e-mail address"), max_length=254, unique=True)
    language = models.CharField(
        _("language"), max_length=2, choices=Language, default=Language.ENGLISH
    )
    time_zone = models.CharField(
        _("time zone"), max_length=64, default="Europe/Brussels", validators=[validate_time_zone]
    )
    appearance = models.CharField(
        _("appearance"), max_length=6, choices=Appearance, default=Appearance.SYSTEM
    )
    # No e-mail is sent between the two, in the person's own zone.
    quiet_from = models.TimeField(_("no e-mails from"), null=True, blank=True)
    quiet_until = models.TimeField(_("no e-mails until"), null=True, blank=True)
    # When digests are written, in the person's own zone: 0 to 23, and 0 (Monday) to 6.
    digest_hour = models.PositiveSmallIntegerField(_("hour of digests"), default=8)
    digest_weekday = models.PositiveSmallIntegerField(_("day of weekly digests"), default=0)
    # The day on which the person last used the portal: enough to notice long absence.
    last_seen_on = models.DateField(null=True, editable=False)
    dormancy = models.CharField(
        max_length=10, choices=Dormancy, blank=True, default=Dormancy.NONE, editable=False
    )
    dormancy_since = models.DateTimeField(null=True, editable=False)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    joined_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_unique"),
            models.CheckConstraint(
                condition=models.Q(language__in=Language.values), name="user_language_known"
            ),
            models.CheckConstraint(
                condition=models.Q(quiet_from=None, quiet_until=None)
                | models.Q(quiet_from__isnull=False, quiet_until__isnull=False),
                name="user_quiet_hours_both",
            ),
            models.CheckConstraint(
                condition=models.Q(digest_hour__lt=24, digest_weekday__lt=7),
                name="user_digest_time_known",
            ),
            models.CheckConstraint(
                condition=models.Q(dormancy="", dormancy_since=None)
                | (~models.Q(dormancy="") & models.Q(dormancy_since__isnull=False)),
                name="user_dormancy_has_time",
            ),
        ]

    def __str__(self) -> str:
        return self.email
