"""Suggested partners and what people say to them."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from matching.models import Answer, Profile
from matching.services.profiles import ensure_profile
from matching.services.suggestions import answer_suggestion, shortlist, undo_answer
from matching.views.asked import MemberRequest
from matching.views.frames import kept_framed, render_framed
from matching.views.suggestion_cards import TEMPLATE, cards_of, kept_panel, panel_of
from matching.views.suggestion_reader import quick_reader

NOTHING_NEW = 204


@never_cache
@login_required
@require_GET
def suggestion_list(request: MemberRequest) -> HttpResponse:
    """Show suggested partners; asked by script, answer only when there are new ones."""
    panel = panel_of(request.user, request.GET.get("page", ""))
    if request.htmx and not panel.is_fresh:
        return HttpResponse(status=NOTHING_NEW)
    template = f"{TEMPLATE}#suggestions" if request.htmx else TEMPLATE
    return render_framed(
        request,
        template,
        {"obstacle": panel.obstacle, "is_fresh": panel.is_fresh},
        by=(panel.obstacle, panel.is_fresh),
        holes={"panel_cards": panel.cards, "panel_pagination": panel.pagination},
    )


def kept_suggestion_list(request: HttpRequest) -> HttpResponse | None:
    """Show the same page as it is kept for this state; None when it has to be drawn."""
    reader = quick_reader(request)
    number = request.GET.get("page", "")
    panel = kept_panel(reader.state, reader.user.language, number) if reader else None
    if reader is None or panel is None:
        return None
    return kept_framed(
        request,
        reader.user,
        reader.inbox,
        TEMPLATE,
        where="matching:suggestion_list",
        by=(panel.obstacle, panel.is_fresh),
        holes={"panel_cards": panel.cards, "panel_pagination": panel.pagination},
    )


@login_required
@require_POST
def suggestion_answer(request: MemberRequest, pk: int) -> HttpResponse:
    """Keep an answer; *interested* leads on to asking for contact."""
    profile = ensure_profile(request.user)
    partner = get_object_or_404(partners_of(request), pk=pk)
    answer = request.POST.get("answer", "")
    if answer not in Answer:
        raise Http404
    reason = request.POST.get(f"reason-{pk}", "")
    answer_suggestion(profile, partner, actor=request.user, answer=answer, reason=reason)
    if answer == Answer.INTERESTED:
        return go_to(request, reverse("matching:contact_create", args=[pk]))
    if request.htmx:
        context = {"partner": partner, "answer": answer}
        return render(request, f"{TEMPLATE}#answered", context)
    undo = "undo:" + reverse("matching:suggestion_undo", args=[pk])
    messages.success(request, words_after(answer, partner), extra_tags=undo)
    return redirect("matching:suggestion_list")


def partners_of(request: MemberRequest) -> QuerySet[Profile]:
    """Return the people whom this person may answer about: those they may see, but themselves."""
    return Profile.objects.visible_to(request.user).exclude(user=request.user)


def words_after(answer: str, partner: Profile) -> str:
    """Return what a person reads after *later* or *not for me*."""
    if answer == Answer.LATER:
        return gettext("%(name)s will come back in 30 days.") % {"name": partner.display_name}
    return gettext("%(name)s will not be suggested again.") % {"name": partner.display_name}


@login_required
@require_POST
def suggestion_undo(request: MemberRequest, pk: int) -> HttpResponse:
    """Take an answer back and show the suggestion again."""
    profile = ensure_profile(request.user)
    partner = get_object_or_404(partners_of(request), pk=pk)
    undo_answer(profile, partner, actor=request.user)
    if not request.htmx:
        messages.success(request, gettext("Your answer has been taken back."))
        return redirect("matching:suggestion_list")
    found = shortlist(profile)
    entries = [entry for entry in found.entries if entry.partner_id == pk]
    context = {"cards": cards_of(profile, entries, found.embedder), "partner": partner}
    return render(request, f"{TEMPLATE}#again", context)


def go_to(request: MemberRequest, url: str) -> HttpResponse:
    """Lead to another page, whether or not a script asked."""
    if request.htmx:
        return HttpResponse(status=NOTHING_NEW, headers={"HX-Redirect": url})
    return redirect(url)
