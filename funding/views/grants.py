"""Grants: the list, the page, answering the offer, running it, paying it."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import (
    require_GET,
    require_http_methods,
    require_POST,
    require_safe,
)

from funding.forms.grants import AmendmentForm, PaymentForm
from funding.machines import OFFICER
from funding.services import payments
from funding.services.awards_export import as_360giving
from funding.services.grant_pages import money_of, new_key, page_of
from funding.services.grants import EFFECTS, amend_grant, grants_visible_to, happen, with_project
from funding.services.offers import accept_offer, decline_offer
from funding.services.payments import Paid, record_payment
from funding.services.trips import trips_visible_to
from funding.views.doing import reason_of, tried
from funding.views.grant_asked import grant_shown
from matching.views.asked import MemberRequest, asked_number

PAGE_SIZE = 20
TABLES = {
    "csv": (payments.as_csv, "text/csv; charset=utf-8"),
    "xlsx": (
        payments.as_workbook,
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
}


@login_required
@require_GET
def grant_list(request: MemberRequest) -> HttpResponse:
    """Show the grants and trips with which the reader has to do."""
    rows = with_project(grants_visible_to(request.user))
    if call := asked_number(request, "call"):
        rows = rows.filter(decision__application__call=call)
    trips = trips_visible_to(request.user).filter(is_live=True).exclude(state="paid")
    context = {
        "page": Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page")),
        "query": f"call={call}" if call else "",
        "trips": trips.select_related("traveller", "host", "host_organisation")[:PAGE_SIZE],
    }
    return render(request, "funding/grant_list.html", context)


@login_required
@require_GET
def grant_detail(request: MemberRequest, pk: int) -> HttpResponse:
    """Show one grant: money, trips, reports, what comes next."""
    grant = grant_shown(request, pk)
    return render(request, "funding/grant_detail.html", page_of(grant, request.user))


@login_required
@require_POST
def grant_answer(request: MemberRequest, pk: int) -> HttpResponse:
    """Accept the offer, or decline it."""
    grant = grant_shown(request, pk)
    match request.POST.get("answer"):
        case "accept":
            tried(request, lambda: accept_offer(grant, actor=request.user),
                 _("The offer is accepted: congratulations."))  # fmt: skip
        case "decline":
            tried(request, lambda: decline_offer(
                grant, actor=request.user, reason=reason_of(request)),
                _("The offer is declined."))  # fmt: skip
        case _other:
            raise Http404
    return redirect(grant)


@login_required
@require_POST
def grant_move(request: MemberRequest, pk: int, event: str) -> HttpResponse:
    """Let an event happen to a grant: start, suspend, resume, terminate, complete, close."""
    grant = grant_shown(request, pk)
    if event not in EFFECTS:
        raise Http404
    tried(request, lambda: happen(grant, event, actor=request.user, reason=reason_of(request)))
    return redirect(grant)


@login_required
@require_http_methods(["GET", "POST"])
def grant_amend(request: MemberRequest, pk: int) -> HttpResponse:
    """Change the days or the conditions of a grant."""
    grant = grant_shown(request, pk, OFFICER)
    form = AmendmentForm(request.POST or None, grant=grant)
    if request.method == "POST" and form.is_valid():
        said = _("The amendment is part of the grant.")
        if tried(
            request, lambda: amend_grant(grant, actor=request.user, **form.cleaned_data), said
        ):
            return redirect(grant)
    context = {"grant": grant, "application": grant.decision.application, "form": form}
    return render(request, "funding/grant_amend.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def payment_create(request: MemberRequest, pk: int) -> HttpResponse:
    """Record a payment that was made."""
    grant = grant_shown(request, pk)
    awards = [row.award for row in money_of(grant, request.user) if row.may_pay]
    if not awards:
        raise Http404
    form = PaymentForm(
        request.POST or None, grant=grant, awards=awards, initial={"key": new_key()}
    )
    if request.method == "POST" and form.is_valid():
        names = ("award", "kind", "amount_minor", "paid_on", "key", "trip")
        paid = Paid(**{name: form.cleaned_data[name] for name in names})
        said = _("The payment is recorded.")
        if tried(request, lambda: record_payment(paid, actor=request.user), said):
            return redirect(grant)
    context = {"grant": grant, "application": grant.decision.application, "form": form}
    return render(request, "funding/payment_form.html", context)


@login_required
@require_safe
def payment_export(request: MemberRequest, kind: str) -> HttpResponse:
    """Send the payments that the reader may see as a table."""
    if kind not in TABLES:
        raise Http404
    make, content_type = TABLES[kind]
    headers = {"Content-Disposition": f'attachment; filename="payments.{kind}"'}
    return HttpResponse(make(request.user), content_type=content_type, headers=headers)


@require_safe
def awards_json(request: HttpRequest) -> HttpResponse:
    """Send all awards as open data in the 360Giving standard."""
    return JsonResponse(as_360giving(), json_dumps_params={"ensure_ascii": False})
