"""Entity tags: what has not changed is not sent again, what has changed is not overwritten."""

from __future__ import annotations

import hashlib
from typing import Any

from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from konnect.accounts.api.answers import is_known, not_modified
from konnect.accounts.api.problems import PreconditionFailed


def tag_of(body: bytes) -> str:
    """Return the tag of an answer: two have the same one when they are the same bytes."""
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def tag_of_data(data: Any) -> str:
    """Return the tag that an answer with this data has."""
    return tag_of(JSONRenderer().render(data))


def with_tag(response: Response) -> Any:
    """Name the state of a rendered answer; say 304 to whoever has it. For post-render hooks."""
    tag = tag_of(response.content)
    context: Any = getattr(response, "renderer_context", None)
    request = context["request"]
    if is_known(tag, request.headers.get("if-none-match", "")):
        return unchanged(response, tag)
    response.headers["ETag"] = tag
    return response


def unchanged(response: Response, tag: str) -> Any:
    """Return 304 with the headers that the whole answer would have."""
    found = not_modified(tag)
    for name in ("Vary", "Cache-Control", "Content-Language"):
        if name in response.headers:
            found.headers[name] = response.headers[name]
    return found


def check_precondition(request: Request, data: Any) -> None:
    """Compare If-Match, where it is sent, with the tag of what stands now.

    Call it with the row locked: between the look and the write nobody else writes.

    Raises:
        PreconditionFailed: the program has read an older state.
    """
    wanted = request.headers.get("if-match", "").strip()
    if not wanted or wanted == "*":
        return
    # Strong comparison: a weak tag never matches (RFC 9110, 13.1.1).
    if tag_of_data(data) not in [tag.strip() for tag in wanted.split(",")]:
        raise PreconditionFailed
