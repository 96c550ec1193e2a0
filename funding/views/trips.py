"""Trips: planning, agreeing, approving, being well, reporting."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import (
    require_GET,
    require_http_methods,
    require_POST,
    require_safe,
)

from funding.forms.trips import TripForm, TripPapersForm, TripReportForm
from funding.machines import HOST, LEAD, OFFICER, PARTNER, TRAVELLER
from funding.models import Grant, Trip
from funding.services import trips
from funding.services.grant_pages import trip_page_of
from funding.services.trip_calendars import calendar_for
from funding.views.doing import reason_of, tried
from funding.views.grant_asked import grant_shown, trip_shown
from matching.views.asked import MemberRequest


@login_required
@require_http_methods(["GET", "POST"])
def trip_create(request: MemberRequest, pk: int) -> HttpResponse:
    """Plan a trip of a grant."""
    grant = grant_shown(request, pk, LEAD, PARTNER, TRAVELLER)
    form = TripForm(request.POST or None, grant=grant)
    made: list[Trip] = []
    if request.method == "POST" and form.is_valid():
        said = _("The trip is planned; its host is asked to confirm the days.")
        if tried(request, lambda: made.append(
            trips.plan_trip(grant, form.plan(), actor=request.user)), said, form.refuse):  # fmt: skip
            return redirect(made[0])
    return trip_form(request, grant, form)


@login_required
@require_http_methods(["GET", "POST"])
def trip_edit(request: MemberRequest, pk: int) -> HttpResponse:
    """Plan a trip anew."""
    trip = trip_shown(request, pk, LEAD, TRAVELLER)
    form = TripForm(request.POST or None, grant=trip.grant, trip=trip)
    if request.method == "POST" and form.is_valid():
        said = _("The trip is changed; its host is asked again.")
        plan = form.plan()
        if tried(request, lambda: trips.change_trip(trip, plan, actor=request.user), said,
                 form.refuse):  # fmt: skip
            return redirect(trip)
    return trip_form(request, trip.grant, form, trip=trip)


def trip_form(request: MemberRequest, grant: Grant, form: TripForm, **more: Any) -> HttpResponse:
    """Show the form of a trip."""
    context = {"grant": grant, "application": grant.decision.application, "form": form, **more}
    return render(request, "funding/trip_form.html", context)


@login_required
@require_GET
def trip_detail(request: MemberRequest, pk: int) -> HttpResponse:
    """Show one trip and what its people can do."""
    trip = trip_shown(request, pk)
    context = trip_page_of(trip, request.user)
    context |= {"papers_form": TripPapersForm(instance=trip), "report_form": TripReportForm()}
    return render(request, "funding/trip_detail.html", context)


@login_required
@require_POST
def trip_move(request: MemberRequest, pk: int, event: str) -> HttpResponse:
    """Let an event happen to a trip."""
    trip = trip_shown(request, pk)
    if event not in trips.EVENTS:
        raise Http404
    tried(request, lambda: trips.happen_to_trip(
        trip, event, actor=request.user, reason=reason_of(request)))  # fmt: skip
    return redirect(trip)


@login_required
@require_POST
def trip_papers(request: MemberRequest, pk: int) -> HttpResponse:
    """Note visa, insurance and whom to call."""
    trip = trip_shown(request, pk, LEAD, TRAVELLER)
    form = TripPapersForm(request.POST, instance=Trip(pk=trip.pk))
    if form.is_valid():
        tried(request, lambda: trips.save_papers(
            trip, actor=request.user, papers=form.cleaned_data))  # fmt: skip
        return redirect(trip)
    context = trip_page_of(trip, request.user)
    context |= {"papers_form": form, "report_form": TripReportForm()}
    return render(request, "funding/trip_detail.html", context)


@login_required
@require_POST
def trip_well(request: MemberRequest, pk: int) -> HttpResponse:
    """Note that the traveller is well."""
    trip = trip_shown(request, pk)
    said = _("Noted: you are well. Host and officer see it.")
    tried(request, lambda: trips.say_well(trip, actor=request.user), said)
    return redirect(trip)


@login_required
@require_POST
def trip_report(request: MemberRequest, pk: int) -> HttpResponse:
    """Hand in the report of a trip."""
    trip = trip_shown(request, pk, TRAVELLER)
    form = TripReportForm(request.POST)
    if form.is_valid():
        text = form.cleaned_data["text"]
        said = _("The report is handed in; host and officer are asked to approve it.")
        tried(request, lambda: trips.report_trip(trip, actor=request.user, text=text), said)
        return redirect(trip)
    context = trip_page_of(trip, request.user)
    context |= {"papers_form": TripPapersForm(instance=trip), "report_form": form}
    return render(request, "funding/trip_detail.html", context)


@login_required
@require_POST
def trip_sign(request: MemberRequest, pk: int) -> HttpResponse:
    """Approve the report of a trip as its host or as the officer."""
    trip = trip_shown(request, pk, HOST, OFFICER)
    tried(request, lambda: trips.approve_trip_report(trip, actor=request.user))
    return redirect(trip)


@login_required
@require_safe
def trip_calendar(request: MemberRequest, pk: int) -> HttpResponse:
    """Send a trip as a file for calendars."""
    trip = trip_shown(request, pk)
    headers = {"Content-Disposition": f'attachment; filename="trip-{trip.pk}.ics"'}
    return HttpResponse(calendar_for(trip), content_type="text/calendar", headers=headers)
