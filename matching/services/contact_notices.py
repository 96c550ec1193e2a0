"""The news about contact requests and messages, told with the change that causes it."""

from __future__ import annotations

from django.utils.translation import gettext as _

from konnect.accounts.models import Notification
from konnect.accounts.services.notifications import Title, mark_read_about, notify
from matching.models import ContactRequest, ContactRequestState, Message, Profile
from matching.permissions.contacts import contact_details


def notify_of_request(contact_request: ContactRequest) -> Notification | None:
    """Tell the recipient that somebody asks to talk."""
    sender, recipient = contact_request.both_sides()
    return notify(
        recipient.user,
        "contact_request",
        key=f"contact_request:{contact_request.pk}",
        title=request_title(sender),
        address=contact_request.get_absolute_url(),
        letter="contact_request_received",
        context={"contact_request": contact_request, "reader": recipient, "partner": sender},
    )


def notify_of_answer(contact_request: ContactRequest) -> Notification | None:
    """Tell the sender that the request was accepted or declined; the other one knows it now."""
    sender, recipient = contact_request.both_sides()
    mark_read_about(recipient.user, contact_request.get_absolute_url())
    return notify(
        sender.user,
        "contact_request",
        key=f"contact_request:{contact_request.pk}:{contact_request.state}",
        title=answer_title(contact_request.state, recipient),
        address=address_after(contact_request),
        letter=f"contact_request_{contact_request.state}",
        context={
            "contact_request": contact_request,
            "details": contact_details(recipient),
            "reader": sender,
            "partner": recipient,
        },
    )


def request_title(sender: Profile) -> Title:
    """Return what a request is called in the list of news."""
    return lambda: with_organisation(sender, _("%(name)s would like to get in touch with you"))


def message_title(author: Profile) -> Title:
    """Return what a message is called there."""
    return lambda: with_organisation(author, _("%(name)s has written to you"))


def answer_title(state: str, partner: Profile) -> Title:
    """Return what an answer is called there."""
    if state == ContactRequestState.ACCEPTED:
        return lambda: with_organisation(partner, _("%(name)s accepted your contact request"))
    return lambda: _("Your contact request to %(name)s was declined") % {"name": partner.name}


def address_after(contact_request: ContactRequest) -> str:
    """Return where an answered request goes on: in the conversation, if there is one."""
    if contact_request.state == ContactRequestState.ACCEPTED:
        return contact_request.conversation.get_absolute_url()
    return contact_request.get_absolute_url()


def notify_of_message(message: Message) -> Notification | None:
    """Tell the other side of a message, once until they open the conversation."""
    conversation = message.conversation
    sender, recipient = conversation.contact_request.both_sides()
    author, reader = (sender, recipient) if message.author == sender else (recipient, sender)
    unread = conversation.messages.filter(author=author, read_at=None)
    return notify(
        reader.user,
        "message",
        key=f"message:{unread.earliest('sent_at', 'pk').pk}",
        title=message_title(author),
        address=conversation.get_absolute_url(),
        letter="message_received",
        context={
            "conversation": conversation,
            "message": message,
            "reader": reader,
            "partner": author,
        },
    )


def with_organisation(partner: Profile, words: str) -> str:
    """Return words with a person's name in them, behind the organisation where there is one."""
    text = words % {"name": partner.name}
    return f"{partner.affiliation}: {text}" if partner.affiliation else text
