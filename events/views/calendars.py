"""A person's calendar feed, and the page that opens and closes it."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from events.services.calendar_feeds import (
    close_feed,
    feed_content,
    feed_of,
    note_reading,
    open_feed,
    open_feeds,
)
from matching.views.asked import MemberRequest
from matching.views.feeds import secret_feed


@require_safe
def calendar_feed(request: HttpRequest, token: str) -> HttpResponse:
    """Give a calendar program somebody's meetings; nobody in between keeps them."""
    feed = get_object_or_404(open_feeds().select_related("user"), token=token)

    def content() -> bytes:
        note_reading(feed)
        return feed_content(feed.user, timezone.now())

    response = secret_feed(request, f"calendar:{feed.pk}", content, "text/calendar")
    response["Content-Disposition"] = 'inline; filename="konnect.ics"'
    return response


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def calendar_settings(request: MemberRequest) -> HttpResponse:
    """Show the address of one's feed; open it, give it a new address, or close it."""
    if request.method == "POST":
        if request.POST.get("action") == "close":
            close_feed(request.user, actor=request.user)
            messages.success(request, _("The feed is closed. Its address opens nothing any more."))
        else:
            open_feed(request.user, actor=request.user)
            messages.success(request, _("Your calendar has its address. Keep it to yourself."))
        return redirect("events:calendar_settings")
    feed = feed_of(request.user)
    path = reverse("events:calendar_feed", args=[feed.token]) if feed else ""
    address = settings.SITE_URL + path
    context = {"feed": feed, "address": address, "subscribe": f"webcal://{address_tail(address)}"}
    return render(request, "events/calendar_settings.html", context)


def address_tail(address: str) -> str:
    """Return an address without its scheme; calendar programs open `webcal:` themselves."""
    parts = urlsplit(address)
    return parts.netloc + parts.path
