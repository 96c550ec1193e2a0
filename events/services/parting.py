"""What ends between people when one blocks the other or is erased: requests and meetings.

Silent where a name or a reason would tell too much: partners learn that a meeting does not take
place, and are free for others.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet

from events.models import (
    Announcement,
    CalendarMethod,
    Event,
    Meeting,
    MeetingProposal,
    MeetingRequest,
    MeetingState,
    ProposalState,
    RegistrationChange,
    RequestMember,
    RequestState,
    SentInvitation,
    Session,
    SessionSpeaker,
)
from events.services.invitations import write_invitations
from events.services.meetings import end_meeting
from events.services.own_events import HISTORIES
from konnect.accounts.scrubbing import Words, scrub
from konnect.states import TransitionError
from matching.services.person_rights import blank_reasons

if TYPE_CHECKING:
    from konnect.accounts.models import User
    from matching.models import Block

DESCRIPTIONS = ("description_en", "description_ko")
EVENT_COLUMNS = ("summary_en", "summary_ko", *DESCRIPTIONS, "cancellation_en", "cancellation_ko")


def part_blocked(block: Block) -> None:
    """End what two people have with each other when one blocks the other; their profiles are locked.

    Neither learns from it that it was a block. Whoever came along to the other one leaves, too; of
    two who came along with others, whoever blocks.
    """
    one, other = block.blocker_id, block.blocked_id
    pair = Q(sender__profile=one, recipient__profile=other) | Q(
        sender__profile=other, recipient__profile=one
    )
    end_all(MeetingRequest.objects.filter(pair))
    both = (one, other)
    joined = RequestMember.objects.filter(registration__profile__in=both)
    sides = Q(request__sender__profile__in=both) | Q(request__recipient__profile__in=both)
    beside = joined.filter(registration__profile=other).values("request")
    own = Q(registration__profile=one, request__in=beside)
    for member in joined.filter(sides | own).select_related("request"):
        free_seat(member)
        member.delete()


def free_seat(member: RequestMember) -> None:
    """Take somebody who came along off the meeting that is to come, and off their calendar."""
    meetings = Meeting.objects.filter(request=member.request, state=MeetingState.SCHEDULED)
    for meeting in meetings:
        take_out(meeting, {member.registration_id})


def take_out(meeting: Meeting, registrations: Collection[int]) -> None:
    """Take people out of a meeting that the others hold."""
    seats = meeting.seats.filter(registration__in=registrations)
    # Before the seats go: invitations are written to those who sit there.
    leaving = set(seats.values_list("profile_id", flat=True))
    if leaving:
        write_invitations([meeting], method=CalendarMethod.CANCEL, only=leaving)
        seats.delete()


def end_all(requests: QuerySet[MeetingRequest]) -> None:
    """End live requests and the meetings to come that they led to, telling no names."""
    for request in requests.filter(state__in=RequestState.live_states).order_by("pk"):
        meetings = Meeting.objects.filter(request=request, state=MeetingState.SCHEDULED)
        for meeting in meetings.select_related("event", "request"):
            end_quietly(meeting)
        for proposal in MeetingProposal.objects.filter(request=request, state=ProposalState.OPEN):
            proposal.move_to(ProposalState.EXPIRED, actor=None)
        try:
            request.move_to(RequestState.WITHDRAWN, actor=None)
        except TransitionError:
            # Answered or ended at this very moment: visible_to hides it all the same.
            continue


def end_quietly(meeting: Meeting) -> None:
    """Cancel a meeting as nobody in particular; one that was cancelled meanwhile stays so."""
    try:
        end_meeting(meeting, actor=None, reason="", by=None)
    except TransitionError:
        return


def part_erased(*, user: User, words: Words, **_more: object) -> None:
    """Cancel the meetings of somebody who is erased; their rows go with the profile afterwards.

    The letters that tell partners name nobody, and what the person gave as reasons is taken out.
    """
    blank_reasons(user, (*HISTORIES, RegistrationChange))
    Meeting.objects.filter(cancelled_by=user).update(cancellation_reason="")
    # Without them no letter about the cancelled meetings goes to whoever is being erased.
    SentInvitation.objects.filter(profile__user=user).delete()
    own = Q(sender__profile__user=user) | Q(recipient__profile__user=user)
    end_all(MeetingRequest.objects.filter(own))
    for member in RequestMember.objects.filter(registration__profile__user=user):
        free_seat(member)
    scrub_programmes(user, words)


def scrub_programmes(user: User, words: Words) -> None:
    """Take somebody out of what organisers wrote about an event; its titles stay."""
    scrub(Announcement.objects.all(), ("text_en", "text_ko"), words)
    scrub(SessionSpeaker.objects.filter(profile=None), ("name", "affiliation"), words)
    scrub(Session.objects.all(), DESCRIPTIONS, words)
    scrub(Event.objects.all(), EVENT_COLUMNS, words)
    Event.objects.filter(contact_email__iexact=user.email).update(contact_email="")
