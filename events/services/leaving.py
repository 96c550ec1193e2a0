"""What somebody who no longer takes part leaves behind: meetings, and requests for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils.translation import gettext_noop

from events.models import Meeting, MeetingRequest, MeetingState, RequestMember
from events.services.meetings import cancel_meeting
from events.services.parting import end_all, free_seat

if TYPE_CHECKING:
    from events.models import Registration
    from konnect.accounts.models import User

# Stored as it stands here; pages and mails translate it.
NO_LONGER_COMES = gettext_noop("The other person no longer takes part in the event.")


def leave_meetings(registration: Registration, *, actor: User | None) -> None:
    """Cancel the meetings of a participant, whose partners are told, and end all their requests."""
    for meeting in meetings_of(registration):
        cancel_meeting(meeting, actor=actor, reason=NO_LONGER_COMES)
    # Meetings of others, who meet all the same.
    for member in RequestMember.objects.filter(registration=registration):
        free_seat(member)
        member.delete()
    end_all(MeetingRequest.objects.filter(Q(sender=registration) | Q(recipient=registration)))


def meetings_of(registration: Registration) -> list[Meeting]:
    """Return the meetings to come that end when this person leaves: those of their own requests."""
    sides = Q(request__sender=registration) | Q(request__recipient=registration)
    rows = Meeting.objects.filter(sides, is_live=True, state=MeetingState.SCHEDULED)
    return list(rows.select_related("event", "request", "slot", "place").order_by("pk"))
