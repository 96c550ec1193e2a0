"""One's own agenda, at one event and over all of them."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from events.models import Event
from events.services.agendas import agenda_at, agenda_over_all
from events.services.meeting_lists import own_registration
from events.views.asked import event_shown
from matching.views.asked import MemberRequest

DAY = timedelta(days=1)


@login_required
@require_GET
def my_agenda(request: MemberRequest, pk: int) -> HttpResponse:
    """Show one's own meetings and duties among the sessions of an event."""
    event = event_shown(request, pk)
    own = own_registration(event, request.user)
    if own is None or own.state != "confirmed":
        raise Http404
    zone = timezone.get_current_timezone_name()
    days = agenda_at(event, request.user, zone=zone)
    meetings = sum(line.entry.meeting is not None for day in days for line in day.lines)
    context = {"event": event, "own": own, "days": days, "zone": zone, "meetings": meetings}
    return render(request, "events/my_agenda.html", context)


@login_required
@require_GET
def agenda_list(request: MemberRequest) -> HttpResponse:
    """Show one's meetings and duties over all events, from today or from the beginning."""
    now = timezone.now()
    is_whole = request.GET.get("past") == "1"
    since = now - (10_000 * DAY if is_whole else DAY)
    zone = timezone.get_current_timezone_name()
    coming = Event.objects.coming().filter(
        registrations__profile__user=request.user, registrations__state="confirmed"
    )
    context = {
        "days": agenda_over_all(request.user, zone=zone, since=since),
        "events": coming[:20], "is_whole": is_whole, "zone": zone,
    }  # fmt: skip
    return render(request, "events/agenda_list.html", context)
