"""People as accounts: sign-in, roles, consents, mail, heartbeats."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower, Now
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
    mails_about_contacts = models.BooleanField(
        _("e-mails about contact requests and messages"), default=True
    )
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
        ]

    def __str__(self) -> str:
        return self.email


class Role(models.TextChoices):
    """What a person may be beside a researcher, which everyone is."""

    ORGANISATION_REPRESENTATIVE = "organisation_representative", _("Organisation representative")
    EVENT_ORGANISER = "event_organiser", _("Event organiser")
    PROGRAMME_OFFICER = "programme_officer", _("Programme officer")
    REVIEWER = "reviewer", _("Reviewer")
    POLICY_ANALYST = "policy_analyst", _("Policy analyst")
    ADMINISTRATOR = "administrator", _("Administrator")


class Scope(models.TextChoices):
    """What a role is limited to."""

    PORTAL = "portal", _("The whole portal")
    ORGANISATION = "organisation", _("One organisation")
    EVENT = "event", _("One event")
    PROGRAMME = "programme", _("One programme")


class RoleGrant(models.Model):
    """One role of one person, perhaps limited to one thing.

    Accounts stands left of everything and cannot point at organisations, events or programmes
    by foreign key; the scope names the kind and the id.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="role_grants")
    role = models.CharField(_("role"), max_length=30, choices=Role)
    scope = models.CharField(_("scope"), max_length=20, choices=Scope, default=Scope.PORTAL)
    scope_id = models.PositiveBigIntegerField(_("which one"), null=True, blank=True)
    granted_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    granted_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("role")
        verbose_name_plural = _("roles")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role", "scope", "scope_id"],
                nulls_distinct=False,
                name="role_granted_once",
            ),
            models.CheckConstraint(
                condition=models.Q(scope=Scope.PORTAL, scope_id__isnull=True)
                | (~models.Q(scope=Scope.PORTAL) & models.Q(scope_id__isnull=False)),
                name="role_scope_has_id",
            ),
            models.CheckConstraint(
                condition=~models.Q(role=Role.ORGANISATION_REPRESENTATIVE)
                | models.Q(scope=Scope.ORGANISATION),
                name="representative_of_one_organisation",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()}"


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


class DeliveryState(models.TextChoices):
    """What became of a message."""

    WAITING = "waiting", _("waiting")
    SENT = "sent", _("sent")
    DEAD = "dead", _("given up")


class OutgoingEmailQuerySet(models.QuerySet["OutgoingEmail"]):
    """Reads of the outbox."""

    def due(self) -> OutgoingEmailQuerySet:
        """Return the messages whose next try has come."""
        return self.filter(state=DeliveryState.WAITING, next_try_at__lte=Now())


class OutgoingEmail(models.Model):
    """A message, written with the change that caused it and delivered by the worker."""

    MAXIMUM_TRIES = 8
    LEASE = timedelta(minutes=2)

    to = models.EmailField(max_length=254)
    subject = models.CharField(max_length=300)
    text = models.TextField()
    html = models.TextField(blank=True)
    headers = models.JSONField(default=dict, blank=True)
    # What the message is about, so that the same news never goes out twice.
    deduplication_key = models.CharField(max_length=200, unique=True, null=True)  # noqa: DJ001 - unique
    state = models.CharField(max_length=10, choices=DeliveryState, default=DeliveryState.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(db_default=Now())
    last_error = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    sent_at = models.DateTimeField(null=True)

    objects = OutgoingEmailQuerySet.as_manager()

    class Meta:
        verbose_name = _("outgoing e-mail")
        verbose_name_plural = _("outgoing e-mails")
        indexes = [
            models.Index(
                fields=["next_try_at"],
                condition=models.Q(state=DeliveryState.WAITING),
                name="mail_due",
            ),
            models.Index(fields=["to", "-created_at"], name="mail_by_address"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state=DeliveryState.SENT, sent_at__isnull=False)
                | (~models.Q(state=DeliveryState.SENT) & models.Q(sent_at__isnull=True)),
                name="mail_sent_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.to}: {self.subject}"


class Heartbeat(models.Model):
    """When each kind of process last proved that it works; /readyz reads it."""

    name = models.CharField(max_length=30, primary_key=True)
    beat_at = models.DateTimeField()

    class Meta:
        verbose_name = _("heartbeat")
        verbose_name_plural = _("heartbeats")

    def __str__(self) -> str:
        return self.name
