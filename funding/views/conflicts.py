"""Conflicts of interest of a call: the list, verdicts, checking a name.

For its programme officers: those of funders do not know who reviews.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from funding.forms.experts import NameForm
from funding.machines import OFFICER
from funding.models import Conflict
from funding.services.conflict_checks import evidence_of, found_by_name, listed
from funding.services.conflicts import (
    call_it_false,
    propose_override,
    refresh_conflicts,
    second_override,
    take_back,
)
from funding.views.asked import call_run
from funding.views.doing import query_of, reason_of, tried
from matching.views.asked import MemberRequest

PAGE_SIZE = 50
Decision = Callable[..., None]
DECISIONS: dict[str, Decision] = {
    "false": call_it_false, "override": propose_override, "stand": take_back,
}  # fmt: skip


@login_required
@require_GET
def conflict_list(request: MemberRequest, pk: int) -> HttpResponse:
    """Show what was found and declared, and check a name that is not asked yet."""
    call = call_run(request, pk, OFFICER)
    rows = listed(call, request.GET.get("show", ""))
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    form = NameForm(request.GET)
    name = form.cleaned_data["name"] if form.is_valid() else ""
    context: dict[str, Any] = {
        "call": call, "page": page, "name": name, "show": request.GET.get("show", ""),
        "query": query_of(request.GET, "show", "name"),
        "rows": [
            {"conflict": row, "evidence": evidence}
            for row, evidence in zip(page, evidence_of(page), strict=True)
        ],
        "checked": found_by_name(call, name) if name else None,
    }  # fmt: skip
    return render(request, "funding/conflict_list.html", context)


@login_required
@require_POST
def conflict_refresh(request: MemberRequest, pk: int) -> HttpResponse:
    """Look for conflicts anew."""
    call = call_run(request, pk, OFFICER)
    count = refresh_conflicts(call)
    words = ngettext(
        "%(count)d new conflict was found.", "%(count)d new conflicts were found.", count
    )
    messages.success(request, words % {"count": count})
    return redirect("funding:conflict_list", pk=pk)


@login_required
@require_POST
def conflict_decide(request: MemberRequest, pk: int, number: int, verdict: str) -> HttpResponse:
    """Keep an officer's verdict about one conflict."""
    call = call_run(request, pk, OFFICER)
    conflict = get_object_or_404(Conflict, pk=number, application__call=call)
    if verdict not in (*DECISIONS, "second"):
        raise Http404
    said = _("Your verdict is kept, with your name and the reason.")
    tried(request, lambda: decide(request, conflict, verdict), said)
    return redirect("funding:conflict_list", pk=pk)


def decide(request: MemberRequest, conflict: Conflict, verdict: str) -> None:
    """Keep one verdict."""
    if verdict == "second":
        second_override(conflict, actor=request.user)
    else:
        DECISIONS[verdict](conflict, actor=request.user, reason=reason_of(request))
