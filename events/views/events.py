"""Events as everybody reads them: list, calendar, page, feeds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.formats import get_format
from django.views.decorators.http import require_GET, require_safe

from events.feeds import atom_of, calendar_file, recent_events
from events.filters import EventFilter
from events.models import Event, EventKind, EventMode
from events.permissions import may_create_events
from events.services.months import month_named, month_of, shown_span
from events.services.programmes import programme_of, speaks_at
from events.templatetags.event_times import reader_zone
from events.views.asked import event_shown
from matching.countries import country_name
from matching.feeds import tag_of
from matching.models import Area

PAGE_SIZE = 20
# Which events a list holds, by the word of its address.
COMING, PAST, CALENDAR, OWN = "coming", "past", "calendar", "own"
VIEWS = (COMING, PAST, CALENDAR, OWN)
FILTERS = ("kind", "mode", "area", "country", "month")


@require_GET
def event_list(request: HttpRequest) -> HttpResponse:
    """Show what is to come, what was, a month, or what the reader prepares."""
    view = request.GET.get("view", "")
    view = view if view in VIEWS else COMING
    filtered = EventFilter(request.GET, queryset=rows_of(view, request), request=request)
    rows = filtered.qs.prefetch_related("areas")
    context = {
        "view": view, "filter": filtered, "choices": choices_of(),
        "chosen": {name: request.GET.get(name, "") for name in FILTERS},
        "may_create": may_create_events(request.user),
        "runs_some": Event.objects.run_by(request.user).exists(),
        **(month_shown(request) if view == CALENDAR else page_shown(request, rows)),
    }  # fmt: skip
    return render(request, "events/event_list.html", context)


def rows_of(view: str, request: HttpRequest) -> QuerySet[Event]:
    """Return the events of a list, before anything is chosen."""
    if view == PAST:
        return Event.objects.visible_to(request.user).past()
    if view == CALENDAR:
        return Event.objects.shown().order_by("starts_at")
    if view == OWN:
        return Event.objects.run_by(request.user).order_by("-starts_at")
    return Event.objects.visible_to(request.user).coming()


def page_shown(request: HttpRequest, rows: QuerySet[Event]) -> dict[str, Any]:
    """Return one page of a list, and the query without its number."""
    query = request.GET.copy()
    query.pop("page", None)
    return {
        "page": Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page")),
        "query": query.urlencode(),
        "is_narrowed": any(request.GET.get(name) for name in FILTERS),
    }


def month_shown(request: HttpRequest) -> dict[str, Any]:
    """Return the month of the address, or this one, with its events, and the query beside it."""
    zone = str(timezone.get_current_timezone())
    today = timezone.localdate()
    first = month_named(request.GET.get("month", "")) or today.replace(day=1)
    weekday = int(get_format("FIRST_DAY_OF_WEEK"))
    begins, ends = shown_span(first, weekday, zone)
    query = request.GET.copy()
    # The days beside the month are shown too, which the filter of months leaves out.
    query.pop("month", None)
    rows = EventFilter(query, queryset=rows_of(CALENDAR, request)).qs
    shown = rows.filter(starts_at__lt=ends, ends_at__gt=begins)
    return {
        "month": month_of(first, shown, zone=zone, today=today, first_weekday=weekday),
        "weekdays": [day.date for day in first_week(first, weekday)],
        "query": query.urlencode(),
    }


def first_week(first: Any, weekday: int) -> Sequence[Any]:
    """Return seven days that begin as weeks do for this reader."""
    return month_of(first, [], zone="UTC", today=first, first_weekday=weekday).weeks[0]


def choices_of() -> dict[str, list[tuple[str, str]]]:
    """Return what can be chosen: kinds, modes, areas, and the countries that there are."""
    codes = Event.objects.shown().exclude(country_code="").values_list("country_code", flat=True)
    return {
        "kind": [(str(value), str(label)) for value, label in EventKind.choices],
        "mode": [(str(value), str(label)) for value, label in EventMode.choices],
        "area": [
            (area.code, str(area)) for area in Area.objects.filter(version=Area.CURRENT_VERSION)
        ],
        "country": sorted(
            ((code, country_name(code)) for code in set(codes)), key=lambda each: each[1]
        ),
    }


@require_GET
def event_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one event: what it is, when, where, its programme, and how to take part."""
    event = event_shown(request, pk)
    context = {
        "event": event,
        "programme": programme_of(event, reader=request.user, zone=reader_zone()),
        "hosts": event.hosts.all(),
        "areas": event.areas.all(),
        "siblings": siblings_of(event, request),
        "speaks_here": speaks_at(event, request.user),
    }
    return render(request, "events/event_detail.html", context)


def siblings_of(event: Event, request: HttpRequest) -> list[Event]:
    """Return the other events of the same series that the reader may see."""
    if event.series_id is None:
        return []
    rows = Event.objects.visible_to(request.user).filter(series=event.series_id)
    return list(rows.exclude(pk=event.pk).order_by("starts_at")[:PAGE_SIZE])


@require_safe
def event_feed_atom(request: HttpRequest) -> HttpResponse:
    """Send all events as an Atom feed."""
    return sent(request, atom_of(recent_events()), "application/atom+xml")


@require_safe
def event_feed_calendar(request: HttpRequest) -> HttpResponse:
    """Send all events as a calendar to which one can subscribe."""
    return sent(request, calendar_file(recent_events()), "text/calendar")


@require_safe
def event_calendar(request: HttpRequest, pk: int) -> HttpResponse:
    """Send one event as a calendar entry."""
    response = sent(request, calendar_file([event_shown(request, pk)]), "text/calendar")
    response.headers["Content-Disposition"] = f'attachment; filename="event-{pk}.ics"'
    return response


def sent(request: HttpRequest, content: bytes, kind: str) -> HttpResponse:
    """Answer with a file, or with 304 when the reader has it already."""
    tag = tag_of(content)
    response = HttpResponse(content, content_type=f"{kind}; charset=utf-8", headers={"ETag": tag})
    patch_vary_headers(response, ("Accept-Language", "Cookie"))
    return get_conditional_response(request, etag=tag, response=response) or response
