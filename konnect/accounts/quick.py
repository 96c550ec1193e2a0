"""Answering what members ask most often before the other middleware, with nothing left out.

A view that is listed in QUICK_VIEWS gets a GET of its address first, behind SecurityMiddleware
only. One prepared statement reads the session, the account and whatever the view wants; the view
answers from that, or returns None and the request takes the long way. It takes the long way
whenever anything is unusual: no session that this process has seen, anything in the session that
belongs to another middleware, a message to show, a request of htmx.

Nothing is remembered that could let somebody in: the session is read and its signature, its time,
the account's state and the hash of its password are checked at every request, as Django does.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from csp.utils import build_policy
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import DEFAULT_DB_ALIAS
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.utils.http import http_date
from django.utils.module_loading import import_string

from konnect.accounts.backends import account
from konnect.accounts.models import User
from konnect.accounts.prepared import Statement
from konnect.accounts.presence import is_noticed
from konnect.accounts.sessions import SessionStore, live_session

QuickView = Callable[[HttpRequest], HttpResponse | None]
Response = Callable[[HttpRequest], HttpResponse]

# What sign-in itself writes; anything else in a session is for another middleware to see to.
USUAL = frozenset(
    {
        SESSION_KEY, BACKEND_SESSION_KEY, HASH_SESSION_KEY, "_session_expiry",
        "account_authentication_methods", "account_authentication_methods_user",
    }
)  # fmt: skip
# What signing in needs of an account, and pages show of it; from_db wants the model's own order.
WANTED = {
    "id", "password", "is_active", "is_staff", "email", "language", "appearance", "last_seen_on",
    "dormancy",
}  # fmt: skip
ACCOUNT = tuple(
    field.attname
    for field in User._meta.concrete_fields  # noqa: SLF001 - documented API
    if field.attname in WANTED
)
MOST_SESSIONS = 20_000
# By session key: whose it was when last seen. A guess that saves a query, believed for nothing.
OWNERS: dict[str, int] = {}
NONCE_STANDS_HERE = "nonce-stands-here"


def quick(get_response: Response) -> Response:
    """Let quick views answer first."""

    def middleware(request: HttpRequest) -> HttpResponse:
        view = quick_views().get(request.path_info) if is_plain_get(request) else None
        response = view(request) if view else None
        if response is None:
            response = get_response(request)
            remember_owner(request)
        return response

    return middleware


def is_plain_get(request: HttpRequest) -> bool:
    """Tell whether a request is one that a quick view may answer."""
    return (
        request.method == "GET"
        and settings.SESSION_COOKIE_NAME in request.COOKIES
        and "messages" not in request.COOKIES
        and "hx-request" not in request.headers
    )


@cache
def quick_views() -> dict[str, QuickView]:
    """Return the views by their addresses."""
    return {path: import_string(name) for path, name in settings.QUICK_VIEWS.items()}


def remember_owner(request: HttpRequest) -> None:
    """Keep whose session a request had, for the next one's guess."""
    user = getattr(request, "user", None)
    key = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
    if key and user is not None and user.is_authenticated:
        if len(OWNERS) >= MOST_SESSIONS:
            OWNERS.clear()
        OWNERS[key] = user.pk


@dataclass(frozen=True)
class Admitted:
    """A signed-in person, and the row that a view's own statement found for them."""

    user: User
    row: list[Any]


@dataclass(frozen=True)
class Door:
    """One statement for a session ($1), an account ($2) and what a view wants of that account.

    sql: a query that reads `$2` and finds one row at most; columns: how many it has.
    """

    name: str
    sql: str
    constants: tuple[Any, ...]

    def admit(self, request: HttpRequest) -> Admitted | None:
        """Return who asks, None when the long way has to find out."""
        key = request.COOKIES[settings.SESSION_COOKIE_NAME]
        user_id = OWNERS.get(key)
        if user_id is None:
            return None
        # As CommonMiddleware does: a host that is not ours is refused.
        request.get_host()
        rows = door_statement(self.name, self.sql, self.constants).first_rows(key, user_id)
        if not rows:
            return None
        session_data, *row = rows[0]
        user = User.from_db(DEFAULT_DB_ALIAS, ACCOUNT, row[: len(ACCOUNT)])
        return Admitted(user, row[len(ACCOUNT) :]) if vouches(session_data, user) else None


@cache
def door_statement(name: str, sql: str, constants: tuple[Any, ...]) -> Statement:
    """Return the statement of a door: the account and the session as everywhere else."""
    session, session_constants = live_session.inside(session_key="$1")
    person, person_constants = account.inside(user_id="$2")
    columns = ", ".join(f"person.{column}" for column in ACCOUNT)
    whole = f"SELECT session.session_data, {columns}, wanted.* FROM ({session}) session CROSS JOIN ({person}) person LEFT JOIN ({sql}) wanted ON TRUE"  # noqa: S608 - made of our own querysets
    return Statement(name, whole, [*session_constants, *person_constants, *constants])


def vouches(session_data: str, user: User) -> bool:
    """Tell whether a session that is alive is this person's, with nothing unusual in it."""
    session = opened(session_data)
    return (
        session.get(SESSION_KEY) == str(user.pk)
        and session.get(BACKEND_SESSION_KEY) in settings.AUTHENTICATION_BACKENDS
        and user.is_active
        # Once a day the long way, which writes that the person is here.
        and is_noticed(user)
        and constant_time_compare(session.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash())
        and session.keys() <= USUAL
    )


@lru_cache(maxsize=2000)
def opened(session_data: str) -> dict[str, Any]:
    """Return what a session holds, {} when its signature is not ours; the same text is the same."""
    found: dict[str, Any] = SessionStore().decode(session_data)
    return found


def finish(response: HttpResponse, *, language: str, policy: str) -> HttpResponse:
    """Write the headers that the other middleware would write."""
    response.headers["Content-Length"] = str(len(response.content))
    response.headers["Content-Security-Policy"] = policy
    response.headers["X-Frame-Options"] = settings.X_FRAME_OPTIONS
    response.headers["Vary"] = "Cookie, HX-Request, Accept-Language"
    response.headers["Content-Language"] = language
    response.headers["Expires"] = http_date()
    response.headers["Cache-Control"] = "max-age=0, no-cache, no-store, must-revalidate, private"
    return response


def make_nonce() -> str:
    """Return a nonce for one page."""
    return base64.b64encode(os.urandom(16)).decode("ascii")


def page_policy(nonce: str) -> str:
    """Return the Content-Security-Policy of a page with this nonce."""
    return policy_with_stand_in().replace(NONCE_STANDS_HERE, nonce)


@cache
def policy_with_stand_in() -> str:
    """Return the policy as the middleware makes it, for any nonce."""
    return str(build_policy(nonce=NONCE_STANDS_HERE))
