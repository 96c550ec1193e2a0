"""What the description of the API says of every operation: sign-in, headers, problems, statuses."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension

from konnect.accounts.api.problems import MEDIA_TYPE

Schema = dict[str, Any]
METHODS = ("get", "post", "put", "patch", "delete")
REFERENCE = "#/components/responses/"
# By status: what it means here.
MEANINGS = {
    304: "The copy that `If-None-Match` names is the newest.",
    400: "Something in the request is not valid; `errors` says what.",
    401: "Nobody is signed in, or the token opens nothing.",
    403: "The token may read only, the form token is missing, or this person may not do this.",
    404: "There is no such thing, or none that this person may see.",
    406: "The answer is JSON, whatever else is asked for.",
    409: "What stands forbids this; `errors` says why.",
    412: "`If-Match` names an older state.",
    413: "The body is too large.",
    415: "The body is not JSON.",
    429: "Too many requests; `Retry-After` says when to go on.",
}
EXAMPLES = {
    400: {"code": "required", "detail": "This field is required.", "pointer": "#/message"},
    409: {"code": "already_pending", "pointer": "#",
          "detail": "You have asked this person already; the answer is still open."},
}  # fmt: skip


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call] # an untyped hook of the library registers subclasses
    """How the description names tokens."""

    target_class = "konnect.accounts.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> Schema:
        """Return the scheme."""
        words = "A token from your settings: `Authorization: Bearer kn_...`"
        return {"type": "http", "scheme": "bearer", "description": words}


def complete(result: Schema, generator: Any, request: Any, public: bool) -> Schema:
    """Add to a description what all operations have in common."""
    components = result.setdefault("components", {})
    components["responses"] = {f"Problem{status}": problem(status) for status in MEANINGS}
    components["headers"] = HEADERS
    components["schemas"] = dict(sorted({**components.get("schemas", {}), **PROBLEM}.items()))
    for name, schema in components["schemas"].items():
        if name.endswith("Request"):
            # As `bodies.Given` has it: a name that is not known is refused.
            schema["additionalProperties"] = schema.get("additionalProperties", False)
    for method, path, operation in operations(result):
        complete_operation(method, path, operation)
    return result


def operations(result: Schema) -> Iterator[tuple[str, str, Schema]]:
    """Return every operation with its method and its path."""
    for path, item in result["paths"].items():
        for method in METHODS:
            if method in item:
                yield method, path, item[method]


def complete_operation(method: str, path: str, operation: Schema) -> None:
    """Add statuses and headers to one operation."""
    responses = operation["responses"]
    operation.setdefault("summary", operation.get("description", "").split("\n")[0].rstrip("."))
    for status in statuses(method, path, operation):
        responses.setdefault(str(status), {"$ref": f"{REFERENCE}Problem{status}"})
    if method == "get":
        operation.setdefault("parameters", []).append(IF_NONE_MATCH)
        responses["200"]["headers"] = {"ETag": {"$ref": "#/components/headers/ETag"}}
    if method == "patch":
        operation.setdefault("parameters", []).append(IF_MATCH)
    operation["responses"] = dict(sorted(responses.items()))


def statuses(method: str, path: str, operation: Schema) -> Iterator[int]:
    """Return what an operation may answer beside its success."""
    is_read = method == "get"
    yield from (406, 429)
    yield from (304, 400) if is_read else (403, 409)
    if {} not in operation.get("security", []) or not is_read:
        yield 401
    if "{" in path or "requestBody" in operation or path.startswith("/api/v1/matching-runs"):
        yield 404
    if "requestBody" in operation:
        yield from (400, 413, 415)
    if method == "patch":
        yield 412


def problem(status: int) -> Schema:
    """Return the description of one answer that is no success."""
    if status == HTTPStatus.NOT_MODIFIED:
        return {"description": MEANINGS[status]}
    title = HTTPStatus(status).phrase
    example: Schema = {"type": "about:blank", "title": title, "status": status,
                       "detail": MEANINGS[status]}  # fmt: skip
    if status in EXAMPLES:
        example["errors"] = [EXAMPLES[status]]
    schema = {"$ref": "#/components/schemas/Problem"}
    found: Schema = {
        "description": MEANINGS[status],
        "content": {MEDIA_TYPE: {"schema": schema, "example": example}},
    }
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        found["headers"] = {"Retry-After": {"$ref": "#/components/headers/RetryAfter"}}
    return found


TEXT = {"type": "string"}
PROBLEM = {
    "Problem": {
        "type": "object",
        "description": "What went wrong, by RFC 9457.",
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": {**TEXT, "description": "Always `about:blank`: the status says the kind."},
            "title": {**TEXT, "description": "The name of the status."},
            "status": {"type": "integer", "minimum": 400, "maximum": 599},
            "detail": {**TEXT, "description": "What went wrong, in the language asked for."},
            "errors": {"type": "array", "items": {"$ref": "#/components/schemas/ProblemError"}},
        },
    },
    "ProblemError": {
        "type": "object",
        "description": "One thing that is wrong.",
        "required": ["code", "detail"],
        "properties": {
            "code": {**TEXT, "description": "What is wrong, for programs."},
            "detail": {**TEXT, "description": "What is wrong, in the language asked for."},
            "pointer": {
                **TEXT,
                "description": "A place in the body (`#/title_en`) or a parameter (`#/?limit`).",
            },
        },
    },
}
HEADERS = {
    "ETag": {
        "description": "Names this state of the answer.",
        "schema": {"type": "string"},
    },
    "RetryAfter": {
        "description": "Seconds until the next try.",
        "schema": {"type": "string", "pattern": "^[0-9]+$"},
    },
}
IF_NONE_MATCH = {
    "name": "If-None-Match", "in": "header", "schema": {"type": "string"},
    "description": "The `ETag` of the copy that you have.",
}  # fmt: skip
IF_MATCH = {
    "name": "If-Match", "in": "header", "schema": {"type": "string"},
    "description": "The `ETag` of the state that you have read: nothing newer is overwritten.",
}  # fmt: skip
