"""Registrations as organisers see them: the table, decisions, the waiting list, adding people."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from events.forms.registration_desk import (
    AddPersonForm,
    DeclineForm,
    LookForm,
    ParticipantTableForm,
    sealed,
    unsealed,
)
from events.models import Event, HelperRole, Registration, RegistrationState
from events.refused_rows import refusal_words
from events.services.answers import answered
from events.services.registration_desk import (
    APPROVE,
    DECIDABLE,
    DECLINE,
    answers_of,
    counts_by_state,
    decide,
    looked_through,
    preview,
    undo,
)
from events.services.registration_import import add_people, read_table
from events.services.registration_table import as_csv, as_workbook
from events.services.registrations import admit, move_on_list, occupancy_of, place_on_list
from events.views.asked import event_run
from konnect.accounts.services.audit import record
from konnect.states import TransitionError
from matching.permissions.contacts import RefusedError
from matching.views.asked import MemberRequest
from matching.views.tables import SHEET

ROWS_AT_ONCE = 200
MOST_CHOSEN = 2000


def organised(request: HttpRequest, pk: int) -> Event:
    """Return an event whose registrations this reader looks after.

    Raises:
        Http404: they do not.
    """
    return event_run(request, pk, HelperRole.ORGANISER)


@login_required
@require_GET
def registration_list(request: MemberRequest, pk: int) -> HttpResponse:
    """Show the registrations of an event, by state and words."""
    event = organised(request, pk)
    form = LookForm(request.GET)
    asked = form.asked()
    rows = looked_through(event, asked["state"], asked["q"], asked["mode"])
    page = Paginator(rows, ROWS_AT_ONCE).get_page(request.GET.get("page"))
    counts = counts_by_state(event)
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "event": event, "form": form, "page": page, "asked": asked,
        "states": [(value, label, counts.get(value, 0)) for value, label in RegistrationState.choices],
        "number": sum(counts.values()), "occupancy": occupancy_of(event),
        "query": query.urlencode(), "add_form": AddPersonForm(event=event),
        "first_number": page.start_index(), "undo": request.session.pop("registration_undo", ""),
    }  # fmt: skip
    return render(request, "events/registration_list.html", context)


def chosen_numbers(request: HttpRequest) -> list[int]:
    """Return the registrations that were ticked."""
    sent = request.POST.getlist("chosen")[:MOST_CHOSEN]
    return [int(each) for each in sent if each.isascii() and each.isdigit() and len(each) < 19]


@login_required
@require_POST
def registration_decide(request: MemberRequest, pk: int) -> HttpResponse:
    """Show what a decision about the ticked ones would do; then, when confirmed, decide."""
    event = organised(request, pk)
    decision = request.POST.get("decision", "")
    chosen = chosen_numbers(request)
    if decision not in DECIDABLE or not chosen:
        messages.warning(request, _("Tick at least one registration first."))
        return redirect("events:registration_list", event.pk)
    is_sure = request.POST.get("sure") == "1"
    form = DeclineForm(request.POST if is_sure else None)
    if is_sure and form.is_valid():
        return apply_decision(request, event, chosen, decision, form.cleaned_data["reason"])
    context = {
        "event": event, "decision": decision, "form": form if decision == DECLINE else None,
        "found": preview(event, chosen, decision),
    }  # fmt: skip
    return render(request, "events/registration_decide.html", context)


def apply_decision(
    request: MemberRequest, event: Event, chosen: list[int], decision: str, reason: str
) -> HttpResponse:
    """Decide about the ticked ones, and offer to take it back."""
    decided = decide(event, chosen, decision, actor=request.user, reason=reason)
    number = len(decided.done)
    if decision == APPROVE:
        words = ngettext(
            "%(number)d registration is approved.",
            "%(number)d registrations are approved.",
            number,
        )
    else:
        words = ngettext(
            "%(number)d registration is declined.",
            "%(number)d registrations are declined.",
            number,
        )
    messages.success(request, words % {"number": number})
    if decided.refused:
        messages.warning(request, _("Some could not be decided about: they changed meanwhile."))
    request.session["registration_undo"] = decided.token
    return redirect("events:registration_list", event.pk)


@login_required
@require_POST
def registration_undo(request: MemberRequest, pk: int) -> HttpResponse:
    """Take a decision back that was made a moment ago."""
    event = organised(request, pk)
    number = undo(event, request.POST.get("token", ""), actor=request.user)
    if number is None:
        messages.error(request, _("It is too late to take this back; decide anew."))
    else:
        words = ngettext(
            "%(number)d decision is taken back.", "%(number)d decisions are taken back.", number
        )
        messages.success(request, words % {"number": number})
    return redirect("events:registration_list", event.pk)


@login_required
@require_GET
def registration_entry(request: MemberRequest, pk: int, number: int) -> HttpResponse:
    """Show one registration with its answers and its history."""
    event = organised(request, pk)
    rows = Registration.objects.filter(event=event).with_people()
    registration = get_object_or_404(rows, pk=number)
    context = {
        "event": event, "registration": registration, "answers": answered(registration),
        "intents": list(registration.intents.all()),
        "place": place_on_list(registration),
        "changes": registration.changes.select_related("actor__profile"),
    }  # fmt: skip
    return render(request, "events/registration_entry.html", context)


MOVES: dict[str, Callable[[int], int]] = {
    "top": lambda place: 0, "up": lambda place: place - 2, "down": lambda place: place,
}  # fmt: skip


@login_required
@require_POST
def registration_move(request: MemberRequest, pk: int, number: int) -> HttpResponse:
    """Move somebody on the waiting list, or let them in out of turn."""
    event = organised(request, pk)
    registration = get_object_or_404(Registration, event=event, pk=number)
    try:
        move(request, registration, request.POST.get("move", ""))
    except RefusedError as error:
        messages.error(request, str(error.blockers[0].words))
    except TransitionError:
        messages.error(request, _("This person no longer waits."))
    return redirect(f"{reverse('events:registration_list', args=[event.pk])}?state=waiting")


def move(request: MemberRequest, registration: Registration, to: str) -> None:
    """Do what was asked.

    Raises:
        Http404: there is no such move.
        RefusedError: there is no place.
        TransitionError: the person no longer waits.
    """
    if to == "admit":
        admit(registration, actor=request.user)
        messages.success(request, _("They take part now."))
    elif to in MOVES:
        place = place_on_list(registration) or 1
        move_on_list(registration, to=MOVES[to](place), actor=request.user)
    else:
        raise Http404


@login_required
@require_http_methods(["GET", "POST"])
def registration_add(request: MemberRequest, pk: int) -> HttpResponse:
    """Register a member by e-mail address."""
    event = organised(request, pk)
    form = AddPersonForm(request.POST or None, event=event)
    if request.method == "POST" and form.is_valid():
        added = add_people(event, [form.entrant()], actor=request.user)
        if added.registrations:
            messages.success(request, _("They are registered, and told by e-mail."))
            return redirect("events:registration_list", event.pk)
        form.add_error("email", refusal_words(added.refusals[0].reason))
    return render(request, "events/registration_add.html", {"event": event, "form": form})


@login_required
@require_http_methods(["GET", "POST"])
def registration_import(request: MemberRequest, pk: int) -> HttpResponse:
    """Check a table of members, show what would be taken, and take it when told to."""
    event = organised(request, pk)
    if "rows" in request.POST:
        return take(request, event, request.POST["rows"])
    form = ParticipantTableForm(request.POST or None, request.FILES or None)
    context: dict[str, Any] = {"event": event, "form": form}
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        found = read_table(event, file.name or "table.csv", file.read())
        context |= {"found": found, "rows": sealed(event, found.entrants), "file_name": file.name}
    return render(request, "events/registration_import.html", context)


def take(request: MemberRequest, event: Event, sent: str) -> HttpResponse:
    """Register the rows of a checked table."""
    rows = unsealed(event, sent)
    if rows is None:
        messages.error(request, _("Too much time has passed. Please hand the file in again."))
        return redirect("events:registration_import", event.pk)
    added = add_people(event, rows, actor=request.user)
    number = len(added.registrations)
    record(request.user, "table.imported", target=event, facts={"registrations": number})
    words = ngettext(
        "%(number)d person is registered.", "%(number)d people are registered.", number
    )
    messages.success(request, words % {"number": number})
    if not added.refusals:
        return redirect("events:registration_list", event.pk)
    context = {"event": event, "form": ParticipantTableForm(), "refusals": added.refusals}
    return render(request, "events/registration_import.html", context)


@login_required
@require_GET
def registration_export(request: MemberRequest, pk: int, ending: str) -> HttpResponse:
    """Send the registrations as a table."""
    event = organised(request, pk)
    if ending not in ("csv", "xlsx"):
        raise Http404
    record(request.user, "table.exported", target=event, facts={"kind": "registrations"})
    response = (
        HttpResponse(as_csv(event), content_type="text/csv; charset=utf-8")
        if ending == "csv"
        else HttpResponse(as_workbook(event), content_type=SHEET)
    )
    response["Content-Disposition"] = f'attachment; filename="registrations-{event.pk}.{ending}"'
    response["Cache-Control"] = "no-store"
    return response


@login_required
@require_GET
def registration_answers(request: MemberRequest, pk: int) -> HttpResponse:
    """Show what people answered, question by question."""
    event = organised(request, pk)
    context = {"event": event, "answers": answers_of(event)}
    return render(request, "events/registration_answers.html", context)
