"""Runs of matching, for the portal's staff: watched, stopped, repeated."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods

from konnect.accounts.administration import lacks_second_factor
from konnect.accounts.doorbell import ring
from konnect.states import TransitionError
from matching.models import MatchRun
from matching.permissions.runs import may_steer_runs
from matching.services.run_progress import progress_of
from matching.services.run_states import cancel_run, start_run
from matching.views.asked import MemberRequest, asked_number

PAGE_SIZE = 20
View = Callable[..., HttpResponse]


def staff_only(view: View) -> View:
    """Let the portal's staff in, where required with a second factor; nothing is here for others."""

    @wraps(view)
    def guarded(request: HttpRequest, *arguments: int, **named: int) -> HttpResponse:
        if not may_steer_runs(request.user):
            raise Http404
        if lacks_second_factor(request):
            needed = gettext("Please set up a second factor to administer KONNECT.")
            messages.warning(request, needed)
            return redirect("mfa_index")
        return view(request, *arguments, **named)

    return guarded


@login_required
@require_GET
@staff_only
def run_list(request: MemberRequest) -> HttpResponse:
    """Show all runs, the newest first."""
    pages = Paginator(MatchRun.objects.order_by("-pk"), PAGE_SIZE)
    page = pages.get_page(asked_number(request, "page") or 1)
    shown = progress_of(list(page.object_list))
    return render(request, "matching/run_list.html", {"page": page, "shown": shown})


@login_required
@require_GET
@staff_only
def run_detail(request: MemberRequest, pk: int) -> HttpResponse:
    """Show how far one run is; while it goes on, the page asks again every two seconds."""
    run = get_object_or_404(MatchRun.objects.select_related("repeats"), pk=pk)
    (shown,) = progress_of([run])
    return render(request, "matching/run_detail.html", {"shown": shown, "run": run})


@login_required
@require_http_methods(["GET", "POST"])
@staff_only
def run_cancel(request: MemberRequest, pk: int) -> HttpResponse:
    """Ask once more, and stop a run."""
    run = get_object_or_404(MatchRun, pk=pk)
    if request.method == "GET":
        return render(request, "matching/run_confirm.html", {"run": run, "verb": "cancel"})
    try:
        cancel_run(run, actor=request.user)
    except TransitionError:
        messages.warning(request, gettext("The run was over already."))
    else:
        messages.success(request, gettext("The run has been stopped. Nothing of it is shown."))
    return redirect("matching:run_detail", pk=run.pk)


@login_required
@require_http_methods(["GET", "POST"])
@staff_only
def run_repeat(request: MemberRequest, pk: int) -> HttpResponse:
    """Ask once more, and compute a run again from its frozen input."""
    run = get_object_or_404(MatchRun, pk=pk)
    if request.method == "GET":
        return render(request, "matching/run_confirm.html", {"run": run, "verb": "repeat"})
    (known,) = progress_of([run])
    again = start_run(repeats=run) if known.can_repeat else None
    if again is None:
        reason = (
            gettext("Another run is going on. Try again when it has ended.")
            if known.can_repeat
            else gettext("The input of this run is no longer kept.")
        )
        messages.warning(request, reason)
        return redirect("matching:run_detail", pk=run.pk)
    ring("matching.tasks.run_due_matching")
    messages.success(request, gettext("The run is being repeated."))
    return redirect("matching:run_detail", pk=again.pk)
