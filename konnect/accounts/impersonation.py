"""Sessions in which an administrator sees the portal as somebody else.

Such a session reads and never writes. What people wrote to each other, their settings and their
data stay closed to it: the operators promise that.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from konnect.accounts.models import Impersonation, User

Response = Callable[[HttpRequest], HttpResponse]

# The number of the row; its presence makes a session one of these.
MARK = "impersonation"
SECONDS = 1800
# What only the person may open, as the beginnings of addresses.
PRIVATE = (
    "/messages/", "/contacts/", "/interests/", "/settings/", "/notifications/", "/accounts/",
    "/administration/", "/api/", "/profile/fill/", "/blocks/", "/reports/",
    # With the secret addresses of feeds, which would stay open when the visit is over.
    "/saved-searches/",
)  # fmt: skip
READING = frozenset({"GET", "HEAD", "OPTIONS"})


def enter(request: HttpRequest, row: Impersonation) -> None:
    """Turn the administrator's session into one of the person, under a new key."""
    take_session(request, row.user)
    request.session[MARK] = row.pk
    request.session.set_expiry(SECONDS)


def leave(request: HttpRequest, administrator: User) -> None:
    """Turn it back into the administrator's."""
    take_session(request, administrator)


def take_session(request: HttpRequest, user: User) -> None:
    """Make a fresh session somebody's, without any trace of a sign-in of theirs."""
    request.session.flush()
    request.session[SESSION_KEY] = str(user.pk)
    request.session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    request.session[HASH_SESSION_KEY] = user.get_session_auth_hash()


def read_only(get_response: Response) -> Response:
    """Let an administrator look as somebody, and change nothing."""

    def middleware(request: HttpRequest) -> HttpResponse:
        mark = request.session.get(MARK)
        return get_response(request) if mark is None else as_somebody(request, int(mark))

    def as_somebody(request: HttpRequest, pk: int) -> HttpResponse:
        # Imported here: services stand to the right, and only these sessions need them.
        from konnect.accounts.services.impersonations import live_impersonation  # noqa: PLC0415

        row = live_impersonation(pk)
        if row is None:
            request.session.flush()
            return redirect("account_login")
        request.impersonation = row  # type: ignore[attr-defined] # read by base.html
        if request.path == reverse("accounts:impersonation_end"):
            return get_response(request)
        if request.method not in READING or request.path.startswith(PRIVATE):
            return render(request, "accounts/impersonation_refused.html", status=403)
        return get_response(request)

    return middleware
