"""One search over people, organisations and listings."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

from matching.facets import SIZES, Asked, Vocabulary, query_of, read, shown_as
from matching.forms.search import SearchForm
from matching.keyboards import retyped
from matching.models import SearchKind
from matching.questions import Found
from matching.services.finding import find
from matching.services.saved_searches import recent_news, saved_as
from matching.services.search_hits import hits_of
from matching.services.search_map import drawn, map_of
from matching.services.search_page import (
    ADDRESSES,
    chips,
    counted_facets,
    dropped_words,
    loosenings,
    sorts,
    tabs,
)
from matching.views.asked import asked_number


def people_search(request: HttpRequest) -> HttpResponse:
    """Find people by words and facets; readers without an account find public profiles."""
    return search_response(request, SearchKind.PEOPLE)


def organisation_list(request: HttpRequest) -> HttpResponse:
    """Find organisations by words and facets."""
    return search_response(request, SearchKind.ORGANISATIONS)


def listing_search(request: HttpRequest) -> HttpResponse:
    """Find offers, requests and partner searches by words and facets."""
    return search_response(request, SearchKind.LISTINGS)


def search_response(request: HttpRequest, kind: SearchKind) -> HttpResponse:
    """Answer with the whole page, or with what changes on it."""
    vocabulary = Vocabulary.read(kind)
    asked = read(kind, with_own_size(request), vocabulary)
    found = find(asked.question, reader=request.user)
    context = {
        "form": SearchForm(request.GET),
        "found": found,
        "tabs": tabs(asked.question, found, request.user),
        **question_shown(request, asked, vocabulary),
        **results_shown(request, asked, found, vocabulary),
    }
    is_part = wants_part(request)
    part = "#results" if is_part else ""
    response = render(request, f"matching/search_list.html{part}", context)
    if is_part:
        here = f"?{context['here']}" if context["here"] else ""
        response["HX-Push-Url"] = request.path + here
    patch_vary_headers(response, ["HX-Request"])
    return response


def wants_part(request: HttpRequest) -> bool:
    """Tell whether htmx asks for what changes; coming back by the history it wants the whole."""
    htmx = getattr(request, "htmx", None)
    return bool(htmx) and not getattr(htmx, "history_restore_request", False)


def with_own_size(request: HttpRequest) -> QueryDict:
    """Return the address with the page size that this person chose last, if it names none."""
    if not request.user.is_authenticated:
        return request.GET
    if request.GET.get("size", "") in map(str, SIZES):
        if request.session.get("page_size") != request.GET["size"]:
            request.session["page_size"] = request.GET["size"]
        return request.GET
    data = request.GET.copy()
    data["size"] = request.session.get("page_size", "")
    return data


def question_shown(request: HttpRequest, asked: Asked, vocabulary: Vocabulary) -> dict[str, Any]:
    """Return what the page says of the question itself."""
    question = asked.question
    query, said = query_of(question), shown_as(question)
    is_map = wants_map(request)
    return {
        "question": question,
        "kind": question.kind.value,
        "address": ADDRESSES[question.kind],
        "query": query,
        "is_map": is_map,
        "here": query_of(question, **said, view="map" if is_map else ""),
        "list_query": query_of(question, **said),
        "map_query": query_of(question, view="map"),
        "narrowing": sum(map(len, question.narrowed.values())),
        "chips": chips(question, vocabulary),
        "dropped": dropped_words(asked.dropped),
        "sorts": sorts(question),
        "sizes": SIZES,
        "saved": saved_as(request.user, question.kind, query),
    }


def results_shown(
    request: HttpRequest, asked: Asked, found: Found, vocabulary: Vocabulary
) -> dict[str, Any]:
    """Return the facets, and the results or what to try instead."""
    question, is_map = asked.question, wants_map(request)
    hides = is_map and question.kind == SearchKind.PEOPLE
    shown: dict[str, Any] = {
        "facets": counted_facets(found, question, vocabulary, hides_small=hides)
    }
    if not found.count:
        return shown | {
            "loosenings": loosenings(question, vocabulary, request.user),
            "retyped": retyped(question.words),
        }
    if is_map:
        rows = map_of(found, question)
        return shown | {"map": rows, "picture": drawn(rows, request.path)}
    new = recent_news(request.user, asked_number(request, "saved"))
    return shown | {
        "page": page_of(found, question.page_size),
        "hits": hits_of(found, question.kind, request.user, new),
    }


def wants_map(request: HttpRequest) -> bool:
    """Tell whether the results are wanted on a map."""
    return request.GET.get("view") == "map"


def page_of(found: Found, size: int) -> Page[int]:
    """Return the page as the component of pages wants it; the results are not cut by it."""
    return Paginator(range(found.count), size).page(found.page)
