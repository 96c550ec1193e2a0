"""Money over the list, decisions, their release, and what applicants read of them."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from funding.applying import is_lead
from funding.forms.panels import DecisionForm, ListDecisionForm
from funding.forms.reasons import ReasonForm
from funding.machines import CHAIR
from funding.models import Application, Call
from funding.permissions import roles_for
from funding.services.allocations import asked_of
from funding.services.decision_pages import money_page
from funding.services.decisions import decide_by_list, set_decision
from funding.services.letters import amount_words, result_for
from funding.services.panels import judged_by
from funding.services.rank_inputs import inputs_of
from funding.services.rank_lists import frozen_list
from funding.services.releases import (
    agree_to_release,
    close_decisions,
    places_of,
    reopen_decisions,
)
from funding.views.doing import done, tried
from funding.views.panel_asked import judged_call
from matching.views.asked import MemberRequest

RELEASE_PAGE = "funding:panel_release"


@login_required
@require_http_methods(["GET", "POST"])
def panel_allocation(request: MemberRequest, pk: int) -> HttpResponse:
    """Show who is funded by whom and what blocks whom; take all decisions from the list."""
    call = judged_call(request, pk)
    form = ListDecisionForm(request.POST if request.method == "POST" else None, call=call)
    if request.method == "POST" and form.is_valid() and tried(
        request, lambda: decide_by_list(call, actor=request.user, **form.cleaned_data),
        _("The decisions are taken from the list."),
    ):  # fmt: skip
        return redirect("funding:panel_allocation", pk=pk)
    rank_list = frozen_list(call)
    context = {
        "call": call, "rank_list": rank_list, "form": form,
        "is_chair": CHAIR in roles_for(call, request.user) and call.state == "panel",
        "page": money_page(call, request.user, rank_list) if rank_list else None,
    }  # fmt: skip
    return render(request, "funding/panel_allocation.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def panel_decision(request: MemberRequest, pk: int, application: int) -> HttpResponse:
    """Decide about one application otherwise than the list says."""
    call = judged_call(request, pk)
    if CHAIR not in roles_for(call, request.user) or call.state != "panel":
        raise Http404
    found = get_object_or_404(judged_by(call, request.user), pk=application)
    form = decision_form(call, found, request.POST or None)
    if request.method == "POST" and form.is_valid() and decided(request, found, form):
        return redirect("funding:panel_allocation", pk=pk)
    context = {"call": call, "application": found, "form": form}
    return render(request, "funding/panel_decision.html", context)


def decision_form(call: Call, application: Application, data: Any) -> DecisionForm:
    """Return the form, with the amounts that are given now, or else with what was asked."""
    inputs = inputs_of(call)
    names = {
        each.funder.code: str(each.funder) for each in call.commitments.select_related("funder")
    }
    current = getattr(application, "decision", None)
    rows = current.amounts.select_related("funder") if current else ()
    given = {row.funder.code: row.amount_minor for row in rows}
    return DecisionForm(
        data, call=call, currencies=inputs.currencies, names=names,
        amounts=given or dict(asked_of(application, inputs)),
        initial={"outcome": current.outcome if current else ""},
    )  # fmt: skip


def decided(request: MemberRequest, application: Application, form: DecisionForm) -> bool:
    """Take a decision that was typed; return whether it was taken."""
    data = form.cleaned_data
    return tried(
        request,
        lambda: set_decision(
            application, actor=request.user, outcome=data["outcome"], amounts=form.amounts,
            reason=data["reason"],
        ),
        _("The decision is changed."),
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def panel_release(request: MemberRequest, pk: int) -> HttpResponse:
    """Show whose agreement is missing; agree."""
    call = judged_call(request, pk)
    if request.method == "POST":
        words = _("You have agreed to the release.")
        step = agree_to_release
        return done(request, lambda: step(call, actor=request.user), words, RELEASE_PAGE, pk)
    return release_page(request, call)


def release_page(request: MemberRequest, call: Call, **forms: Any) -> HttpResponse:
    """Return the page on which decisions are closed, taken back and let out."""
    places = places_of(call, request.user)
    undecided = call.applications.filter(
        state__in=("submitted", "eligible", "in_review", "consensus", "ranked")
    )
    context = {
        "call": call, "places": places, "is_chair": CHAIR in roles_for(call, request.user),
        "undecided": undecided.count(), "form": ReasonForm(),
        "may_agree": call.state == "decided"
        and any(each.is_readers and each.release is None for each in places),
        **forms,
    }  # fmt: skip
    return render(request, "funding/panel_release.html", context)


@login_required
@require_POST
def panel_close(request: MemberRequest, pk: int) -> HttpResponse:
    """Close the decisions."""
    call = judged_call(request, pk)
    words = _("The decisions are closed. Now everybody has to agree to their release.")
    return done(
        request, lambda: close_decisions(call, actor=request.user), words, RELEASE_PAGE, pk
    )


@login_required
@require_POST
def panel_reopen(request: MemberRequest, pk: int) -> HttpResponse:
    """Take the decisions back to the panel."""
    call, form = judged_call(request, pk), ReasonForm(request.POST)
    if form.is_valid() and tried(
        request, lambda: reopen_decisions(call, actor=request.user, **form.cleaned_data),
        _("The panel can decide anew."),
    ):  # fmt: skip
        return redirect("funding:panel_release", pk=pk)
    return release_page(request, call, form=form)


@login_required
@require_GET
def application_result(request: MemberRequest, pk: int) -> HttpResponse:
    """Show applicants the decision, from its release on."""
    rows = Application.objects.select_related("call__programme", "lead")
    application = get_object_or_404(rows, pk=pk)
    result = result_for(application, request.user)
    if result is None:
        raise Http404
    amounts = [(each.funder, amount_words(each)) for each in result.amounts]
    context = {"application": application, "call": application.call, "result": result,
               "amounts": amounts, "is_lead": is_lead(application, request.user)}  # fmt: skip
    return render(request, "funding/application_result.html", context)
