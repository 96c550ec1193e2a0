"""The news of the invented people: what `notify` would have told them, without its mails."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from konnect.accounts.models import Notification
from konnect.accounts.services.notifications import Title, titles
from matching.models import ContactRequest, ContactRequestState, Message, Profile
from matching.services.contact_notices import (
    address_after,
    answer_title,
    message_title,
    request_title,
)

BATCH = 1000


def write_news() -> int:
    """Write news of requests that wait, of those accepted and of unread messages; return how many."""
    rows = [*news_of_requests(), *news_of_messages()]
    return len(Notification.objects.bulk_create(rows, batch_size=BATCH))


def news_of_requests() -> Iterator[Notification]:
    """Yield what recipients of waiting requests and senders of accepted ones were told."""
    people = ("sender__organisation", "recipient__organisation", "conversation")
    for each in ContactRequest.objects.select_related(*people):
        sender, recipient = each.both_sides()
        key = f"contact_request:{each.pk}"
        if each.state == ContactRequestState.PENDING:
            address = each.get_absolute_url()
            yield row(
                "contact_request", recipient, key, request_title(sender), address, each.created_at
            )
        elif each.state == ContactRequestState.ACCEPTED:
            title = answer_title(each.state, recipient)
            news = row(
                "contact_request",
                sender,
                f"{key}:accepted",
                title,
                address_after(each),
                each.created_at,
            )
            news.read_at = each.answered_at
            yield news


def news_of_messages() -> Iterator[Notification]:
    """Yield what was told of the first unread message of each conversation and author."""
    people = (
        "author__organisation", "author__user", "conversation__contact_request__sender",
        "conversation__contact_request__recipient",
    )  # fmt: skip
    unread = Message.objects.filter(read_at=None, author__isnull=False)
    first = unread.order_by("conversation_id", "author_id", "pk").distinct(
        "conversation_id", "author_id"
    )
    for message in first.select_related(*people):
        author = message.author
        assert author is not None
        reader = message.conversation.partner_of(author.user)
        address = message.conversation.get_absolute_url()
        key = f"message:{message.pk}"
        yield row("message", reader, key, message_title(author), address, message.sent_at)


def row(
    kind: str, reader: Profile, key: str, title: Title, address: str, at: datetime
) -> Notification:
    """Return one piece of news, not written yet."""
    return Notification(
        user_id=reader.user_id, kind=kind, key=key, address=address, created_at=at, **titles(title)
    )
