"""What came of a call, for everybody: its funded projects, and one of them."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from funding.machines import OFFICER
from funding.permissions import roles_for
from funding.services.projects import (
    places_of,
    projects_of,
    public_projects,
    summary_of,
)
from funding.views.asked import call_shown
from funding.visibility import RELEASED

PAGE_SIZE = 30


@require_safe
def project_list(request: HttpRequest, pk: int) -> HttpResponse:
    """Show which projects of a call are funded, and which of them say what came of them."""
    call = call_shown(request, pk)
    if call.state not in RELEASED:
        raise Http404
    page = Paginator(projects_of(call), PAGE_SIZE).get_page(request.GET.get("page"))
    rows = [(grant, places_of(grant)) for grant in page]
    context = {"call": call, "page": page, "rows": rows}
    return render(request, "funding/project_list.html", context)


@require_safe
def project_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a funded project: title, places, days, and what came of it."""
    grant = get_object_or_404(public_projects(), pk=pk)
    application = grant.decision.application
    context = {
        "grant": grant, "application": application, "call": application.call,
        "places": places_of(grant), "summary": summary_of(grant),
        "is_officer": OFFICER in roles_for(grant, request.user),
    }  # fmt: skip
    return render(request, "funding/project_detail.html", context)
