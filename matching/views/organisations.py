"""Organisations."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from matching.forms.search import SearchForm
from matching.models import Listing, Organisation, Profile, Twinning
from matching.permissions.twinnings import may_read_plans, represents
from matching.services.organisation_suggestions import suggest_organisations
from matching.services.profiles import shown_profiles
from matching.views.asked import asked_number

MEMBERS_SHOWN = 60


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
        "twinnings": Twinning.objects.active().of(organisation).with_sides(),
        "may_read_plans": may_read_plans(request.user, organisation),
        "is_representative": represents(request.user, organisation),
    }
    return render(request, "matching/organisation_detail.html", context)


def organisation_suggest(request: HttpRequest) -> HttpResponse:
    """Offer the organisations that what was typed may mean."""
    form = SearchForm({"q": request.GET.get("organisation_query", "")})
    words = form.words()
    found = suggest_organisations(words)
    chosen = asked_number(request, "organisation")
    context = {"options": found, "query": words, "chosen": chosen}
    return render(request, "matching/profile_form.html#organisation-options", context)
