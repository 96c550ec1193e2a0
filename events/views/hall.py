"""The screen for the hall."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from events.permissions import may_see_participants
from events.services.hall import board_of
from events.views.asked import event_shown
from matching.views.asked import MemberRequest


@login_required
@require_safe
def hall_screen(request: MemberRequest, pk: int) -> HttpResponse:
    """Show what is on now and next, large enough for a hall; it asks anew by itself."""
    event = event_shown(request, pk)
    if not may_see_participants(event, request.user):
        raise Http404
    context = {"event": event, "board": board_of(event, timezone.now())}
    template = "events/hall_screen.html" + ("#board" if request.htmx else "")
    return render(request, template, context)
