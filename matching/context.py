"""What the header of every page shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from konnect.accounts.models import Notification, User
from konnect.accounts.prepared import prepared
from matching.models import ContactRequest, Message
from matching.models.contact import number_of


@dataclass(frozen=True)
class Inbox:
    """How much waits for a person."""

    unread_messages: int
    pending_requests: int
    unread_news: int = 0

    @property
    def total(self) -> int:
        """What waits for an answer, for the badge."""
        return self.unread_messages + self.pending_requests


def inbox(request: HttpRequest) -> dict[str, Any]:
    """Return `inbox` for those who are signed in; nothing is counted until a template asks."""
    if not getattr(request, "user", None) or not request.user.is_authenticated:
        return {}
    user = request.user
    return {"inbox": SimpleLazyObject(lambda: count_inbox(user))}


def count_inbox(user: User) -> Inbox:
    """Count all of it in one query."""
    return Inbox(*waiting_for.rows(user_id=user.pk)[0])


@prepared
def waiting_for(user_id: int) -> QuerySet[User]:
    """Return the numbers of unread messages, of requests to answer and of news."""
    user = User(pk=user_id)
    waiting = ContactRequest.objects.visible_to(user).awaiting_answer()
    return User.objects.filter(pk=user_id).values_list(
        number_of(Message.objects.unread_by(user)),
        number_of(waiting.filter(recipient__user=user)),
        number_of(Notification.objects.filter(user=user).unread()),
    )
