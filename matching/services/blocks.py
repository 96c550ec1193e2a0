"""Wanting nothing to do with somebody, and taking that back.

A block works both ways and is silent. What waits between the two ends without a mail: the
blocker's own request is withdrawn, the other's is declined. Requests between the two vanish
from both people's lists. Their conversation stays readable, because each keeps their own
letters, but is closed for writing; contact details are no longer shown. Taking the block back
opens the conversation again; ended requests stay ended.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from konnect.states import TransitionError
from matching.models import Block, ContactRequest, ContactRequestState, Message, Profile
from matching.services.contacts import lock_profiles

if TYPE_CHECKING:
    from konnect.accounts.models import User


@transaction.atomic
def block_profile(blocker: Profile, blocked: Profile, *, actor: User | None) -> Block:
    """Block somebody; a second time changes nothing.

    Raises:
        ValueError: the two are one person.
    """
    if blocker.pk == blocked.pk:
        raise ValueError("Nobody can block themselves.")
    # Whoever sends a request or a message holds their own row: they finish first, or see this.
    lock_profiles(blocker, blocked)
    block, _ = Block.objects.get_or_create(blocker=blocker, blocked=blocked)
    end_pending_requests(blocker, blocked, actor=actor)
    unread = Message.objects.unread_by(blocker.user).filter(author=blocked)
    unread.update(read_at=timezone.now())
    return block


def end_pending_requests(blocker: Profile, blocked: Profile, *, actor: User | None) -> None:
    """Withdraw the blocker's request and decline the other's, telling nobody."""
    pending = ContactRequest.objects.between(blocker, blocked)
    for contact_request in pending.filter(state=ContactRequestState.PENDING):
        try:
            end_request(contact_request, blocker, actor=actor)
        except TransitionError:
            # Answered at this very moment: the block closes the conversation all the same.
            continue


def end_request(contact_request: ContactRequest, blocker: Profile, *, actor: User | None) -> None:
    """Withdraw one's own request, decline somebody else's."""
    if contact_request.sender_id == blocker.pk:
        contact_request.move_to(ContactRequestState.WITHDRAWN, actor=actor)
    else:
        columns = {"answered_at": timezone.now()}
        contact_request.move_to(ContactRequestState.DECLINED, actor=actor, columns=columns)


@transaction.atomic
def unblock_profile(blocker: Profile, blocked: Profile, *, actor: User | None) -> int:
    """Take a block back; return how many there were (0 or 1)."""
    return Block.objects.filter(blocker=blocker, blocked=blocked).delete()[0]
