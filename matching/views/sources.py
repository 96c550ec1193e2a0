"""Filling one's profile from elsewhere: ask, wait, choose, take over, take back."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from matching.forms.sources import OrcidLookForm, WorksLookForm
from matching.models import Profile, ProfileState, Source, SourceRequest, SourceRequestState
from matching.permissions.contacts import RefusedError
from matching.services.invitations import invitation_token
from matching.services.profiles import (
    EditConflict,
    adopt_verified_orcid,
    ensure_profile,
    version_of,
)
from matching.services.source_offers import GROUPS, Offer, offers_of
from matching.services.source_requests import ask_source, drop_look
from matching.services.source_taking import Choice, take_look, undo_taking
from matching.services.source_words import problem_of, reason_words
from matching.views.asked import MemberRequest

TEMPLATE = "matching/source_detail.html"
LOOKS_SHOWN = 10
COMPARED = ("works", "projects", "areas", "topics")


@login_required
def source_list(request: MemberRequest) -> HttpResponse:
    """Choose where to look; show the looks so far."""
    profile = ensure_profile(request.user)
    if profile.state == ProfileState.INVITED:
        return redirect("matching:invitation_accept", token=invitation_token(profile))
    adopt_verified_orcid(profile)
    given = {"orcid": None, "works": None} | posted(request)
    shown: dict[str, forms.Form] = {
        "orcid_form": OrcidLookForm(given["orcid"], profile=profile),
        "works_form": WorksLookForm(given["works"], request.FILES or None),
    }
    form = shown[f"{next(iter(posted(request)), 'orcid')}_form"]
    if form.is_bound and form.is_valid() and (look := begun(request, profile, form)):
        return redirect("matching:source_detail", pk=look.pk)
    looks = profile.source_requests.all()[:LOOKS_SHOWN]
    context = {**shown, "profile": profile, "looks": looks, "form": form}
    return render(request, "matching/source_list.html", context)


def posted(request: MemberRequest) -> dict[str, Any]:
    """Return what was sent, under the name of the form that it was sent with."""
    if request.method != "POST":
        return {}
    is_orcid = request.POST.get("source") in {Source.ORCID, Source.OPENALEX}
    return {"orcid" if is_orcid else "works": request.POST}


def begun(request: MemberRequest, profile: Profile, form: forms.Form) -> SourceRequest | None:
    """Begin the look that a valid form asks for; say why when that cannot be."""
    data = form.cleaned_data
    source = data.get("source") or request.POST["source"]
    asked = data.get("asked") or data["orcid"]
    try:
        return ask_source(profile, actor=request.user, source=source, asked=asked)
    except RefusedError as refused:
        tell(request, refused)
        return None


def tell(request: MemberRequest, refused: RefusedError) -> None:
    """Show why something was refused."""
    for blocker in refused.blockers:
        messages.error(request, str(blocker.words))


def own_look(request: MemberRequest, pk: int, *parts: str) -> SourceRequest:
    """Return one of the person's own looks with parts of their profile, or answer 404."""
    looks = SourceRequest.objects.visible_to(request.user).prefetch_related(
        *(f"profile__{part}" for part in parts)
    )
    return get_object_or_404(looks.select_related("profile__organisation", "profile__user"), pk=pk)


@login_required
def source_detail(request: MemberRequest, pk: int) -> HttpResponse:
    """Show how a look stands, and what it offers; take over what was ticked."""
    look = own_look(request, pk, *COMPARED)
    if request.method == "POST":
        return taken(request, look)
    is_waiting = look.state == SourceRequestState.WAITING
    if request.htmx and is_waiting and request.GET.get("tries") == str(look.tries):
        return HttpResponse(status=204)
    offers = offers_of(look)
    keys = {offer.key for offer in offers if offer.is_ticked}
    return look_response(request, look, offers, Choice(frozenset(keys), *all_rows(look)))


def taken(request: MemberRequest, look: SourceRequest) -> HttpResponse:
    """Take over what was ticked; or show the page again with the ticks, and say why not."""
    choice = Choice(
        frozenset(request.POST.getlist("take")),
        numbers(request, "keep_works"),
        numbers(request, "keep_projects"),
    )
    try:
        take_look(look, actor=request.user, choice=choice, version=request.POST.get("version", ""))
        messages.success(request, _("Taken over into your profile."))
        return redirect("matching:source_detail", pk=look.pk)
    except RefusedError as refused:
        tell(request, refused)
    except EditConflict:
        messages.error(
            request,
            _(
                "Your profile was changed in another window. Please compare again; nothing was saved."
            ),
        )
    look = own_look(request, look.pk, *COMPARED)
    return look_response(request, look, offers_of(look), choice)


def numbers(request: MemberRequest, name: str) -> frozenset[int]:
    """Return the sent numbers of rows."""
    sent = request.POST.getlist(name)
    return frozenset(int(each) for each in sent if each.isascii() and each.isdigit())


def all_rows(look: SourceRequest) -> tuple[frozenset[int], frozenset[int]]:
    """Return the works and projects that the profile shows: they stay, unless unticked."""
    profile = look.profile
    return (
        frozenset(row.pk for row in profile.works.all()),
        frozenset(row.pk for row in profile.projects.all()),
    )


def look_response(
    request: MemberRequest, look: SourceRequest, offers: list[Offer], choice: Choice
) -> HttpResponse:
    """Show a look with these ticks."""
    new = [offer for offer in offers if not offer.was_left_out]
    context = rows_there(look, {offer.group for offer in new}) | {
        "look": look,
        "state": SourceRequestState(look.state),
        "problem": problem_of(look.problem),
        "groups": grouped(new),
        "left_out": [offer for offer in offers if offer.was_left_out],
        "choice": choice,
        "version": version_of(look.profile),
        "refused": [entry | {"words": reason_words(entry["reason"])} for entry in look.refused],
        "is_verified": bool(look.profile.orcid_verified_at) and look.asked == look.profile.orcid,
        "can_undo": look.state == SourceRequestState.TAKEN and "undo" in look.found,
    }
    part = "#look" if request.htmx else ""
    return render(request, f"{TEMPLATE}{part}", context)


def rows_there(look: SourceRequest, groups: set[str]) -> dict[str, Any]:
    """Return the stored works and projects: to untick where new ones stand, else just kept."""
    found: dict[str, Any] = {}
    for name in ("works", "projects"):
        rows = list(getattr(look.profile, name).all())
        found[f"{'stored' if name in groups else 'unseen'}_{name}"] = rows
    return {"stored_works": [], "stored_projects": [], "unseen_works": [],
            "unseen_projects": []} | found  # fmt: skip


def grouped(offers: list[Offer]) -> list[dict[str, Any]]:
    """Return the offers under their headings."""
    groups = [
        {"name": name, "label": label, "offers": [o for o in offers if o.group == name]}
        for name, label in GROUPS.items()
    ]
    return [group for group in groups if group["offers"]]


@login_required
@require_POST
def source_drop(request: MemberRequest, pk: int) -> HttpResponse:
    """Throw away what was found."""
    try:
        drop_look(own_look(request, pk), actor=request.user)
        messages.success(request, _("Dropped. Your profile is as it was."))
    except RefusedError as refused:
        tell(request, refused)
    return redirect("matching:source_list")


@login_required
@require_POST
def source_undo(request: MemberRequest, pk: int) -> HttpResponse:
    """Put back what the profile said before a taking."""
    try:
        undo_taking(own_look(request, pk), actor=request.user)
        messages.success(request, _("Undone. Your profile is as it was before."))
    except RefusedError as refused:
        tell(request, refused)
        return redirect("matching:source_detail", pk=pk)
    return redirect("matching:source_list")


@login_required
@require_POST
def source_again(request: MemberRequest, pk: int) -> HttpResponse:
    """Ask the same once more."""
    look = own_look(request, pk)
    if not look.asked:
        return redirect("matching:source_list")
    try:
        look = ask_source(look.profile, actor=request.user, source=look.source, asked=look.asked)
    except RefusedError as refused:
        tell(request, refused)
    return redirect("matching:source_detail", pk=look.pk)
