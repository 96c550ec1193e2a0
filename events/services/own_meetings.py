"""What events hold of somebody's requests, meetings and feedback, for the copy of their data.

Names of others stand as the person sees them on the pages.
"""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from events.models import (
    CalendarFeed,
    LateNotice,
    Meeting,
    MeetingFeedback,
    MeetingProposal,
    MeetingRequest,
    RequestMember,
    SentInvitation,
)
from konnect.accounts.models import User
from konnect.accounts.rights import Row, columns_of, exempt_from_export, register_export, table

# Of others, or of the portal alone.
HIDDEN_OF_REQUESTS = ("added_by_id", "score")
HIDDEN_OF_MEETINGS = ("cancelled_by_id", "room_key", "run_id")


def register_own_meetings() -> None:
    """Make requests, meetings and feedback a part of the copy."""
    for name, label, rows, models in PARTS:
        register_export(name, label, rows, models=[f"events.{model}" for model in models])
    exempt_from_export(
        {
            "events.OrganisationSide": "stands in the exported request, as sides",
            "events.Seat": "the time of an exported meeting or session",
        }
    )


def meeting_requests(user: User) -> list[Row]:
    """Return requests that the person sent or received, with the name of the other one."""
    own = Q(sender__profile__user=user) | Q(recipient__profile__user=user)
    rows = MeetingRequest.objects.filter(own).with_people().prefetch_related("sides__organisation")
    return [request_row(request, user) for request in rows.order_by("pk")]


def request_row(request: MeetingRequest, user: User) -> Row:
    """Return one request as the person sees it: the strength of the other one is theirs."""
    is_sender = request.sender.profile.user_id == user.pk
    partner = request.recipient if is_sender else request.sender
    others = "answer_strength" if is_sender else "strength"
    return columns_of(request, leave_out=(*HIDDEN_OF_REQUESTS, others)) | {
        "event": request.event.title,
        "direction": "sent" if is_sender else "received",
        "partner": str(partner.profile),
        "sides": [str(side.organisation) for side in request.sides.all()],
    }


def memberships(user: User) -> list[Row]:
    """Return meetings of others that the person was asked to join."""
    return table(RequestMember.objects.filter(registration__profile__user=user))


def proposals(user: User) -> list[Row]:
    """Return the times that the person proposed."""
    return table(MeetingProposal.objects.filter(proposed_by__profile__user=user))


def meetings(user: User) -> list[Row]:
    """Return meetings that the person sits at: when, where, and what became of them."""
    rows = Meeting.objects.filter(seats__profile__user=user).select_related("event", "place")
    return [
        columns_of(meeting, leave_out=(*HIDDEN_OF_MEETINGS, "during"))
        | {
            "event": meeting.event.title,
            "place": str(meeting.place or ""),
            "starts_at": meeting.during.lower,
            "ends_at": meeting.during.upper,
        }
        for meeting in rows.order_by("pk")
    ]


def feedback(user: User) -> list[Row]:
    """Return what the person said of meetings."""
    return table(MeetingFeedback.objects.filter(registration__profile__user=user))


def late_notices(user: User) -> list[Row]:
    """Return when the person said that they come late."""
    return table(LateNotice.objects.filter(registration__profile__user=user))


def invitations(user: User) -> list[Row]:
    """Return which invitations went to the person's calendar."""
    return table(SentInvitation.objects.filter(profile__user=user))


def feeds(user: User) -> list[Row]:
    """Return the addresses at which calendars read the person's meetings, without their secrets."""
    return table(CalendarFeed.objects.filter(user=user), leave_out=["token"])


PARTS = (
    ("meeting_requests", _("Meeting requests"), meeting_requests, ("MeetingRequest",)),
    ("joined_meetings", _("Meetings that colleagues took me along to"), memberships, ("RequestMember",)),
    ("proposed_times", _("Times that I proposed for meetings"), proposals, ("MeetingProposal",)),
    ("meetings", _("Meetings"), meetings, ("Meeting",)),
    ("meeting_feedback", _("Feedback on meetings"), feedback, ("MeetingFeedback",)),
    ("late_notices", _("Notices that I come late"), late_notices, ("LateNotice",)),
    ("calendar_invitations", _("Invitations to my calendar"), invitations, ("SentInvitation",)),
    ("calendar_feeds", _("Private addresses for my calendar"), feeds, ("CalendarFeed",)),
)  # fmt: skip
