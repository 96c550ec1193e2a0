"""What is between the invented people: requests, conversations, answers, blocks."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.utils import timezone

from matching.demo.relations import InventedRequest, Relations
from matching.models import (
    Block,
    ContactRequest,
    ContactRequestChange,
    Conversation,
    Listing,
    ListingState,
    Message,
    Profile,
    SuggestionAnswer,
)

# Names for the tokens of messages, so that the same data come out every time.
TOKENS = uuid.UUID("6b6f6e6e-6563-7400-8000-64656d6f0000")
ANSWERED = ("accepted", "declined")


def write_relations(relations: Relations, profiles: dict[int, Profile]) -> str:
    """Write everything between the people; return in words how much it is."""
    now = timezone.now()
    requests = write_requests(relations.requests, profiles, now)
    accepted = [
        (invented, request)
        for invented, request in zip(relations.requests, requests, strict=True)
        if invented.state == "accepted"
    ]
    write_conversations(accepted)
    write_answers(relations, profiles, now)
    Block.objects.bulk_create(
        Block(blocker=profiles[one], blocked=profiles[other]) for one, other in relations.blocks
    )
    return f"{len(requests)} contact requests, {len(accepted)} conversations written"


def write_requests(
    invented: tuple[InventedRequest, ...], profiles: dict[int, Profile], now: datetime
) -> list[ContactRequest]:
    """Write contact requests with their history."""
    listings = first_listings()
    requests = ContactRequest.objects.bulk_create(
        [request_of(each, profiles, listings, now) for each in invented]
    )
    ContactRequestChange.objects.bulk_create(
        change_of(request) for request in requests if request.state != "pending"
    )
    return requests


def first_listings() -> dict[int, int]:
    """Return the first open listing of every person, by profile."""
    rows = Listing.objects.filter(state=ListingState.OPEN).order_by("-pk")
    return dict(rows.values_list("profile_id", "pk"))


def request_of(
    invented: InventedRequest,
    profiles: dict[int, Profile],
    listings: dict[int, int],
    now: datetime,
) -> ContactRequest:
    """Return one unsaved request."""
    recipient = profiles[invented.recipient]
    created_at = now - timedelta(days=invented.days_ago)
    is_answered = invented.state in ANSWERED
    return ContactRequest(
        sender=profiles[invented.sender],
        recipient=recipient,
        listing_id=listings.get(recipient.pk) if invented.is_about_listing else None,
        state=invented.state,
        message=invented.message,
        answer=invented.answer,
        created_at=created_at,
        expires_at=created_at + timedelta(days=ContactRequest.DAYS_TO_ANSWER),
        answered_at=created_at + timedelta(hours=20) if is_answered else None,
    )


def change_of(request: ContactRequest) -> ContactRequestChange:
    """Return the unsaved line of history: who answered or withdrew; nobody lets it expire."""
    sender, recipient = request.both_sides()
    people = {"withdrawn": sender.user, "expired": None}
    return ContactRequestChange(
        contact_request=request,
        old_state="pending",
        new_state=request.state,
        actor=people.get(request.state, recipient.user),
    )


def write_conversations(accepted: list[tuple[InventedRequest, ContactRequest]]) -> None:
    """Write the conversations of accepted requests with their messages."""
    conversations = Conversation.objects.bulk_create(
        Conversation(contact_request=request, created_at=request.answered_at or request.created_at)
        for _invented, request in accepted
    )
    messages = []
    for (invented, request), conversation in zip(accepted, conversations, strict=True):
        written = messages_of(invented, request, conversation)
        conversation.last_message_at = written[-1].sent_at
        messages += written
    Message.objects.bulk_create(messages)
    Conversation.objects.bulk_update(conversations, ["last_message_at"])


def messages_of(
    invented: InventedRequest, request: ContactRequest, conversation: Conversation
) -> list[Message]:
    """Return the unsaved messages: request, answer, and what followed, a few hours apart."""
    said = [(True, invented.message), (False, invented.answer)]
    said += [(message.from_sender, message.text) for message in invented.conversation]
    start = request.created_at
    times = [start, start + timedelta(hours=20)]
    times += [times[1] + timedelta(hours=5 * step) for step in range(1, len(said))]
    messages = [
        Message(
            conversation=conversation,
            author=request.sender if from_sender else request.recipient,
            text=text,
            sent_at=sent_at,
            read_at=sent_at + timedelta(hours=1),
            token=uuid.uuid5(TOKENS, f"{conversation.pk} {sent_at.isoformat()}"),
        )
        for (from_sender, text), sent_at in zip(said, times, strict=False)
    ]
    if invented.is_last_unread:
        messages[-1].read_at = None
    return messages


def write_answers(relations: Relations, profiles: dict[int, Profile], now: datetime) -> None:
    """Write what people said to suggestions."""
    SuggestionAnswer.objects.bulk_create(
        SuggestionAnswer(
            profile=profiles[each.person],
            partner=profiles[each.partner],
            answer=each.answer,
            reason=each.reason,
            answered_at=now - timedelta(days=each.days_ago),
        )
        for each in relations.answers
    )
