"""Lists in pages: a cursor names the row after which, or before which, a page lies."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

if TYPE_CHECKING:
    from rest_framework.views import APIView

DEFAULT_LIMIT = 20
LARGEST_LIMIT = 100
LARGEST_ID = 2**63 - 1
CURSOR = re.compile(r"(after|before):([0-9]{1,19})")


@dataclass(frozen=True)
class Cursor:
    """Where a page lies: after a row in the order of the list, or before it."""

    direction: str
    number: int

    def encoded(self) -> str:
        """Return the text of the address: opaque, so that nobody builds their own."""
        return urlsafe_b64encode(f"{self.direction}:{self.number}".encode()).decode().rstrip("=")

    @classmethod
    def decoded(cls, text: str) -> Cursor:
        """Return what a text of the address says.

        Raises:
            ValidationError: it is none that was given out.
        """
        try:
            padded = text.encode("ascii") + b"=" * (-len(text) % 4)
            found = CURSOR.fullmatch(urlsafe_b64decode(padded).decode("ascii"))
        except ValueError:
            found = None
        if found is None or int(found[2]) > LARGEST_ID:
            raise refusal("cursor", "No cursor that was given out here.")
        return cls(found[1], int(found[2]))


class ByNumber(BasePagination):
    """Pages in the order of the rows' numbers, the newest first.

    Numbers are unique and never change, so nobody is missed or seen twice while others write.
    """

    is_newest_first = True

    def paginate_queryset(
        self, queryset: Any, request: Request, view: APIView | None = None
    ) -> list[Any]:
        """Return the rows of the page that the address asks for; one query.

        Raises:
            ValidationError: limit or cursor make no sense.
        """
        limit = asked_limit(request)
        text = request.query_params.get("cursor")
        cursor = Cursor.decoded(text) if text is not None else None
        rows = self.rows_from(queryset, cursor, limit + 1)
        has_more, rows = len(rows) > limit, rows[:limit]
        self.request = request
        goes_back = cursor is not None and cursor.direction == "before"
        if goes_back:
            rows.reverse()
        self.following = rows[-1].pk if rows and (has_more or goes_back) else None
        is_first = cursor is None or (goes_back and not has_more)
        self.preceding = rows[0].pk if rows and not is_first else None
        return rows

    def rows_from(self, queryset: QuerySet[Any], cursor: Cursor | None, count: int) -> list[Any]:
        """Return some rows after the cursor, or before it from there backwards."""
        goes_back = cursor is not None and cursor.direction == "before"
        goes_down = self.is_newest_first != goes_back
        if cursor is not None:
            beyond = {"pk__lt" if goes_down else "pk__gt": cursor.number}
            queryset = queryset.filter(**beyond)
        return list(queryset.order_by("-pk" if goes_down else "pk")[:count])

    def get_paginated_response(self, data: Sequence[Any]) -> Response:
        """Return the page with the addresses of its neighbours."""
        found = {"next": self.link("after", self.following),
                 "previous": self.link("before", self.preceding), "results": data}  # fmt: skip
        return Response(found)

    def link(self, direction: str, number: int | None) -> str | None:
        """Return the address of a neighbour with the same filters."""
        if number is None:
            return None
        query = self.request.query_params.copy()
        query["cursor"] = Cursor(direction, number).encoded()
        return self.request.build_absolute_uri(f"{self.request.path}?{query.urlencode()}")

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Return the description of a page."""
        link = {"type": ["string", "null"], "format": "uri"}
        following = "https://konnect.example/api/v1/areas/?cursor=YWZ0ZXI6MjA"
        properties = {
            "next": {**link, "example": following},
            "previous": {**link, "example": None},
            "results": schema,
        }
        return {"type": "object", "required": [*properties], "properties": properties}

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        """Return the description of the two parameters."""
        limit = {"type": "integer", "minimum": 1, "maximum": LARGEST_LIMIT,
                 "default": DEFAULT_LIMIT}  # fmt: skip
        return [
            {"name": "limit", "in": "query", "description": "How many results.", "schema": limit},
            {"name": "cursor", "in": "query", "schema": {"type": "string"},
             "description": "Where the page begins: follow `next` and `previous`."},
        ]  # fmt: skip


class ByNumberUp(ByNumber):
    """The same, the oldest first: vocabularies."""

    is_newest_first = False


def asked_limit(request: Request) -> int:
    """Return how many results are wanted.

    Raises:
        ValidationError: it is no number, or too many.
    """
    text = request.query_params.get("limit", str(DEFAULT_LIMIT))
    is_number = text.isascii() and text.isdigit() and len(text) < 4
    if not is_number or not 1 <= int(text) <= LARGEST_LIMIT:
        raise refusal("limit", f"A number from 1 to {LARGEST_LIMIT}.")
    return int(text)


def refusal(parameter: str, words: str) -> ValidationError:
    """Return what is said of a parameter that makes no sense."""
    return ValidationError({f"?{parameter}": [words]})
