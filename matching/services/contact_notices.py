"""The mails about contact requests and messages, written with the change that causes them."""

from __future__ import annotations

from konnect.accounts.mail import queue_email
from konnect.accounts.models import OutgoingEmail
from matching.models import ContactRequest, Message, Profile
from matching.permissions.contacts import contact_details


def notify_of_request(contact_request: ContactRequest) -> OutgoingEmail | None:
    """Tell the recipient that somebody asks to talk."""
    return queue_notice(
        "contact_request_received",
        reader=contact_request.recipient,
        partner=contact_request.sender,
        key=contact_request.pk,
        facts={"contact_request": contact_request},
    )


def notify_of_answer(contact_request: ContactRequest) -> OutgoingEmail | None:
    """Tell the sender that the request was accepted or declined."""
    return queue_notice(
        f"contact_request_{contact_request.state}",
        reader=contact_request.sender,
        partner=contact_request.recipient,
        key=contact_request.pk,
        facts={
            "contact_request": contact_request,
            "details": contact_details(contact_request.recipient),
        },
    )


def notify_of_message(message: Message) -> OutgoingEmail | None:
    """Tell the other side of a message, once until they open the conversation."""
    conversation = message.conversation
    unread = conversation.messages.filter(author=message.author, read_at=None)
    return queue_notice(
        "message_received",
        reader=conversation.partner_of(message.author.user),
        partner=message.author,
        key=unread.earliest("sent_at", "pk").pk,
        facts={"conversation": conversation, "message": message},
    )


def queue_notice(
    name: str, *, reader: Profile, partner: Profile, key: int, facts: dict[str, object]
) -> OutgoingEmail | None:
    """Queue a mail to those who want such mail, once for each key."""
    if not reader.user.mails_about_contacts:
        return None
    return queue_email(
        name,
        to=reader.user,
        context={**facts, "reader": reader, "partner": partner},
        deduplication_key=f"{name}:{key}",
    )
