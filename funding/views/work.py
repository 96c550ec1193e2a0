"""My work: what waits for the reader, whatever they are."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from funding.permissions import calls_run_by
from funding.services.call_saving import may_create_calls
from funding.services.waiting import waiting_for
from matching.views.asked import MemberRequest


@login_required
@require_GET
def my_work(request: MemberRequest) -> HttpResponse:
    """Show what waits, the most urgent first, and where the reader's own things are."""
    context = {
        "waiting": waiting_for(request.user),
        "runs_some": calls_run_by(request.user).exists(),
        "may_create": may_create_calls(request.user),
    }
    return render(request, "funding/my_work.html", context)
