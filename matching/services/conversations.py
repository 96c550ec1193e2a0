"""Talking after a contact request was accepted."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from konnect.accounts.services.notifications import mark_read_about
from matching.models import ContactRequest, Conversation, Message, Profile
from matching.permissions.contacts import RefusedError, message_blockers
from matching.services.contact_notices import notify_of_message

if TYPE_CHECKING:
    from konnect.accounts.models import User


@transaction.atomic
def open_conversation(contact_request: ContactRequest, *, actor: User | None) -> Conversation:
    """Begin with what was said already: the request's message, read, and the answer, unread."""
    now = timezone.now()
    conversation = Conversation.objects.create(
        contact_request=contact_request, last_message_at=now
    )
    conversation.messages.create(
        author=contact_request.sender, text=contact_request.message,
        sent_at=contact_request.created_at, read_at=now, token=uuid.uuid4(),
    )  # fmt: skip
    if contact_request.answer:
        conversation.messages.create(
            author=contact_request.recipient, text=contact_request.answer, sent_at=now,
            token=uuid.uuid4(),
        )  # fmt: skip
    return conversation


@transaction.atomic
def send_message(
    conversation: Conversation, *, actor: User, text: str, token: uuid.UUID
) -> Message:
    """Write into a conversation; the same token again changes nothing and gives the same message.

    Raises:
        RefusedError: the conversation is closed, or the hour's limit is reached.
    """
    # One writer at a time a person: the limit holds, and a double click is seen.
    author = Profile.objects.select_for_update(no_key=True, of=("self",)).get(user=actor)
    key = uuid.uuid5(token, f"{conversation.pk} {author.pk}")
    sent_before = conversation.messages.filter(token=key).first()
    return sent_before or write_message(conversation, actor=actor, text=text, token=key)


def write_message(
    conversation: Conversation, *, actor: User, text: str, token: uuid.UUID
) -> Message:
    """Write the message and its notice, without a look at what happens beside."""
    if blockers := message_blockers(conversation, actor):
        raise RefusedError(blockers)
    now = timezone.now()
    author = conversation.side_of(actor)
    message = conversation.messages.create(author=author, text=text, sent_at=now, token=token)
    Conversation.objects.filter(pk=conversation.pk).update(last_message_at=now)
    notify_of_message(message)
    return message


def mark_read(conversation: Conversation, *, actor: User, newest: Message) -> int:
    """Note that this person has seen all up to one message; return how many were new.

    What arrived after the page was read stays unread.
    """
    seen = conversation.messages.filter(read_at=None, pk__lte=newest.pk)
    count = seen.exclude(author__user=actor).update(read_at=timezone.now())
    if count:
        mark_read_about(actor, conversation.get_absolute_url())
    return count
