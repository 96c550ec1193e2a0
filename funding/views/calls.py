"""Calls as everybody reads them: list, page, feeds."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_safe

from events.views.events import sent
from funding.feeds import atom_of, calendar_file, recent_calls
from funding.filters import COMING, STATUSES, CallFilter
from funding.machines import FUNDER, OFFICER
from funding.models import Call, Funder
from funding.permissions import calls_run_by, roles_for
from funding.phases import phase_of, with_clock
from funding.services.call_pages import (
    is_invited,
    own_application,
    paying_for,
    public_full_call,
    standings_for,
)
from funding.services.call_saving import may_create_calls
from funding.services.lotteries import lots_of
from funding.templatetags.funding_words import PHASES
from funding.views.asked import call_shown
from matching.models import Area

PAGE_SIZE = 20
# Which calls a list holds, by the word of its address.
COMING_VIEW, PAST, OWN = "coming", "past", "own"
VIEWS = (COMING_VIEW, PAST, OWN)
FILTERS = ("area", "funder", "status")


@require_GET
def call_list(request: HttpRequest) -> HttpResponse:
    """Show what is open and opens soon, what was, or what the reader runs."""
    view = request.GET.get("view", "")
    view = view if view in VIEWS else COMING_VIEW
    filtered = CallFilter(request.GET, queryset=rows_of(view, request), request=request)
    rows = with_clock(filtered.qs).prefetch_related("areas", "commitments__funder")
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "view": view, "filter": filtered, "choices": choices_of(),
        "page": Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page")),
        "query": query.urlencode(),
        "chosen": {name: request.GET.get(name, "") for name in FILTERS},
        "is_narrowed": any(request.GET.get(name) for name in FILTERS),
        "may_create": may_create_calls(request.user), "runs_some": runs_some(request),
    }  # fmt: skip
    return render(request, "funding/call_list.html", context)


def rows_of(view: str, request: HttpRequest) -> QuerySet[Call]:
    """Return the calls of a list, before anything is chosen."""
    if view == OWN and request.user.is_authenticated:
        return calls_run_by(request.user).order_by(F("closes_at").desc(nulls_first=True), "-pk")
    public = Call.objects.public()
    if view == PAST:
        return public.exclude(COMING).order_by("-closes_at", "-pk")
    # The next to close comes first; a status that was asked for is looked for among all.
    rows = public if request.GET.get("status") else public.filter(COMING)
    return rows.order_by("closes_at", "pk")


def runs_some(request: HttpRequest) -> bool:
    """Tell whether the reader runs any call."""
    return request.user.is_authenticated and calls_run_by(request.user).exists()


def choices_of() -> dict[str, list[tuple[str, Any]]]:
    """Return what can be chosen: areas, the funders of public calls, and where calls stand."""
    areas = Area.objects.filter(version=Area.CURRENT_VERSION)
    funders = Funder.objects.filter(commitments__call__in=Call.objects.public()).distinct()
    return {
        "area": [(area.code, str(area)) for area in areas],
        "funder": [(funder.code, str(funder)) for funder in funders],
        "status": [(str(status), PHASES[status]) for status in STATUSES],
    }


@require_GET
def call_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one call: who pays what for whom, by which rules, judged how, and until when."""
    call = call_shown(request, pk)
    context = {
        "call": call, "phase": phase_of(call),
        "paying": paying_for(call), "standings": standings_for(call),
        "criteria": call.criteria.all(), "missions": call.missions.all(),
        "areas": call.areas.all(), "deadlines": call.deadlines.all(),
        "amendments": call.amendments.all(),
        "application": own_application(call, request.user),
        "full_call": public_full_call(call), "is_invited": is_invited(call, request.user),
        "has_lottery": lots_of(call) is not None,
        "runs": bool(roles_for(call, request.user) & {OFFICER, FUNDER}),
    }  # fmt: skip
    return render(request, "funding/call_detail.html", context)


@require_safe
def call_feed_atom(request: HttpRequest) -> HttpResponse:
    """Send all calls as an Atom feed."""
    return sent(request, atom_of(recent_calls()), "application/atom+xml")


@require_safe
def call_feed_calendar(request: HttpRequest) -> HttpResponse:
    """Send all dates of calls as a calendar to which one can subscribe."""
    return sent(request, calendar_file(recent_calls()), "text/calendar")
