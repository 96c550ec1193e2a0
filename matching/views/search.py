"""Finding people."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from matching.forms.search import SearchForm
from matching.models import Profile
from matching.search import PEOPLE_FACETS, asked_for, chips, counted, narrowed, people_with_words
from matching.services.profiles import shown_profiles

PAGE_SIZE = 20


def people_search(request: HttpRequest) -> HttpResponse:
    """Find people by words and facets; readers without an account find public profiles."""
    form = SearchForm(request.GET)
    asked = asked_for(request.GET, PEOPLE_FACETS, form.words())
    visible = Profile.objects.visible_to(request.user).published()
    people = people_with_words(visible, asked.words, is_member=request.user.is_authenticated)
    hits = narrowed(people, PEOPLE_FACETS, asked).with_card().order_by("-confirmed_at", "pk")
    page = Paginator(hits, PAGE_SIZE).get_page(request.GET.get("page"))
    facets = counted(people, PEOPLE_FACETS, asked)
    context = {
        "form": form,
        "asked": asked,
        "facets": facets,
        "chips": chips(facets, asked),
        "page": page,
        "query": asked.query(),
        "people": shown_profiles(page.object_list, request.user),
    }
    part = "#results" if getattr(request, "htmx", False) else ""
    return render(request, f"matching/profile_list.html{part}", context)
