"""Confirming that a colleague works where they say."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from matching.models import Profile
from matching.permissions.contacts import RefusedError
from matching.services.affiliations import take_back_vouch, vouch_for
from matching.views.asked import MemberRequest


@login_required
@require_POST
def vouch_create(request: MemberRequest, pk: int) -> HttpResponse:
    """Confirm a colleague's affiliation."""
    profile = get_object_or_404(Profile.objects.visible_to(request.user), pk=pk)
    try:
        vouch_for(profile, actor=request.user)
        undo = "undo:" + reverse("matching:vouch_delete", args=[pk])
        thanks = _("Thank you. Your name stands beside the affiliation now.")
        messages.success(request, thanks, extra_tags=undo)
    except RefusedError as refused:
        for blocker in refused.blockers:
            messages.error(request, str(blocker.words))
    return redirect("matching:profile_detail", pk=pk)


@login_required
@require_POST
def vouch_delete(request: MemberRequest, pk: int) -> HttpResponse:
    """Take the confirmation back."""
    profile = get_object_or_404(Profile.objects.visible_to(request.user), pk=pk)
    take_back_vouch(profile, actor=request.user)
    messages.success(request, _("Taken back. Your name stands there no longer."))
    return redirect("matching:profile_detail", pk=pk)
