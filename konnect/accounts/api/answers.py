"""JSON that is made already, and copies that are still good."""

from __future__ import annotations

from django.http import HttpResponse

# Nothing in it is a page: no script, no frame, no form.
POLICY = "default-src 'none'; frame-ancestors 'none'"


def json_answer(body: bytes, *, etag: str = "") -> HttpResponse:
    """Return JSON that is made already."""
    response = HttpResponse(body, content_type="application/json")
    if etag:
        response.headers["ETag"] = etag
    response.headers["Content-Security-Policy"] = POLICY
    return response


def not_modified(etag: str) -> HttpResponse:
    """Return that the reader's copy is the newest."""
    response = HttpResponse(status=304)
    del response.headers["Content-Type"]
    response.headers["ETag"] = etag
    response.headers["Content-Security-Policy"] = POLICY
    return response


def is_known(etag: str, if_none_match: str) -> bool:
    """Tell whether a copy is named by If-None-Match, weakly as RFC 9110 has it."""
    names = [name.strip().removeprefix("W/") for name in if_none_match.split(",")]
    return etag in names or names == ["*"]
