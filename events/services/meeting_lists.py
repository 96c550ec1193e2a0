"""One participant's requests and meetings at an event, as their page shows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Count, Prefetch, Q, QuerySet
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
from events.services.open_slots import ends_of
from events.services.run_reasons import Explained, unplaced_of

if TYPE_CHECKING:
    from events.models import Event
    from events.models.meeting_request import MeetingRequestQuerySet
    from konnect.accounts.models import User

TABS = ("agreed", "received", "sent")


@dataclass(frozen=True)
class Line:
    """One request on the page: with whom, its meeting if it has one, and why it has none."""

    request: MeetingRequest
    partner: Registration
    is_sender: bool
    # Asked to come along by somebody else; not a side of it.
    membership: RequestMember | None = None
    meeting: Meeting | None = None
    explained: Explained | None = None
    # A time that one side proposed and nobody has answered.
    proposal: MeetingProposal | None = None

    @property
    def waits_for_me(self) -> bool:
        """Whether the reader has to answer something."""
        if self.membership is not None:
            return self.membership.agreed_at is None
        if self.proposal is not None and self.proposal.proposed_by_id == self.partner.pk:
            return True
        is_open = self.request.expires_at > timezone.now()
        return not self.is_sender and self.request.state == RequestState.SENT and is_open

    @property
    def asks_feedback(self) -> bool:
        """Whether the meeting is over and the reader can say how it was."""
        if self.meeting is None or self.meeting.state == MeetingState.NO_SHOW:
            return False
        return ends_of(self.meeting.during)[1] <= timezone.now()


def own_requests(own: Registration) -> QuerySet[MeetingRequest]:
    """Return everything that somebody sent, received or was asked to join at an event."""
    user = own.profile.user
    return MeetingRequest.objects.visible_to(user).filter(event=own.event_id)


def tab_of(own: Registration, tab: str) -> QuerySet[MeetingRequest]:
    """Return the requests of one tab, those that wait first."""
    requests = own_requests(own)
    if tab == "sent":
        found = requests.filter(sender=own).exclude(state=RequestState.ACCEPTED)
    elif tab == "received":
        found = requests.exclude(sender=own).filter(waiting_or_over(own))
    else:
        found = requests.filter(state=RequestState.ACCEPTED).exclude(unanswered_membership(own))
    return found.order_by("-state", "-created_at", "-pk")


def waiting_or_over(own: Registration) -> Q:
    """Say which requests stand among those received: not agreed, or a colleague waits for a yes."""
    return ~Q(state=RequestState.ACCEPTED) | unanswered_membership(own)


def unanswered_membership(own: Registration) -> Q:
    """Say that somebody was asked to come along and has not answered."""
    asked = RequestMember.objects.filter(registration=own, agreed_at=None)
    return Q(pk__in=asked.values("request_id"))


def tab_counts(own: Registration) -> dict[str, int]:
    """Count what stands in each tab, in one query; of received ones only those that wait."""
    joins = unanswered_membership(own)
    waits = Q(recipient=own, state=RequestState.SENT, expires_at__gt=timezone.now()) | joins
    accepted = Q(state=RequestState.ACCEPTED)
    return own_requests(own).aggregate(
        agreed=Count("pk", filter=accepted & ~joins),
        received=Count("pk", filter=waits),
        sent=Count("pk", filter=Q(sender=own, state=RequestState.SENT)),
    )


def lines_of(own: Registration, requests: MeetingRequestQuerySet, *, zone: str) -> list[Line]:
    """Return requests as lines, those with a time first and in its order; queries are constant."""
    rows = requests.with_people().prefetch_related(
        Prefetch("meetings", queryset=standing(), to_attr="standing"),
        Prefetch("members", queryset=own.joined_requests.all(), to_attr="own_members"),
        Prefetch("proposals", queryset=open_proposals(), to_attr="open_proposals"),
    )
    reasons = unplaced_of(own, zone=zone)
    lines = [line_of(request, own, reasons) for request in rows]
    return sorted(lines, key=order)


def standing() -> QuerySet[Meeting]:
    """Return meetings that were not cancelled."""
    rows = Meeting.objects.exclude(state=MeetingState.CANCELLED)
    return rows.select_related("place", "slot").order_by("during")


def open_proposals() -> QuerySet[MeetingProposal]:
    """Return proposed times that can still be answered."""
    return MeetingProposal.objects.filter(
        state=ProposalState.OPEN, expires_at__gt=timezone.now()
    ).select_related("slot", "place")


def line_of(request: MeetingRequest, own: Registration, reasons: dict[int, Explained]) -> Line:
    """Return one request as the reader sees it."""
    meetings: list[Meeting] = getattr(request, "standing", [])
    members: list[RequestMember] = getattr(request, "own_members", [])
    proposals: list[MeetingProposal] = getattr(request, "open_proposals", [])
    is_side = own.pk in (request.sender_id, request.recipient_id)
    return Line(
        request=request,
        partner=request.other_side(own) if is_side else request.sender,
        is_sender=request.sender_id == own.pk,
        membership=None if is_side else next(iter(members), None),
        meeting=meetings[0] if meetings else None,
        explained=None if meetings else reasons.get(request.pk),
        proposal=next(iter(proposals), None),
    )


def order(line: Line) -> tuple[bool, bool, datetime, int]:
    """Sort by what waits for the reader, then by time; without a time at the end."""
    if line.meeting is not None:
        return not line.waits_for_me, False, ends_of(line.meeting.during)[0], line.request.pk
    return not line.waits_for_me, True, line.request.created_at, line.request.pk


def own_registration(event: Event, user: User) -> Registration | None:
    """Return somebody's registration at an event with what pages show of it; one query."""
    live = Registration.objects.live().of(user).filter(event=event)
    return live.select_related("event", "profile__user", "profile__organisation").first()
