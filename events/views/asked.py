"""Which event a page is about, and whether this reader may open it."""

from __future__ import annotations

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from events.models import Event, EventState
from events.permissions import may_run


def event_shown(request: HttpRequest, pk: int) -> Event:
    """Return an event that this reader may read; one that they may not read is not there.

    Raises:
        Http404: there is none, or it is a draft of others.
    """
    event = get_object_or_404(Event, pk=pk)
    if event.state in EventState.shown_states or may_run(event, request.user):
        return event
    raise Http404


def event_run(request: HttpRequest, pk: int, *roles: str) -> Event:
    """Return an event that this reader runs in one of these roles, any if none is named.

    Raises:
        Http404: there is none, or the reader has no such role.
    """
    event = get_object_or_404(Event, pk=pk)
    if not may_run(event, request.user, *roles):
        raise Http404
    return event
