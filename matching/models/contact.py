"""Asking to talk, and talking."""

from __future__ import annotations

from enum import nonmember
from typing import TYPE_CHECKING, Any, ClassVar

from django.db import models
from django.db.models.functions import Greatest, Least, Now
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from konnect.states import StateChange, Stateful, Transitions
from matching.models.listing import Listing
from matching.models.profile import Block, Profile, ProfileState

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
        """Return the requests that this person sent or received, blocks apart."""
        return self.filter(
            models.Q(sender__user=user) | models.Q(recipient__user=user)
        ).not_blocked()

    def not_blocked(self) -> ContactRequestQuerySet:
        """Leave out the requests between two people of whom one blocked the other."""
        return self.exclude(models.Exists(blocks_between("sender", "recipient")))

    def received_by(self, user: User) -> ContactRequestQuerySet:
        """Return the requests that others sent to this person, accepted ones apart."""
        return self.filter(recipient__user=user).exclude(state=ContactRequestState.ACCEPTED)

    def sent_by(self, user: User) -> ContactRequestQuerySet:
        """Return the requests that this person sent, accepted ones apart."""
        return self.filter(sender__user=user).exclude(state=ContactRequestState.ACCEPTED)

    def accepted(self) -> ContactRequestQuerySet:
        """Return the requests that became contacts."""
        return self.filter(state=ContactRequestState.ACCEPTED)

    def live(self) -> ContactRequestQuerySet:
        """Return the requests that can be answered or were accepted: one a pair at most."""
        waits = models.Q(state=ContactRequestState.PENDING, expires_at__gt=Now())
        return self.filter(waits | models.Q(state=ContactRequestState.ACCEPTED))

    def with_people(self) -> ContactRequestQuerySet:
        """Fetch what a page shows of both sides in the same query."""
        return self.select_related(
            "sender__user", "sender__organisation", "recipient__user",
            "recipient__organisation", "listing", "conversation",
        )  # fmt: skip

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


def blocks_between(one: str, other: str) -> models.QuerySet[Block]:
    """Return the blocks between the two people that the outer query names by these columns."""
    return Block.objects.filter(
        models.Q(blocker=models.OuterRef(one), blocked=models.OuterRef(other))
        | models.Q(blocker=models.OuterRef(other), blocked=models.OuterRef(one))
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

    # None when that person has been erased: only what became a contact stays, for the other.
    sender = models.ForeignKey(
        Profile, models.SET_NULL, null=True, related_name="contact_requests_sent"
    )
    recipient = models.ForeignKey(
        Profile, models.SET_NULL, null=True, related_name="contact_requests_received"
    )
    listing = models.ForeignKey(
        Listing, models.SET_NULL, null=True, blank=True, related_name="contact_requests"
    )
    state = models.CharField(
        max_length=10, choices=ContactRequestState, default=ContactRequestState.PENDING
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
                condition=models.Q(
                    state__in=("pending", "accepted"),
                    sender__isnull=False,
                    recipient__isnull=False,
                ),
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
            models.CheckConstraint(
                condition=models.Q(sender__isnull=False, recipient__isnull=False)
                | models.Q(state="accepted"),
                name="only_contacts_outlive_a_side",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sender_id} to {self.recipient_id}: {self.state}"

    def get_absolute_url(self) -> str:
        """Return the address of the page about this request."""
        return reverse("matching:contact_detail", args=[self.pk])

    def both_sides(self) -> tuple[Profile, Profile]:
        """Return sender and recipient, of whom neither has been erased.

        Raises:
            Profile.DoesNotExist: one of them has; only what became a contact outlives a side.
        """
        if self.sender is None or self.recipient is None:
            raise Profile.DoesNotExist("One side of this contact has been erased.")
        return self.sender, self.recipient

    def partner_of(self, user: User) -> Profile:
        """Return the other side, seen from this person; a stand-in when they have been erased."""
        other = self.recipient if is_of(self.sender, user) else self.sender
        return other or former_member()

    def side_of(self, user: User) -> Profile:
        """Return this person's own side; one of the two is theirs."""
        own = self.sender if is_of(self.sender, user) else self.recipient
        return own or former_member()


def is_of(profile: Profile | None, user: User) -> bool:
    """Tell whether a profile, if there is one, is this person's."""
    return profile is not None and profile.user_id == user.pk


def former_member() -> Profile:
    """Return what stands where somebody was who has been erased: no row, and no facts."""
    return Profile(display_name=gettext("A former member"), state=ProfileState.HIDDEN)


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

    def with_people(self) -> ConversationQuerySet:
        """Fetch what a page shows of both sides in the same query."""
        return self.select_related(
            "contact_request__sender__user", "contact_request__sender__organisation",
            "contact_request__recipient__user", "contact_request__recipient__organisation",
        )  # fmt: skip

    def unread_by(self, user: User) -> ConversationQuerySet:
        """Return those in which the other side wrote what this person has not opened."""
        unread = Message.objects.filter(conversation=models.OuterRef("pk"), read_at=None)
        return self.filter(models.Exists(unread.exclude(author__user=user)))

    def with_news_for(self, user: User) -> ConversationQuerySet:
        """Add `unread`, the number of unread messages, and `last_text`, the newest message."""
        messages = Message.objects.filter(conversation=models.OuterRef("pk"))
        unread = messages.filter(read_at=None).exclude(author__user=user)
        newest = messages.order_by("-pk").values("text")[:1]
        return self.annotate(unread=number_of(unread), last_text=models.Subquery(newest))


def number_of(rows: models.QuerySet[Any]) -> models.Subquery:
    """Return the number of rows as a part of another query."""
    # Func and not Count: an aggregate would group the rows and count each of them.
    number = models.Func("pk", function="COUNT", output_field=models.IntegerField())
    return models.Subquery(rows.order_by().annotate(number=number).values("number"))


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

    def get_absolute_url(self) -> str:
        """Return the address of the conversation."""
        return reverse("matching:conversation_detail", args=[self.pk])

    def partner_of(self, user: User) -> Profile:
        """Return the other side, seen from this person."""
        return self.contact_request.partner_of(user)

    def side_of(self, user: User) -> Profile:
        """Return this person's own side."""
        return self.contact_request.side_of(user)


class MessageQuerySet(models.QuerySet["Message"]):
    """Reads of messages."""

    def unread_by(self, user: User) -> MessageQuerySet:
        """Return what others wrote to this person that they have not opened."""
        conversations = Conversation.objects.visible_to(user)
        return self.filter(conversation__in=conversations, read_at=None).exclude(author__user=user)


class Message(models.Model):
    """One message of a conversation."""

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="messages")
    # None when the author has been erased: the words stay with the one who received them.
    author = models.ForeignKey(Profile, models.SET_NULL, null=True, related_name="messages")
    text = models.TextField(_("message"), max_length=5000)
    sent_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True)
    # Made by the form: a double click or a reload sends nothing twice.
    token = models.UUIDField(unique=True)

    objects = MessageQuerySet.as_manager()

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
