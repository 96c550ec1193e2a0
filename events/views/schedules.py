"""Schedules of an event for its organisers: made, watched, stopped, published, repeated."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from events.forms.schedules import RunForm, WhatIfForm
from events.models import HelperRole, ScheduleRun
from events.permissions import may_run
from events.services.publishing import (
    CHANGED,
    OUTDATED,
    TAKEN,
    Published,
    PublishingRefusedError,
    publish_run,
)
from events.services.schedule_reports import latest_runs, report_of, size_of
from events.services.schedule_runs import discard_run, queue_run, repeat_run, stop_run
from events.services.what_if import Setting, now_of, prospect
from events.views.asked import event_run
from konnect.states import TransitionError
from matching.views.asked import MemberRequest, asked_number

PLACES_A_PAGE = 12
UNPLACED_A_PAGE = 50


def run_shown(request: HttpRequest, pk: int) -> ScheduleRun:
    """Return a run of an event whose meetings this reader looks after.

    Raises:
        Http404: there is none, or the reader has no such role.
    """
    run = get_object_or_404(ScheduleRun.objects.select_related("event", "created_by"), pk=pk)
    if not may_run(run.event, request.user, HelperRole.MEETINGS):
        raise Http404
    return run


@login_required
@require_http_methods(["GET", "POST"])
def schedule_list(request: MemberRequest, pk: int) -> HttpResponse:
    """Show the runs of an event and what they would be made from; begin another one."""
    event = event_run(request, pk, HelperRole.MEETINGS)
    form = RunForm(request.POST or None, event=event)
    if request.method == "POST" and form.is_valid():
        run = queue_run(event, actor=request.user, **form.cleaned_data)
        if run is not None:
            return redirect("events:schedule_run_detail", pk=run.pk)
        messages.warning(request, gettext("A schedule of this event is being made already."))
        return redirect("events:schedule_list", pk=event.pk)
    size, runs = size_of(event), latest_runs(event)
    context = {"event": event, "form": form, "runs": runs, "size": size}
    return render(request, "events/schedule_list.html", context)


@login_required
@require_GET
def schedule_run_detail(request: MemberRequest, pk: int) -> HttpResponse:
    """Show how far a run is, then how good it is; while it goes on, the page asks again."""
    return run_page(request, run_shown(request, pk))


def run_page(
    request: HttpRequest, run: ScheduleRun, refused: PublishingRefusedError | None = None
) -> HttpResponse:
    """Return the page of a run, with what keeps it from being published."""
    report = report_of(run)
    zone = timezone.get_current_timezone_name()
    unplaced = Paginator(report.unplaced(zone), UNPLACED_A_PAGE)
    places = Paginator(list(report.places.values()), PLACES_A_PAGE)
    shown = places.get_page(asked_number(request, "places") or 1)
    context = {
        "event": run.event, "run": run, "report": report, "refused": refused,
        "unplaced": unplaced.get_page(asked_number(request, "page") or 1), "places": shown,
        "grid": report.grid(shown.start_index() - 1, PLACES_A_PAGE) if report.rows else [],
    }  # fmt: skip
    return render(request, "events/schedule_run_detail.html", context)


@login_required
@require_POST
def schedule_run_stop(request: MemberRequest, pk: int) -> HttpResponse:
    """End a run early with the best so far."""
    run = run_shown(request, pk)
    try:
        stop_run(run, actor=request.user)
    except TransitionError:
        messages.warning(request, gettext("The run was over already."))
    else:
        messages.success(request, gettext("The run ends now with the best schedule so far."))
    return redirect("events:schedule_run_detail", pk=run.pk)


@login_required
@require_POST
def schedule_run_discard(request: MemberRequest, pk: int) -> HttpResponse:
    """Put a finished run away."""
    run = run_shown(request, pk)
    try:
        discard_run(run, actor=request.user)
    except TransitionError:
        messages.warning(request, gettext("This run can no longer be discarded."))
    else:
        messages.success(request, gettext("The run was discarded. Nobody was told of it."))
    return redirect("events:schedule_list", pk=run.event_id)


@login_required
@require_POST
def schedule_run_repeat(request: MemberRequest, pk: int) -> HttpResponse:
    """Compute again with the same settings, from what is true now."""
    run = run_shown(request, pk)
    again = repeat_run(run, actor=request.user)
    if again is None:
        messages.warning(request, gettext("A schedule of this event is being made already."))
        return redirect("events:schedule_run_detail", pk=run.pk)
    return redirect("events:schedule_run_detail", pk=again.pk)


@login_required
@require_POST
def schedule_run_publish(request: MemberRequest, pk: int) -> HttpResponse:
    """Make a run the schedule, or show what keeps it from that."""
    run = run_shown(request, pk)
    try:
        done = publish_run(run, actor=request.user, even_if_changed="anyway" in request.POST)
    except PublishingRefusedError as refused:
        if refused.code == CHANGED:
            return run_page(request, run, refused)
        messages.error(request, refusal_words(refused.code))
    else:
        messages.success(request, published_words(done))
    return redirect("events:schedule_run_detail", pk=run.pk)


def refusal_words(code: str) -> str:
    """Return why nothing was published."""
    words = {
        OUTDATED: gettext(
            "Nothing was published: another schedule has been published since this one was "
            "made. Run it again."
        ),
        TAKEN: gettext(
            "Nothing was published: somebody or some table has been taken meanwhile by something "
            "outside of this event. Run it again."
        ),
    }
    return words.get(code, gettext("Nothing was published: this run is not ready for it."))


def published_words(done: Published) -> str:
    """Return what publishing did."""
    words = ngettext(
        "The schedule is published. %(people)s person was told.",
        "The schedule is published. %(people)s people were told.",
        done.people_told,
    ) % {"people": done.people_told}
    if not done.dropped:
        return words
    return words + " " + ngettext(
        "%(number)s meeting no longer held and was left out.",
        "%(number)s meetings no longer held and were left out.",
        done.dropped,
    ) % {"number": done.dropped}  # fmt: skip


@login_required
@require_GET
def what_if(request: MemberRequest, pk: int) -> HttpResponse:
    """Show what another number of tables, times or meetings a person would bring at most."""
    event = event_run(request, pk, HelperRole.MEETINGS)
    usual, problem = now_of(event)
    form = WhatIfForm(request.GET or None, initial=vars(usual))
    found = []
    if problem.wishes:
        found.append(prospect(problem, usual, usual))
    if problem.wishes and form.is_bound and form.is_valid():
        found.append(prospect(problem, Setting(**form.cleaned_data), usual))
    context = {"event": event, "form": form, "prospects": found}
    return render(request, "events/what_if.html", context)
