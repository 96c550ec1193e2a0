"""One's own offers and requests, and everybody's page of one."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from konnect.states import TransitionError
from matching.forms.listings import ListingForm
from matching.models import Listing, ListingKind, ListingState
from matching.permissions.listings import can_edit
from matching.services.listings import close_listing, publish_listing, save_listing
from matching.services.profiles import ensure_profile, shown_profile
from matching.views.asked import MemberRequest
from matching.views.partner_search_pages import PEOPLE, search_response, with_deadlines

PAGE_SIZE = 20
MOST_SEARCHES = 100


@login_required
def listing_list(request: MemberRequest) -> HttpResponse:
    """Show one's own partner searches, offers and requests in every state."""
    own = Listing.objects.filter(profile__user=request.user)
    page = Paginator(own.simple(), PAGE_SIZE).get_page(request.GET.get("page"))
    waiting = Count("interests", filter=Q(interests__state__in=("sent", "shortlisted")))
    searches = with_deadlines(own.partner_searches()).annotate(waiting=waiting)
    context = {"page": page, "searches": searches.order_by("-created_at", "-pk")[:MOST_SEARCHES]}
    return render(request, "matching/listing_list.html", context)


def listing_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one offer or request, or a partner search."""
    rows = Listing.objects.visible_to(request.user).select_related(*PEOPLE)
    listing = get_object_or_404(rows, pk=pk)
    if listing.search is not None:
        return search_response(request, listing)
    context = {
        "listing": listing,
        "profile": shown_profile(listing.profile, request.user),
        "can_edit": can_edit(listing, request.user),
    }
    return render(request, "matching/listing_detail.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def listing_create(request: MemberRequest) -> HttpResponse:
    """Write a new offer or request."""
    asked = request.GET.get("kind", "")
    kind = asked if asked in ListingKind.values else ListingKind.OFFER
    listing = Listing(profile=ensure_profile(request.user), kind=kind)
    return listing_form(request, listing)


@login_required
@require_http_methods(["GET", "POST"])
def listing_edit(request: MemberRequest, pk: int) -> HttpResponse:
    """Change one's own offer or request; a partner search has its own steps."""
    if Listing.objects.partner_searches().filter(profile__user=request.user, pk=pk).exists():
        return redirect("matching:partner_search_tasks", pk=pk)
    return listing_form(request, own_listing(request, pk))


def listing_form(request: MemberRequest, listing: Listing) -> HttpResponse:
    """Show the form, or save it: as a draft or open for others."""
    form = ListingForm(request.POST or None, instance=listing)
    if request.method == "POST" and form.is_valid():
        save_and_open(request, listing, form)
        return redirect("matching:listing_list")
    context = {"form": form, "listing": listing}
    return render(request, "matching/listing_form.html", context)


@transaction.atomic
def save_and_open(request: MemberRequest, listing: Listing, form: ListingForm) -> None:
    """Save, and open when the button for that was pressed."""
    save_listing(listing, actor=request.user, columns=form.columns(), **form.relations())
    if request.POST.get("action") == "publish" and listing.state != ListingState.OPEN:
        publish_listing(listing, actor=request.user)
        messages.success(
            request, _("Your listing is open. Others see it until its validity ends.")
        )
    else:
        messages.success(request, _("Your listing is saved."))


@login_required
@require_POST
def listing_close(request: MemberRequest, pk: int) -> HttpResponse:
    """Close one's own listing."""
    try:
        close_listing(own_listing(request, pk), actor=request.user)
        messages.success(request, _("Your listing is closed. You can open it again at any time."))
    except TransitionError:
        messages.info(request, _("Your listing was closed already."))
    return redirect("matching:listing_list")


@login_required
@require_POST
def listing_open(request: MemberRequest, pk: int) -> HttpResponse:
    """Open one's own listing, for the first time or again."""
    try:
        publish_listing(own_listing(request, pk), actor=request.user)
        messages.success(
            request, _("Your listing is open. Others see it until its validity ends.")
        )
    except TransitionError:
        messages.info(request, _("Your listing was open already."))
    return redirect("matching:listing_list")


def own_listing(request: MemberRequest, pk: int) -> Listing:
    """Return the person's own offer or request; partner searches and everybody else's are not there."""
    rows = Listing.objects.filter(profile__user=request.user).simple()
    rows = rows.select_related("profile__user")
    return get_object_or_404(rows, pk=pk)
