"""The page that explains the API: written from its description, in the portal's own design.

It needs no script and no other host, can be printed, and says what the description says: a test
holds every operation to be on it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from xml.sax.saxutils import escape

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from konnect.accounts.api.description import MEANINGS, operations
from konnect.accounts.api.schema import described

Schema = Mapping[str, Any]
# What the groups of operations are called on the page, in the order of the page.
GROUPS = {
    "me": _("My account and my profile"),
    "profiles": _("People"),
    "organisations": _("Organisations"),
    "listings": _("Offers, requests and partner searches"),
    "interests": _("Expressions of interest"),
    "suggestions": _("Suggestions"),
    "contacts": _("Contact requests"),
    "conversations": _("Conversations and messages"),
    "searches": _("Search and saved searches"),
    "twinnings": _("Twinnings"),
    "events": _("Events and registrations"),
    "meetings": _("Meetings at events"),
    "schedules": _("Schedules, for organisers of events"),
    "calls": _("Mobility calls"),
    "applications": _("Applications for mobility calls"),
    "reviews": _("Reviews of applications"),
    "decisions": _("Decisions about applications"),
    "grants": _("Grants"),
    "trips": _("Trips"),
    "notifications": _("News"),
    "blocks": _("Blocked people"),
    "vocabulary": _("Areas, topics and standings of countries"),
    "matching runs": _("Matching runs, for the portal's staff"),
}
# Explained once, for all operations.
EVERYWHERE = frozenset({"cursor", "If-None-Match", "If-Match"})
SAMPLES: dict[str, Any] = {
    "integer": 1, "number": 0.5, "boolean": True, "string": "…", "null": None,
}  # fmt: skip
SAMPLE_FORMATS = {
    "date-time": "2027-01-15T09:00:00Z", "date": "2027-01-15", "time": "22:00:00",
    "email": "name@example.org", "uri": "https://example.org/",
    "uuid": "3f2b8c1e-5a55-4d0e-9f2e-2b1a7c9d4e10",
}  # fmt: skip


@dataclass(frozen=True)
class Parameter:
    """One parameter or one field of a body."""

    name: str
    kind: str
    values: tuple[str, ...] = ()
    description: str = ""
    is_required: bool = False


@dataclass(frozen=True)
class Status:
    """One answer that an operation may give."""

    code: str
    example: str = ""


@dataclass(frozen=True)
class Operation:
    """One thing that a program may do."""

    key: str
    method: str
    path: str
    summary: str
    description: str
    is_open: bool
    parameters: tuple[Parameter, ...] = ()
    fields: tuple[Parameter, ...] = ()
    body: str = ""
    statuses: tuple[Status, ...] = ()

    @property
    def example(self) -> Status | None:
        """The answer when all is well, where it has a body."""
        return next((status for status in self.statuses if status.example), None)


@dataclass
class Group:
    """Operations about one noun."""

    key: str
    label: Any
    operations: list[Operation] = field(default_factory=list)


@require_safe
def api_reference(request: HttpRequest) -> HttpResponse:
    """Explain the API."""
    context = {
        "groups": groups(),
        "address": f"{settings.SITE_URL}/api/v1",
        "limits": settings.API_LIMITS,
        "meanings": MEANINGS,
    }
    return render(request, "pages/api_reference.html", context)


@cache
def groups() -> tuple[Group, ...]:
    """Return everything, in the order of the page; made once a process."""
    schema = described()
    found = {key: Group(key, label) for key, label in GROUPS.items()}
    for method, path, described_operation in operations(schema):
        tag = described_operation["tags"][0]
        group = found.setdefault(tag, Group(tag, tag))
        group.operations.append(operation_of(schema, method, path, described_operation))
    return tuple(group for group in found.values() if group.operations)


def operation_of(schema: Schema, method: str, path: str, raw: Schema) -> Operation:
    """Return one operation as the page shows it."""
    body = json_of(raw.get("requestBody", {}))
    description = raw.get("description", "")
    return Operation(
        key=raw["operationId"], method=method.upper(), path=path.removeprefix("/api/v1"),
        summary=raw["summary"],
        description="" if description.rstrip(".") == raw["summary"] else description,
        is_open={} in raw.get("security", []),
        parameters=tuple(
            parameter_of(schema, each)
            for each in raw.get("parameters", [])
            if each["name"] not in EVERYWHERE
        ),
        fields=tuple(fields_of(schema, body.get("schema", {}))),
        body=pretty(sample(schema, body["schema"])) if body else "",
        statuses=tuple(statuses_of(schema, raw["responses"])),
    )  # fmt: skip


def json_of(holder: Schema) -> Schema:
    """Return what a body or an answer has as JSON, {} for none."""
    content: Mapping[str, Schema] = holder.get("content", {})
    return content.get("application/json", {})


def resolved(schema: Schema, part: Schema) -> Schema:
    """Return a part of the description with its reference followed."""
    while "$ref" in part:
        found: Any = schema
        for name in part["$ref"].removeprefix("#/").split("/"):
            found = found[name]
        part = found
    if len(part.get("allOf", ())) == 1:
        return {**resolved(schema, part["allOf"][0]), **without(part, "allOf")}
    return part


def without(part: Schema, name: str) -> Schema:
    """Return the same without one key."""
    return {key: value for key, value in part.items() if key != name}


def parameter_of(schema: Schema, raw: Schema) -> Parameter:
    """Return one parameter of an address or a header."""
    kind, values = kind_of(schema, raw["schema"])
    return Parameter(
        raw["name"], kind, values, raw.get("description", ""), raw.get("required", False)
    )


def fields_of(schema: Schema, raw: Schema) -> Iterator[Parameter]:
    """Return the fields of a body."""
    found = resolved(schema, raw)
    required = found.get("required", ())
    for name, part in found.get("properties", {}).items():
        kind, values = kind_of(schema, part)
        described_as = resolved(schema, part).get("description", "")
        yield Parameter(name, kind, values, described_as, name in required)


def kind_of(schema: Schema, raw: Schema) -> tuple[str, tuple[str, ...]]:
    """Return what a value is, in words, and the values that it can have."""
    part = resolved(schema, raw)
    choices = [resolved(schema, each) for each in part.get("oneOf", part.get("anyOf", ()))]
    if choices:
        values = tuple(str(value) for each in choices for value in each.get("enum", ()) if value)
        return " | ".join(dict.fromkeys(type_of(each) for each in choices)), values
    if "items" in part:
        kind, values = kind_of(schema, part["items"])
        return f"[{kind}]", values
    return bounded(part), tuple(str(value) for value in part.get("enum", ()))


def type_of(part: Schema) -> str:
    """Return the type of a value with its format."""
    kind = part.get("type", "object" if "properties" in part else "string")
    names = " | ".join(kind) if isinstance(kind, list) else str(kind)
    return f"{names} ({part['format']})" if "format" in part else names


def bounded(part: Schema) -> str:
    """Return the type of a value with its limits."""
    limits = [
        f"{sign} {part[name]}"
        for name, sign in (("minimum", "≥"), ("maximum", "≤"), ("maxLength", "≤"))
        if name in part
    ]
    return ", ".join([type_of(part), *limits])


def statuses_of(schema: Schema, responses: Schema) -> Iterator[Status]:
    """Return the answers that an operation may give."""
    for code, raw in responses.items():
        answer = resolved(schema, raw)
        content = json_of(answer)
        example = ""
        if content:
            given = [each["value"] for each in content.get("examples", {}).values()]
            example = pretty(given[0] if given else sample(schema, content["schema"]))
        yield Status(code, example)


def sample(schema: Schema, raw: Schema) -> Any:
    """Return a value that a part of the description allows."""
    part = resolved(schema, raw)
    if "example" in part or "enum" in part:
        return part.get("example", part.get("enum", [""])[0])
    for name in ("oneOf", "anyOf"):
        if name in part:
            return sample(schema, part[name][0])
    if "properties" in part:
        return {name: sample(schema, inner) for name, inner in part["properties"].items()}
    if "items" in part:
        return [sample(schema, part["items"])]
    kind = part.get("type", "string")
    first = kind[0] if isinstance(kind, list) else kind
    return SAMPLE_FORMATS.get(part.get("format", ""), SAMPLES.get(first, {}))


def pretty(value: Any) -> SafeString:
    """Return JSON to read, escaped as text; its many quotation marks need not be."""
    escaped = escape(json.dumps(value, ensure_ascii=False, indent=2))
    return mark_safe(escaped)  # noqa: S308 - escaped one line above
