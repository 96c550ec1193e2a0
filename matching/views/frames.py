"""Whole pages that are drawn once, with holes for what belongs to one person or request."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.messages import get_messages
from django.core.cache import caches
from django.core.cache.utils import make_template_fragment_key
from django.http import HttpResponse
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.translation import get_language

from konnect.accounts.context import appearance_for
from matching.context import count_inbox
from matching.views.asked import MemberRequest

SECONDS_KEPT = 600
# Nobody can write what is replaced: it is another text in every process.
MARK = secrets.token_hex(16)


@dataclass(frozen=True)
class Frame:
    """A page cut at its holes: texts, and between them the names of what goes in."""

    texts: list[str]
    names: list[str]

    def filled(self, holes: Mapping[str, str]) -> str:
        """Return the page."""
        pieces = [self.texts[0]]
        for name, text in zip(self.names, self.texts[1:], strict=True):
            pieces += (holes[name], text)
        return "".join(pieces)


def render_framed(
    request: MemberRequest,
    template: str,
    context: Mapping[str, Any],
    *,
    by: tuple[object, ...],
    holes: Mapping[str, str],
) -> HttpResponse:
    """Answer with a page of which all but the holes is kept, for everybody alike.

    `by`: all that the page's own part shows beside the holes; what the bar and the foot show is
    known here. `holes`: HTML, by the names that the template writes. Messages are never kept.
    """
    if len(get_messages(request)):
        return HttpResponse(render_to_string(template, {**context, **holes}, request))
    inbox = count_inbox(request.user)
    where = request.resolver_match.view_name if request.resolver_match else ""
    depends_on = (
        settings.DEMO, get_language(), where, bool(request.htmx), request.user.is_staff,
        appearance_for(request), inbox, *by,
    )  # fmt: skip
    key = make_template_fragment_key(template, [repr(depends_on)])
    filled_in = {**own_holes(request), **holes}
    frame: Frame | None = caches["layout"].get(key)
    if frame is None:
        frame = draw_frame(request, template, {**context, "inbox": inbox}, list(filled_in))
        caches["layout"].set(key, frame, SECONDS_KEPT)
    return HttpResponse(frame.filled(filled_in))


def own_holes(request: MemberRequest) -> dict[str, str]:
    """Return what base.html shows of one person or request."""
    return {
        "csrf_token": get_token(request),
        "CSP_NONCE": str(getattr(request, "csp_nonce", "")),
        "page_address": escape(request.get_full_path()),
        "account_email": escape(request.user.email),
    }


def draw_frame(
    request: MemberRequest, template: str, context: Mapping[str, Any], names: list[str]
) -> Frame:
    """Draw the page with stand-ins and cut it there."""
    stand_ins = {name: f"{MARK} {name} {MARK}" for name in names}
    page = render_to_string(template, {**context, **stand_ins}, request)
    pieces = page.split(MARK)
    return Frame(pieces[::2], [name.strip() for name in pieces[1::2]])
