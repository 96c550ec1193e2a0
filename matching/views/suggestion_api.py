"""A person's suggestions as JSON, kept ready; `matching.api.suggestions` answers everybody else."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from django.core.cache import caches
from django.http import HttpRequest, HttpResponse, QueryDict

from konnect.accounts.api.answers import is_known, json_answer, not_modified
from konnect.accounts.models import User
from konnect.accounts.quick import finish
from matching.models import Profile
from matching.services.suggestion_json import suggestions_json
from matching.services.suggestions import SHOWN, Shortlist, shortlist
from matching.views.suggestion_cards import obstacle
from matching.views.suggestion_reader import quick_reader

SECONDS_KEPT = 600
DEFAULT_LIMIT = 20


@dataclass(frozen=True)
class Slice:
    """Which part of the list is wanted."""

    limit: int
    offset: int


def kept_suggestion_list(request: HttpRequest) -> HttpResponse | None:
    """Answer a member whose session this process knows, from one query."""
    reader = quick_reader(request)
    wanted = slice_of(request.GET)
    if reader is None or wanted is None:
        return None
    response = answer(request, reader.user, reader.state, wanted)
    return finish(response, language="en", policy=response.headers["Content-Security-Policy"])


def slice_of(query: QueryDict) -> Slice | None:
    """Return what limit and offset ask for; None when they make no sense."""
    limit, offset = query.get("limit", str(DEFAULT_LIMIT)), query.get("offset", "0")
    if not all(text.isascii() and text.isdigit() and len(text) < 4 for text in (limit, offset)):
        return None
    found = Slice(int(limit), int(offset))
    return found if 1 <= found.limit <= SHOWN and found.offset <= SHOWN else None


def answer(request: HttpRequest, user: User, state: str, wanted: Slice) -> HttpResponse:
    """Return the list for this state, or that nothing has changed."""
    key = f"json-{state}-{wanted.limit}-{wanted.offset}"
    etag = f'"{hashlib.sha256(key.encode()).hexdigest()[:32]}"'
    if is_known(etag, request.headers.get("if-none-match", "")):
        return not_modified(etag)
    body: bytes | None = caches["panels"].get(key)
    if body is None:
        body = draw(Profile.objects.get(user=user), wanted)
        caches["panels"].set(key, body, SECONDS_KEPT)
    return json_answer(body, etag=etag)


def draw(profile: Profile, wanted: Slice) -> bytes:
    """Return the JSON of a part of a person's list."""
    found = shortlist(profile)
    entries = found.entries[wanted.offset : wanted.offset + wanted.limit]
    results = suggestions_json(profile, entries, offset=wanted.offset) if entries else "[]"
    return body_of(found, obstacle(profile, found), wanted, results)


def body_of(found: Shortlist, why: str, wanted: Slice, results: str) -> bytes:
    """Return the whole answer."""
    about = {
        "count": len(found.entries), "limit": wanted.limit, "offset": wanted.offset,
        "is_fresh": found.is_fresh, "obstacle": why,
    }  # fmt: skip
    return (json.dumps(about)[:-1] + ', "results": ' + results + "}").encode()
