"""Further people at a meeting: each side may bring colleagues, who are asked first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from events.asking import ENOUGH_PEOPLE, MOST_COLLEAGUES, NO_COLLEAGUE, NOT_AGREED, TAKEN
from events.models import (
    CalendarMethod,
    Meeting,
    OrganisationSide,
    Registration,
    RequestMember,
    RequestState,
)
from events.services.invitations import write_invitations
from events.services.locking import lock_event
from events.services.meeting_notices import notify_of_colleague, notify_of_joining
from events.services.meeting_times import over_limit, seat
from events.services.open_slots import people_of
from events.services.parting import free_seat
from konnect.states import TransitionError
from matching.models import Block, Profile
from matching.permissions.contacts import RefusedError
from matching.services.contacts import lock_profiles

if TYPE_CHECKING:
    from events.models import MeetingRequest
    from konnect.accounts.models import User


def colleagues_for(request: MeetingRequest, by: Registration) -> list[Registration]:
    """Return whom somebody could bring: people of their organisation who take part and want to meet."""
    own = by.profile.organisation_id
    there = Registration.objects.listed().filter(event=request.event_id, wants_meetings=True)
    known = Profile.objects.published().not_blocked_for(by.profile.user)
    taken = [request.sender_id, request.recipient_id]
    asked = RequestMember.objects.filter(request=request).values("registration_id")
    rows = (
        there.filter(profile__organisation=own, profile__in=known)
        .exclude(pk__in=taken)
        .exclude(pk__in=asked)
    )
    if own is None:
        return []
    return list(rows.with_people().order_by("profile__display_name", "pk"))


@transaction.atomic
def bring_along(
    request: MeetingRequest, *, colleague: Registration, by: Registration, actor: User | None
) -> RequestMember:
    """Ask a colleague to come along to a meeting.

    Raises:
        RefusedError: the colleague is none, does not take part, is blocked, or the side is full.
        TransitionError: the request is over.
    """
    lock_profiles(request.sender.profile, request.recipient.profile)
    request.refresh_from_db(fields=["state"])
    if request.state not in RequestState.live_states:
        raise TransitionError(f"{request.state}: over")
    if colleague not in colleagues_for(request, by) or is_blocked(request, colleague):
        raise RefusedError([NO_COLLEAGUE])
    if request.members.filter(brought_by=by).count() >= MOST_COLLEAGUES:
        raise RefusedError([ENOUGH_PEOPLE])
    try:
        with transaction.atomic():
            member = request.members.create(registration=colleague, brought_by=by)
    except IntegrityError as error:
        raise RefusedError([NO_COLLEAGUE]) from error
    notify_of_colleague(member)
    return member


def is_blocked(request: MeetingRequest, colleague: Registration) -> bool:
    """Tell whether somebody and one of the people of a request blocked each other."""
    others = [person.profile_id for person in people_of(request)]
    own = colleague.profile_id
    return Block.objects.filter(
        Q(blocker=own, blocked__in=others) | Q(blocker__in=others, blocked=own)
    ).exists()


@transaction.atomic
def agree_to_join(member: RequestMember, *, actor: User | None) -> RequestMember:
    """Come along; when the meeting has a time already, one's own time is taken too.

    Raises:
        RefusedError: one has another meeting then, or all that one wanted.
        TransitionError: the request is over.
    """
    request, own = member.request, member.registration
    lock_event(request.event)
    lock_profiles(own.profile, *(person.profile for person in people_of(request)))
    request.refresh_from_db(fields=["state"])
    if request.state not in RequestState.live_states:
        raise TransitionError(f"{request.state}: over")
    if is_blocked(request, own):
        raise RefusedError([NOT_AGREED])
    member.agreed_at = timezone.now()
    member.save(update_fields=["agreed_at"])
    note_side(member)
    take_seat(member)
    notify_of_joining(member)
    return member


def note_side(member: RequestMember) -> None:
    """Note for which organisation a colleague sits there, where organisations meet."""
    organisation = member.brought_by.profile.organisation_id
    if member.request.is_organisational and organisation is not None:
        OrganisationSide.objects.get_or_create(
            request=member.request, registration=member.registration,
            defaults={"organisation_id": organisation},
        )  # fmt: skip


def take_seat(member: RequestMember) -> None:
    """Take the colleague's time for the meeting that stands, if one does."""
    meeting = Meeting.objects.filter(request=member.request_id, state="scheduled").first()
    if meeting is None:
        return
    if over_limit(member.request.event, [member.registration]):
        raise RefusedError([TAKEN])
    try:
        with transaction.atomic():
            seat(meeting, [member.registration])
    except IntegrityError as error:
        raise RefusedError([TAKEN]) from error
    Meeting.objects.filter(pk=meeting.pk).update(sequence=meeting.sequence + 1)
    meeting.sequence += 1
    write_invitations([meeting], method=CalendarMethod.REQUEST)


@transaction.atomic
def leave_request(member: RequestMember, *, actor: User | None) -> None:
    """Do not come along, or no longer; the meeting of the others stays."""
    free_seat(member)
    OrganisationSide.objects.filter(
        request=member.request_id, registration=member.registration_id
    ).delete()
    member.delete()
