"""Meeting requests of an event for its organisers: looked through, added, pinned, forbidden."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods

from events.forms.schedules import AddRequestForm, SteerForm
from events.models import HelperRole, MeetingRequest
from events.services.meeting_requests import add_meeting_request
from events.services.request_steering import SHOWN, requests_shown, steer_request
from events.views.asked import event_run
from konnect.states import TransitionError
from matching.permissions.contacts import RefusedError
from matching.views.asked import MemberRequest, asked_number

PAGE_SIZE = 50


@login_required
@require_GET
def request_list(request: MemberRequest, pk: int) -> HttpResponse:
    """Show the requests of an event, by kind and name."""
    event = event_run(request, pk, HelperRole.MEETINGS)
    asked = request.GET.get("show", "")
    kind, words = asked if asked in SHOWN else "agreed", request.GET.get("q", "")[:100]
    found = requests_shown(event, kind=kind, words=words)
    page = Paginator(found, PAGE_SIZE).get_page(asked_number(request, "page") or 1)
    context = {
        "event": event, "page": page, "kind": kind, "kinds": tuple(SHOWN), "words": words,
        "query": urlencode({"show": kind, "q": words}),
    }  # fmt: skip
    return render(request, "events/request_list.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def request_add(request: MemberRequest, pk: int) -> HttpResponse:
    """Arrange a meeting of two participants; both are told."""
    event = event_run(request, pk, HelperRole.MEETINGS)
    form = AddRequestForm(request.POST or None, event=event, initial={"mode": event.mode})
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data | {"mode": form.cleaned_data["mode"] or event.mode}
        try:
            added = add_meeting_request(event, actor=request.user, **values)
        except RefusedError as refused:
            for blocker in refused.blockers:
                form.add_error(None, str(blocker.words))
        else:
            messages.success(request, gettext("The meeting was added. Both were told."))
            return redirect("events:request_steer", pk=event.pk, number=added.pk)
    return render(request, "events/request_add.html", {"event": event, "form": form})


@login_required
@require_http_methods(["GET", "POST"])
def request_steer(request: MemberRequest, pk: int, number: int) -> HttpResponse:
    """Pin an agreed meeting to a time or place, or keep it from times."""
    event = event_run(request, pk, HelperRole.MEETINGS)
    agreed = MeetingRequest.objects.filter(event=event, state="accepted").with_people()
    wanted = get_object_or_404(agreed, pk=number)
    form = SteerForm(request.POST if request.method == "POST" else None, instance=wanted)
    if request.method == "POST" and form.is_valid():
        pin = form.cleaned_data
        try:
            steer_request(
                wanted, is_pinned=pin["is_pinned"], slot=pin["pinned_slot"],
                place=pin["pinned_place"], forbidden=pin["forbidden_slots"], actor=request.user,
            )  # fmt: skip
        except TransitionError:
            messages.warning(request, gettext("This meeting is no longer agreed."))
        else:
            saved = gettext("Saved. It counts from the next run on.")
            messages.success(request, saved)
        return redirect("events:request_list", pk=event.pk)
    context = {"event": event, "wanted": wanted, "form": form}
    return render(request, "events/request_steer.html", context)
