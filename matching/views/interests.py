"""Expressing interest in partner searches, and settling what came in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from konnect.states import TransitionError
from matching.forms.interests import InterestAnswerForm, InterestForm
from matching.models import ExpressionOfInterest, Listing, Profile
from matching.permissions.contacts import Blocker, RefusedError
from matching.permissions.interests import can_handle, can_withdraw, interest_blockers
from matching.services.interests import (
    accept_interest,
    decline_interest,
    express_interest,
    shortlist_interest,
    withdraw_interest,
)
from matching.services.profiles import ensure_profile, shown_profile
from matching.views.asked import MemberRequest

PAGE_SIZE = 20
TABS = ("received", "sent")


@login_required
@require_http_methods(["GET", "POST"])
def interest_create(request: MemberRequest, pk: int) -> HttpResponse:
    """Express interest in a search, or say why that is not possible."""
    profile = ensure_profile(request.user)
    searches = Listing.objects.visible_to(request.user).partner_searches()
    listing = get_object_or_404(
        searches.select_related("profile__user", "profile__organisation"), pk=pk
    )
    own = listing.interests.live().filter(profile=profile).first()
    if own is not None:
        return redirect("matching:interest_detail", pk=own.pk)
    form = InterestForm(request.POST or None, profile=profile)
    if request.method == "POST" and form.is_valid():
        return send(request, listing, profile, form)
    return interest_page(request, listing, form, interest_blockers(profile, listing))


def send(
    request: MemberRequest, listing: Listing, profile: Profile, form: InterestForm
) -> HttpResponse:
    """Send it; a second click leads to where the first one led."""
    try:
        interest = express_interest(
            listing, actor=request.user, profile=profile, columns=form.columns()
        )
    except RefusedError as error:
        sent = listing.interests.live().filter(profile=profile).first()
        if sent is None:
            return interest_page(request, listing, form, error.blockers)
        return redirect("matching:interest_detail", pk=sent.pk)
    messages.success(request, _("Your expression of interest is sent. We tell you of the answer."))
    return redirect("matching:interest_detail", pk=interest.pk)


def interest_page(
    request: MemberRequest, listing: Listing, form: InterestForm, blockers: list[Blocker]
) -> HttpResponse:
    """Show the form, or why nothing can be sent."""
    context = {"listing": listing, "form": form, "blockers": blockers}
    return render(request, "matching/interest_form.html", context)


@login_required
@require_GET
def interest_list(request: MemberRequest) -> HttpResponse:
    """Show what one's searches received, or what one sent."""
    asked = request.GET.get("tab", "")
    tab = asked if asked in TABS else TABS[0]
    visible = ExpressionOfInterest.objects.visible_to(request.user).with_people()
    received, sent = visible.received_by(request.user), visible.sent_by(request.user)
    number = request.GET.get("listing", "")
    if tab == "received" and number.isascii() and number.isdigit() and len(number) < 19:
        received = received.filter(listing=int(number))
    rows = received if tab == "received" else sent
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    waiting = received.awaiting_answer().count()
    context = {"page": page, "tab": tab, "waiting": waiting, "query": f"tab={tab}"}
    return render(request, "matching/interest_list.html", context)


@login_required
@require_GET
def interest_detail(request: MemberRequest, pk: int) -> HttpResponse:
    """Show one expression of interest to either side."""
    return detail_page(request, visible_interest(request, pk), InterestAnswerForm())


def visible_interest(request: MemberRequest, pk: int) -> ExpressionOfInterest:
    """Return what this person may see."""
    rows = ExpressionOfInterest.objects.visible_to(request.user).with_people()
    return get_object_or_404(rows, pk=pk)


def detail_page(
    request: MemberRequest, interest: ExpressionOfInterest, form: InterestAnswerForm
) -> HttpResponse:
    """Show it with what this side can do."""
    is_author = interest.listing.profile.user_id == request.user.pk
    partner = interest.profile if is_author else interest.listing.profile
    context = {
        "interest": interest, "listing": interest.listing, "form": form,
        "is_author": is_author,
        "partner": shown_profile(partner, request.user),
        "can_handle": can_handle(interest, request.user),
        "can_withdraw": can_withdraw(interest, request.user),
    }  # fmt: skip
    return render(request, "matching/interest_detail.html", context)


Act = Callable[..., ExpressionOfInterest]
# What the author may do: how, and what the page answers.
ANSWERS: dict[str, tuple[Act, Any]] = {
    "accept": (accept_interest, gettext_lazy("Accepted: you can write to each other now.")),
    "decline": (decline_interest, gettext_lazy("You have declined the expression of interest.")),
    "shortlist": (shortlist_interest, gettext_lazy("It is on your shortlist.")),
}


@login_required
@require_POST
def interest_answer(request: MemberRequest, pk: int) -> HttpResponse:
    """Shortlist, accept or decline what one's own search received."""
    interest = visible_interest(request, pk)
    if interest.listing.profile.user_id != request.user.pk:
        raise Http404
    action = request.POST.get("action", "")
    if action not in ANSWERS:
        raise Http404
    form = InterestAnswerForm(request.POST)
    if not form.is_valid():
        return detail_page(request, interest, form)
    act, done = ANSWERS[action]
    words = {} if action == "shortlist" else {"answer": form.cleaned_data["answer"]}
    return settled(request, interest, done, lambda: act(interest, actor=request.user, **words))


@login_required
@require_POST
def interest_withdraw(request: MemberRequest, pk: int) -> HttpResponse:
    """Take back what one sent."""
    interest = visible_interest(request, pk)
    if interest.profile.user_id != request.user.pk:
        raise Http404
    done = gettext_lazy("You have withdrawn your expression of interest.")
    act = lambda: withdraw_interest(interest, actor=request.user)  # noqa: E731 - as the others
    return settled(request, interest, done, act)


def settled(
    request: MemberRequest, interest: ExpressionOfInterest, done: Any, act: Callable[[], object]
) -> HttpResponse:
    """Do it and say so, or say that somebody was faster."""
    try:
        act()
    except TransitionError:
        messages.info(request, _("This expression of interest is settled already."))
    else:
        messages.success(request, str(done))
    return redirect("matching:interest_detail", pk=interest.pk)
