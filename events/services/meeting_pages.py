"""What the page of one meeting shows, and what its reader may do there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from babel.lists import format_list
from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone
from django.utils.translation import get_language, gettext

from events.models import (
    HelperRole,
    LateNotice,
    Meeting,
    MeetingFeedback,
    MeetingProposal,
    MeetingState,
    PlaceKind,
    Registration,
    Seat,
)
from events.permissions import may_run
from events.phases import takes_feedback
from events.services.meeting_lists import open_proposals
from events.services.meeting_proposals import Offer, offers_for
from events.services.meetings import LATE, is_near
from events.services.open_slots import FreeSlot, ends_of, free_slots

if TYPE_CHECKING:
    from konnect.accounts.models import User


@dataclass(frozen=True)
class MeetingPage:
    """One meeting as one of its people, or an organiser, sees it."""

    meeting: Meeting
    # As whom the reader sits there; nobody for organisers.
    own: Registration | None
    is_organiser: bool
    people: Sequence[Seat]
    now: datetime
    feedback: MeetingFeedback | None = None
    proposal: MeetingProposal | None = None
    free: Sequence[FreeSlot] = field(default_factory=list)
    offers: Sequence[Offer] = field(default_factory=list)

    @property
    def others(self) -> list[Seat]:
        """Everybody but the reader."""
        own = self.own.pk if self.own is not None else 0
        return [seat for seat in self.people if seat.registration_id != own]

    @property
    def has_begun(self) -> bool:
        """Whether the time has come."""
        return ends_of(self.meeting.during)[0] <= self.now

    @property
    def is_over(self) -> bool:
        """Whether its time is over."""
        return ends_of(self.meeting.during)[1] <= self.now

    @property
    def is_scheduled(self) -> bool:
        """Whether it stands in the schedule and nobody has said how it went."""
        return self.meeting.state == MeetingState.SCHEDULED

    @property
    def can_cancel(self) -> bool:
        """Whether the reader may cancel it now."""
        is_mine = self.is_organiser or self.is_side
        return self.is_scheduled and not self.is_over and is_mine

    @property
    def is_side(self) -> bool:
        """Whether the reader is one of the two who agreed to meet."""
        request = self.meeting.request
        sides = (request.sender_id, request.recipient_id)
        return self.own is not None and self.own.pk in sides

    @property
    def can_be_late(self) -> bool:
        """Whether the reader may say that they come late: hours before at the earliest."""
        stands = self.is_scheduled and not self.is_over
        return self.own is not None and stands and is_near(self.meeting, self.now)

    @property
    def own_lateness(self) -> LateNotice | None:
        """What the reader said of coming late, while it can be taken back."""
        if self.own is None or not self.is_scheduled or self.is_over:
            return None
        notices = self.meeting.late_notices.all()
        return next((one for one in notices if one.registration_id == self.own.pk), None)

    @property
    def can_miss(self) -> bool:
        """Whether the reader may say that somebody did not come."""
        return self.is_scheduled and self.has_begun

    @property
    def can_say_held(self) -> bool:
        """Whether the reader may say that it took place after all."""
        return self.meeting.state == MeetingState.NO_SHOW

    @property
    def can_give_feedback(self) -> bool:
        """Whether the reader may say how it went."""
        is_open = takes_feedback(self.meeting.event, self.now)
        stands = self.meeting.state != MeetingState.CANCELLED
        return self.own is not None and stands and self.has_begun and is_open

    @property
    def can_change_time(self) -> bool:
        """Whether the reader may propose another time, or set one."""
        is_mine = self.is_organiser or self.is_side
        return self.is_scheduled and not self.has_begun and is_mine

    @property
    def proposed_to_me(self) -> bool:
        """Whether the reader has to answer a proposed time."""
        own = self.own.pk if self.own is not None else 0
        return self.is_side and self.proposal is not None and self.proposal.proposed_by_id != own

    @property
    def is_online(self) -> bool:
        """Whether people meet in an online room."""
        place = self.meeting.place
        return place is None or place.kind == PlaceKind.ONLINE_ROOM

    @property
    def names(self) -> str:
        """The others by name; everybody for an organiser."""
        seats = [seat for seat in self.others if seat.registration is not None]
        return ", ".join(seat.registration.profile.name for seat in seats if seat.registration)

    @property
    def all_names(self) -> str:
        """Everybody by name, as a list in the reader's language."""
        seats = [seat.registration for seat in self.people if seat.registration is not None]
        names = [registration.profile.name for registration in seats]
        return format_list(names, locale=(get_language() or "en").replace("-", "_"))

    @property
    def missed(self) -> str:
        """Those who did not come, by name."""
        gone = [seat.registration for seat in self.people if seat.is_absent]
        return ", ".join(one.profile.name for one in gone if one is not None)

    @property
    def reason(self) -> str:
        """Why it was cancelled; words of the portal's own in the reader's language."""
        return gettext(self.meeting.cancellation_reason)

    @property
    def would_be_late(self) -> bool:
        """Whether a cancellation now would count as late."""
        return ends_of(self.meeting.during)[0] - self.now < LATE

    @property
    def sets_time(self) -> bool:
        """Whether the reader moves it without asking: organisers who do not sit there."""
        return self.is_organiser and not self.is_side

    @property
    def partner(self) -> Registration | None:
        """The other side, or whoever else sits there."""
        return next((seat.registration for seat in self.others if seat.registration), None)

    @property
    def zone(self) -> str:
        """The zone of the partner, where there is one."""
        return self.partner.zone if self.partner is not None else ""


def meetings_of(user: User) -> QuerySet[Meeting]:
    """Return the meetings that somebody sits or sat at."""
    sides = Q(request__sender__profile__user=user) | Q(request__recipient__profile__user=user)
    return Meeting.objects.filter(sides | Q(seats__profile__user=user)).distinct()


def meeting_for(user: User, pk: int) -> MeetingPage | None:
    """Return a meeting that somebody sits at, or whose event they run; None if neither."""
    people = Seat.objects.filter(registration__isnull=False).select_related(
        "registration__profile__user", "registration__profile__organisation"
    )
    late = Prefetch(
        "late_notices", LateNotice.objects.select_related("registration__profile__user")
    )
    rows = Meeting.objects.filter(pk=pk).select_related("event", "slot", "place", "request")
    meeting = rows.prefetch_related(Prefetch("seats", queryset=people), late).first()
    if meeting is None:
        return None
    seats = list(meeting.seats.all())
    own = next(
        (seat.registration for seat in seats if seat.profile_id and is_of(seat, user)), None
    )
    is_organiser = may_run(meeting.event, user, HelperRole.MEETINGS)
    if own is None and not is_organiser:
        return None
    return page_of(meeting, own, is_organiser, seats)


def is_of(seat: Seat, user: User) -> bool:
    """Tell whether a seat is somebody's."""
    return seat.registration is not None and seat.registration.profile.user_id == user.pk


def page_of(
    meeting: Meeting, own: Registration | None, is_organiser: bool, seats: Sequence[Seat]
) -> MeetingPage:
    """Return what stands on the page."""
    if own is not None:
        own.event = meeting.event
    given = MeetingFeedback.objects.filter(meeting=meeting, registration=own).first()
    page = MeetingPage(
        meeting=meeting, own=own, is_organiser=is_organiser, people=seats, now=timezone.now(),
        feedback=given if own else None,
        proposal=open_proposals().filter(request=meeting.request_id).first(),
        offers=offers_for(meeting.slot, own) if own and not meeting.is_live else [],
    )  # fmt: skip
    if not page.can_change_time:
        return page
    free = [
        each
        for each in free_slots(meeting.request, apart_from=meeting)
        if each.slot != meeting.slot
    ]
    return MeetingPage(**{**vars(page), "free": free})
