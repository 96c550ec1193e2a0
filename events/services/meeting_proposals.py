"""One side proposes a time for an agreed meeting, the other one agrees: then it is so.

The same for another time of a meeting, for a wish that a schedule did not place, and for a time
that a cancellation or somebody's absence has freed. A proposal holds nothing: when it is agreed
to, all is looked at again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Prefetch, Q
from django.utils import timezone

from events.asking import NO_SCHEDULE, NOT_AGREED, TAKEN
from events.models import (
    Availability,
    EventMode,
    Meeting,
    MeetingProposal,
    MeetingRequest,
    MeetingState,
    Place,
    ProposalState,
    Registration,
    RequestMember,
    RequestState,
    Seat,
    Slot,
)
from events.services.meeting_notices import notify_of_proposal, notify_of_refused_time
from events.services.meeting_times import (
    SlotTakenError,
    lock_people,
    move_meeting,
    over_limit,
    place_request,
)
from events.services.open_slots import MODES, Grounds, ends_of, free_slots, people_of
from konnect.states import TransitionError
from matching.permissions.contacts import RefusedError

if TYPE_CHECKING:
    from konnect.accounts.models import User

BATCH = 500


@transaction.atomic
def propose_time(
    request: MeetingRequest, *, slot: Slot, by: Registration, actor: User | None
) -> MeetingProposal:
    """Propose when to meet; an older proposal of the two ends.

    Raises:
        SlotTakenError: somebody is taken then.
        RefusedError: the two have not agreed to meet, no schedule is published, or the other one
            proposed something just now.
    """
    if request.state != RequestState.ACCEPTED:
        raise RefusedError([NOT_AGREED])
    people = people_of(request)
    meeting = live_meeting(request)
    if meeting is None and not request.event.schedule_version:
        # Who books first would take from a schedule what it could give to others.
        raise RefusedError([NO_SCHEDULE])
    free = free_slots(request, people=people, slots=[slot], apart_from=meeting)
    if not free:
        raise SlotTakenError(free_slots(request, people=people, apart_from=meeting))
    end_older_proposals(request, actor=actor)
    proposal = create_proposal(request, free[0].slot, free[0].place, by)
    notify_of_proposal(proposal, answerers(proposal, people))
    return proposal


def end_older_proposals(request: MeetingRequest, *, actor: User | None) -> None:
    """Take back what stood before; the other side may answer it at the same moment.

    Raises:
        RefusedError: they did.
    """
    try:
        for older in request.proposals.filter(state=ProposalState.OPEN):
            older.move_to(ProposalState.WITHDRAWN, actor=actor)
    except TransitionError as error:
        raise RefusedError([TAKEN]) from error


def create_proposal(
    request: MeetingRequest, slot: Slot, place: Place, by: Registration
) -> MeetingProposal:
    """Write the row; the constraint decides between two sides that propose at once."""
    try:
        with transaction.atomic():
            return MeetingProposal.objects.create(
                request=request, slot=slot, place=place, proposed_by=by,
                expires_at=ends_of(slot.during)[1],
            )  # fmt: skip
    except IntegrityError as error:
        raise RefusedError([TAKEN]) from error


def live_meeting(request: MeetingRequest) -> Meeting | None:
    """Return the meeting of a request that stands in the schedule."""
    live = request.meetings.filter(is_live=True, state=MeetingState.SCHEDULED)
    return live.select_related("slot", "place", "request", "event").first()


def answerers(proposal: MeetingProposal, people: Sequence[Registration]) -> list[Registration]:
    """Return whose yes counts: the other side of whoever proposed."""
    request = proposal.request
    sides = (request.sender_id, request.recipient_id)
    return [one for one in people if one.pk in sides and one.pk != proposal.proposed_by_id]


@transaction.atomic
def agree_to_proposal(proposal: MeetingProposal, *, actor: User | None) -> Meeting:
    """Agree to a time: the meeting gets it, or is moved there.

    Raises:
        SlotTakenError: somebody is taken then by now; `free` says when it could be.
        RefusedError: the meeting cannot be any more.
        TransitionError: the proposal was answered or has run out.
    """
    people = lock_people(proposal.request)
    if proposal.expires_at <= timezone.now():
        raise TransitionError("overdue")
    meeting = live_meeting(proposal.request)
    place = place_for(proposal, people, meeting)
    proposal.move_to(ProposalState.AGREED, actor=actor)
    if meeting is None:
        return place_request(proposal.request, slot=proposal.slot, place=place, actor=actor)
    return move_meeting(meeting, slot=proposal.slot, place=place, actor=actor)


def place_for(
    proposal: MeetingProposal, people: Sequence[Registration], meeting: Meeting | None
) -> Place:
    """Return a place that is free at the proposed time: the one that was proposed if it still is.

    Raises:
        SlotTakenError: there is none, or somebody is taken.
    """
    request = proposal.request
    free = free_slots(request, people=people, slots=[proposal.slot], apart_from=meeting)
    if not free:
        raise SlotTakenError(free_slots(request, people=people, apart_from=meeting))
    return free[0].place


@transaction.atomic
def decline_proposal(proposal: MeetingProposal, *, actor: User | None) -> None:
    """Say that a time does not suit.

    Raises:
        TransitionError: it was answered meanwhile.
    """
    proposal.move_to(ProposalState.DECLINED, actor=actor)
    notify_of_refused_time(proposal)


@transaction.atomic
def withdraw_proposal(proposal: MeetingProposal, *, actor: User | None) -> None:
    """Take a proposed time back.

    Raises:
        TransitionError: it was answered meanwhile.
    """
    proposal.move_to(ProposalState.WITHDRAWN, actor=actor)


@transaction.atomic
def expire_proposals() -> int:
    """End proposals whose time has begun; return how many."""
    overdue = MeetingProposal.objects.filter(
        state=ProposalState.OPEN, expires_at__lte=timezone.now()
    )
    rows = list(overdue.select_for_update(skip_locked=True, of=("self",)).order_by("pk")[:BATCH])
    for proposal in rows:
        proposal.move_to(ProposalState.EXPIRED, actor=None)
    return len(rows)


@dataclass(frozen=True)
class Offer:
    """An agreed request that could be held in a slot that has become free."""

    request: MeetingRequest
    partner: Registration
    place: Place


def offers_for(slot: Slot, own: Registration) -> list[Offer]:
    """Return whom somebody could meet in a slot instead: agreed wishes whose people are all free.

    Nothing while the person has another meeting then, or all that they wanted. A constant number
    of queries, however many wishes wait.
    """
    now = timezone.now()
    if ends_of(slot.during)[1] <= now or over_limit(own.event, [own]):
        return []
    requests = waiting_wishes(own)
    sitting = {request.pk: sitters(request) for request in requests}
    everybody = {one.pk: one for people in sitting.values() for one in people} | {own.pk: own}
    free = those_free(slot, list(everybody.values()))
    grounds = Grounds.of(own.event, [slot], None)
    found = []
    for request in requests:
        people = sitting[request.pk]
        modes = MODES[EventMode(request.mode)] & MODES[EventMode(own.event.mode)]
        for one in people:
            modes &= free.get(one.pk, 0)
        place = grounds.place_at(slot, modes, [one.pk for one in people])
        is_forbidden = slot in request.forbidden_slots.all()
        if place is not None and not is_forbidden:
            found.append(Offer(request, request.other_side(own), place))
    return found


def waiting_wishes(own: Registration) -> list[MeetingRequest]:
    """Return somebody's agreed requests that have had no meeting, the strongest wishes first."""
    had = Meeting.objects.filter(request=OuterRef("pk")).exclude(state=MeetingState.CANCELLED)
    agreed = MeetingRequest.objects.filter(
        Q(sender=own) | Q(recipient=own), state=RequestState.ACCEPTED
    )
    joined = RequestMember.objects.filter(agreed_at__isnull=False)
    joined = joined.select_related("registration__profile__user")
    rows = agreed.not_blocked().exclude(Exists(had)).with_people().prefetch_related(
        "forbidden_slots", Prefetch("members", queryset=joined, to_attr="joined")
    )  # fmt: skip
    return list(rows.order_by("-strength", "-answer_strength", "-score", "pk"))


def sitters(request: MeetingRequest) -> list[Registration]:
    """Return who would sit at a meeting, from what `waiting_wishes` has read."""
    members: list[RequestMember] = getattr(request, "joined", [])
    return [request.sender, request.recipient, *(member.registration for member in members)]


def those_free(slot: Slot, people: Sequence[Registration]) -> dict[int, int]:
    """Return in which ways each of some people can meet in a slot; those who cannot are left out."""
    taken = set(
        Seat.objects.filter(
            profile__in=[one.profile_id for one in people], is_live=True,
            during__overlap=slot.during,
        ).values_list("profile_id", flat=True)
    )  # fmt: skip
    said = dict(
        Availability.objects.filter(slot=slot, registration__in=people).values_list(
            "registration_id", "modes"
        )
    )
    found: dict[int, int] = defaultdict(int)
    for one in people:
        if one.profile_id not in taken and one.state == "confirmed":
            found[one.pk] = said.get(one.pk, MODES[EventMode(one.mode)])
    return found


def freed_slots(own: Registration) -> list[Slot]:
    """Return slots to come that a cancelled or missed meeting of somebody's has freed."""
    gone = Meeting.objects.filter(
        seats__registration=own, is_live=False, during__endswith__gt=timezone.now()
    )
    return list(Slot.objects.filter(pk__in=gone.values("slot_id")).order_by("during"))
