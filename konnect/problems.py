"""What people read when something went wrong: in their language, with a way out."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

RETRY_AFTER_SECONDS = 60


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request that makes no sense; the session may be what is broken."""
    return plain(request, 400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request that this person may not make."""
    return render(request, "403.html", status=403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form whose token is missing or old."""
    return render(request, "403_csrf.html", status=403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer an address that does not exist, or not for this person."""
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer when something broke; a database that is away is a service unavailable."""
    is_away = isinstance(sys.exception(), OperationalError | InterfaceError)
    return plain(request, 503 if is_away else 500)


def plain(request: HttpRequest, status: int) -> HttpResponse:
    """Render a page that needs neither database nor session."""
    context = {"status": status, "CSP_NONCE": getattr(request, "csp_nonce", "")}
    response = HttpResponse(render_to_string(f"{status}.html", context), status=status)
    if status == 503:
        response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response
