"""The signed-in person's start page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Exists, OuterRef, Subquery
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from konnect.accounts.models import Role, RoleGrant, Scope, User
from matching.completeness import missing, percentage_without
from matching.context import Inbox, count_inbox
from matching.models import (
    ContactRequest,
    Conversation,
    Listing,
    Profile,
    ProfileState,
    Side,
    SourceRequest,
    SourceRequestState,
)
from matching.services.next_steps import Facts, next_steps
from matching.services.profiles import ensure_profile
from matching.services.suggestions import Shortlist, shortlist, suggestions_of
from matching.views.asked import MemberRequest

TEMPLATE = "matching/dashboard.html"
NOTHING = Shortlist([], is_fresh=False, embedder="")
STEPS_SHOWN = 3
SUGGESTIONS_SHOWN = 5
ROWS_SHOWN = 3
LISTING_ENDS_SOON = timedelta(days=14)


@login_required
def dashboard(request: MemberRequest) -> HttpResponse:
    """Show what to do next, what waits, and suggestions; a poll gets new suggestions."""
    profile = profile_with_parts(request.user)
    suggested = suggested_to(profile)
    if request.htmx:
        return news(request, suggested)
    inbox = count_inbox(request.user)
    facts = facts_of(profile, inbox, has_suggestions=bool(suggested["suggestions"]))
    context = suggested | {
        "profile": profile,
        "percentage": percentage_without(list(facts.missing)),
        "steps": next_steps(facts)[:STEPS_SHOWN],
        "inbox": inbox,
        "waiting": waiting_requests(request.user),
        "unread": unread_conversations(request.user) if inbox.unread_messages else [],
        "ending": ending_listings(profile),
    }
    return render(request, TEMPLATE, context)


def news(request: MemberRequest, suggested: dict[str, object]) -> HttpResponse:
    """Return the suggestions once they are new; 204 until then."""
    if not suggested["are_fresh"]:
        return HttpResponse(status=204)
    return render(request, f"{TEMPLATE}#suggestions", suggested)


def suggested_to(profile: Profile) -> dict[str, object]:
    """Return the first suggestions, and whether there can be any."""
    is_published = profile.state == ProfileState.PUBLISHED
    takes_part = profile.is_suggestible and profile.side != Side.ELSEWHERE
    found = shortlist(profile) if is_published and takes_part else NOTHING
    first = found.entries[:SUGGESTIONS_SHOWN]
    return {
        "is_published": is_published,
        "takes_part": takes_part,
        "are_fresh": found.is_fresh,
        "suggestions": suggestions_of(profile, first, found.embedder),
    }


def profile_with_parts(user: User) -> Profile:
    """Return the person's profile with everything that its completeness reads, and whether they read statistics."""
    profile = ensure_profile(user)
    parts = ("areas", "topics", "listings", "works")
    looks = SourceRequest.objects.filter(profile=OuterRef("pk"))
    ready = looks.filter(state=SourceRequestState.READY).values("pk")[:1]
    analyst = RoleGrant.objects.filter(
        user=OuterRef("user"), role=Role.POLICY_ANALYST, scope=Scope.PORTAL
    )
    return (
        Profile.objects.select_related("organisation", "user")
        .annotate(ready_look=Subquery(ready), has_looked=Exists(looks), is_analyst=Exists(analyst))
        .prefetch_related(*parts)
        .get(pk=profile.pk)
    )


def facts_of(profile: Any, inbox: Inbox, *, has_suggestions: bool) -> Facts:
    """Return what the next steps follow from."""
    open_listings = [listing for listing in profile.listings.all() if listing.is_open]
    return Facts(
        state=profile.state,
        missing=tuple(missing(profile)),
        pending_requests=inbox.pending_requests,
        unread_messages=inbox.unread_messages,
        has_asked=profile.contact_requests_sent.exists(),
        has_suggestions=has_suggestions,
        open_listing_kinds=frozenset(listing.kind for listing in open_listings),
        ending_listings=len(ending_listings(profile)),
        ready_look=profile.ready_look,
        can_fill=not profile.has_looked,
    )


def waiting_requests(user: User) -> list[tuple[ContactRequest, Profile]]:
    """Return the requests to answer, those that end first before the others."""
    received = ContactRequest.objects.visible_to(user).filter(recipient__user=user)
    rows = received.awaiting_answer().with_people().order_by("expires_at", "pk")
    return [(row, row.partner_of(user)) for row in rows[:ROWS_SHOWN]]


def unread_conversations(user: User) -> list[tuple[Conversation, Profile]]:
    """Return the conversations with something new, the newest first."""
    news = Conversation.objects.visible_to(user).unread_by(user).with_news_for(user)
    return [(row, row.partner_of(user)) for row in news.with_people()[:ROWS_SHOWN]]


def ending_listings(profile: Profile) -> list[Listing]:
    """Return the person's open listings that end within two weeks."""
    soon = timezone.now() + LISTING_ENDS_SOON
    return [
        listing
        for listing in profile.listings.all()
        if listing.is_open and listing.valid_until <= soon
    ]
