"""News for a person: on the site, by e-mail at once, or in a digest."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from konnect.accounts.models.mail import OutgoingEmail
from konnect.accounts.models.user import User


class Rhythm(models.TextChoices):
    """How often somebody wants news of one kind by e-mail."""

    INSTANT = "instant", _("At once")
    DAILY = "daily", _("Once a day")
    WEEKLY = "weekly", _("Once a week")
    OFF = "off", _("Not by e-mail")


class NotificationPreference(models.Model):
    """One person's wish for one kind of news; without a row the kind's own default counts."""

    user = models.ForeignKey(User, models.CASCADE, related_name="notification_preferences")
    # A name from the register in konnect.accounts.notifications.
    kind = models.CharField(max_length=40)
    rhythm = models.CharField(max_length=10, choices=Rhythm)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("notification preference")
        verbose_name_plural = _("notification preferences")
        constraints = [
            models.UniqueConstraint(fields=["user", "kind"], name="preference_once_a_kind"),
            models.CheckConstraint(
                condition=models.Q(rhythm__in=Rhythm.values), name="preference_rhythm_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.kind} {self.rhythm}"


class NotificationQuerySet(models.QuerySet["Notification"]):
    """Reads of news."""

    def unread(self) -> NotificationQuerySet:
        """Return what the person has not opened yet."""
        return self.filter(read_at=None)

    def due(self) -> NotificationQuerySet:
        """Return the news whose e-mail is to be written now."""
        return self.filter(mailed_at=None, due_at__lte=Now())


class Notification(models.Model):
    """One piece of news for one person; the key keeps the same news from being told twice."""

    user = models.ForeignKey(User, models.CASCADE, related_name="notifications")
    kind = models.CharField(max_length=40)
    # What it is about, unique for the person: `contact_request:17`, `saved_search:3:profile:8`.
    key = models.CharField(max_length=200)
    title_en = models.CharField(max_length=300)
    title_ko = models.CharField(max_length=300)
    # The path of the page about it, on this portal.
    address = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    read_at = models.DateTimeField(null=True)
    # How often this very thing is wanted, where somebody said so; else the wish for the kind counts.
    rhythm = models.CharField(max_length=10, choices=Rhythm, blank=True)
    # When its e-mail is to be written; none when no e-mail is wanted.
    due_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)
    email = models.ForeignKey(
        OutgoingEmail, models.SET_NULL, null=True, related_name="notifications"
    )

    objects = NotificationQuerySet.as_manager()

    class Meta:
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        ordering = ("-created_at", "-pk")
        indexes = [
            models.Index(fields=["user", "-created_at"], name="notification_by_user"),
            models.Index(
                fields=["user"], condition=models.Q(read_at=None), name="notification_unread"
            ),
            models.Index(
                fields=["due_at"],
                condition=models.Q(mailed_at=None, due_at__isnull=False),
                name="notification_due",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="notification_once"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        """What happened, in the reader's language."""
        return self.title_ko if get_language() == "ko" else self.title_en
