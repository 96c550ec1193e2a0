"""Which call a page is about, and whether this reader may open it."""

from __future__ import annotations

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from funding.machines import FUNDER, OFFICER
from funding.models import Call
from funding.permissions import calls_visible_to, roles_for
from funding.phases import with_clock


def call_shown(request: HttpRequest, pk: int) -> Call:
    """Return a call that this reader may read, with the time of the database.

    Raises:
        Http404: there is none, or it is not theirs to read.
    """
    rows = with_clock(calls_visible_to(request.user)).select_related("programme")
    found: Call = get_object_or_404(rows, pk=pk)
    return found


def call_run(request: HttpRequest, pk: int, *roles: str) -> Call:
    """Return a call that this reader runs, as programme officer or for a funder if no role is named.

    Raises:
        Http404: there is none, or the reader has no such role.
    """
    call = call_shown(request, pk)
    if not roles_for(call, request.user) & set(roles or (OFFICER, FUNDER)):
        raise Http404
    return call
