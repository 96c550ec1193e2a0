"""Tables, rooms and halls of an event, and the times at which people meet."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from events.clock_faces import Face, faces
from events.forms.places import ManyPlacesForm, PlaceForm, SlotRangeForm
from events.models import Event, HelperRole, Place, PlaceKind, Slot
from events.services.event_saving import SlotsFrozenError, is_frozen
from events.services.places import (
    PlaceInUseError,
    TooManyPlacesError,
    add_places,
    close_places,
    delete_place,
    save_place,
)
from events.services.slots import (
    SlotInUseError,
    SlotsOverlapError,
    TooManySlotsError,
    add_slots,
    delete_free_slots,
    delete_slot,
)
from events.templatetags.event_times import reader_zone
from events.views.asked import event_run
from matching.views.asked import MemberRequest

BUILDERS = (HelperRole.ORGANISER, HelperRole.PROGRAMME, HelperRole.MEETINGS)


@login_required
@require_http_methods(["GET", "POST"])
def place_list(request: MemberRequest, pk: int) -> HttpResponse:
    """Show the places of an event, and make many at once."""
    event = event_run(request, pk, *BUILDERS)
    form = ManyPlacesForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            add_places(
                event, actor=request.user, kind=PlaceKind(data["kind"]), number=data["number"],
                seats=data["seats"],
            )  # fmt: skip
            return redirect("events:place_list", pk=pk)
        except TooManyPlacesError:
            form.add_error("number", _("That would be more places than anybody can look after."))
    rows = list(event.places.select_related("host__profile").order_by("kind", "position", "pk"))
    groups = [
        (PlaceKind(kind), list(found)) for kind, found in groupby(rows, lambda row: row.kind)
    ]
    context = {"event": event, "form": form, "groups": groups, "count": len(rows)}
    return render(request, "events/place_list.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def place_create(request: MemberRequest, pk: int) -> HttpResponse:
    """Make one place."""
    event = event_run(request, pk, *BUILDERS)
    return place_view(request, event, Place(event=event, kind=PlaceKind.HALL))


@login_required
@require_http_methods(["GET", "POST"])
def place_edit(request: MemberRequest, pk: int, place_pk: int) -> HttpResponse:
    """Change one place."""
    event = event_run(request, pk, *BUILDERS)
    return place_view(request, event, get_object_or_404(event.places, pk=place_pk))


def place_view(request: MemberRequest, event: Event, place: Place) -> HttpResponse:
    """Show the form of a place, or save it."""
    form = PlaceForm(request.POST or None, instance=place)
    if request.method == "POST" and form.is_valid():
        save_place(place, actor=request.user, columns=form.columns())
        messages.success(request, _("The place is saved."))
        return redirect("events:place_list", pk=event.pk)
    return render(
        request, "events/place_form.html", {"event": event, "place": place, "form": form}
    )


@login_required
@require_POST
def place_delete(request: MemberRequest, pk: int, place_pk: int) -> HttpResponse:
    """Remove a place, or say which meetings keep it."""
    event = event_run(request, pk, *BUILDERS)
    try:
        delete_place(get_object_or_404(event.places, pk=place_pk), actor=request.user)
    except PlaceInUseError as refusal:
        messages.error(request, in_use_words(refusal.number))
    else:
        messages.success(request, _("The place is removed."))
    return redirect("events:place_list", pk=pk)


def in_use_words(number: int) -> str:
    """Return why a place or time stays, in words."""
    if not number:
        return _(
            "Meetings were planned here before, so it stays for the record. Close it instead."
        )
    return ngettext(
        "%(number)d meeting is scheduled here. Move or cancel it first.",
        "%(number)d meetings are scheduled here. Move or cancel them first.",
        number,
    ) % {"number": number}


@login_required
@require_http_methods(["GET", "POST"])
def slot_list(request: MemberRequest, pk: int) -> HttpResponse:
    """Show the meeting times of an event by days, and make more from a range."""
    event = event_run(request, pk, *BUILDERS)
    form = SlotRangeForm(request.POST or None, event=event)
    if request.method == "POST" and form.is_valid() and slots_added(request, event, form):
        return redirect("events:slot_list", pk=pk)
    rows = [(slot, faces_of(event, slot)) for slot in event.slots.prefetch_related("closures")]
    days = [
        (day, list(found)) for day, found in groupby(rows, lambda row: row[1][0].starts_at.date())
    ]
    context = {
        "event": event, "form": form, "days": days, "count": len(rows),
        "is_frozen": is_frozen(event), "number_of_places": event.places.exclude(kind="hall").count(),
    }  # fmt: skip
    return render(request, "events/slot_list.html", context)


def faces_of(event: Event, slot: Slot) -> list[Face]:
    """Return a slot on the event's clocks, then the reader's, then those of both sides."""
    others = (reader_zone(),) if reader_zone() else ()
    return list(
        faces(
            slot.during, reader_zone=event.zone, event_zone=event.zone, is_online=True,
            other_zones=others,
        )
    )  # fmt: skip


# Where a form says why a range was refused, and in which words.
REFUSALS: dict[type[Exception], tuple[str, Any]] = {
    SlotsOverlapError: (
        "starts_at_day",
        gettext_lazy("There are meeting times in this range already."),
    ),
    TooManySlotsError: (
        "ends_at_day",
        gettext_lazy("That would be more meeting times than anybody looks through."),
    ),
    SlotsFrozenError: (
        "minutes",
        gettext_lazy("People have said when they can meet, so the length of a meeting stays."),
    ),
}


def slots_added(request: MemberRequest, event: Event, form: SlotRangeForm) -> bool:
    """Make the meeting times of a range, or say why not."""
    assert form.begins is not None
    assert form.ends is not None
    data = form.cleaned_data
    try:
        made = add_slots(
            event, actor=request.user, starts_at=form.begins.at, ends_at=form.ends.at,
            minutes=data["minutes"], gap=data["gap"], is_new_sitting=data["is_new_sitting"],
        )  # fmt: skip
    except tuple(REFUSALS) as refusal:
        form.add_error(*REFUSALS[type(refusal)])
        return False
    words = ngettext(
        "%(number)d meeting time is made.", "%(number)d meeting times are made.", len(made)
    )
    messages.success(request, words % {"number": len(made)})
    return True


@login_required
@require_POST
def slot_delete(request: MemberRequest, pk: int, slot_pk: int) -> HttpResponse:
    """Remove a meeting time, or say which meetings keep it."""
    event = event_run(request, pk, *BUILDERS)
    try:
        delete_slot(get_object_or_404(event.slots, pk=slot_pk), actor=request.user)
    except SlotInUseError as refusal:
        messages.error(request, in_use_words(refusal.number))
    else:
        messages.success(request, _("The meeting time is removed."))
    return redirect("events:slot_list", pk=pk)


@login_required
@require_POST
def slot_clear(request: MemberRequest, pk: int) -> HttpResponse:
    """Remove all meeting times that nobody has marked or met in."""
    event = event_run(request, pk, *BUILDERS)
    number = delete_free_slots(event, actor=request.user)
    words = ngettext(
        "%(number)d meeting time is removed.", "%(number)d meeting times are removed.", number
    )
    messages.success(request, words % {"number": number})
    return redirect("events:slot_list", pk=pk)


@login_required
@require_http_methods(["GET", "POST"])
def slot_places(request: MemberRequest, pk: int, slot_pk: int) -> HttpResponse:
    """Close places in one meeting time, or open them again."""
    event = event_run(request, pk, *BUILDERS)
    slot = get_object_or_404(event.slots.select_related("event"), pk=slot_pk)
    places = list(event.places.exclude(kind=PlaceKind.HALL))
    ticked = set(slot.closures.values_list("place_id", flat=True))
    if request.method == "POST":
        chosen = set(request.POST.getlist("closed"))
        closed = [place for place in places if str(place.pk) in chosen]
        ticked = {place.pk for place in closed}
        try:
            close_places(slot, actor=request.user, places=closed)
            messages.success(request, _("It is noted which places are closed then."))
            return redirect("events:slot_list", pk=pk)
        except PlaceInUseError as refusal:
            messages.error(request, in_use_words(refusal.number))
    context = {"event": event, "slot": slot, "places": places, "closed": ticked}
    return render(request, "events/slot_places.html", context)
