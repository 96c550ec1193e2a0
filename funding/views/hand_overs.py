"""A programme as one officer hands it over to the next."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from funding.permissions import programmes_run_by
from funding.services.decision_log import Log
from funding.services.hand_overs import as_csv, calls_of, hand_over_of
from konnect.accounts.services.audit import record
from matching.views.asked import MemberRequest

PAGE_SIZE = 50


@login_required
@require_GET
def hand_over(request: MemberRequest, pk: int) -> HttpResponse:
    """Show the calls of a programme, what waits in each, who has a say, and every reason."""
    programme = get_object_or_404(programmes_run_by(request.user), pk=pk)
    found = hand_over_of(programme, request.user)
    wanted = request.GET.get("call", "")
    entries = [each for each in found.entries if wanted in ("", each.call.number)]
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "programme": programme, "found": found, "wanted": wanted, "query": query.urlencode(),
        "page": Paginator(entries, PAGE_SIZE).get_page(request.GET.get("page")),
        "numbers": list(dict.fromkeys(each.call.number for each in found.entries)),
    }  # fmt: skip
    return render(request, "funding/hand_over.html", context)


@login_required
@require_GET
def hand_over_table(request: MemberRequest, pk: int) -> HttpResponse:
    """Hand every reason out as a table, and write down who took it."""
    programme = get_object_or_404(programmes_run_by(request.user), pk=pk)
    entries = Log(calls_of(programme), request.user).entries()
    facts = {"kind": "decision_log", "format": "csv"}
    record(request.user, "table.exported", target=programme, facts=facts)
    headers = {
        "Content-Disposition": f'attachment; filename="decision-log-{programme.code}.csv"',
        "Cache-Control": "no-store",
    }
    return HttpResponse(as_csv(entries), content_type="text/csv; charset=utf-8", headers=headers)
