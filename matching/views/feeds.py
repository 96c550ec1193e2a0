"""Feeds, which open by a secret address."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from konnect.accounts.api.throttles import count
from matching.feeds import A_MINUTE, feed_of, tag_of
from matching.models import SavedSearch


@require_safe
def saved_search_atom(request: HttpRequest, token: str) -> HttpResponse:
    """Show a kept search as Atom."""
    open_feeds = SavedSearch.objects.filter(user__is_active=True).select_related("user")
    search = get_object_or_404(open_feeds, feed_token=token)
    return secret_feed(
        request, f"feed:{search.pk}", lambda: feed_of(search), "application/atom+xml"
    )


def secret_feed(
    request: HttpRequest, name: str, write: Callable[[], bytes], kind: str
) -> HttpResponse:
    """Answer with a feed, with 304 to who has it already, with 429 to who asks all the time.

    Shared caches keep nothing, private ones ask each time, and search engines stay out. name: by
    which the feed's readings are counted; write: makes the feed; kind: its media type.
    """
    counted = count(name)
    if counted.number > A_MINUTE:
        headers = {"Retry-After": str(int(counted.seconds_left) + 1)}
        return HttpResponse(status=429, headers=headers)
    content = write()
    answer = HttpResponse(content, content_type=f"{kind}; charset=utf-8")
    etag = tag_of(content)
    response = get_conditional_response(request, etag=etag, response=answer) or answer
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    response["X-Robots-Tag"] = "noindex"
    return response
