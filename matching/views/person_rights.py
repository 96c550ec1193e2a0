"""What a person decides about matching."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from konnect.accounts.views import safe_next
from matching.services.person_rights import change_suggestible
from matching.services.profiles import ensure_profile
from matching.views.asked import MemberRequest


@login_required
@require_POST
def suggestible(request: MemberRequest) -> HttpResponse:
    """Take part in suggestions or object to them, with one click."""
    wanted = request.POST.get("is_suggestible")
    if wanted in ("yes", "no"):
        profile = ensure_profile(request.user)
        change_suggestible(profile, actor=request.user, is_suggestible=wanted == "yes")
        said = (
            _("You may be suggested again.")
            if wanted == "yes"
            else _("You are no longer suggested to anybody.")
        )
        messages.success(request, said)
    return redirect(safe_next(request) if "next" in request.POST else "accounts:my_data")
