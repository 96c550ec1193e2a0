"""Who may ask whom to talk, and who may answer, withdraw and write."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Count, Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from matching.models import (
    Block,
    ContactRequest,
    ContactRequestState,
    Conversation,
    Message,
    Profile,
    ProfileState,
)
from matching.models.contact import is_of
from matching.visibility import FIELDS, Audience, fields_open_to

if TYPE_CHECKING:
    from konnect.accounts.models import User

REQUESTS_A_DAY = 20
PENDING_REQUESTS = 50
MESSAGES_AN_HOUR = 60
# A declined person may ask again after this time, not before.
QUIET_TIME = timedelta(days=90)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Blocker:
    """One reason why something cannot be done now, in words for the person who tries."""

    code: str
    words: str | Promise


class RefusedError(Exception):
    """A service refused; `blockers` says why."""

    def __init__(self, blockers: list[Blocker]) -> None:
        super().__init__(", ".join(blocker.code for blocker in blockers))
        self.blockers = blockers


ONESELF = Blocker("oneself", _("This is your own profile."))
SENDER_UNPUBLISHED = Blocker(
    "sender_unpublished",
    _("Publish your profile first: the other person wants to see who asks."),
)
RECIPIENT_UNPUBLISHED = Blocker(
    "recipient_unpublished", _("This person cannot be contacted at the moment.")
)
# The same words as above: nobody learns from the portal that they were blocked.
BLOCKED = Blocker("blocked", RECIPIENT_UNPUBLISHED.words)
ALREADY_PENDING = Blocker(
    "already_pending", _("You have asked this person already; the answer is still open.")
)
ALREADY_CONTACTS = Blocker("already_contacts", _("You are in contact with this person already."))
RECENTLY_DECLINED = Blocker(
    "recently_declined",
    format_lazy(
        _("This person declined a request of yours less than {days} days ago."),
        days=QUIET_TIME.days,
    ),
)
TOO_MANY_TODAY = Blocker(
    "too_many_today",
    format_lazy(
        _("You have sent {limit} contact requests in the last 24 hours. Please go on tomorrow."),
        limit=REQUESTS_A_DAY,
    ),
)
TOO_MANY_PENDING = Blocker(
    "too_many_pending",
    format_lazy(
        _("{limit} of your contact requests wait for an answer. Withdraw one, or wait."),
        limit=PENDING_REQUESTS,
    ),
)
CONVERSATION_CLOSED = Blocker(
    "conversation_closed", _("This conversation is closed; nothing more can be written in it.")
)
TOO_MANY_MESSAGES = Blocker(
    "too_many_messages",
    format_lazy(
        _("You have sent {limit} messages in the last hour. Please go on a little later."),
        limit=MESSAGES_AN_HOUR,
    ),
)


def contact_blockers(sender: Profile, recipient: Profile) -> list[Blocker]:
    """Return everything that keeps one person from asking another to talk; empty means go."""
    if sender.pk == recipient.pk:
        return [ONESELF]
    checks = (people_blockers(sender, recipient), pair_blockers(sender, recipient))
    return [*checks[0], *checks[1], *limit_blockers(sender)]


def people_blockers(sender: Profile, recipient: Profile) -> Iterator[Blocker]:
    """Look at both people."""
    if sender.state != ProfileState.PUBLISHED:
        yield SENDER_UNPUBLISHED
    if recipient.state != ProfileState.PUBLISHED or not recipient.user.is_active:
        yield RECIPIENT_UNPUBLISHED
    if have_blocked(sender, recipient):
        yield BLOCKED


def pair_blockers(sender: Profile, recipient: Profile) -> Iterator[Blocker]:
    """Look at what the two asked each other before.

    A request that the recipient sent is no blocker: asking back accepts it.
    """
    between = ContactRequest.objects.between(sender, recipient)
    if between.awaiting_answer().filter(sender=sender).exists():
        yield ALREADY_PENDING
    if between.accepted().exists():
        yield ALREADY_CONTACTS
    declined = between.filter(sender=sender, state=ContactRequestState.DECLINED)
    if declined.filter(answered_at__gt=timezone.now() - QUIET_TIME).exists():
        yield RECENTLY_DECLINED


def limit_blockers(sender: Profile) -> Iterator[Blocker]:
    """Look at how much the sender has asked of everybody."""
    today, pending = requests_sent(sender)
    if today >= REQUESTS_A_DAY:
        yield TOO_MANY_TODAY
    if pending >= PENDING_REQUESTS:
        yield TOO_MANY_PENDING


def requests_left(sender: Profile) -> int:
    """Return how many people the sender may still ask now."""
    today, pending = requests_sent(sender)
    return max(0, min(REQUESTS_A_DAY - today, PENDING_REQUESTS - pending))


def requests_sent(sender: Profile) -> tuple[int, int]:
    """Return how many requests went out in the last 24 hours, and how many wait."""
    counts = sender.contact_requests_sent.aggregate(
        today=Count("pk", filter=Q(created_at__gt=timezone.now() - DAY)),
        pending=Count("pk", filter=Q(state=ContactRequestState.PENDING)),
    )
    return counts["today"], counts["pending"]


def have_blocked(one: Profile, other: Profile) -> bool:
    """Tell whether one of two people blocked the other."""
    return Block.objects.filter(
        Q(blocker=one, blocked=other) | Q(blocker=other, blocked=one)
    ).exists()


def are_contacts(one: Profile, other: Profile) -> bool:
    """Tell whether two people may see each other's contact details; a block ends it."""
    if one.pk is None or other.pk is None:
        return False
    return ContactRequest.objects.between(one, other).accepted().not_blocked().exists()


def can_answer(contact_request: ContactRequest, user: User) -> bool:
    """Tell whether this person may accept or decline the request now."""
    return (
        is_of(contact_request.recipient, user)
        and contact_request.state == ContactRequestState.PENDING
        and contact_request.expires_at > timezone.now()
    )


def can_withdraw(contact_request: ContactRequest, user: User) -> bool:
    """Tell whether this person may take the request back."""
    return (
        is_of(contact_request.sender, user)
        and contact_request.state == ContactRequestState.PENDING
    )


def can_write_in(conversation: Conversation, user: User) -> bool:
    """Tell whether this person may write: both sides are there and neither blocked the other."""
    contact_request = conversation.contact_request
    try:
        people = contact_request.both_sides()
    except Profile.DoesNotExist:
        return False
    return (
        user.pk in {person.user_id for person in people}
        and all(person.user.is_active for person in people)
        and not have_blocked(*people)
    )


def message_blockers(conversation: Conversation, user: User) -> list[Blocker]:
    """Return everything that keeps this person from writing in the conversation now."""
    if not can_write_in(conversation, user):
        return [CONVERSATION_CLOSED]
    recent = Message.objects.filter(author__user=user, sent_at__gt=timezone.now() - HOUR)
    return [TOO_MANY_MESSAGES] if recent.count() >= MESSAGES_AN_HOUR else []


@dataclass(frozen=True)
class ContactDetail:
    """One way to reach somebody outside the portal."""

    code: str
    label: str | Promise
    value: str


def contact_details(profile: Profile) -> list[ContactDetail]:
    """Return what this person lets accepted contacts know; empty fields are left out."""
    shown = fields_open_to(Audience.CONTACT, profile.visibility)
    details = [
        ContactDetail(name, FIELDS[name].label, getattr(profile, name))
        for name in ("contact_email", "telephone", "website")
        if name in shown
    ]
    return [detail for detail in details if detail.value]
