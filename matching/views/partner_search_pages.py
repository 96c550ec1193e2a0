"""Partner searches as others read them: the list and the page of one."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.db.models import F, OuterRef, Prefetch, Subquery, prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from matching.models import (
    Area,
    ConsortiumMember,
    DeadlineKind,
    ExpressionOfInterest,
    Listing,
    ListingDeadline,
    ListingKind,
    PartnerSide,
    Profile,
)
from matching.models.listing import ListingQuerySet
from matching.permissions.interests import may_read_details, may_review, shown_blockers
from matching.services.profiles import ensure_profile
from matching.services.search_facts import (
    clocks_of,
    gaps_of,
    siblings_of,
    verdicts_of,
)
from matching.services.shown import shown_on_card
from matching.services.standings import standings_of

PAGE_SIZE = 20
SIBLINGS_SHOWN = 5
SIBLINGS_COMPARED = 50
VIEWS = ("mine", "both", "original")
PEOPLE = ("profile__organisation", "profile__user", "organisation", "partner_search")
PARTS: tuple[Any, ...] = (
    "areas", "topics", "deadlines", "profile__areas",
    Prefetch("consortium", ConsortiumMember.objects.select_related("organisation")),
)  # fmt: skip


@require_GET
def partner_search_list(request: HttpRequest) -> HttpResponse:
    """Show the partner searches that the reader may see, the nearest deadline first."""
    chosen = {name: request.GET.get(name, "") for name in ("kind", "side", "area")}
    rows = filtered(Listing.objects.visible_to(request.user).partner_searches().shown(), chosen)
    ordered = with_deadlines(rows).order_by(F("call_at").asc(nulls_last=True), "-created_at", "pk")
    listed = ordered.select_related(*PEOPLE).prefetch_related("areas")
    page = Paginator(listed, PAGE_SIZE).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "page": page, "chosen": chosen, "query": query.urlencode(), "now": timezone.now(),
        "kinds": ListingKind.choices, "sides": PartnerSide.choices[:2],
        "areas": Area.objects.filter(version=Area.CURRENT_VERSION),
        "may_review": may_review(request.user),
    }  # fmt: skip
    return render(request, "matching/partner_search_list.html", context)


def filtered(rows: ListingQuerySet, chosen: dict[str, str]) -> ListingQuerySet:
    """Keep what was chosen; unknown values keep everything."""
    if chosen["kind"] in ListingKind.values:
        rows = rows.filter(kind=chosen["kind"])
    if chosen["side"] in {PartnerSide.EUROPE, PartnerSide.KOREA}:
        wanted = (chosen["side"], PartnerSide.BOTH)
        rows = rows.filter(partner_search__partner_side__in=wanted)
    if chosen["area"].isascii() and chosen["area"].isalpha():
        in_area = Area.objects.filter(code=chosen["area"], version=Area.CURRENT_VERSION)
        rows = rows.filter(areas__in=in_area)
    return rows


def with_deadlines(rows: Any) -> Any:
    """Add `call_at` and `interest_at`, when the call ends and until when interest is taken."""
    own = ListingDeadline.objects.filter(listing=OuterRef("pk"))
    return rows.annotate(
        call_at=Subquery(own.filter(kind=DeadlineKind.CALL).values("at")[:1]),
        interest_at=Subquery(own.filter(kind=DeadlineKind.INTEREST).values("at")[:1]),
    )


def search_response(request: HttpRequest, listing: Listing) -> HttpResponse:
    """Show one search to somebody who may see it."""
    prefetch_related_objects([listing], *PARTS)
    reader = ensure_profile(request.user) if request.user.is_authenticated else None
    own = list(listing.interests.filter(profile=reader)) if reader else []
    shown = request.GET.get("text", "")
    context = {
        "listing": listing,
        "search": listing.partner_search,
        "profile": shown_on_card(listing.profile, request.user),
        "text_view": shown if shown in VIEWS else "mine",
        "may_read_details": may_read_details(listing, reader, own),
        **facts_shown(request, listing, reader),
        **answers_shown(listing, reader, own),
    }
    return render(request, "matching/partner_search_detail.html", context)


def facts_shown(request: HttpRequest, listing: Listing, reader: Profile | None) -> dict[str, Any]:
    """Return clocks, verdicts and gaps of a search."""
    search = listing.partner_search
    year = search.call_year or timezone.now().year
    standings = standings_of(search.programme, year) if search.programme else []
    zone = timezone.get_current_timezone_name()
    return {
        "clocks": clocks_of(listing, reader_zone=zone, reader=reader),
        "verdicts": verdicts_of(listing, standings),
        "gaps": gaps_of(listing, standings),
        "siblings": siblings_shown(request, listing, standings),
    }


def siblings_shown(request: HttpRequest, listing: Listing, standings: list[Any]) -> list[Any]:
    """Return other searches of the same call that would close gaps of this one."""
    identifier = listing.partner_search.call_identifier
    if not identifier:
        return []
    same = (
        Listing.objects.visible_to(request.user).partner_searches().shown().exclude(pk=listing.pk)
    )
    others = same.filter(partner_search__call_identifier__iexact=identifier)
    found = others.select_related("profile__organisation").prefetch_related("consortium")
    newest = found.order_by("-created_at", "-pk")[:SIBLINGS_COMPARED]
    return siblings_of(listing, newest, standings)[:SIBLINGS_SHOWN]


def answers_shown(
    listing: Listing, reader: Profile | None, own: list[ExpressionOfInterest]
) -> dict[str, Any]:
    """Return what this reader can do: answer, see their own answer, or handle what came in."""
    if reader is None:
        return {"can_edit": False}
    if listing.profile_id == reader.pk:
        waiting = ExpressionOfInterest.objects.visible_to(reader.user).filter(listing=listing)
        return {"can_edit": True, "waiting": waiting.awaiting_answer().count()}
    newest = own[0] if own else None
    blockers = [] if newest else shown_blockers(reader, listing)
    return {"can_edit": False, "own_interest": newest, "interest_blockers": blockers}
