"""The queue of partner searches that wait for somebody's look; for those who have the role."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from konnect.states import TransitionError
from matching.forms.interests import ReviewForm
from matching.models import Listing
from matching.permissions.interests import may_review
from matching.permissions.listing_quality import CHECKS, failed_checks
from matching.services.listing_review import mark_seen, publish_partner_search, send_back
from matching.services.partner_searches import SearchNotReady, version_of
from matching.services.profiles import EditConflict
from matching.services.search_facts import problems_of
from matching.services.shown import shown_on_card
from matching.views.asked import MemberRequest
from matching.views.partner_search_pages import PARTS, PEOPLE, facts_shown

MOST_SHOWN = 100


def only_reviewers(request: MemberRequest) -> None:
    """Hide the queue from everybody else."""
    if not may_review(request.user):
        raise Http404


@login_required
@require_GET
def review_list(request: MemberRequest) -> HttpResponse:
    """Show what waits, and what was changed after it had been published."""
    only_reviewers(request)
    waiting = Listing.objects.awaiting_review().select_related(*PEOPLE)
    changed = Listing.objects.changed_since_review().select_related(*PEOPLE)
    context = {"waiting": waiting[:MOST_SHOWN], "changed": changed[:MOST_SHOWN]}
    return render(request, "matching/review_list.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def review_detail(request: MemberRequest, pk: int) -> HttpResponse:
    """Show one search as its readers will, with the six questions; publish it or send it back."""
    only_reviewers(request)
    rows = Listing.objects.awaiting_review() | Listing.objects.changed_since_review()
    listing = get_object_or_404(
        rows.select_related(*PEOPLE).prefetch_related(*PARTS).distinct(), pk=pk
    )
    form = ReviewForm(request.POST or None)
    if request.method == "POST":
        act = act_of(request, listing, form)
        if act is not None:
            return reviewed(request, *act)
    return review_page(request, listing, form)


def act_of(
    request: MemberRequest, listing: Listing, form: ReviewForm
) -> tuple[Callable[[], object], Any] | None:
    """Return what the pressed button does; None when the note for the author is missing."""
    actor, version = request.user, request.POST.get("version")
    if request.POST.get("action") == "publish":
        form.errors.clear()
        done = gettext_lazy("The partner search is published.")
        return lambda: publish_partner_search(listing, actor=actor, version=version), done
    if request.POST.get("action") == "seen":
        form.errors.clear()
        return lambda: mark_seen(listing, actor=actor, version=version), gettext_lazy("Noted.")
    if not form.is_valid():
        return None
    note = form.cleaned_data["note"]
    done = gettext_lazy("The partner search went back to its author.")
    return lambda: send_back(listing, actor=actor, note=note), done


def reviewed(request: MemberRequest, act: Callable[[], object], done: Any) -> HttpResponse:
    """Do it and go back to the queue, or say why not."""
    try:
        act()
    except SearchNotReady as refusal:
        for blocker in refusal.blockers:
            messages.error(request, str(blocker.words))
    except EditConflict:
        messages.error(request, _("The author has changed it meanwhile. Please look again."))
    except TransitionError:
        messages.info(request, _("Somebody else has looked at it meanwhile."))
    else:
        messages.success(request, str(done))
    return redirect("matching:review_list")


def review_page(request: MemberRequest, listing: Listing, form: ReviewForm) -> HttpResponse:
    """Show what the reviewer decides about."""
    found = problems_of(listing)
    failed = failed_checks(found)
    context = {
        "listing": listing, "search": listing.partner_search, "form": form,
        "profile": shown_on_card(listing.profile, request.user),
        "checks": [(check, check.code not in failed) for check in CHECKS],
        "problems": found, "version": version_of(listing), "text_view": "both", "may_read_details": True,
        **facts_shown(request, listing, None),
    }  # fmt: skip
    return render(request, "matching/review_detail.html", context)
