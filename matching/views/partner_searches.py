"""Writing a partner search step by step, and what its author does with it afterwards."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from konnect.states import TransitionError
from matching.forms.interests import OutcomeForm
from matching.forms.partner_search_steps import (
    BY_SLUG,
    FIRST,
    STEPS,
    SearchStepPage,
    search_step_page,
)
from matching.models import Listing, ListingKind, ListingState, Outcome
from matching.permissions.listing_quality import CHECKS, Blocker, failed_checks
from matching.services.partner_searches import (
    SearchNotReady,
    move_partner_search,
    record_outcome,
    renew_partner_search,
    save_partner_search,
    submit_partner_search,
    version_of,
    withdraw_partner_search,
)
from matching.services.profiles import EditConflict, ensure_profile
from matching.services.search_facts import gaps_of, problems_of
from matching.services.standings import standings_of
from matching.views.asked import MemberRequest


def own_search(request: MemberRequest, pk: int) -> Listing:
    """Return the person's own partner search; everybody else's is not there."""
    rows = Listing.objects.filter(profile__user=request.user).partner_searches()
    return get_object_or_404(rows.select_related("profile__user", "profile__organisation"), pk=pk)


@login_required
@require_http_methods(["GET", "POST"])
def partner_search_create(request: MemberRequest) -> HttpResponse:
    """Begin a partner search with its idea."""
    listing = Listing(profile=ensure_profile(request.user), kind=ListingKind.REQUEST)
    return step_view(request, listing, FIRST.slug)


@login_required
@require_http_methods(["GET", "POST"])
def partner_search_edit(request: MemberRequest, pk: int, step: str) -> HttpResponse:
    """Show one step of one's own search, or take what was typed into it."""
    if step not in BY_SLUG:
        raise Http404
    return step_view(request, own_search(request, pk), step)


def step_view(request: MemberRequest, listing: Listing, slug: str) -> HttpResponse:
    """Show a step, or save it and go on; what is refused is shown again as it was typed."""
    version = version_of(listing)
    if request.method != "POST":
        return step_response(request, listing, search_step_page(BY_SLUG[slug], listing), version)
    page = search_step_page(BY_SLUG[slug], listing, request.POST)
    sent_version = request.POST.get("version", version)
    if not page.is_valid() or request.POST.get("action", "").startswith("add-"):
        return step_response(request, listing, page, sent_version)
    try:
        save_partner_search(listing, actor=request.user, version=sent_version, **page.written())
    except EditConflict:
        return step_response(request, listing, page, version, has_conflict=True)
    except SearchNotReady as refusal:
        return step_response(request, listing, page, version, blockers=refusal.blockers)
    return after_step(request, listing, page)


def after_step(request: MemberRequest, listing: Listing, page: SearchStepPage) -> HttpResponse:
    """Go where the pressed button leads."""
    if request.POST.get("action") == "later" or page.next_step is None:
        messages.success(request, _("Your partner search is saved."))
        return redirect("matching:partner_search_tasks", pk=listing.pk)
    return redirect("matching:partner_search_edit", pk=listing.pk, step=page.next_step.slug)


def step_response(
    request: MemberRequest,
    listing: Listing,
    page: SearchStepPage,
    version: str,
    **told: Any,
) -> HttpResponse:
    """Show one step with what the checks say of the search as it is stored."""
    found = stored_problems(listing)
    context = {
        "page": page, "form": page.form, "steps": STEPS, "version": version, "listing": listing,
        "problems": found, "gaps": stored_gaps(listing, page), **told,
    }  # fmt: skip
    return render(request, "matching/partner_search_form.html", context)


def stored_problems(listing: Listing) -> list[Any]:
    """Return what the checks say of the stored search; nothing of one that is not saved yet."""
    if listing.pk is None:
        return []
    stored = Listing.objects.select_related("partner_search", "profile__organisation")
    return problems_of(stored.get(pk=listing.pk))


def stored_gaps(listing: Listing, page: SearchStepPage) -> list[Any]:
    """Return what the stored consortium lacks, where the step is about it."""
    if listing.pk is None or page.members is None:
        return []
    search = listing.partner_search
    year = search.call_year or listing.updated_at.year
    return gaps_of(listing, standings_of(search.programme, year))


@login_required
@require_GET
def partner_search_tasks(request: MemberRequest, pk: int) -> HttpResponse:
    """Show what is done, what is missing and what can be done next."""
    listing = own_search(request, pk)
    found = problems_of(listing)
    by_step = {step.slug: [each for each in found if each.step == step.slug] for step in STEPS}
    failed = failed_checks(found)
    context = {
        "listing": listing,
        "tasks": [(step, by_step[step.slug]) for step in STEPS],
        "blockers": [problem for problem in found if isinstance(problem, Blocker)],
        "checks": [(check, check.code not in failed) for check in CHECKS],
        "changes": listing.changes.order_by("-changed_at", "-pk")[:20],
    }
    return render(request, "matching/partner_search_tasks.html", context)


@login_required
@require_POST
def partner_search_submit(request: MemberRequest, pk: int) -> HttpResponse:
    """Hand one's own search in for review."""
    listing = own_search(request, pk)
    done = gettext_lazy(
        "Your partner search is handed in. We tell you when somebody has looked at it."
    )
    return acted(
        request, listing, done, lambda: submit_partner_search(listing, actor=request.user)
    )


@login_required
@require_POST
def partner_search_renew(request: MemberRequest, pk: int) -> HttpResponse:
    """Show one's own search for longer."""
    listing = own_search(request, pk)
    done = gettext_lazy("Your partner search is renewed.")
    return acted(request, listing, done, lambda: renew_partner_search(listing, actor=request.user))


# What the author may say of a search by one click: the new state, and what the page answers.
MOVES: Mapping[str, tuple[str, Any]] = {
    "talks": (ListingState.IN_TALKS, gettext_lazy("Others read now that you are in talks.")),
    "reopen": (ListingState.OPEN, gettext_lazy("You take expressions of interest again.")),
    "close": (ListingState.CLOSED, gettext_lazy("Your partner search is closed.")),
}


@login_required
@require_POST
def partner_search_move(request: MemberRequest, pk: int) -> HttpResponse:
    """Say that one is in talks, seeks again, closes the search, or goes on writing."""
    listing = own_search(request, pk)
    action = request.POST.get("action", "")
    if action == "withdraw":
        done = gettext_lazy("Your partner search is a draft again.")
        return acted(
            request, listing, done, lambda: withdraw_partner_search(listing, actor=request.user)
        )
    # Only what is shown is reopened by a click; ended searches are renewed, which checks them.
    if action not in MOVES or (action == "reopen" and listing.state != ListingState.IN_TALKS):
        raise Http404
    state, done = MOVES[action]
    return acted(
        request, listing, done, lambda: move_partner_search(listing, state, actor=request.user)
    )


def acted(
    request: MemberRequest, listing: Listing, done: Any, act: Callable[[], object]
) -> HttpResponse:
    """Do it and say so, or say why not."""
    try:
        act()
    except SearchNotReady as refusal:
        for blocker in refusal.blockers:
            messages.error(request, str(blocker.words))
    except TransitionError:
        messages.info(request, _("That is no longer possible: the search has moved on meanwhile."))
    else:
        messages.success(request, str(done))
    return redirect("matching:partner_search_tasks", pk=listing.pk)


@login_required
@require_http_methods(["GET", "POST"])
def partner_search_outcome(request: MemberRequest, pk: int) -> HttpResponse:
    """Say what became of one's own search."""
    listing = own_search(request, pk)
    search = listing.partner_search
    form = OutcomeForm(
        request.POST or None, initial={"outcome": search.outcome, "note": search.outcome_note}
    )
    if request.method == "POST" and form.is_valid():
        outcome = Outcome(form.cleaned_data["outcome"])
        note = form.cleaned_data["note"]
        done = gettext_lazy("Thank you. The outcome is recorded.")
        return acted(
            request, listing, done,
            lambda: record_outcome(listing, actor=request.user, outcome=outcome, note=note),
        )  # fmt: skip
    context = {"listing": listing, "form": form}
    return render(request, "matching/partner_search_outcome.html", context)
