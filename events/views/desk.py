"""The desk of an event, and the ticket that opens there."""

from __future__ import annotations

from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from events.forms.desk import CheckInForm
from events.models import Direction, HelperRole, Registration
from events.permissions import may_run
from events.services.desk import (
    NotExpectedError,
    check_in,
    counts,
    found_at_desk,
    last_seen,
    late_now,
    recent,
)
from events.templatetags.event_times import hour_words
from events.tickets import ticket_address, ticket_code
from events.views.asked import event_run
from matching.views.asked import MemberRequest

SAFE_AND_POST = ["GET", "HEAD", "POST"]


@login_required
@require_http_methods(SAFE_AND_POST)
def desk(request: MemberRequest, pk: int) -> HttpResponse:
    """Find people by name, and write that they came or left."""
    event = event_run(request, pk, HelperRole.DESK)
    if request.method == "POST":
        form = CheckInForm(request.POST)
        if not form.is_valid():
            return HttpResponseBadRequest()
        wanted = event.registrations.with_people()
        registration = get_object_or_404(wanted, pk=form.cleaned_data["registration"])
        check_in_and_say(request, registration, form.cleaned_data["direction"])
        return redirect(desk_address(pk, form.cleaned_data["q"]))
    words = request.GET.get("q", "").strip()[:100]
    context = {"event": event, "q": words, "found": found_at_desk(event, words)}
    if not request.htmx:
        now = timezone.now()
        context |= {"counts": counts(event), "recent": recent(event), "late": late_now(event, now)}
    return render(request, "events/desk.html" + ("#found" if request.htmx else ""), context)


@login_required
@require_http_methods(SAFE_AND_POST)
def ticket(request: MemberRequest, token: str) -> HttpResponse:
    """Show somebody their own ticket; let the desk write that its owner came or left."""
    people = Registration.objects.with_people().select_related("event")
    registration = get_object_or_404(people, ticket=token)
    is_desk = may_run(registration.event, request.user, HelperRole.DESK)
    is_own = registration.profile.user_id == request.user.pk
    if not (is_desk or is_own):
        raise Http404
    if request.method == "POST":
        if not is_desk:
            raise Http404
        return ticket_used(request, registration)
    context = {
        "event": registration.event, "registration": registration, "is_own": is_own,
        "is_desk": is_desk, "last": last_seen(registration),
        "code": ticket_code(ticket_address(registration)),
    }  # fmt: skip
    return render(request, "events/ticket.html", context)


def ticket_used(request: MemberRequest, registration: Registration) -> HttpResponse:
    """Write that the owner of a ticket came or left."""
    form = CheckInForm(request.POST)
    if not form.is_valid():
        return HttpResponseBadRequest()
    check_in_and_say(request, registration, form.cleaned_data["direction"])
    return redirect("events:ticket", token=registration.ticket)


def check_in_and_say(request: MemberRequest, registration: Registration, direction: str) -> None:
    """Write that somebody came or left, and leave a message that says so, or why not."""
    name = {"name": registration.profile.name}
    try:
        seen = check_in(registration, direction=direction, actor=request.user)
    except NotExpectedError:
        messages.error(request, _("%(name)s does not take part: no place is confirmed.") % name)
        return
    if seen.is_repeated:
        # On the clocks of the house, as everything at the desk.
        at = seen.check_in.at.astimezone(ZoneInfo(registration.event.zone))
        when = {"time": hour_words(at)}
        messages.warning(request, repeated_words(direction) % (name | when))
    else:
        messages.success(request, written_words(direction) % name)


def repeated_words(direction: str) -> str:
    """Return what the desk reads when a ticket comes a second time."""
    if direction == Direction.IN:
        return _("%(name)s is in already, since %(time)s. Has this ticket been copied?")
    return _("%(name)s has left already, at %(time)s.")


def written_words(direction: str) -> str:
    """Return what the desk reads when somebody came or left."""
    return _("%(name)s is in.") if direction == Direction.IN else _("%(name)s has left.")


def desk_address(pk: int, words: str) -> str:
    """Return the address of the desk with a search."""
    query = f"?{urlencode({'q': words})}" if words else ""
    return reverse("events:desk", args=[pk]) + query
