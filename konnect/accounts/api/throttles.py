"""How often a program may ask, counted in the table of the shared cache.

One statement counts: two processes that count at the same time both count, and nothing is read
first and written later. A window begins with the first request and lasts a minute.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import connection
from rest_framework.exceptions import Throttled
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from konnect.accounts.models import ApiToken

if TYPE_CHECKING:
    from rest_framework.views import APIView

WINDOW_SECONDS = 60
COUNT = """
INSERT INTO {table} AS counted (cache_key, value, expires)
VALUES (%s, '1', statement_timestamp() + interval '{seconds} seconds')
ON CONFLICT (cache_key) DO UPDATE SET
  value = CASE WHEN counted.expires <= statement_timestamp() THEN '1'
               ELSE (counted.value::bigint + 1)::text END,
  expires = CASE WHEN counted.expires <= statement_timestamp() THEN excluded.expires
                 ELSE counted.expires END
RETURNING value::bigint, extract(epoch FROM expires - statement_timestamp())
"""


@dataclass(frozen=True)
class Counted:
    """How many requests a window has seen, this one included, and when it ends."""

    number: int
    seconds_left: float


def count(key: str) -> Counted:
    """Count one request under a key; one atomic statement."""
    cache: Any = settings.CACHES["default"]
    table = connection.ops.quote_name(cache["LOCATION"])
    sql = COUNT.format(table=table, seconds=WINDOW_SECONDS)
    with connection.cursor() as cursor:
        cursor.execute(sql, [f"api-throttle:{key}"])
        number, seconds = cursor.fetchone()
    return Counted(number, float(seconds))


class EverybodyThrottle(BaseThrottle):
    """Limits by token, else by person, else by network address; writing apart from reading."""

    left = 0.0

    def allow_request(self, request: Request, view: APIView) -> bool:
        """Tell whether this request is within the limits."""
        who = whose(request)
        kind = "read" if request.method in SAFE_METHODS else "write"
        limit = settings.API_LIMITS["anonymous" if who.startswith("ip:") else kind]
        counted = count(f"{kind}:{who}")
        self.left = counted.seconds_left
        return bool(counted.number <= limit)

    def wait(self) -> float:
        """Return in how many seconds to try again."""
        return self.left


def whose(request: Request) -> str:
    """Return under what a request is counted."""
    if isinstance(request.auth, ApiToken):
        return f"token:{request.auth.pk}"
    if request.user and request.user.is_authenticated:
        return f"user:{request.user.pk}"
    return f"ip:{network_address(request)}"


def network_address(request: Request) -> str:
    """Return from where a request comes, as sign-in counts it; all unknown places are one."""
    try:
        found: str = get_adapter().get_client_ip(request._request)  # noqa: SLF001 - Django's own request
    except PermissionDenied:
        return "unknown"
    return found


def refuse_guessing(request: Request) -> None:
    """Count a token that opened nothing.

    Raises:
        Throttled: there were too many from this network address.
    """
    counted = count(f"guess:ip:{network_address(request)}")
    if counted.number > settings.API_LIMITS["guess"]:
        raise Throttled(wait=counted.seconds_left)
