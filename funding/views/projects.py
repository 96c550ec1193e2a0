"""What came of calls, for everybody: the funded projects of one or of all, and one of them."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from funding.filters import ProjectFilter
from funding.machines import OFFICER
from funding.models import Funder
from funding.permissions import roles_for
from funding.services.project_tables import as_csv
from funding.services.projects import (
    all_projects,
    places_of,
    projects_of,
    public_projects,
    summary_of,
)
from funding.views.asked import call_shown
from funding.visibility import RELEASED
from matching.models import Area

PAGE_SIZE = 30
FILTERS = ("area", "funder", "told")


@require_safe
def project_index(request: HttpRequest) -> HttpResponse:
    """Show the funded projects of all calls, narrowed down as the reader wants."""
    found = ProjectFilter(request.GET, queryset=all_projects(), request=request).qs
    query = request.GET.copy()
    query.pop("page", None)
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page, "rows": [(grant, places_of(grant)) for grant in page],
        "query": query.urlencode(), "choices": choices_of(),
        "chosen": {name: request.GET.get(name, "") for name in FILTERS},
        "is_narrowed": any(request.GET.get(name) for name in FILTERS),
    }  # fmt: skip
    return render(request, "funding/project_index.html", context)


@require_safe
def project_table(request: HttpRequest) -> HttpResponse:
    """Send the funded projects that were asked for as a table."""
    found = ProjectFilter(request.GET, queryset=all_projects(), request=request).qs
    headers = {"Content-Disposition": 'attachment; filename="projects.csv"'}
    return HttpResponse(as_csv(found), content_type="text/csv; charset=utf-8", headers=headers)


def choices_of() -> dict[str, list[tuple[str, str]]]:
    """Return what can be chosen: areas, and the funders that pay for a project."""
    funders = Funder.objects.filter(awards__grant__in=public_projects()).distinct()
    return {
        "area": [(area.code, str(area)) for area in Area.objects.filter(version=Area.CURRENT_VERSION)],
        "funder": [(funder.code, str(funder)) for funder in funders],
    }  # fmt: skip


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
        "awards": grant.awards.select_related("funder"),
        "is_officer": OFFICER in roles_for(grant, request.user),
    }  # fmt: skip
    return render(request, "funding/project_detail.html", context)
