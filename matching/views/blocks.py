"""Blocking people."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from matching.models import Profile
from matching.services.blocks import block_profile, unblock_profile
from matching.services.profiles import ensure_profile
from matching.views.asked import MemberRequest


@login_required
@require_http_methods(["GET", "POST"])
def block_create(request: MemberRequest, pk: int) -> HttpResponse:
    """Ask once more, naming the person, and block."""
    people = Profile.objects.blockable_by(request.user).select_related("organisation", "user")
    person = get_object_or_404(people, pk=pk)
    if request.method == "GET":
        return render(request, "matching/block_form.html", {"person": person})
    block_profile(ensure_profile(request.user), person, actor=request.user)
    undo = "undo:" + reverse("matching:block_delete", args=[person.pk])
    blocked = gettext("Blocked. You no longer see each other.")
    messages.success(request, blocked, extra_tags=undo)
    return redirect("matching:block_list")


@login_required
@require_GET
def block_list(request: MemberRequest) -> HttpResponse:
    """Show whom one blocked."""
    blocks = ensure_profile(request.user).blocks_made.order_by("-created_at", "-pk")
    blocks = blocks.select_related("blocked__organisation", "blocked__user")
    return render(request, "matching/block_list.html", {"blocks": blocks})


@login_required
@require_POST
def block_delete(request: MemberRequest, pk: int) -> HttpResponse:
    """Take a block back; a second click changes nothing."""
    own = ensure_profile(request.user)
    person = get_object_or_404(Profile.objects.blockable_by(request.user), pk=pk)
    unblock_profile(own, person, actor=request.user)
    messages.success(request, gettext("The block has been removed."))
    return redirect("matching:block_list")
