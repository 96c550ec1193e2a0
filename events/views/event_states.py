"""What organisers do with a whole event: look after it, publish, cancel, archive, copy it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from events.forms.event_steps import steps_of
from events.forms.events import CancelForm, CopyForm, SeriesForm
from events.models import Event, HelperRole
from events.permissions import may_create_events, roles_at
from events.services.copies import copy_event, make_series, next_days
from events.services.event_saving import version_of
from events.services.event_states import (
    EventNotReadyError,
    archive_event,
    cancel_event,
    publish_event,
    unpublish_event,
)
from events.services.hubs import hub_of
from events.services.readiness import problems_of
from events.views.asked import event_run
from konnect.states import TransitionError
from matching.services.profiles import EditConflict
from matching.views.asked import MemberRequest

CHANGES_SHOWN = 20


@login_required
@require_GET
def event_manage(request: MemberRequest, pk: int) -> HttpResponse:
    """Show those who run an event what waits for them and where everything is."""
    event = event_run(request, pk)
    problems, roles = problems_of(event), roles_at(event, request.user)
    context = {
        "event": event, "hub": hub_of(event), "problems": problems, "steps": steps_of(event),
        "version": version_of(event),
        "is_over": event.ends_at <= timezone.now(),
        "is_ready": not any(problem.is_blocker for problem in problems),
        "roles": roles,
        "may_create": may_create_events(request.user),
        "changes": event.changes.order_by("-changed_at", "-pk")[:CHANGES_SHOWN],
        "cards": cards_for(event, roles),
    }  # fmt: skip
    return render(request, "events/event_manage.html", context)


# Pages that run an event: name of the address, title, icon, and who opens them.
PAGES: tuple[tuple[str, Any, str, str], ...] = (
    ("registration_list", gettext_lazy("Registrations"), "clipboard-list", HelperRole.ORGANISER),
    (
        "question_list",
        gettext_lazy("Questions of the form"),
        "message-circle-question-mark",
        HelperRole.ORGANISER,
    ),
    ("participant_list", gettext_lazy("Participants"), "users", ""),
    ("request_list", gettext_lazy("Meeting requests"), "handshake", HelperRole.MEETINGS),
    ("schedule_list", gettext_lazy("Schedule"), "calendar-range", HelperRole.MEETINGS),
    ("what_if", gettext_lazy("What if"), "flask-conical", HelperRole.MEETINGS),
    ("announcement_list", gettext_lazy("Announcements"), "megaphone", HelperRole.MEETINGS),
    ("desk", gettext_lazy("Check-in"), "scan-qr-code", HelperRole.DESK),
    ("hall_screen", gettext_lazy("Screen for the hall"), "monitor", ""),
    ("day_sheet", gettext_lazy("All tables on paper (PDF)"), "printer", HelperRole.MEETINGS),
    ("badges", gettext_lazy("Badges (PDF)"), "id-card", HelperRole.DESK),
    ("event_figures", gettext_lazy("Figures and exports"), "chart-column", HelperRole.ORGANISER),
)


def cards_for(event: Event, roles: frozenset[str]) -> list[tuple[str, Any, str]]:
    """Return address, title and icon of the pages that these roles open."""
    found = []
    for name, title, icon, role in PAGES:
        if role and role not in roles:
            continue
        with suppress(NoReverseMatch):
            found.append((reverse(f"events:{name}", args=[event.pk]), title, icon))
    return found


@login_required
@require_POST
def event_publish(request: MemberRequest, pk: int) -> HttpResponse:
    """Let everybody read an event, or make it a draft again."""
    event = event_run(request, pk, HelperRole.ORGANISER)
    if request.POST.get("action") == "draft":
        done = gettext_lazy("The event is a draft again.")
        return acted(request, event, done, lambda: unpublish_event(event, actor=request.user))
    done = gettext_lazy("The event is published. Everybody can read it now.")
    version = request.POST.get("version") or None
    return acted(
        request, event, done,
        lambda: publish_event(event, actor=request.user, version=version),
    )  # fmt: skip


@login_required
@require_POST
def event_archive(request: MemberRequest, pk: int) -> HttpResponse:
    """Put an event away that is over."""
    event = event_run(request, pk, HelperRole.ORGANISER)
    done = gettext_lazy("The event is archived.")
    return acted(request, event, done, lambda: archive_event(event, actor=request.user))


def acted(
    request: MemberRequest, event: Event, done: Any, act: Callable[[], object]
) -> HttpResponse:
    """Do it and say so, or say why not."""
    try:
        act()
    except EventNotReadyError as refusal:
        for problem in refusal.problems:
            messages.error(request, str(problem.words))
    except EditConflict:
        messages.warning(
            request,
            _("Somebody changed the event meanwhile. Nothing was published: look at it again."),
        )
    except TransitionError:
        messages.info(request, _("That is not possible: the event has moved on meanwhile."))
    else:
        messages.success(request, str(done))
    return redirect("events:event_manage", pk=event.pk)


@login_required
@require_http_methods(["GET", "POST"])
def event_cancel(request: MemberRequest, pk: int) -> HttpResponse:
    """Cancel an event with a notice to everybody who registered."""
    event = event_run(request, pk, HelperRole.ORGANISER)
    form = CancelForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        notice = {name: form.cleaned_data[name] for name in ("cancellation_en", "cancellation_ko")}
        done = gettext_lazy("The event is cancelled. Everybody who registered is being told.")
        return acted(
            request, event, done, lambda: cancel_event(event, actor=request.user, **notice)
        )
    context = {"event": event, "form": form, "hub": hub_of(event)}
    return render(request, "events/event_cancel.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def event_copy(request: MemberRequest, pk: int) -> HttpResponse:
    """Make a copy of an event on another day, or a series of them."""
    event = event_run(request, pk, HelperRole.ORGANISER)
    if not may_create_events(request.user):
        raise Http404
    is_series = request.POST.get("action") == "series"
    copy_form = CopyForm(None if is_series else request.POST or None, event=event)
    series_form = SeriesForm(request.POST if is_series else None, event=event)
    if is_series and series_form.is_valid():
        return series_made(request, event, series_form)
    if request.method == "POST" and not is_series and copy_form.is_valid():
        made = copy_event(event, actor=request.user, starts_on=copy_form.cleaned_data["starts_on"])
        messages.success(
            request, _("This is the copy, a draft. Look through its texts and times.")
        )
        return redirect("events:event_manage", pk=made.pk)
    context = {"event": event, "copy_form": copy_form, "series_form": series_form,
               "form": series_form if is_series else copy_form}  # fmt: skip
    return render(request, "events/event_copy.html", context)


def series_made(request: MemberRequest, event: Event, form: SeriesForm) -> HttpResponse:
    """Make the next events of a series."""
    data = form.cleaned_data
    days = next_days(form.first_day, weeks=data["weeks"], number=data["number"])
    made = make_series(
        event, actor=request.user, title_en=data["series_en"], title_ko=data["series_ko"],
        days=days,
    )  # fmt: skip
    words = _("%(number)d drafts of the series are made.") % {"number": len(made)}
    messages.success(request, words)
    return redirect("events:event_manage", pk=event.pk)
