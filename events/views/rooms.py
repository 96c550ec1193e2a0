"""The door of a meeting's online room."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from events.models import Meeting
from events.permissions import is_of_meeting
from events.services.calendar_entries import people_of
from events.services.rooms import room_of
from matching.views.asked import MemberRequest


@login_required
@require_GET
def meeting_room(request: MemberRequest, pk: int) -> HttpResponse:
    """Show the people of a meeting the way into its room, from ten minutes before on."""
    sides = ("event", "place", "request__sender__profile", "request__recipient__profile")
    meeting = get_object_or_404(Meeting.objects.select_related(*sides), pk=pk)
    if not is_of_meeting(meeting.request, request.user):
        raise Http404
    people = people_of(meeting.seats.values_list("profile_id", flat=True)).values()
    context = {
        "meeting": meeting,
        "event": meeting.event,
        "partners": [person for person in people if person.user_id != request.user.pk],
        "room": room_of(meeting, timezone.now()),
    }
    template = "events/meeting_room.html" + ("#door" if request.htmx else "")
    return render(request, template, context)
