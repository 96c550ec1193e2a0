"""Who takes part: the list, one participant, and whom one should meet."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_GET

from events.asking import request_blockers
from events.models import Event, MeetingRequest, Registration
from events.permissions import may_run, may_see_participants, registration_of
from events.phases import takes_requests
from events.services.event_suggestions import recommended
from events.services.participants import (
    FACETS,
    Chosen,
    find_participants,
    lines_of,
    participants_for,
)
from events.views.asked import event_shown
from matching.forms.search import SearchForm
from matching.services.search_page import Chip, CountedFacet
from matching.services.shown import shown_profile
from matching.views.asked import MemberRequest
from matching.views.search import wants_part

PAGE_SIZE = 24
PEOPLE_AT_ONCE = 12


def event_of_participants(request: HttpRequest, pk: int) -> Event:
    """Return an event whose list of participants this reader may see.

    Raises:
        Http404: they neither take part nor run it.
    """
    event = event_shown(request, pk)
    if not may_see_participants(event, request.user):
        raise Http404
    return event


@login_required
@require_GET
def participant_list(request: MemberRequest, pk: int) -> HttpResponse:
    """Show who takes part, narrowed down by words and facets; whoever registers first sees how."""
    event = event_shown(request, pk)
    if not may_see_participants(event, request.user):
        return closed_list(request, event)
    form = SearchForm(request.GET)
    chosen = chosen_of(request.GET)
    found = find_participants(event, request.user, form.words(), chosen)
    chips = chips_of(request.GET, form.words(), found.facets)
    page = Paginator(found.ids, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "event": event, "form": form, "found": found, "page": page, "facets": found.facets,
        "narrowing": sum(map(len, chosen.values())), "query": query_of(request.GET),
        "lines": lines_of(list(page.object_list), request.user), "chips": chips,
        "runs": may_run(event, request.user), "registration": registration_of(event, request.user),
    }  # fmt: skip
    return list_page(request, context)


def closed_list(request: MemberRequest, event: Event) -> HttpResponse:
    """Tell who may see the list, and how to become one of them."""
    own = registration_of(event, request.user)
    return render(
        request, "events/participants_closed.html", {"event": event, "registration": own}
    )


def list_page(request: MemberRequest, context: dict[str, Any]) -> HttpResponse:
    """Answer with the whole page, or with what changes on it."""
    is_part = wants_part(request)
    template = "events/participant_list.html" + ("#results" if is_part else "")
    response = render(request, template, context)
    if is_part:
        query = context["query"]
        response["HX-Push-Url"] = request.path + (f"?{query}" if query else "")
    patch_vary_headers(response, ["HX-Request"])
    return response


def chosen_of(data: QueryDict) -> Chosen:
    """Return the chosen values of each facet."""
    return {name: tuple(data.getlist(name))[:30] for name in FACETS if data.getlist(name)}


def query_of(data: QueryDict) -> str:
    """Return the address of a list without its page, what is empty left out."""
    kept = QueryDict(mutable=True)
    for name in ("q", *FACETS):
        kept.setlist(name, [value for value in data.getlist(name) if value])
    return kept.urlencode()


def chips_of(data: QueryDict, words: str, facets: Iterable[CountedFacet]) -> list[Chip]:
    """Return what narrows the list, words first, each with the address without it."""
    found = [Chip(f"“{words}”", without(data, "q", *data.getlist("q")))] if words else []
    return found + [
        Chip(value.label, without(data, facet.name, value.value), facet.label)
        for facet in facets
        for value in facet.chosen
    ]


def without(data: QueryDict, name: str, *values: str) -> str:
    """Return the address of a list without some values of a filter."""
    left = data.copy()
    left.setlist(name, [value for value in data.getlist(name) if value not in values])
    return query_of(left)


@login_required
@require_GET
def participant_detail(request: MemberRequest, pk: int, number: int) -> HttpResponse:
    """Show one participant: what they offer and seek here, and their profile for this reader."""
    event = event_of_participants(request, pk)
    people = participants_for(event, request.user).with_people()
    participant = get_object_or_404(people, pk=number)
    own = registration_of(event, request.user)
    context = {
        "event": event, "participant": participant, "registration": own,
        "person": shown_profile(participant.profile, request.user),
        "intents": list(participant.intents.all()),
        "meeting_request": request_between(own, participant),
        "blockers": request_blockers(event, own, participant) if own else [],
    }  # fmt: skip
    return render(request, "events/participant_detail.html", context)


def request_between(own: Registration | None, other: Registration) -> MeetingRequest | None:
    """Return what the two have asked each other and is still alive."""
    if own is None:
        return None
    live = MeetingRequest.objects.live()
    sides = {own.pk, other.pk}
    return live.filter(sender__in=sides, recipient__in=sides).first()


@login_required
@require_GET
def participant_suggestions(request: MemberRequest, pk: int) -> HttpResponse:
    """Show whom the reader should meet at this event, with reasons."""
    event = event_of_participants(request, pk)
    own = registration_of(event, request.user)
    if own is None or own.state != "confirmed":
        return redirect(reverse("events:participant_list", args=[event.pk]))
    own.event = event
    found = recommended(event, own, request.user) if own.wants_meetings else []
    page = Paginator(found, PEOPLE_AT_ONCE).get_page(request.GET.get("page"))
    context = {
        "event": event, "registration": own, "page": page,
        "asks": takes_requests(event, timezone.now()),
    }  # fmt: skip
    return render(request, "events/participant_suggestions.html", context)
