"""Who helps to run an event."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from events.forms.events import HelperForm, MemberSearchForm
from events.models import Event, HelperRole
from events.services.helpers import LastOrganiserError, members_named, remove_helper, set_helper
from events.views.asked import event_run
from matching.models import Profile
from matching.views.asked import MemberRequest


@login_required
@require_GET
def helper_list(request: MemberRequest, pk: int) -> HttpResponse:
    """Show who helps, and find members who could."""
    event = event_run(request, pk, HelperRole.ORGANISER)
    form = MemberSearchForm(request.GET)
    words = form.cleaned_data["q"] if form.is_valid() else ""
    context = {
        "event": event, "form": form, "words": words, "roles": HelperRole.choices,
        "found": members_named(words, reader=request.user),
        "helpers": event.helpers.select_related("user__profile").order_by("added_at", "pk"),
    }  # fmt: skip
    return render(request, "events/helper_list.html", context)


@login_required
@require_POST
def helper_set(request: MemberRequest, pk: int) -> HttpResponse:
    """Let a member help in a role, or change the role of somebody who does."""
    event = event_run(request, pk, HelperRole.ORGANISER)
    form = HelperForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose a role."))
        return redirect("events:helper_list", pk=pk)
    profile = get_object_or_404(eligible(event, request), pk=form.cleaned_data["profile"])
    try:
        role = HelperRole(form.cleaned_data["role"])
        set_helper(event, user=profile.user, role=role, actor=request.user)
    except LastOrganiserError:
        messages.error(request, _("Somebody must remain who may do everything."))
    else:
        messages.success(request, _("%(name)s helps now.") % {"name": profile.display_name})
    return redirect("events:helper_list", pk=pk)


def eligible(event: Event, request: MemberRequest) -> QuerySet[Profile]:
    """Return whom one can give a role: members whom one may see, and whoever helps already."""
    visible = Profile.objects.visible_to(request.user).values("pk")
    return Profile.objects.filter(
        Q(pk__in=visible) | Q(user__in=event.helpers.values("user"))
    ).select_related("user")


@login_required
@require_POST
def helper_remove(request: MemberRequest, pk: int, helper_pk: int) -> HttpResponse:
    """Let somebody help no more."""
    event = event_run(request, pk, HelperRole.ORGANISER)
    helper = get_object_or_404(event.helpers, pk=helper_pk)
    try:
        remove_helper(helper, actor=request.user)
    except LastOrganiserError:
        messages.error(request, _("Somebody must remain who may do everything."))
    else:
        messages.success(request, _("This person no longer helps."))
    return redirect("events:helper_list", pk=pk)
