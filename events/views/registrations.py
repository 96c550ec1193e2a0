"""One's own registration: entering it, looking at it, changing it, taking a place, withdrawing."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from events.forms.registrations import RegistrationForm, WithdrawalForm, first_values
from events.models import Event, Registration
from events.permissions import registration_of
from events.registering import registration_blockers
from events.services.answers import answered
from events.services.intents import intents_from_profile, wishes_of
from events.services.registration_notices import ticket_of
from events.services.registrations import (
    change_registration,
    place_on_list,
    register,
    show_in_list,
    take_offer,
    withdraw_registration,
)
from events.views.asked import event_shown
from konnect.states import TransitionError
from matching.models import Profile
from matching.permissions.contacts import Blocker, RefusedError
from matching.services.profiles import ensure_profile
from matching.views.asked import MemberRequest


@login_required
@require_http_methods(["GET", "POST"])
def registration_form(request: MemberRequest, pk: int) -> HttpResponse:
    """Register for an event, or change how one takes part."""
    event = event_shown(request, pk)
    own = registration_of(event, request.user)
    if own is not None:
        return change(request, event, own)
    profile = ensure_profile(request.user)
    form = RegistrationForm(
        request.POST or None, event=event, wishes=intents_from_profile(profile),
        initial={"mode": event.mode, "zone": request.user.time_zone, "wants_meetings": True},
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        return enter(request, event, profile, form)
    wants_meetings = "wants_meetings" in (
        request.POST if request.method == "POST" else form.fields
    )
    blockers = registration_blockers(event, profile, wants_meetings=wants_meetings)
    return form_page(request, event, form, blockers)


def enter(
    request: MemberRequest, event: Event, profile: Profile, form: RegistrationForm
) -> HttpResponse:
    """Register; when something came between, say what."""
    try:
        register(
            event, profile=profile, actor=request.user, answers=form.answers(),
            intents=form.intents(), **form.columns(),
        )  # fmt: skip
    except RefusedError as error:
        return form_page(request, event, form, error.blockers)
    return redirect("events:registration_detail", event.pk)


def change(request: MemberRequest, event: Event, own: Registration) -> HttpResponse:
    """Change a registration."""
    form = RegistrationForm(
        request.POST or None, event=event, wishes=wishes_of(own), initial=first_values(own)
    )
    if request.method == "POST" and form.is_valid():
        return change_and_say(request, event, own, form)
    return form_page(request, event, form, [], own)


def change_and_say(
    request: MemberRequest, event: Event, own: Registration, form: RegistrationForm
) -> HttpResponse:
    """Write the changes; when something came between, say what."""
    try:
        change_registration(
            own, actor=request.user, columns=form.columns(), answers=form.answers(),
            intents=form.intents(),
        )  # fmt: skip
    except RefusedError as error:
        return form_page(request, event, form, error.blockers, own)
    except TransitionError:
        messages.error(request, _("This registration was over already."))
    else:
        messages.success(request, _("Your registration is changed."))
    return redirect("events:registration_detail", event.pk)


def form_page(
    request: HttpRequest, event: Event, form: RegistrationForm, blockers: list[Blocker],
    own: Registration | None = None,
) -> HttpResponse:  # fmt: skip
    """Show the form, or why one cannot register."""
    context = {"event": event, "form": form, "blockers": blockers, "registration": own}
    return render(request, "events/registration_form.html", context)


def own_registration(request: MemberRequest, pk: int) -> Registration:
    """Return the reader's latest registration at an event.

    Raises:
        Http404: there is none.
    """
    rows = Registration.objects.of(request.user).filter(event=pk).select_related("event")
    # The live one if there is one: it is always the latest.
    found = rows.order_by("-pk").first()
    if found is None:
        raise Http404
    return found


@login_required
@require_GET
def registration_detail(request: MemberRequest, pk: int) -> HttpResponse:
    """Show where one's registration stands, and what one can do."""
    event = event_shown(request, pk)
    try:
        own = own_registration(request, pk)
    except Http404:
        return redirect("events:registration_form", event.pk)
    return render(request, "events/registration_detail.html", facts_of(event, own))


def facts_of(event: Event, own: Registration) -> dict[str, Any]:
    """Return what the page of a registration shows."""
    return {
        "event": event,
        "registration": own,
        "answers": answered(own),
        "intents": list(own.intents.all()),
        "ticket": ticket_of(own),
        "place": place_on_list(own),
        "has_slots": event.has_meetings and event.slots.exists(),
        "has_begun": own.check_ins.exists(),
    }


@login_required
@require_POST
def registration_show(request: MemberRequest, pk: int) -> HttpResponse:
    """Show somebody in the list of participants."""
    event = event_shown(request, pk)
    try:
        show_in_list(own_registration(request, pk))
    except TransitionError:
        messages.error(request, _("This registration was over already."))
    else:
        messages.success(request, _("You are in the list of participants now."))
    return redirect("events:registration_detail", event.pk)


@login_required
@require_POST
def registration_take(request: MemberRequest, pk: int) -> HttpResponse:
    """Take a place that is offered."""
    event = event_shown(request, pk)
    try:
        take_offer(own_registration(request, pk), actor=request.user)
    except RefusedError as error:
        messages.error(request, str(error.blockers[0].words))
    except TransitionError:
        messages.error(request, _("This place is no longer offered to you."))
    return redirect("events:registration_detail", event.pk)


@login_required
@require_http_methods(["GET", "POST"])
def registration_withdraw(request: MemberRequest, pk: int) -> HttpResponse:
    """Ask whether one really no longer comes, and withdraw."""
    event = event_shown(request, pk)
    own = own_registration(request, pk)
    form = WithdrawalForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            withdraw_registration(own, actor=request.user, reason=form.cleaned_data["reason"])
            messages.success(request, _("You have withdrawn from this event."))
        except TransitionError:
            messages.error(request, _("This registration was over already."))
        return redirect(reverse("events:registration_detail", args=[event.pk]))
    context = {"event": event, "registration": own, "form": form, **what_ends(own)}
    return render(request, "events/registration_withdraw.html", context)


def what_ends(own: Registration) -> dict[str, int]:
    """Count the meetings and requests that end with a registration."""
    return {
        "meetings": own.seats.filter(is_live=True, meeting__state="scheduled").count(),
        "requests": own.requests_sent.live().count() + own.requests_received.live().count(),
    }
