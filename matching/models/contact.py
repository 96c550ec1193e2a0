"""Asking to talk, and talking."""

from __future__ import annotations

from enum import nonmember
from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.db.models.functions import Greatest, Least, Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from konnect.states import StateChange, Stateful, Transitions
from matching.models.listing import Listing
from matching.models.profile import Profile

if TYPE_CHECKING:
    from konnect.accounts.models import User


class ContactRequestState(models.TextChoices):
    """Where a contact request stands."""

    PENDING = "pending", _("waiting for an answer")
    ACCEPTED = "accepted", _("accepted")
    DECLINED = "declined", _("declined")
    WITHDRAWN = "withdrawn", _("withdrawn")
    EXPIRED = "expired", _("expired")

    live_states = nonmember(("pending", "accepted"))


class ContactRequestQuerySet(models.QuerySet["ContactRequest"]):
    """Reads of contact requests."""

    def visible_to(self, user: User) -> ContactRequestQuerySet:
        """Return the requests that this person sent or received."""
        return self.filter(models.Q(sender__user=user) | models.Q(recipient__user=user))

    def awaiting_answer(self) -> ContactRequestQuerySet:
        """Return the requests that can still be answered."""
        return self.filter(state=ContactRequestState.PENDING, expires_at__gt=Now())

    def overdue(self) -> ContactRequestQuerySet:
        """Return the requests that nobody answered in time."""
        return self.filter(state=ContactRequestState.PENDING, expires_at__lte=Now())

    def between(self, one: Profile, other: Profile) -> ContactRequestQuerySet:
        """Return the requests between two people, in either direction."""
        return self.filter(
            models.Q(sender=one, recipient=other) | models.Q(sender=other, recipient=one)
        )


class ContactRequest(Stateful):
    """One person asks another to talk; there is one live request a pair, whoever asked first."""

    DAYS_TO_ANSWER = 30

    TRANSITIONS: ClassVar[Transitions] = {
        ContactRequestState.PENDING: frozenset(
            {
                ContactRequestState.ACCEPTED,
                ContactRequestState.DECLINED,
                ContactRequestState.WITHDRAWN,
                ContactRequestState.EXPIRED,
            }
        ),
        ContactRequestState.ACCEPTED: frozenset(),
        ContactRequestState.DECLINED: frozenset(),
        ContactRequestState.WITHDRAWN: frozenset(),
        ContactRequestState.EXPIRED: frozenset(),
    }

    sender = models.ForeignKey(Profile, models.CASCADE, related_name="contact_requests_sent")
    recipient = models.ForeignKey(
        Profile, models.CASCADE, related_name="contact_requests_received"
    )
    listing = models.ForeignKey(
        Listing, models.SET_NULL, null=True, blank=True, related_name="contact_requests"
    )
    state = models.CharField(
        max_length=10, choices=ContactRequestState.choices, default=ContactRequestState.PENDING
    )
    message = models.TextField(_("message"), max_length=2000)
    answer = models.TextField(_("answer"), max_length=2000, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    objects = ContactRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("contact request")
        verbose_name_plural = _("contact requests")
        ordering = ("-created_at", "-pk")
        indexes = [
            models.Index(fields=["recipient", "state"], name="contact_inbox"),
            models.Index(fields=["sender", "-created_at"], name="contact_outbox"),
        ]
        constraints = [
            models.UniqueConstraint(
                Least("sender", "recipient"),
                Greatest("sender", "recipient"),
                condition=models.Q(state__in=("pending", "accepted")),
                name="one_live_request_a_pair",
            ),
            models.CheckConstraint(
                condition=~models.Q(sender=models.F("recipient")), name="contact_not_oneself"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=("accepted", "declined"), answered_at__isnull=False)
                | (
                    ~models.Q(state__in=("accepted", "declined"))
                    & models.Q(answered_at__isnull=True)
                ),
                name="contact_answered_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sender_id} to {self.recipient_id}: {self.state}"


class ContactRequestChange(StateChange):
    """One state change of a contact request."""

    contact_request = models.ForeignKey(ContactRequest, models.CASCADE, related_name="changes")


class ConversationQuerySet(models.QuerySet["Conversation"]):
    """Reads of conversations."""

    def visible_to(self, user: User) -> ConversationQuerySet:
        """Return the conversations that this person is one side of."""
        return self.filter(
            models.Q(contact_request__sender__user=user)
            | models.Q(contact_request__recipient__user=user)
        )


class Conversation(models.Model):
    """What two people say to each other after a contact request was accepted."""

    contact_request = models.OneToOneField(
        ContactRequest, models.CASCADE, related_name="conversation"
    )
    created_at = models.DateTimeField(default=timezone.now)
    last_message_at = models.DateTimeField(default=timezone.now)

    objects = ConversationQuerySet.as_manager()

    class Meta:
        verbose_name = _("conversation")
        verbose_name_plural = _("conversations")
        ordering = ("-last_message_at", "-pk")

    def __str__(self) -> str:
        return str(self.contact_request)


class Message(models.Model):
    """One message of a conversation."""

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="messages")
    author = models.ForeignKey(Profile, models.CASCADE, related_name="messages")
    text = models.TextField(_("message"), max_length=5000)
    sent_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True)
    # Made by the form: a double click or a reload sends nothing twice.
    token = models.UUIDField(unique=True)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ("sent_at", "pk")
        indexes = [
            models.Index(
                fields=["conversation", "author"],
                condition=models.Q(read_at__isnull=True),
                name="message_unread",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.author_id} {self.sent_at:%Y-%m-%d %H:%M}"
