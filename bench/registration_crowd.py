"""Many people who send the same form at the same moment, each from a thread of their own."""

from __future__ import annotations

import http.client
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Barrier
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.test import Client

from konnect.accounts.models import User

TOKEN = "0123456789abcdefghijklmnopqrstuv"
TIMEOUT = 120


@dataclass(frozen=True)
class Sent:
    """What became of one form: the answer's status, and how long it took from the start of all."""

    status: int
    seconds: float


def cookies_of(users: Sequence[User]) -> list[str]:
    """Sign people in; return the cookies that their browsers send."""
    found = []
    for user in users:
        client = Client()
        client.force_login(user)
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        found.append(
            f"{settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={TOKEN}"
        )
    return found


def send_at_once(url: str, cookies: Sequence[str], fields: dict[str, str]) -> list[Sent]:
    """Have everybody post a form to an address at once; return what became of each, in order."""
    start = Barrier(len(cookies))

    def send(cookie: str) -> Sent:
        start.wait(TIMEOUT)
        begun = time.perf_counter()
        status = post(url, cookie, fields)
        return Sent(status, time.perf_counter() - begun)

    with ThreadPoolExecutor(len(cookies)) as pool:
        return list(pool.map(send, cookies))


def post(url: str, cookie: str, fields: dict[str, str]) -> int:
    """Post one form as a browser does; return the status."""
    address = urlsplit(url)
    link = http.client.HTTPConnection(address.hostname or "", address.port, timeout=TIMEOUT)
    headers = {
        "Cookie": cookie,
        "Content-Type": "application/x-www-form-urlencoded",
        "Origin": f"{address.scheme}://{address.netloc}",
        "User-Agent": "bench",
    }
    body = urlencode(fields | {"csrfmiddlewaretoken": TOKEN})
    try:
        link.request("POST", address.path, body, headers)
        answer = link.getresponse()
        answer.read()
        return answer.status
    finally:
        link.close()
