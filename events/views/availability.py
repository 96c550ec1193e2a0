"""When one can meet at an event, slot by slot."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from events.models import Registration
from events.permissions import registration_of
from events.services.availability import NEVER, Day, days_of, default_modes, write_availability
from events.views.asked import event_shown
from matching.views.asked import MemberRequest


@login_required
@require_http_methods(["GET", "POST"])
def availability(request: MemberRequest, pk: int) -> HttpResponse:
    """Show the meeting times of an event on one's own clock, and keep what one says of them.

    Raises:
        Http404: the reader is not registered, or nobody meets at this event.
    """
    event = event_shown(request, pk)
    own = registration_of(event, request.user)
    if own is None or not event.has_meetings:
        raise Http404
    own.event = event
    if request.method == "POST":
        return keep(request, own)
    context = {"event": event, "registration": own, "days": days_of(own)}
    return render(request, "events/availability.html", context)


def keep(request: MemberRequest, own: Registration) -> HttpResponse:
    """Keep the choices; a button for a whole day comes on top of them."""
    said = {
        int(name.removeprefix("slot_")): int(request.POST[name])
        for name in request.POST
        if is_choice(name, request.POST[name])
    }
    day, _colon, what = request.POST.get("day", "").partition(":")
    for each in days_of(own) if what else ():
        if each.day.isoformat() == day:
            said |= whole_day(each, default_modes(own) if what == "all" else NEVER)
    free = write_availability(own, said, actor=request.user)
    messages.success(request, words(free))
    address = redirect("events:availability", own.event_id)
    if what:
        address["Location"] += f"#day-{day}"
    return address


def is_choice(name: str, value: str) -> bool:
    """Tell whether a field of the form is about one slot."""
    number = name.removeprefix("slot_")
    is_number = number.isascii() and number.isdigit() and len(number) < 19
    return name.startswith("slot_") and is_number and value in {"0", "1", "2", "3"}


def whole_day(day: Day, modes: int) -> dict[int, int]:
    """Return the same choice for every slot of a day that is not taken."""
    return {cell.slot.pk: modes for cell in day.cells if cell.taken is None}


def words(free: int) -> str:
    """Return what is said after saving."""
    if not free:
        return _("Saved. You have no time for meetings at the moment.")
    return ngettext(
        "Saved. You have time for a meeting in %(number)d slot.",
        "Saved. You have time for a meeting in %(number)d slots.", free,
    ) % {"number": free}  # fmt: skip
