"""Reporting problems, and the queue of reports."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from konnect.accounts.administration import lacks_second_factor
from konnect.accounts.services.audit import record
from konnect.states import TransitionError
from matching.forms.abuse import AbuseDecisionForm, AbuseReportForm
from matching.models import AbuseReport, AbuseReportState
from matching.permissions.abuse import REPORTABLE, may_handle_reports
from matching.services.abuse_reports import (
    answered_to,
    can_take_down,
    decide_report,
    kind_of,
    open_report,
    owner_of,
    report_thing,
    take_report,
)
from matching.services.profiles import ensure_profile
from matching.views.asked import MemberRequest, asked_number

PAGE_SIZE = 20
UNDECIDED = (AbuseReportState.OPEN, AbuseReportState.IN_REVIEW)
THINGS = (
    "profile__organisation", "profile__user", "listing__profile__user",
    "listing__profile__organisation", "message__author__user", "organisation", "reporter",
)  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def abuse_create(request: MemberRequest, kind: str, pk: int) -> HttpResponse:
    """Ask what is wrong with something, and file the report."""
    if kind not in REPORTABLE:
        raise Http404
    thing = get_object_or_404(REPORTABLE[kind](request.user), pk=pk)
    own = ensure_profile(request.user)
    is_known = open_report(thing, kind=kind, reporter=own).exists()
    form = AbuseReportForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        report_thing(thing, kind=kind, reporter=own, actor=request.user, **form.cleaned_data)
        messages.success(request, _("Thank you. We look into it and tell you what came of it."))
        return redirect("matching:dashboard")
    context = {"form": form, "thing": thing, "kind": kind, "is_known": is_known}
    return render(request, "matching/abuse_form.html", context)


@login_required
@require_GET
def abuse_answer(request: MemberRequest, pk: int) -> HttpResponse:
    """Show what was decided to those whom it concerns."""
    report = get_object_or_404(answered_to(request.user), pk=pk)
    is_own = report.reporter is not None and report.reporter.user_id == request.user.pk
    return render(request, "matching/abuse_answer.html", {"report": report, "is_own": is_own})


def only_handlers(request: MemberRequest) -> None:
    """Hide the queue from everybody else."""
    if not may_handle_reports(request.user) or lacks_second_factor(request):
        raise Http404


@login_required
@require_GET
def abuse_list(request: MemberRequest) -> HttpResponse:
    """Show what waits, the oldest first; decided ones on demand."""
    only_handlers(request)
    is_past = request.GET.get("state") == "decided"
    rows = AbuseReport.objects.select_related(*THINGS)
    rows = rows.exclude(state__in=UNDECIDED) if is_past else rows.filter(state__in=UNDECIDED)
    ordered = rows.order_by("-decided_at", "-pk") if is_past else rows
    page = Paginator(ordered, PAGE_SIZE).get_page(asked_number(request, "page") or 1)
    shown = [(report, kind_of(report)) for report in page.object_list]
    context = {"page": page, "shown": shown, "is_past": is_past}
    return render(request, "matching/abuse_list.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def abuse_detail(request: MemberRequest, pk: int) -> HttpResponse:
    """Show one report with what it is about; take it, or decide."""
    only_handlers(request)
    report = get_object_or_404(reports(), pk=pk)
    form = AbuseDecisionForm(request.POST if "verdict" in request.POST else None)
    if request.method == "POST" and ("take" in request.POST or form.is_valid()):
        return acted(request, report, form)
    owner = owner_of(report)
    if request.method == "GET":
        record(request.user, "report.read", subject=owner.user if owner else None, target=report)
    others = reports().filter(**{kind_of(report): getattr(report, kind_of(report))})
    context = {
        "report": report, "form": form, "kind": kind_of(report), "owner": owner,
        "can_take_down": can_take_down(report), "others": others.exclude(pk=report.pk)[:PAGE_SIZE],
        "is_open": report.state in UNDECIDED,
    }  # fmt: skip
    return render(request, "matching/abuse_detail.html", context)


def reports() -> QuerySet[AbuseReport]:
    """Return all reports with what they are about."""
    return AbuseReport.objects.select_related(*THINGS)


def acted(request: MemberRequest, report: AbuseReport, form: AbuseDecisionForm) -> HttpResponse:
    """Do what the pressed button says, unless somebody else was faster."""
    try:
        if "take" in request.POST:
            take_report(report, actor=request.user)
            messages.success(request, _("You look into this report."))
            return redirect("matching:abuse_detail", pk=report.pk)
        decide_report(
            report,
            actor=request.user,
            is_upheld=form.cleaned_data["verdict"] == "upheld",
            takes_down=form.cleaned_data["takes_down"],
            decision=form.cleaned_data["decision"],
        )
        messages.success(request, _("Decided. Both sides are told."))
    except TransitionError:
        messages.info(request, _("Somebody else has looked at it meanwhile."))
    return redirect("matching:abuse_list")
