"""What programs read when something went wrong: problem details by RFC 9457, for every error.

Applications teach the handler their own exceptions with `explain`; nothing ever reaches a program
as a page.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from django.core.exceptions import (
    BadRequest,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
)
from django.core.signals import got_request_exception
from django.db import IntegrityError, InterfaceError, OperationalError, transaction
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = 60
Errors = list[dict[str, str]]


@dataclass(frozen=True)
class Problem:
    """One answer that is no success.

    errors: what is wrong with single things, each with `code`, `detail` and perhaps `pointer`,
    the place in the body (`#/title_en`) or the name of the parameter (`?limit`).
    """

    status: int
    detail: str
    errors: Errors = field(default_factory=list)
    headers: Mapping[str, str] = field(default_factory=dict)

    def response(self) -> Response:
        """Return it as it is sent."""
        title = HTTPStatus(self.status).phrase
        body = {"type": "about:blank", "title": title, "status": self.status}
        body["detail"] = self.detail
        if self.errors:
            body["errors"] = self.errors
        return Response(body, self.status, headers=dict(self.headers), content_type=MEDIA_TYPE)


Explanation = Callable[[Any], Problem]
EXPLANATIONS: dict[type[Exception], Explanation] = {}


def explain(kind: type[Exception], explanation: Explanation) -> None:
    """Teach the handler what an exception of a service means to a program."""
    EXPLANATIONS[kind] = explanation


class PreconditionFailed(exceptions.APIException):
    """If-Match names another state than the stored one."""

    status_code = 412
    default_detail = "If-Match does not name the present state: read it again."
    default_code = "precondition_failed"


class TooLarge(exceptions.APIException):
    """The body is longer than any of ours."""

    status_code = 413
    default_detail = "The body is too large."
    default_code = "too_large"


def handle(error: Exception, context: Mapping[str, Any]) -> Response:
    """Return the answer to an error; what nobody foresaw is logged and told in general words."""
    problem = problem_of(error)
    if problem is None:
        logger.error("API: %s", type(error).__name__, exc_info=sys.exc_info())
        got_request_exception.send(sender=None, request=context["request"])
        problem = broken(error)
    connection = transaction.get_connection()
    if connection.in_atomic_block and connection.settings_dict["ATOMIC_REQUESTS"]:
        connection.set_rollback(True)
    return problem.response()


def problem_of(error: Exception) -> Problem | None:
    """Return what an error means; None when it is a fault of ours."""
    for kind, explanation in EXPLANATIONS.items():
        if isinstance(error, kind):
            return explanation(error)
    return None


def broken(error: Exception) -> Problem:
    """Return the problem of a fault; a database that is away is a service unavailable."""
    if isinstance(error, OperationalError | InterfaceError):
        headers = {"Retry-After": str(RETRY_AFTER_SECONDS)}
        return Problem(503, _("The portal is not available at the moment."), headers=headers)
    return Problem(500, _("Something broke on our side. It has been noted."))


def of_rest_framework(error: exceptions.APIException) -> Problem:
    """Return the problem of an exception that names its status itself."""
    headers = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if seconds := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(seconds) + 1)
    if isinstance(error, exceptions.ValidationError):
        return Problem(error.status_code, _("Something in the request is not valid."),
                       list(single_errors(error.detail)), headers)  # fmt: skip
    return Problem(error.status_code, str(error.detail), headers=headers)


def single_errors(detail: Any, pointer: str = "#") -> Iterator[dict[str, str]]:
    """Return every message of a nested refusal with the place that it is about."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            is_whole = name == "non_field_errors"
            yield from single_errors(inner, pointer if is_whole else f"{pointer}/{name}")
    elif isinstance(detail, list):
        for number, inner in enumerate(detail):
            is_message = isinstance(inner, str)
            yield from single_errors(inner, pointer if is_message else f"{pointer}/{number}")
    else:
        code = getattr(detail, "code", None) or "invalid"
        yield {"pointer": pointer, "code": code, "detail": str(detail)}


def not_found(error: Exception) -> Problem:
    """Return that there is no such thing, or not for this person."""
    return Problem(404, _("There is nothing here, or nothing that you may see."))


def forbidden(error: Exception) -> Problem:
    """Return that this person may not do this."""
    return Problem(403, _("You may not do this."))


def taken(error: IntegrityError) -> Problem:
    """Return that the database holds something that this would contradict."""
    name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None) or "conflict"
    detail = _("This contradicts what is stored, perhaps since a moment ago.")
    return Problem(409, detail, [{"code": name, "detail": detail}])


def senseless(error: Exception) -> Problem:
    """Return that the request makes no sense."""
    return Problem(400, _("This request makes no sense."))


explain(exceptions.APIException, of_rest_framework)
explain(Http404, not_found)
explain(PermissionDenied, forbidden)
explain(IntegrityError, taken)
explain(RequestDataTooBig, lambda error: of_rest_framework(TooLarge()))
explain(SuspiciousOperation, senseless)
explain(BadRequest, senseless)
