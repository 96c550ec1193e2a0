"""One's own profile, step by step, and everybody's page."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from konnect.accounts.models import ConsentChannel, ConsentPurpose
from konnect.accounts.services import record_consents
from konnect.states import TransitionError
from matching.completeness import done_steps, missing, percentage_without
from matching.forms.profile_steps import BY_SLUG, STEPS, Step, StepPage, step_page
from matching.models import Listing, ListingKind, Profile, ProfileState
from matching.permissions.profiles import audience_of
from matching.services.affiliations import affiliation_for
from matching.services.invitations import invitation_token
from matching.services.listings import save_listing_rows
from matching.services.profiles import (
    EditConflict,
    NotReady,
    adopt_verified_orcid,
    confirm_profile,
    ensure_profile,
    hide_profile,
    publish_profile,
    save_profile,
    shown_profile,
    shown_to_audience,
    version_of,
)
from matching.views.asked import MemberRequest
from matching.visibility import Audience


@login_required
def profile_edit(request: MemberRequest, step: str) -> HttpResponse:
    """Show one step of the guided form, or take what was typed into it."""
    if step not in BY_SLUG:
        raise Http404
    profile = ensure_profile(request.user)
    if profile.state == ProfileState.INVITED:
        return redirect("matching:invitation_accept", token=invitation_token(profile))
    if step == "cooperation":
        adopt_verified_orcid(profile)
    version = version_of(profile)
    if request.method != "POST":
        return step_response(request, step_page(BY_SLUG[step], profile), version)
    page = posted_page(request, BY_SLUG[step], profile)
    if request.POST.get("action") == "find":
        return found_organisations(request, page)
    if not page.is_valid() or not is_saving(request):
        return step_response(request, page, request.POST.get("version", version))
    try:
        save_step(request, page, profile)
    except EditConflict:
        return step_response(request, page, version, has_conflict=True)
    return after_step(request, page, profile)


def posted_page(request: MemberRequest, step: Step, profile: Profile) -> StepPage:
    """Return the step as it was sent; a draft that is put aside may have gaps."""
    puts_aside = request.POST.get("action") == "later"
    is_draft = puts_aside and profile.state != ProfileState.PUBLISHED
    return step_page(step, profile, request.POST, is_draft=is_draft)


def found_organisations(request: MemberRequest, page: StepPage) -> HttpResponse:
    """Show the organisations that were found; what is wrong is said when the step is sent."""
    typed = request.POST.get("organisation_query", "").strip()
    page.form.errors.clear()
    return step_response(request, page, request.POST.get("version", ""), found_by=typed)


def is_saving(request: MemberRequest) -> bool:
    """Say whether the pressed button saves; the others add a row."""
    return not request.POST.get("action", "").startswith("add-")


@transaction.atomic
def save_step(request: MemberRequest, page: StepPage, profile: Profile) -> None:
    """Save the form and the rows of a step together."""
    actor = request.user
    written = page.form.relations()
    written |= {
        kind: page.rows[kind].rows() for kind in ("works", "projects") if kind in page.rows
    }
    version = request.POST.get("version", "")
    save_profile(profile, actor=actor, columns=page.form.columns(), version=version, **written)
    for kind in [kind for kind in page.rows if kind in ListingKind.values]:
        save_listing_rows(profile, actor=actor, kind=kind, rows=page.rows[kind].rows())
    if "is_public" in page.form.changed_data:
        record_consents(
            actor,
            choices={ConsentPurpose.PUBLIC_PROFILE: profile.is_public},
            channel=ConsentChannel.SETTINGS,
            language=get_language() or "en",
        )


def after_step(request: MemberRequest, page: StepPage, profile: Profile) -> HttpResponse:
    """Go where the pressed button leads."""
    action = request.POST.get("action", "")
    if action == "publish":
        return publish_and_go_on(request, profile)
    if action == "preview":
        return redirect("matching:profile_preview")
    if action == "later" or page.next_step is None:
        messages.success(request, _("Your profile is saved."))
        return redirect("matching:dashboard")
    return redirect("matching:profile_edit", step=page.next_step.slug)


def step_response(
    request: MemberRequest,
    page: StepPage,
    version: str,
    *,
    has_conflict: bool = False,
    found_by: str = "",
) -> HttpResponse:
    """Show one step."""
    stored = Profile.objects.get(user=request.user)
    lacking = missing(stored)
    context = {
        "page": page,
        "form": page.form,
        "steps": STEPS,
        "done_steps": done_steps(stored, lacking),
        "version": version,
        "has_conflict": has_conflict,
        "found_by": found_by,
        "is_published": stored.state == ProfileState.PUBLISHED,
        "completeness": percentage_without(lacking),
        "blockers": [lack for lack in lacking if lack.is_required],
    }
    return render(request, "matching/profile_form.html", context)


@login_required
@require_POST
def profile_publish(request: MemberRequest) -> HttpResponse:
    """Publish one's own profile."""
    return publish_and_go_on(request, ensure_profile(request.user))


def publish_and_go_on(request: MemberRequest, profile: Profile) -> HttpResponse:
    """Publish; or go to the first step where something needed is missing, and say what."""
    try:
        publish_profile(profile, actor=request.user)
    except NotReady as not_ready:
        for lack in not_ready.lacking:
            messages.error(request, str(lack.words))
        return redirect("matching:profile_edit", step=not_ready.lacking[0].step)
    except TransitionError:
        messages.success(request, _("Your profile is saved."))
        return redirect("matching:dashboard")
    messages.success(request, _("Your profile is published. We are looking for partners."))
    return redirect("matching:suggestion_list")


@login_required
@require_POST
def profile_hide(request: MemberRequest) -> HttpResponse:
    """Take one's own profile from every page."""
    try:
        hide_profile(ensure_profile(request.user), actor=request.user)
        messages.success(
            request, _("Your profile is hidden. Nobody is shown it until you publish it.")
        )
    except TransitionError:
        messages.info(request, _("Your profile is not published."))
    return redirect("matching:profile_preview")


@login_required
@require_POST
def profile_confirm(request: MemberRequest) -> HttpResponse:
    """Note that everything in one's own profile is still right."""
    confirm_profile(ensure_profile(request.user), actor=request.user)
    messages.success(request, _("Thank you. Others see that your profile is up to date."))
    return redirect("matching:dashboard")


@login_required
def profile_preview(request: MemberRequest) -> HttpResponse:
    """Show one's own profile as others see it."""
    profile = ensure_profile(request.user)
    if profile.state == ProfileState.INVITED:
        return redirect("matching:invitation_accept", token=invitation_token(profile))
    wanted = request.GET.get("as", "")
    audience = Audience(wanted) if wanted in Audience.values else Audience.MEMBER
    lacking = missing(profile)
    context = {
        "affiliation": affiliation_for(profile, request.user),
        "profile": shown_to_audience(profile, audience),
        "audience": audience,
        "audiences": [choice for choice in Audience if choice != Audience.OWNER],
        "is_published": profile.state == ProfileState.PUBLISHED,
        "is_suggestible": profile.is_suggestible,
        "missing": lacking,
        "completeness": percentage_without(lacking),
        **listings_of(Listing.objects.open().filter(profile=profile)),
    }
    return render(request, "matching/profile_preview.html", context)


def profile_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a person, as far as this reader may see them."""
    people = Profile.objects.visible_to(request.user).with_card()
    profile = get_object_or_404(people, pk=pk)
    listings = Listing.objects.visible_to(request.user).open().filter(profile=profile)
    context = {
        "affiliation": affiliation_for(profile, request.user),
        "profile": shown_profile(profile, request.user),
        "audience": audience_of(profile, request.user),
        **listings_of(listings),
    }
    return render(request, "matching/profile_detail.html", context)


def listings_of(listings: Any) -> dict[str, list[Listing]]:
    """Return offers and requests apart, by one query."""
    rows = list(listings)
    return {
        "offers": [row for row in rows if row.kind == ListingKind.OFFER],
        "seeks": [row for row in rows if row.kind == ListingKind.REQUEST],
    }
