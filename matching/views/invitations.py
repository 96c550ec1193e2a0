"""The page behind the link of an invitation."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from konnect.states import TransitionError
from matching.forms.invitations import InvitationForm
from matching.models import Listing, Profile
from matching.services.invitations import accept_invitation, invited_profile, refuse_invitation
from matching.services.profiles import shown_to_audience
from matching.visibility import Audience

BACKEND = "konnect.accounts.backends.AccountBackend"


@never_cache
@require_http_methods(["GET", "POST"])
def invitation_accept(request: HttpRequest, token: str) -> HttpResponse:
    """Show what is held of the person; they take it over or have it deleted."""
    profile = invited_profile(token)
    if profile is None:
        return render(request, "matching/invitation_gone.html", status=404)
    if request.POST.get("action") == "delete":
        return delete_all(request, profile)
    form = InvitationForm(request.POST or None, user=profile.user)
    if request.method == "POST" and form.is_valid():
        return take_over(request, profile, form)
    context = {
        "form": form,
        "profile": shown_to_audience(profile, Audience.OWNER),
        "email": profile.user.email,
        "listings": Listing.objects.filter(profile=profile),
    }
    return render(request, "matching/invitation_form.html", context)


def take_over(request: HttpRequest, profile: Profile, form: InvitationForm) -> HttpResponse:
    """Make the account theirs, sign them in, and let them check the profile."""
    password, language = form.cleaned_data["password"], get_language() or "en"
    try:
        user = accept_invitation(
            profile, password=password, choices=form.choices(), language=language
        )
    except TransitionError as error:
        raise Http404 from error
    login(request, user, backend=BACKEND)
    messages.success(request, _("Welcome. Please check your profile and publish it."))
    return redirect("matching:profile_edit", step="name")


def delete_all(request: HttpRequest, profile: Profile) -> HttpResponse:
    """Delete what is held, and say so."""
    if not refuse_invitation(profile):
        raise Http404
    messages.success(request, _("Everything that we held about you is deleted."))
    return redirect("home")
