"""Who reviews what in a call: runs, their worth, what to give up, pins by hand, applying."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import IntegrityError
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from funding.forms.experts import AnswerTimeForm, PinForm, RunForm
from funding.machines import OFFICER
from funding.models import AssignmentRun, Call, ReviewAssignment
from funding.services.assignment_reports import report_of, size_of, table_of
from funding.services.assignment_runs import (
    apply_run,
    discard_run,
    latest_runs,
    pin,
    queue_run,
    unpin,
)
from funding.services.reviewing import ASKED, end_review, invite_reviewers
from funding.views.asked import call_run
from funding.views.doing import reason_of, tried
from matching.views.asked import MemberRequest

PAGE = "funding:assignment_detail"
STEPS: dict[str, tuple[Callable[..., object], str | Promise]] = {
    "apply": (apply_run, gettext_lazy("The assignment is applied. Nobody is asked yet.")),
    "discard": (discard_run, gettext_lazy("The run is put away.")),
}


@login_required
@require_http_methods(["GET", "POST"])
def assignment_detail(request: MemberRequest, pk: int) -> HttpResponse:
    """Show who reviews what, the runs so far, and begin another one."""
    call = call_run(request, pk, OFFICER)
    form = RunForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        run = queue_run(call, actor=request.user, **form.cleaned_data)
        if run is not None:
            return redirect("funding:assignment_run", pk=pk, number=run.pk)
        messages.warning(request, _("An assignment of this call is being computed already."))
        return redirect(PAGE, pk)
    return page_of(request, call, form=form)


def page_of(request: MemberRequest, call: Call, **forms: Form) -> HttpResponse:
    """Show the page with what was just refused on it, or with nothing typed yet."""
    context = {
        "call": call, "runs": latest_runs(call), "size": size_of(call), "table": table_of(call),
        "can_end": ASKED, "form": RunForm(), "pin_form": PinForm(call=call), "ask_form": AnswerTimeForm(), **forms,
    }  # fmt: skip
    return render(request, "funding/assignment_detail.html", context)


@login_required
@require_GET
def assignment_run(request: MemberRequest, pk: int, number: int) -> HttpResponse:
    """Show how far a run is, then how good it is or what stands in its way."""
    call = call_run(request, pk, OFFICER)
    run = get_object_or_404(AssignmentRun.objects.defer("inputs"), call=call, pk=number)
    context = {"call": call, "run": run, "report": report_of(run)}
    return render(request, "funding/assignment_run.html", context)


@login_required
@require_POST
def assignment_decide(request: MemberRequest, pk: int, number: int, decision: str) -> HttpResponse:
    """Apply a run, all or nothing, or put it away."""
    call = call_run(request, pk, OFFICER)
    run = get_object_or_404(AssignmentRun, call=call, pk=number)
    if decision not in STEPS:
        raise Http404
    act, said = STEPS[decision]
    try:
        if tried(request, lambda: act(run, actor=request.user), str(said)):
            return redirect(PAGE, pk)
    except IntegrityError:
        messages.error(
            request, _("A conflict has just been found: nothing was applied. Run again.")
        )
    return redirect("funding:assignment_run", pk=pk, number=number)


@login_required
@require_POST
def assignment_pin(request: MemberRequest, pk: int) -> HttpResponse:
    """Fix an expert at an application by hand."""
    call = call_run(request, pk, OFFICER)
    form = PinForm(request.POST, call=call)
    if not form.is_valid():
        return page_of(request, call, pin_form=form)
    try:
        tried(request, lambda: pin(call, actor=request.user, **form.cleaned_data),
              _("This pair is fixed. The next run plans around it."))  # fmt: skip
    except IntegrityError:
        messages.error(request, _("A conflict of interest stands between these two."))
    return redirect(PAGE, pk)


@login_required
@require_POST
def assignment_unpin(request: MemberRequest, pk: int, number: int) -> HttpResponse:
    """Let go of a pair that was fixed by hand."""
    call = call_run(request, pk, OFFICER)
    rows = ReviewAssignment.objects.filter(application__call=call).select_related("application")
    unpin(get_object_or_404(rows, pk=number), actor=request.user)
    messages.success(request, _("This pair is not fixed any more."))
    return redirect(PAGE, pk)


@login_required
@require_POST
def assignment_end(request: MemberRequest, pk: int, number: int) -> HttpResponse:
    """Take a reviewer who was asked off an application, with a reason."""
    call = call_run(request, pk, OFFICER)
    rows = ReviewAssignment.objects.select_related("application__call", "reviewer__person__user")
    row = get_object_or_404(rows, application__call=call, pk=number)
    tried(
        request, lambda: end_review(row, actor=request.user, reason=reason_of(request)),
        _("%(name)s is told that the review is not needed any more.") % {"name": row.reviewer},
    )  # fmt: skip
    return redirect(PAGE, pk)


@login_required
@require_POST
def assignment_ask(request: MemberRequest, pk: int) -> HttpResponse:
    """Ask everybody who is proposed and was not asked yet."""
    call = call_run(request, pk, OFFICER)
    form = AnswerTimeForm(request.POST)
    if not form.is_valid():
        return page_of(request, call, ask_form=form)
    count = invite_reviewers(call, actor=request.user, **form.cleaned_data)
    words = ngettext("%(count)d reviewer was asked.", "%(count)d reviewers were asked.", count)
    messages.success(request, words % {"count": count})
    return redirect(PAGE, pk)
