"""Messages on their way, and addresses that take none."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.db.models.functions import Lower, Now
from django.utils.translation import gettext_lazy as _


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
    # An iCalendar object that mail programs act upon: an invitation, or its end.
    calendar = models.TextField(blank=True)
    # Files that go along: {"name": ..., "type": ..., "content": base64, "cid": of a picture shown}.
    attachments = models.JSONField(default=list, blank=True)
    # What the message is about, so that the same news never goes out twice.
    deduplication_key = models.CharField(max_length=200, unique=True, null=True)  # noqa: DJ001 - unique
    # Somebody waits for it at this moment, for a code or a new password: it goes out also to an
    # address that mail came back from.
    is_requested = models.BooleanField(default=False)
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
            models.Index(
                fields=["next_try_at"],
                condition=models.Q(state=DeliveryState.WAITING, is_requested=True),
                name="mail_waited_for",
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


class MailTroubleKind(models.TextChoices):
    """What a mail server said of an address."""

    HARD = "hard", _("The address does not exist")
    SOFT = "soft", _("The address takes no mail at present")
    COMPLAINT = "complaint", _("The reader called our mail unwanted")


class MailTrouble(models.Model):
    """An address that messages came back from; hard trouble stops mail to it."""

    address = models.EmailField(max_length=254)
    kind = models.CharField(max_length=10, choices=MailTroubleKind)
    reason = models.CharField(max_length=500, blank=True)
    count = models.PositiveIntegerField(default=1)
    first_at = models.DateTimeField(db_default=Now())
    last_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("returned e-mail")
        verbose_name_plural = _("returned e-mails")
        constraints = [
            models.UniqueConstraint(Lower("address"), "kind", name="mail_trouble_once"),
        ]

    def __str__(self) -> str:
        return f"{self.address}: {self.kind} ({self.count})"
