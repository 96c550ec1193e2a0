"""Asking for meetings, and answering. A request holds no slot: only a schedule does.

Two participants have one live request an event at most, which the database holds; whoever asks
somebody that has asked already accepts. The profiles of both are locked in the order of their ids
while one of them acts, so that the number of open requests holds when many come at once, and so
that a block waits for a request or the request sees the block.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils import timezone

from events.asking import (
    ALREADY_AGREED,
    HIDDEN,
    NOT_THERE,
    ONESELF,
    request_blockers,
    requests_between,
)
from events.models import (
    EventKind,
    EventMode,
    MeetingRequest,
    OrganisationSide,
    Registration,
    RegistrationState,
    RequestState,
    Strength,
)
from events.services.meeting_notices import (
    notify_of_added,
    notify_of_answer,
    notify_of_request,
    notify_of_withdrawal,
)
from events.services.pair_scores import pair_score
from konnect.states import TransitionError
from matching.permissions.contacts import Blocker, RefusedError, have_blocked
from matching.services.contacts import lock_profiles

if TYPE_CHECKING:
    from events.models import Event, Place, Slot
    from events.models.meeting_request import MeetingRequestQuerySet
    from konnect.accounts.models import User

BATCH = 500
TWO = 2


@dataclass(frozen=True)
class Terms:
    """What somebody asks for: why, how much, in which way, and what organisations want of it."""

    message: str = ""
    strength: int = Strength.WANTED
    mode: str = EventMode.HYBRID
    # Both speak for their organisations; only where events join organisations.
    is_organisational: bool = False
    purpose: str = ""


@transaction.atomic
def send_meeting_request(
    event: Event,
    *,
    sender: Registration,
    recipient: Registration,
    message: str,
    strength: int = Strength.WANTED,
    actor: User | None,
    mode: str = EventMode.HYBRID,
    is_organisational: bool = False,
    purpose: str = "",
) -> MeetingRequest:
    """Ask a participant for a meeting; when they asked already, their request is accepted.

    Raises:
        RefusedError: something keeps the sender from asking.
    """
    lock_both(sender, recipient)
    terms = Terms(message, strength, mode, is_organisational, purpose)
    return write_meeting_request(event, sender, recipient, terms, actor=actor)


def lock_both(*registrations: Registration) -> None:
    """Let nobody else act for these people until this transaction ends."""
    lock_profiles(*(registration.profile for registration in registrations))


def write_meeting_request(
    event: Event, sender: Registration, recipient: Registration, terms: Terms, *,
    actor: User | None,
) -> MeetingRequest:  # fmt: skip
    """Ask, or accept what the other one asked; the constraint decides between two writers."""
    expire(requests_between(sender, recipient).overdue())
    refresh(sender, recipient)
    waiting = request_waiting(sender=recipient, recipient=sender)
    if waiting is not None:
        return accept_by_asking(waiting, terms, actor=actor)
    if blockers := request_blockers(event, sender, recipient):
        raise RefusedError(blockers)
    try:
        with transaction.atomic():
            request = create_request(event, sender, recipient, terms)
    except IntegrityError as error:
        waiting = request_waiting(sender=recipient, recipient=sender)
        if waiting is None:
            raise RefusedError([ALREADY_AGREED]) from error
        return accept_by_asking(waiting, terms, actor=actor)
    notify_of_request(request)
    return request


def refresh(*registrations: Registration) -> None:
    """Read again what may have changed before the locks were there: who takes part, and how."""
    for registration in registrations:
        columns = ["state", "is_listed", "wants_meetings", "mode", "maximum_meetings"]
        registration.refresh_from_db(fields=columns)


def request_waiting(sender: Registration, recipient: Registration) -> MeetingRequest | None:
    """Return the request of somebody that this participant can answer."""
    waiting = MeetingRequest.objects.awaiting_answer().not_blocked().with_people()
    return waiting.filter(sender=sender, recipient=recipient).first()


def create_request(
    event: Event, sender: Registration, recipient: Registration, terms: Terms
) -> MeetingRequest:
    """Write the row, with the fit of the two as it is now."""
    now = timezone.now()
    speaks = terms.is_organisational and event.kind == EventKind.TWINNING
    request = MeetingRequest.objects.create(
        event=event, sender=sender, recipient=recipient, message=terms.message,
        strength=terms.strength, mode=terms.mode, is_organisational=speaks,
        purpose=terms.purpose if speaks else "", created_at=now,
        expires_at=answer_until(event, now), score=pair_score(sender.profile, recipient.profile),
    )  # fmt: skip
    if speaks:
        write_sides(request)
    return request


def answer_until(event: Event, now: datetime) -> datetime:
    """Return until when a request can be answered: some days, and not after requests close."""
    closes_at = event.requests_close_at or event.ends_at
    latest = closes_at if closes_at > now else event.ends_at
    return min(now + timedelta(days=event.days_to_answer), latest)


def write_sides(request: MeetingRequest) -> None:
    """Note for which organisation each of the two sits there."""
    both = (request.sender, request.recipient)
    OrganisationSide.objects.bulk_create(
        OrganisationSide(
            request=request, registration=one, organisation_id=one.profile.organisation_id
        )
        for one in both
        if one.profile.organisation_id
    )


def accept_by_asking(
    request: MeetingRequest, terms: Terms, *, actor: User | None
) -> MeetingRequest:
    """Accept, because the recipient asks the sender: both wanted it on their own.

    Raises:
        RefusedError: it was accepted in another window meanwhile.
    """
    try:
        settle(request, terms.strength, actor=actor, is_mutual=True, purpose=terms.purpose)
    except TransitionError as error:
        raise RefusedError([ALREADY_AGREED]) from error
    return request


@transaction.atomic
def accept_meeting_request(
    request: MeetingRequest, *, actor: User | None, strength: int = Strength.WANTED,
    purpose: str = "",
) -> MeetingRequest:  # fmt: skip
    """Agree to meet; a schedule will say when. `purpose` words anew what organisations want.

    Raises:
        TransitionError: the request no longer waits, time has run out, or one no longer comes.
    """
    lock_both(request.sender, request.recipient)
    settle(request, strength, actor=actor, is_mutual=False, purpose=purpose)
    return request


def settle(
    request: MeetingRequest, strength: int, *, actor: User | None, is_mutual: bool, purpose: str
) -> None:
    """Write the yes and tell the sender; the profiles of both are locked."""
    check_answerable(request)
    columns = {"answer_strength": strength, "is_mutual": is_mutual, "answered_at": timezone.now()}
    if request.is_organisational and purpose:
        columns["purpose"] = purpose
    request.move_to(RequestState.ACCEPTED, actor=actor, columns=columns)
    notify_of_answer(request)


def check_answerable(request: MeetingRequest) -> None:
    """Look at the clock, at blocks, and whether both still come.

    Raises:
        TransitionError: it cannot be answered.
    """
    if request.expires_at <= timezone.now():
        raise TransitionError("overdue")
    if have_blocked(request.sender.profile, request.recipient.profile):
        raise TransitionError("blocked")
    both = Registration.objects.confirmed().filter(
        pk__in=(request.sender_id, request.recipient_id)
    )
    if both.count() != TWO:
        raise TransitionError("no longer there")


@transaction.atomic
def decline_meeting_request(
    request: MeetingRequest, *, actor: User | None, reason: str, words: str = ""
) -> MeetingRequest:
    """Say no, with one of the reasons and perhaps some words.

    Raises:
        TransitionError: the request no longer waits, or time has run out.
    """
    if request.expires_at <= timezone.now():
        raise TransitionError("overdue")
    columns = {
        "decline_reason": reason, "decline_words": words[:300], "answered_at": timezone.now()
    }  # fmt: skip
    request.move_to(RequestState.DECLINED, actor=actor, columns=columns)
    notify_of_answer(request)
    return request


@transaction.atomic
def withdraw_meeting_request(
    request: MeetingRequest, *, actor: User | None, by: Registration | None = None
) -> MeetingRequest:
    """Take a request back, or a yes before there is a meeting; only after a yes the other is told.

    by: whose wish it is; the sender's when it is left out.

    Raises:
        TransitionError: it is over already, or a meeting stands in the schedule: that is cancelled.
    """
    lock_both(request.sender, request.recipient)
    request.refresh_from_db(fields=["state"])
    was_agreed = request.state == RequestState.ACCEPTED
    if request.meetings.filter(is_live=True).exists():
        raise TransitionError("scheduled")
    request.move_to(RequestState.WITHDRAWN, actor=actor)
    if was_agreed:
        notify_of_withdrawal(request, by=by or request.sender)
    return request


@transaction.atomic
def reword_meeting_request(
    request: MeetingRequest, *, actor: User | None, message: str
) -> MeetingRequest:
    """Change the words of a request that waits; nothing is sent anew.

    Raises:
        TransitionError: it was answered meanwhile.
    """
    waiting = MeetingRequest.objects.filter(pk=request.pk, state=RequestState.SENT)
    if waiting.update(message=message) != 1:
        raise TransitionError("no longer sent")
    request.message = message
    return request


@transaction.atomic
def add_meeting_request(
    event: Event, *, sender: Registration, recipient: Registration, actor: User,
    strength: int = Strength.WANTED, message: str = "", mode: str = EventMode.HYBRID,
    is_pinned: bool = False, slot: Slot | None = None, place: Place | None = None,
) -> MeetingRequest:  # fmt: skip
    """Arrange a meeting as an organiser: agreed at once, without quota or window; both are told.

    A request of the two that waits is accepted. slot, place: where it is pinned.

    Raises:
        RefusedError: one of them does not take part, has blocked the other, or they meet already.
    """
    lock_both(sender, recipient)
    refresh(sender, recipient)
    if blockers := adding_blockers(event, sender, recipient):
        raise RefusedError(blockers)
    now = timezone.now()
    pin = {"is_pinned": is_pinned, "pinned_slot": slot, "pinned_place": place}
    request = requests_between(sender, recipient).filter(state=RequestState.SENT).first()
    if request is not None:
        columns = {"answered_at": now, "answer_strength": strength, "added_by": actor, **pin}
        request.move_to(RequestState.ACCEPTED, actor=actor, columns=columns)
    else:
        request = MeetingRequest.objects.create(
            event=event, sender=sender, recipient=recipient, state=RequestState.ACCEPTED,
            message=message, strength=strength, answer_strength=strength, mode=mode,
            added_by=actor, created_at=now, answered_at=now, expires_at=answer_until(event, now),
            score=pair_score(sender.profile, recipient.profile), **pin,
        )  # fmt: skip
    notify_of_added(request)
    return request


def adding_blockers(event: Event, sender: Registration, recipient: Registration) -> list[Blocker]:
    """Return why organisers cannot let two people meet."""
    if sender.pk == recipient.pk:
        return [ONESELF]
    both = (sender, recipient)
    if any(one.state != RegistrationState.CONFIRMED or one.event_id != event.pk for one in both):
        return [NOT_THERE]
    if have_blocked(sender.profile, recipient.profile):
        return [HIDDEN]
    agreed = requests_between(sender, recipient).filter(state=RequestState.ACCEPTED)
    return [ALREADY_AGREED] if agreed.exists() else []


@transaction.atomic
def expire_meeting_requests() -> int:
    """End the requests that nobody answered in time; return how many."""
    return expire(MeetingRequest.objects.overdue())


def expire(requests: MeetingRequestQuerySet) -> int:
    """End these requests, apart from those that another process works on."""
    rows = requests.select_for_update(skip_locked=True, of=("self",)).order_by("pk")[:BATCH]
    overdue = list(rows)
    for request in overdue:
        request.move_to(RequestState.EXPIRED, actor=None)
    return len(overdue)
