"""Expressing interest in a partner search, and settling it.

One person has one live expression of interest in a search, which the database holds. Accepting opens
the way to talk: the two become contacts, whoever asked whom before, unless one blocked the other.
Unsettled ones lapse when the call or the search ends.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from konnect.states import TransitionError
from matching.models import (
    ContactRequest,
    ContactRequestState,
    ExpressionOfInterest,
    InterestState,
    Listing,
    Profile,
)
from matching.permissions.contacts import RefusedError, have_blocked
from matching.permissions.interests import ALREADY_SENT, interest_blockers
from matching.services.contacts import lock_profiles
from matching.services.conversations import open_conversation
from matching.services.listing_notices import (
    notify_of_interest,
    notify_of_interest_answer,
    notify_of_withdrawal,
)

if TYPE_CHECKING:
    from konnect.accounts.models import User

BATCH = 500


@transaction.atomic
def express_interest(
    listing: Listing, *, actor: User, profile: Profile, columns: dict[str, Any]
) -> ExpressionOfInterest:
    """Answer a search and tell its author.

    Raises:
        RefusedError: something keeps this person from it, be it that they did so a moment ago.
    """
    lock_profiles(profile)
    return write_interest(listing, actor=actor, profile=profile, columns=columns)


def write_interest(
    listing: Listing, *, actor: User, profile: Profile, columns: dict[str, Any]
) -> ExpressionOfInterest:
    """Look, and write; the constraint decides when two writers both looked first."""
    if found := interest_blockers(profile, listing):
        raise RefusedError(found)
    try:
        with transaction.atomic():
            interest = ExpressionOfInterest.objects.create(
                listing=listing, profile=profile, organisation=profile.organisation, **columns
            )
    except IntegrityError as error:
        raise RefusedError([ALREADY_SENT]) from error
    notify_of_interest(interest)
    return interest


@transaction.atomic
def shortlist_interest(interest: ExpressionOfInterest, *, actor: User) -> ExpressionOfInterest:
    """Keep it for a later decision, and tell the one who wrote it.

    Raises:
        TransitionError: it was settled meanwhile.
    """
    interest.move_to(InterestState.SHORTLISTED, actor=actor)
    notify_of_interest_answer(interest)
    return interest


@transaction.atomic
def accept_interest(
    interest: ExpressionOfInterest, *, actor: User, answer: str = ""
) -> ExpressionOfInterest:
    """Say yes: both can write to each other, and the long description is open to the other one.

    Raises:
        TransitionError: it was settled meanwhile, or one blocked the other.
    """
    author, partner = interest.listing.profile, interest.profile
    lock_profiles(author, partner)
    if have_blocked(author, partner):
        raise TransitionError("blocked")
    columns = {"answer": answer, "answered_at": timezone.now()}
    interest.move_to(InterestState.ACCEPTED, actor=actor, columns=columns)
    interest.contact_request = open_contact(interest, actor=actor)
    interest.save(update_fields=["contact_request"])
    notify_of_interest_answer(interest)
    return interest


def open_contact(interest: ExpressionOfInterest, *, actor: User) -> ContactRequest:
    """Return the accepted contact of the two; what they asked each other before counts."""
    author, partner = interest.listing.profile, interest.profile
    between = ContactRequest.objects.between(partner, author)
    contact_request = between.filter(state__in=ContactRequestState.live_states).first()
    if contact_request is None:
        contact_request = ask_for_partner(interest)
    if contact_request.state == ContactRequestState.PENDING:
        is_asked_by_partner = contact_request.sender_id == partner.pk
        columns = {
            "answer": interest.answer if is_asked_by_partner else "",
            "answered_at": interest.answered_at,
        }
        contact_request.move_to(ContactRequestState.ACCEPTED, actor=actor, columns=columns)
        open_conversation(contact_request, actor=actor)
    return contact_request


def ask_for_partner(interest: ExpressionOfInterest) -> ContactRequest:
    """Write the request that the expression of interest amounts to."""
    return ContactRequest.objects.create(
        sender=interest.profile,
        recipient=interest.listing.profile,
        listing=interest.listing,
        message=interest.contribution,
        created_at=interest.created_at,
        expires_at=timezone.now() + timedelta(days=ContactRequest.DAYS_TO_ANSWER),
    )


@transaction.atomic
def decline_interest(
    interest: ExpressionOfInterest, *, actor: User, answer: str = ""
) -> ExpressionOfInterest:
    """Say no, with or without words.

    Raises:
        TransitionError: it was settled meanwhile.
    """
    columns = {"answer": answer, "answered_at": timezone.now()}
    interest.move_to(InterestState.DECLINED, actor=actor, columns=columns)
    notify_of_interest_answer(interest)
    return interest


@transaction.atomic
def withdraw_interest(interest: ExpressionOfInterest, *, actor: User) -> ExpressionOfInterest:
    """Take it back before it is settled, and tell the author.

    Raises:
        TransitionError: it was settled meanwhile.
    """
    if not interest.is_awaiting_answer:
        raise TransitionError(f"{interest.state} to withdrawn")
    interest.move_to(InterestState.WITHDRAWN, actor=actor)
    notify_of_withdrawal(interest)
    return interest


@transaction.atomic
def lapse_interests() -> int:
    """End what was not settled before the call or the search ended; return how many."""
    outlived = ExpressionOfInterest.objects.outlived().with_people().order_by("pk")
    rows = list(outlived.select_for_update(skip_locked=True, of=("self",))[:BATCH])
    for interest in rows:
        interest.move_to(InterestState.LAPSED, actor=None)
        notify_of_interest_answer(interest)
    return len(rows)
