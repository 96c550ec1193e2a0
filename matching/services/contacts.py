"""Asking to talk, and answering.

Two people have one live request at most, which the database holds; whoever asks somebody that
has asked already accepts. A sender's row is locked while they ask, so that the limits against
flooding hold when many requests come at once.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils import timezone

from konnect.states import TransitionError
from matching.models import ContactRequest, ContactRequestState, Listing, Profile
from matching.models.contact import ContactRequestQuerySet
from matching.permissions.contacts import (
    ALREADY_CONTACTS,
    Blocker,
    RefusedError,
    contact_blockers,
    have_blocked,
)
from matching.services.contact_notices import notify_of_answer, notify_of_request
from matching.services.conversations import open_conversation

if TYPE_CHECKING:
    from konnect.accounts.models import User

__all__ = [
    "Blocker", "RefusedError", "accept_contact_request", "contact_blockers",
    "decline_contact_request", "expire_overdue_requests", "send_contact_request",
    "withdraw_contact_request",
]  # fmt: skip

BATCH = 500


@transaction.atomic
def send_contact_request(
    sender: Profile,
    recipient: Profile,
    *,
    actor: User | None,
    message: str,
    listing: Listing | None = None,
) -> ContactRequest:
    """Ask somebody to talk; when they asked already, their request is accepted instead.

    Raises:
        RefusedError: something keeps the sender from asking.
    """
    lock_profiles(sender)
    return write_contact_request(sender, recipient, actor=actor, message=message, listing=listing)


def write_contact_request(
    sender: Profile,
    recipient: Profile,
    *,
    actor: User | None,
    message: str,
    listing: Listing | None,
) -> ContactRequest:
    """Ask, or accept what the other one asked, be it a moment ago."""
    expire_requests(ContactRequest.objects.between(sender, recipient).overdue())
    if waiting := request_waiting(sender, recipient):
        return accept_by_asking(waiting, actor=actor, message=message)
    if blockers := contact_blockers(sender, recipient):
        raise RefusedError(blockers)
    try:
        return create_contact_request(sender, recipient, message=message, listing=listing)
    except IntegrityError as error:
        waiting = request_waiting(sender, recipient)
        if waiting is None:
            raise RefusedError([ALREADY_CONTACTS]) from error
        return accept_by_asking(waiting, actor=actor, message=message)


@transaction.atomic
def create_contact_request(
    sender: Profile, recipient: Profile, *, message: str, listing: Listing | None
) -> ContactRequest:
    """Write the row and the mail.

    Raises:
        IntegrityError: the two have a live request.
    """
    now = timezone.now()
    contact_request = ContactRequest.objects.create(
        sender=sender, recipient=recipient, message=message, listing=listing, created_at=now,
        expires_at=now + timedelta(days=ContactRequest.DAYS_TO_ANSWER),
    )  # fmt: skip
    notify_of_request(contact_request)
    return contact_request


def request_waiting(recipient: Profile, sender: Profile) -> ContactRequest | None:
    """Return the request of somebody that this person can answer."""
    waiting = ContactRequest.objects.awaiting_answer().not_blocked()
    return waiting.filter(sender=sender, recipient=recipient).first()


def accept_by_asking(
    contact_request: ContactRequest, *, actor: User | None, message: str
) -> ContactRequest:
    """Accept, because the recipient asks the sender; the message becomes the answer.

    Raises:
        RefusedError: the request was accepted in another window meanwhile.
    """
    try:
        return accept_contact_request(contact_request, actor=actor, answer=message)
    except TransitionError as error:
        raise RefusedError([ALREADY_CONTACTS]) from error


@transaction.atomic
def accept_contact_request(
    contact_request: ContactRequest, *, actor: User | None, answer: str = ""
) -> ContactRequest:
    """Open the conversation between both sides.

    Raises:
        TransitionError: the request no longer waits, or time has run out.
    """
    answer_contact_request(contact_request, ContactRequestState.ACCEPTED, actor, answer)
    open_conversation(contact_request, actor=actor)
    notify_of_answer(contact_request)
    return contact_request


@transaction.atomic
def decline_contact_request(
    contact_request: ContactRequest, *, actor: User | None, answer: str = ""
) -> ContactRequest:
    """Say no, with or without words.

    Raises:
        TransitionError: the request no longer waits, or time has run out.
    """
    answer_contact_request(contact_request, ContactRequestState.DECLINED, actor, answer)
    notify_of_answer(contact_request)
    return contact_request


def answer_contact_request(
    contact_request: ContactRequest, state: ContactRequestState, actor: User | None, answer: str
) -> None:
    """Write the answer, unless the time to answer is over or a block came between."""
    now = timezone.now()
    if contact_request.expires_at <= now:
        raise TransitionError("overdue")
    if have_blocked(*contact_request.both_sides()):
        raise TransitionError("blocked")
    columns = {"answer": answer, "answered_at": now}
    contact_request.move_to(state, actor=actor, columns=columns)


@transaction.atomic
def withdraw_contact_request(
    contact_request: ContactRequest, *, actor: User | None
) -> ContactRequest:
    """Take a request back that nobody has answered; nobody is told.

    Raises:
        TransitionError: the request no longer waits.
    """
    contact_request.move_to(ContactRequestState.WITHDRAWN, actor=actor)
    return contact_request


@transaction.atomic
def expire_overdue_requests() -> int:
    """End the requests that nobody answered in time; return how many."""
    return expire_requests(ContactRequest.objects.overdue())


def expire_requests(requests: ContactRequestQuerySet) -> int:
    """End these requests, apart from those that another process works on."""
    overdue = requests.select_for_update(skip_locked=True, of=("self",)).order_by("pk")[:BATCH]
    expired = list(overdue)
    for contact_request in expired:
        contact_request.move_to(ContactRequestState.EXPIRED, actor=None)
    return len(expired)


def lock_profiles(*profiles: Profile) -> None:
    """Let nobody else act for these people until this transaction ends.

    In the order of their ids, so that two who lock the same people never wait for each other.
    """
    ids = [profile.pk for profile in profiles]
    rows = Profile.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=ids)
    list(rows.order_by("pk").values_list("pk", flat=True))
