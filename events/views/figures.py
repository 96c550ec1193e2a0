"""An event in numbers, and its tables for spreadsheets, for organisers."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from events.models import HelperRole
from events.services.event_figures import charts_of, key_figures
from events.services.event_tables import TABLES, as_csv, as_workbook
from events.views.asked import event_run
from konnect.accounts.services.audit import record
from matching.views.asked import MemberRequest
from matching.views.statistics import picture
from matching.views.tables import SHEET

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": SHEET,
}


@login_required
@require_GET
def event_figures(request: MemberRequest, pk: int) -> HttpResponse:
    """Show the numbers of an event, each chart with its table."""
    event = event_run(request, pk, HelperRole.ORGANISER)
    context = {
        "event": event,
        "figures": key_figures(event),
        "shown": [(chart, picture(chart)) for chart in charts_of(event)],
        "tables": list(TABLES) if event.has_meetings else [],
    }
    return render(request, "events/event_figures.html", context)


@login_required
@require_GET
def event_table(request: MemberRequest, pk: int, kind: str, ending: str) -> HttpResponse:
    """Hand a table of an event out, and write down who took it."""
    event = event_run(request, pk, HelperRole.ORGANISER)
    if kind not in TABLES or ending not in TYPES:
        raise Http404
    record(request.user, "table.exported", target=event, facts={"kind": kind, "format": ending})
    content = as_csv(event, kind) if ending == "csv" else as_workbook(event, kind)
    response = HttpResponse(content, content_type=TYPES[ending])
    response.headers["Content-Disposition"] = f'attachment; filename="{kind}-{pk}.{ending}"'
    response.headers["Cache-Control"] = "no-store"
    return response
