"""Organisations."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from matching.forms.profiles import ORGANISATIONS_SHOWN
from matching.forms.search import SearchForm
from matching.models import Listing, Organisation, Profile
from matching.names import folded
from matching.search import (
    ORGANISATION_FACETS,
    asked_for,
    chips,
    counted,
    narrowed,
    organisations_with_words,
)
from matching.services.profiles import shown_profiles
from matching.views.asked import asked_number

PAGE_SIZE = 30
MEMBERS_SHOWN = 60


def organisation_list(request: HttpRequest) -> HttpResponse:
    """Find organisations by words and facets."""
    form = SearchForm(request.GET)
    asked = asked_for(request.GET, ORGANISATION_FACETS, form.words())
    found = organisations_with_words(asked.words)
    hits = narrowed(found, ORGANISATION_FACETS, asked).order_by("name", "pk")
    facets = counted(found, ORGANISATION_FACETS, asked)
    context = {
        "form": form,
        "asked": asked,
        "facets": facets,
        "chips": chips(facets, asked),
        "page": Paginator(hits, PAGE_SIZE).get_page(request.GET.get("page")),
        "query": asked.query(),
    }
    part = "#results" if getattr(request, "htmx", False) else ""
    return render(request, f"matching/organisation_list.html{part}", context)


def organisation_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show an organisation and those who work there, as far as this reader may see them."""
    organisation = get_object_or_404(Organisation.objects.select_related("successor"), pk=pk)
    members = (
        Profile.objects.visible_to(request.user).published().filter(organisation=organisation)
    )
    page = Paginator(members.with_card().order_by("display_name", "pk"), MEMBERS_SHOWN)
    people = page.get_page(request.GET.get("page"))
    listings = Listing.objects.visible_to(request.user).open()
    context = {
        "organisation": organisation,
        "page": people,
        "people": shown_profiles(people.object_list, request.user),
        "listings": listings.filter(profile__organisation=organisation)[:MEMBERS_SHOWN],
    }
    return render(request, "matching/organisation_detail.html", context)


def organisation_suggest(request: HttpRequest) -> HttpResponse:
    """Offer the organisations that what was typed may mean."""
    form = SearchForm({"q": request.GET.get("organisation_query", "")})
    words = form.words()
    found = organisations_with_words(words)[:ORGANISATIONS_SHOWN] if folded(words) else []
    chosen = asked_number(request, "organisation")
    context = {"options": found, "query": words, "chosen": chosen}
    return render(request, "matching/profile_form.html#organisation-options", context)
