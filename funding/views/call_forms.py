"""Writing a call step by step."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from funding.forms.call_forms import BY_SLUG, STEPS
from funding.forms.call_steps import CallStepForm
from funding.machines import OFFICER
from funding.models import Call
from funding.phases import with_clock
from funding.refusing import RefusedError
from funding.services.call_readiness import problems_of
from funding.services.call_saving import may_create_calls, version_of
from funding.views.asked import call_run
from matching.services.profiles import EditConflict
from matching.views.asked import MemberRequest


@login_required
@require_http_methods(["GET", "POST"])
def call_create(request: MemberRequest) -> HttpResponse:
    """Begin a call with its name and dates."""
    if not may_create_calls(request.user):
        raise Http404
    zone = str(timezone.get_current_timezone())
    return step_view(request, Call(zone=zone), STEPS[0].slug)


@login_required
@require_http_methods(["GET", "POST"])
def call_edit(request: MemberRequest, pk: int, step: str = STEPS[0].slug) -> HttpResponse:
    """Show one step of a call that one runs, or take what was typed into it."""
    call = call_run(request, pk, OFFICER)
    if step not in BY_SLUG:
        raise Http404
    return step_view(request, call, step)


def step_view(request: MemberRequest, call: Call, slug: str) -> HttpResponse:
    """Show a step, or save it and go on; what is refused is shown again as it was typed."""
    make, version = BY_SLUG[slug].form, version_of(call)
    if request.method != "POST":
        return step_response(request, call, slug, make(call=call, actor=request.user), version)
    form = make(request.POST, call=call, actor=request.user)
    sent = request.POST.get("version", version)
    if not form.is_valid():
        return step_response(request, call, slug, form, sent)
    try:
        saved = form.keep(sent)
    except EditConflict:
        stored = version_of(Call.objects.get(pk=call.pk))
        return step_response(request, call, slug, form, stored, has_conflict=True)
    except RefusedError as refusal:
        return step_response(request, call, slug, form, version, refusals=refusal.blockers)
    return after_step(request, saved, slug)


def after_step(request: MemberRequest, call: Call, slug: str) -> HttpResponse:
    """Go where the pressed button leads."""
    action = request.POST.get("action")
    following = STEPS[STEPS.index(BY_SLUG[slug]) + 1 :]
    if action == "more":
        return redirect("funding:call_step", pk=call.pk, step=slug)
    if action == "later" or not following:
        messages.success(request, _("The call is saved."))
        return redirect("funding:call_manage", pk=call.pk)
    return redirect("funding:call_step", pk=call.pk, step=following[0].slug)


def step_response(
    request: MemberRequest, call: Call, slug: str, form: CallStepForm, version: str, **told: Any
) -> HttpResponse:
    """Show one step with what the checks say of the call as it is stored."""
    stored = with_clock(Call.objects.filter(pk=call.pk)).first() if call.pk else None
    number = STEPS.index(BY_SLUG[slug])
    context = {
        "call": stored or call, "form": form, "step": BY_SLUG[slug], "version": version,
        "steps": STEPS if call.pk else STEPS[:1], "number": number + 1, "total": len(STEPS),
        "problems": problems_of(stored) if stored else [],
        "previous": STEPS[number - 1] if number else None,
        **told,
    }  # fmt: skip
    return render(request, "funding/call_form.html", context)
