"""Which grant, trip or report a page is about."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404

from funding.models import Grant, ReportDue, Trip
from funding.permissions import roles_for
from funding.services.grants import grants_visible_to, with_project
from funding.services.reports import reports_visible_to
from funding.services.trips import trips_visible_to
from matching.views.asked import MemberRequest

OF_GRANT = "grant__decision__application__call__programme"


def grant_shown(request: MemberRequest, pk: int, *roles: str) -> Grant:
    """Return a grant that the reader may read, in one of these roles if any is named.

    Raises:
        Http404: there is none, or it is not theirs.
    """
    found: Grant = get_object_or_404(with_project(grants_visible_to(request.user)), pk=pk)
    return in_role(request, found, roles)


def trip_shown(request: MemberRequest, pk: int, *roles: str) -> Trip:
    """Return a trip that the reader makes, hosts or runs; see `grant_shown`."""
    rows = trips_visible_to(request.user).select_related(
        OF_GRANT, "traveller__user", "host__user", "home_organisation", "host_organisation"
    )
    found: Trip = get_object_or_404(rows, pk=pk)
    return in_role(request, found, roles)


def report_shown(request: MemberRequest, pk: int, *roles: str) -> ReportDue:
    """Return a report of a grant that the reader may read; see `grant_shown`."""
    rows = reports_visible_to(request.user).select_related(OF_GRANT)
    found: ReportDue = get_object_or_404(rows.prefetch_related("extensions"), pk=pk)
    return in_role(request, found, roles)


def in_role(request: MemberRequest, noun: Any, roles: tuple[str, ...]) -> Any:
    """Return a noun if the reader has one of these roles towards it, or if none is named.

    Raises:
        Http404: they have not.
    """
    if roles and not roles_for(noun, request.user) & set(roles):
        raise Http404
    return noun
