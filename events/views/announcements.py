"""What organisers told everybody who comes."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from events.forms.announcements import AnnouncementForm
from events.models import Event, HelperRole
from events.permissions import may_run, may_see_participants
from events.services.announcements import announce, audience_of, take_back
from events.views.asked import event_run, event_shown
from konnect.accounts.services.notifications import mark_read_about
from matching.views.asked import MemberRequest

WRITERS = (HelperRole.MEETINGS, HelperRole.PROGRAMME)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def announcement_list(request: MemberRequest, pk: int) -> HttpResponse:
    """Show what was announced; those who run the meetings write here."""
    event = event_shown(request, pk)
    if not may_see_participants(event, request.user):
        raise Http404
    may_write = may_run(event, request.user, *WRITERS)
    if request.method == "POST" and not may_write:
        raise Http404
    form = AnnouncementForm(request.POST or None)
    is_written = request.method == "POST" and form.is_valid()
    if is_written and "is_checked" in request.POST:
        announce(event, **form.cleaned_data, actor=request.user)
        messages.success(request, _("Everybody who takes part is being told."))
        return redirect("events:announcement_list", pk=pk)
    mark_read_about(request.user, request.path)
    made = event.announcements.all() if may_write else event.announcements.standing()
    context = {"event": event, "announcements": made,
               "form": form if may_write else None,
               "check": check_of(event, form) if is_written else None}  # fmt: skip
    return render(request, "events/announcement_list.html", context)


def check_of(event: Event, form: AnnouncementForm) -> dict[str, Any]:
    """Return what is looked at before everybody is told: the text, and how many will get it."""
    return {**form.cleaned_data, "people": audience_of(event).count()}


@login_required
@require_POST
def announcement_take_back(request: MemberRequest, pk: int, announcement_pk: int) -> HttpResponse:
    """Take back what should not have been announced, and say which letters had gone."""
    event = event_run(request, pk, *WRITERS)
    announcement = get_object_or_404(event.announcements, pk=announcement_pk)
    gone = take_back(announcement, actor=request.user)
    messages.success(request, _("The announcement is taken back."))
    if gone:
        messages.warning(request, gone_words(gone))
    return redirect("events:announcement_list", pk=pk)


def gone_words(gone: int) -> str:
    """Return how many letters nobody can call back, in words."""
    words = ngettext(
        "%(number)d e-mail had gone already. Announce what is right, so that its reader knows.",
        "%(number)d e-mails had gone already. Announce what is right, so that their readers know.",
        gone,
    )
    return words % {"number": gone}
