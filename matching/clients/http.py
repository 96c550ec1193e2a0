"""One outside service, asked for JSON with limits in time and size."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote, urlsplit

import requests

CHUNK = 1 << 16
LONGEST_WAIT = timedelta(hours=1)
# What may be different in a while.
TEMPORARY = frozenset({"unreachable", "slow", "limited", "unwell", "cut_off", "garbled"})
CODE_OF_STATUS = {
    401: "denied", 403: "denied", 404: "unknown", 408: "slow", 409: "closed", 410: "unknown",
    429: "limited",
}  # fmt: skip


class ServiceError(Exception):
    """A service did not give what was asked for.

    `code`: unreachable, slow, limited, unwell (5xx), cut_off, garbled (no JSON), too_large,
    denied, unknown (404), closed (409), moved (a redirect, never followed).
    """

    def __init__(self, code: str, *, retry_after: timedelta | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.retry_after = retry_after

    @property
    def is_temporary(self) -> bool:
        """Whether asking again later may help."""
        return self.code in TEMPORARY


@dataclass(frozen=True)
class Limits:
    """Seconds to connect, between two pieces of an answer, for one answer and for all; bytes."""

    connect: float = 5
    read: float = 12
    answer: float = 30
    total: float = 90
    most_bytes: int = 16_000_000


LIMITS = Limits()


@dataclass
class Service:
    """A service at a base address, `https://pub.orcid.org`; one object a task."""

    base: str
    key: str = ""
    agent: str = "KONNECT"
    limits: Limits = LIMITS
    ends: float = field(init=False)

    def __post_init__(self) -> None:
        self.ends = time.monotonic() + self.limits.total
        parts = urlsplit(self.base)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ServiceError("unreachable")

    def get(self, *path: str, parameters: Mapping[str, str | int] | None = None) -> Any:
        """Return the JSON at a path below the base, each part of it quoted.

        Raises:
            ServiceError: there is none, and why.
        """
        if time.monotonic() >= self.ends:
            raise ServiceError("slow")
        address = "/".join([self.base.rstrip("/"), *(quote(part, safe=":") for part in path)])
        try:
            with self.ask(address, parameters) as response:
                check_status(response)
                return decoded(self.body_of(response))
        except requests.Timeout as error:
            raise ServiceError("slow") from error
        except (
            requests.exceptions.ChunkedEncodingError,
            requests.exceptions.ContentDecodingError,
        ) as error:
            raise ServiceError("cut_off") from error
        except requests.RequestException as error:
            raise ServiceError("unreachable") from error

    def ask(self, address: str, parameters: Mapping[str, str | int] | None) -> requests.Response:
        """Send the request; the answer's body is not read yet."""
        headers = {"Accept": "application/json", "User-Agent": self.agent}
        if self.key:
            headers["Authorization"] = f"Bearer {self.key}"
        return requests.get(
            address, params=parameters, headers=headers, stream=True, allow_redirects=False,
            timeout=(self.limits.connect, self.limits.read),
        )  # fmt: skip

    def body_of(self, response: requests.Response) -> bytes:
        """Return the whole answer.

        Raises:
            ServiceError: it is too large, or takes too long in all.
        """
        ends = min(self.ends, time.monotonic() + self.limits.answer)
        body = bytearray()
        for piece in response.iter_content(CHUNK):
            body += piece
            if len(body) > self.limits.most_bytes:
                raise ServiceError("too_large")
            if time.monotonic() > ends:
                raise ServiceError("slow")
        return bytes(body)


def check_status(response: requests.Response) -> None:
    """Refuse every answer that is not the one that was asked for.

    Raises:
        ServiceError: the status says so.
    """
    status = response.status_code
    if status == 200:
        return
    code = CODE_OF_STATUS.get(status) or {3: "moved", 5: "unwell"}.get(status // 100, "denied")
    raise ServiceError(code, retry_after=wait_asked_for(response.headers.get("Retry-After", "")))


def wait_asked_for(value: str) -> timedelta | None:
    """Return the wait that a Retry-After header asks for, in seconds or until a time."""
    if value.strip().isascii() and value.strip().isdigit():
        return min(timedelta(seconds=min(int(value), 86_400)), LONGEST_WAIT)
    try:
        until = parsedate_to_datetime(value)
    except ValueError:
        return None
    wait = until.replace(tzinfo=until.tzinfo or UTC) - datetime.now(UTC)
    return max(timedelta(0), min(wait, LONGEST_WAIT))


def decoded(body: bytes) -> Any:
    """Return the JSON of an answer.

    Raises:
        ServiceError: it is none: an error page, or half of it is missing.
    """
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ServiceError("garbled") from error
