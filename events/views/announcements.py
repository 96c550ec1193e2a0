"""What organisers told everybody who comes."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from events.forms.announcements import AnnouncementForm
from events.models import Event, HelperRole
from events.permissions import may_run, may_see_participants
from events.services.announcements import announce, audience_of
from events.views.asked import event_shown
from konnect.accounts.services.notifications import mark_read_about
from matching.views.asked import MemberRequest


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def announcement_list(request: MemberRequest, pk: int) -> HttpResponse:
    """Show what was announced; those who run the meetings write here."""
    event = event_shown(request, pk)
    if not may_see_participants(event, request.user):
        raise Http404
    may_write = may_run(event, request.user, HelperRole.MEETINGS, HelperRole.PROGRAMME)
    if request.method == "POST" and not may_write:
        raise Http404
    form = AnnouncementForm(request.POST or None)
    is_written = request.method == "POST" and form.is_valid()
    if is_written and "is_checked" in request.POST:
        announce(event, **form.cleaned_data, actor=request.user)
        messages.success(request, _("Everybody who takes part is being told."))
        return redirect("events:announcement_list", pk=pk)
    mark_read_about(request.user, request.path)
    context = {"event": event, "announcements": event.announcements.all(),
               "form": form if may_write else None,
               "check": check_of(event, form) if is_written else None}  # fmt: skip
    return render(request, "events/announcement_list.html", context)


def check_of(event: Event, form: AnnouncementForm) -> dict[str, Any]:
    """Return what is looked at before everybody is told: the text, and how many will get it."""
    return {**form.cleaned_data, "people": audience_of(event).count()}
