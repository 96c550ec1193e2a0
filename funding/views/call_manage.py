"""The control room of a call: where it stands, what waits for whom, and what can be done."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from funding.forms.call_forms import STEPS, AmendmentForm, LateTokenForm, OutageForm
from funding.machines import CALL, OFFICER
from funding.models import Call, LateToken
from funding.permissions import roles_for
from funding.phases import clock_of, phase_of
from funding.services.amendments import amend_call
from funding.services.approvals import approve_call, may_approve, places_of
from funding.services.call_events import happen
from funding.services.call_readiness import problems_of
from funding.services.control_room import ELSEWHERE, figures_of, offers_for
from funding.services.full_calls import full_call_of, prepare_full_call
from funding.services.late_tokens import approve_late_token, grant_late_token
from funding.services.outages import extend_for_outage
from funding.views.asked import call_run, call_shown
from funding.views.doing import done, reason_of, tried
from matching.views.asked import MemberRequest

CHANGES_SHOWN = 20
# Of the other parts of funding, in the order of their work.
CARDS = ("applications", "reviews", "panel", "grants")
PAGE = "funding:call_manage"
EVENTS = {move.event for move in CALL} - set(ELSEWHERE)


@login_required
@require_GET
def call_manage(request: MemberRequest, pk: int) -> HttpResponse:
    """Show those who run a call where it stands and what can be done."""
    call = call_run(request, pk)
    problems = problems_of(call)
    context = {
        "call": call, "phase": phase_of(call), "now": clock_of(call),
        "roles": roles_for(call, request.user), "is_officer": is_officer(call, request),
        "problems": problems, "steps": STEPS,
        "is_ready": not any(problem.is_blocker for problem in problems),
        "places": places_of(call), "may_approve": may_approve(call, request.user),
        "offers": offers_for(call, request.user), "figures": figures_of(call),
        "changes": call.changes.select_related("actor").order_by("-changed_at", "-pk")[:CHANGES_SHOWN],
        "cards": [f"funding/manage_{name}.html" for name in CARDS],
        "full_call": full_call_of(call),
    }  # fmt: skip
    return render(request, "funding/call_manage.html", context)


def is_officer(call: Call, request: MemberRequest) -> bool:
    """Tell whether the reader is the programme officer of a call."""
    return OFFICER in roles_for(call, request.user)


@login_required
@require_POST
def call_approve(request: MemberRequest, pk: int) -> HttpResponse:
    """Say yes to a call, for the programme or for a funder."""
    call = call_run(request, pk)
    return done(request, lambda: approve_call(call, actor=request.user), "", PAGE, pk)


@login_required
@require_POST
def call_follow(request: MemberRequest, pk: int) -> HttpResponse:
    """Begin the call for full applications that follows one for outlines, or go to it."""
    call = call_run(request, pk, OFFICER)
    made: list[Call] = []
    words = _(
        "The call for full applications is prepared: set its dates, then send it for approval."
    )
    if tried(request, lambda: made.append(prepare_full_call(call, actor=request.user)), words):
        return redirect("funding:call_step", made[0].pk, "basics")
    return redirect(PAGE, pk)


@login_required
@require_POST
def call_move(request: MemberRequest, pk: int, event: str) -> HttpResponse:
    """Let an event of the table happen to a call; whoever may not do it finds nothing here."""
    call = call_shown(request, pk)
    if event not in EVENTS:
        raise Http404
    return done(request, lambda: happen(
        call, event, actor=request.user, reason=reason_of(request)), "", PAGE, pk)  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def call_amend(request: MemberRequest, pk: int) -> HttpResponse:
    """Publish an amendment of an approved call."""
    call = call_run(request, pk, OFFICER)
    form = AmendmentForm(request.POST or None, call=call)
    if request.method == "POST" and form.is_valid():
        texts = {name: form.cleaned_data[name] for name in ("text_en", "text_ko")}
        columns = form.columns()
        if tried(request, lambda: amend_call(
            call, actor=request.user, columns=columns, **texts)):  # fmt: skip
            return redirect(PAGE, pk)
    return render(request, "funding/call_amend.html", {"call": call, "form": form})


@login_required
@require_http_methods(["GET", "POST"])
def call_outage(request: MemberRequest, pk: int) -> HttpResponse:
    """Record that the portal could not be reached, so that the call closes later for everybody."""
    call = call_run(request, pk, OFFICER)
    form = OutageForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        facts = form.cleaned_data
        if tried(request, lambda: extend_for_outage(call, actor=request.user, **facts)):
            return redirect(PAGE, pk)
    return render(request, "funding/call_outage.html", {"call": call, "form": form})


@login_required
@require_http_methods(["GET", "POST"])
def call_late(request: MemberRequest, pk: int) -> HttpResponse:
    """Show leaves to submit late, and give one."""
    call = call_run(request, pk)
    officer = is_officer(call, request)
    if request.method == "POST" and not officer:
        raise Http404
    form = LateTokenForm(request.POST or None, call=call, now=clock_of(call))
    if request.method == "POST" and form.is_valid():
        facts = form.cleaned_data
        if tried(request, lambda: grant_late_token(call, actor=request.user, **facts)):
            return redirect("funding:call_late", pk)
    tokens = call.late_tokens.select_related("application__lead", "granted_by", "approved_by")
    context = {"call": call, "form": form if officer else None, "tokens": tokens}
    return render(request, "funding/call_late.html", context)


@login_required
@require_POST
def late_approve(request: MemberRequest, pk: int, token: int) -> HttpResponse:
    """Agree to a late submission as the second officer."""
    call = call_run(request, pk)
    found = get_object_or_404(LateToken.objects.select_related("call"), call=call, pk=token)
    return done(request, lambda: approve_late_token(found, actor=request.user), "",
                "funding:call_late", pk)  # fmt: skip
