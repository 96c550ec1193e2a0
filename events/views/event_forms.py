"""Writing an event step by step."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from events.forms.event_steps import BY_SLUG, STEPS, EventStepForm, steps_of
from events.forms.wall_times import faces_of, typed_wall
from events.models import Event, HelperRole
from events.permissions import may_create_events
from events.services.event_saving import (
    MeetingsPlannedError,
    SlotsFrozenError,
    save_event,
    version_of,
)
from events.services.readiness import problems_of
from events.services.sessions import SpeakerTakenError
from events.views.asked import event_run
from konnect.accounts.zones import known_time_zones
from matching.services.profiles import EditConflict
from matching.views.asked import MemberRequest

WRITERS = (HelperRole.ORGANISER, HelperRole.PROGRAMME)


@login_required
@require_http_methods(["GET", "POST"])
def event_create(request: MemberRequest) -> HttpResponse:
    """Begin an event with its name and time."""
    if not may_create_events(request.user):
        raise Http404
    zone = str(timezone.get_current_timezone())
    return step_view(request, Event(zone=zone), STEPS[0].slug)


@login_required
@require_http_methods(["GET", "POST"])
def event_edit(request: MemberRequest, pk: int, step: str = STEPS[0].slug) -> HttpResponse:
    """Show one step of an event that one runs, or take what was typed into it."""
    event = event_run(request, pk, *WRITERS)
    if BY_SLUG.get(step) not in steps_of(event):
        raise Http404
    return step_view(request, event, step)


def step_view(request: MemberRequest, event: Event, slug: str) -> HttpResponse:
    """Show a step, or save it and go on; what is refused is shown again as it was typed."""
    version = version_of(event)
    if request.method != "POST":
        return step_response(request, event, slug, BY_SLUG[slug].form(event=event), version)
    form = BY_SLUG[slug].form(request.POST, event=event)
    sent_version = request.POST.get("version", version)
    if not form.is_valid():
        return step_response(request, event, slug, form, sent_version)
    try:
        saved = save_event(
            event, actor=request.user, columns=form.columns(), version=sent_version,
            **form.relations(),
        )  # fmt: skip
    except EditConflict:
        stored = Event.objects.get(pk=event.pk)
        return step_response(request, event, slug, form, version_of(stored), has_conflict=True)
    except (SlotsFrozenError, MeetingsPlannedError, SpeakerTakenError) as refusal:
        return step_response(request, event, slug, form, version, refusal=words_of(refusal))
    return after_step(request, saved, slug)


def words_of(refusal: Exception) -> str:
    """Return why times cannot change, in words."""
    if isinstance(refusal, SlotsFrozenError):
        return _("People have said when they can meet, so the length of a meeting stays.")
    if isinstance(refusal, SpeakerTakenError):
        return _("Somebody who speaks is taken elsewhere at the new time.")
    return _(
        "Meetings are scheduled already: their times cannot move with the event. Take away the "
        "tick that moves everything, or make a new schedule first."
    )


def after_step(request: MemberRequest, event: Event, slug: str) -> HttpResponse:
    """Go where the pressed button leads."""
    steps = steps_of(event)
    following = steps[steps.index(BY_SLUG[slug]) + 1 :] if BY_SLUG[slug] in steps else ()
    if request.POST.get("action") == "later" or not following:
        messages.success(request, _("The event is saved."))
        return redirect("events:event_manage", pk=event.pk)
    return redirect("events:event_step", pk=event.pk, step=following[0].slug)


def step_response(
    request: MemberRequest, event: Event, slug: str, form: EventStepForm, version: str, **told: Any
) -> HttpResponse:
    """Show one step with what the checks say of the event as it is stored."""
    steps = steps_of(event)
    stored = Event.objects.get(pk=event.pk) if event.pk else None
    context = {
        "event": stored or event, "form": form, "step": BY_SLUG[slug], "steps": steps if event.pk else STEPS,
        "number": STEPS.index(BY_SLUG[slug]) + 1, "version": version,
        "problems": problems_of(stored) if stored else [],
        "previous": STEPS[STEPS.index(BY_SLUG[slug]) - 1] if slug != STEPS[0].slug else None,
        **told,
    }  # fmt: skip
    return render(request, "events/event_form.html", context)


@login_required
@require_GET
def event_clocks(request: MemberRequest) -> HttpResponse:
    """Tell what the clocks of both sides show at a time that is being typed."""
    name = request.GET.get("name", "")
    zone = request.GET.get("zone", "")
    wall = typed_wall(request.GET.get(f"{name}_day"), request.GET.get(f"{name}_hour"))
    found = (
        faces_of(wall, zone, request.GET.get(f"{name}_which"))
        if zone in known_time_zones()
        else []
    )
    return render(request, "events/wall_time.html#clocks", {"faces": found, "wall": wall})
