"""What the page of one request shows, and what its reader may do there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.utils import timezone

from events.models import (
    Meeting,
    MeetingProposal,
    MeetingRequest,
    MeetingState,
    ProposalState,
    Registration,
    RequestMember,
    RequestState,
)
from events.services.meeting_lists import open_proposals
from events.services.open_slots import FreeSlot, free_slots
from events.services.request_members import colleagues_for
from events.services.run_reasons import Explained, unplaced_of

if TYPE_CHECKING:
    from konnect.accounts.models import User


@dataclass(frozen=True)
class RequestPage:
    """One request as one of its people sees it; own: as which side, nobody for who comes along."""

    request: MeetingRequest
    own: Registration | None
    partner: Registration
    membership: RequestMember | None
    members: Sequence[RequestMember]
    meeting: Meeting | None
    proposal: MeetingProposal | None
    explained: Explained | None = None
    colleagues: Sequence[Registration] = ()
    free: Sequence[FreeSlot] = field(default_factory=list)

    @property
    def is_sender(self) -> bool:
        """Whether the reader asked."""
        return self.own is not None and self.own.pk == self.request.sender_id

    @property
    def is_recipient(self) -> bool:
        """Whether the reader was asked."""
        return self.own is not None and self.own.pk == self.request.recipient_id

    @property
    def waits(self) -> bool:
        """Whether the request can be answered now."""
        return self.request.state == RequestState.SENT and self.request.expires_at > timezone.now()

    @property
    def can_answer(self) -> bool:
        """Whether the reader can accept or decline."""
        return self.is_recipient and self.waits

    @property
    def can_withdraw(self) -> bool:
        """Whether the reader can take the request, or their yes, back."""
        if self.request.state == RequestState.ACCEPTED:
            return self.own is not None and self.meeting is None
        return self.is_sender and self.request.state == RequestState.SENT

    @property
    def proposed_to_me(self) -> bool:
        """Whether the reader has to answer a proposed time."""
        return (
            self.own is not None
            and self.proposal is not None
            and self.proposal.state == ProposalState.OPEN
            and self.proposal.proposed_by_id != self.own.pk
        )


def request_page(request: MeetingRequest, user: User) -> RequestPage:
    """Return a request with everything around it; a constant number of queries."""
    sides = (request.sender, request.recipient)
    own = next((side for side in sides if side.profile.user_id == user.pk), None)
    members = list(
        request.members.select_related(
            "registration__profile__user", "registration__profile__organisation"
        )
    )
    mine = next((one for one in members if one.registration.profile.user_id == user.pk), None)
    meeting = request.meetings.exclude(state=MeetingState.CANCELLED).select_related("slot").first()
    is_agreed = request.state == RequestState.ACCEPTED
    reader = own or (mine.registration if mine else None)
    reasons = unplaced_of(reader, zone=timezone.get_current_timezone_name()) if reader else {}
    return RequestPage(
        request=request, own=own, membership=mine, members=members, meeting=meeting,
        partner=request.other_side(own) if own else request.sender,
        proposal=open_proposals().filter(request=request).first(),
        explained=None if meeting else reasons.get(request.pk),
        colleagues=colleagues_for(request, own) if own and is_live(request) else (),
        free=free_slots(request) if own and is_agreed and meeting is None else [],
    )  # fmt: skip


def is_live(request: MeetingRequest) -> bool:
    """Tell whether a request waits or was accepted."""
    return request.state in RequestState.live_states
