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
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from konnect.accounts.context import appearance_for
from konnect.accounts.models import User
from konnect.accounts.quick import finish, make_nonce, page_policy
from konnect.accounts.tokens import masked, secret_in
from matching.context import Inbox, count_inbox
from matching.views.asked import MemberRequest

SECONDS_KEPT = 600
# Nobody can write what is replaced: it is another text in every process.
MARK = secrets.token_hex(16)


@dataclass(frozen=True)
class Frame:
    """A page cut at its holes: texts in UTF-8, and between them the names of what goes in."""

    texts: list[bytes]
    names: list[str]

    def filled(self, holes: Mapping[str, bytes]) -> bytes:
        """Return the page."""
        pieces = [self.texts[0]]
        for name, text in zip(self.names, self.texts[1:], strict=True):
            pieces += (holes[name], text)
        return b"".join(pieces)


def render_framed(
    request: MemberRequest,
    template: str,
    context: Mapping[str, Any],
    *,
    by: tuple[object, ...],
    holes: Mapping[str, bytes],
) -> HttpResponse:
    """Answer with a page of which all but the holes is kept, for everybody alike.

    `by`: all that the page's own part shows beside the holes; what the bar and the foot show is
    known here. `holes`: HTML in UTF-8, by the names that the template writes. Messages are never
    kept.
    """
    if len(get_messages(request)):
        texts = {name: SafeString(value.decode()) for name, value in holes.items()}
        return HttpResponse(render_to_string(template, {**context, **texts}, request))
    inbox = count_inbox(request.user)
    where = request.resolver_match.view_name if request.resolver_match else ""
    appearance = appearance_for(request)
    seen_by = (get_language(), bool(request.htmx), request.user.is_staff, appearance, inbox)
    key = frame_key(template, where, seen_by, by)
    token, nonce = get_token(request), str(getattr(request, "csp_nonce", ""))
    filled_in = {**own_holes(request, request.user, token, nonce), **holes}
    frame: Frame | None = caches["layout"].get(key)
    if frame is None:
        frame = draw_frame(request, template, {**context, "inbox": inbox}, list(filled_in))
        caches["layout"].set(key, frame, SECONDS_KEPT)
    return HttpResponse(frame.filled(filled_in))


def kept_framed(
    request: HttpRequest,
    user: User,
    inbox: Inbox,
    template: str,
    *,
    where: str,
    by: tuple[object, ...],
    holes: Mapping[str, bytes],
) -> HttpResponse | None:
    """Return the same page without a request's middleware; None unless its frame is kept."""
    secret = secret_in(request.COOKIES.get(settings.CSRF_COOKIE_NAME, ""))
    seen_by = (user.language, False, user.is_staff, user.appearance, inbox)
    frame: Frame | None = caches["layout"].get(frame_key(template, where, seen_by, by))
    if frame is None or secret is None:
        return None
    nonce = make_nonce()
    own = own_holes(request, user, masked(secret), nonce)
    response = HttpResponse(frame.filled({**own, **holes}))
    return finish(response, language=user.language, policy=page_policy(nonce))


def frame_key(
    template: str, where: str, seen_by: tuple[object, ...], by: tuple[object, ...]
) -> str:
    """Return the name of a frame; seen_by: language, htmx, staff, appearance and inbox."""
    depends_on = repr((settings.DEMO, where, seen_by, by))
    return make_template_fragment_key(template, [depends_on])


def own_holes(request: HttpRequest, user: User, token: str, nonce: str) -> dict[str, bytes]:
    """Return what base.html shows of one person or request."""
    return {
        "csrf_token": token.encode(),
        "CSP_NONCE": nonce.encode(),
        "page_address": escape(request.get_full_path()).encode(),
        "account_email": escape(user.email).encode(),
    }


def draw_frame(
    request: MemberRequest, template: str, context: Mapping[str, Any], names: list[str]
) -> Frame:
    """Draw the page with stand-ins and cut it there."""
    stand_ins = {name: f"{MARK} {name} {MARK}" for name in names}
    page = render_to_string(template, {**context, **stand_ins}, request)
    pieces = page.split(MARK)
    return Frame(
        [piece.encode() for piece in pieces[::2]], [name.strip() for name in pieces[1::2]]
    )
