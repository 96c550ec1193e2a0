"""The mails about contact requests and messages, written with the change that causes them."""

from __future__ import annotations

from konnect.accounts.mail import queue_email
from konnect.accounts.models import OutgoingEmail
from matching.models import ContactRequest, Message
from matching.permissions.contacts import contact_details


def notify_of_request(contact_request: ContactRequest) -> OutgoingEmail | None:
    """Tell the recipient that somebody asks to talk."""
    return queue_email(
        "contact_request_received",
        to=contact_request.recipient.user,
        context={
            "contact_request": contact_request,
            "partner": contact_request.sender,
            "reader": contact_request.recipient,
        },
        deduplication_key=f"contact_request_received:{contact_request.pk}",
    )


def notify_of_answer(contact_request: ContactRequest) -> OutgoingEmail | None:
    """Tell the sender that the request was accepted or declined."""
    name = f"contact_request_{contact_request.state}"
    return queue_email(
        name,
        to=contact_request.sender.user,
        context={
            "contact_request": contact_request,
            "partner": contact_request.recipient,
            "reader": contact_request.sender,
            "details": contact_details(contact_request.recipient),
        },
        deduplication_key=f"{name}:{contact_request.pk}",
    )


def notify_of_message(message: Message) -> OutgoingEmail | None:
    """Tell the other side of a message, once until they open the conversation."""
    conversation = message.conversation
    unread = conversation.messages.filter(author=message.author, read_at=None)
    first = unread.earliest("sent_at", "pk")
    reader = conversation.partner_of(message.author.user)
    return queue_email(
        "message_received",
        to=reader.user,
        context={
            "message": message,
            "conversation": conversation,
            "partner": message.author,
            "reader": reader,
        },
        deduplication_key=f"message_received:{first.pk}",
    )
