"""JSON in and out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from typing import IO, Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

from konnect.accounts.api.problems import TooLarge
from konnect.accounts.text import tidy

# Larger than anything that the portal stores of one noun.
LARGEST_BODY = 1_000_000


class TidyJSONParser(JSONParser):
    """JSON whose texts are tidied as those of forms are; what no database can store is refused."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:  # fmt: skip
        """Return what a body says.

        Raises:
            ParseError: it is no JSON, nested too deep, or has NUL or half characters.
            TooLarge: it is longer than `LARGEST_BODY`.
        """
        request = (parser_context or {})["request"]
        if int(request.headers.get("content-length") or 0) > LARGEST_BODY:
            raise TooLarge
        try:
            return tidied(super().parse(stream, media_type, parser_context))
        except (RecursionError, UnicodeEncodeError) as error:
            raise ParseError(_("This JSON cannot be stored.")) from error


def tidied(value: Any) -> Any:
    """Return JSON with every text in NFC and without invisible controls.

    Raises:
        ParseError: a text has NUL.
        UnicodeEncodeError: a text has half of a surrogate pair.
    """
    if isinstance(value, str):
        value.encode()
        if "\0" in value:
            raise ParseError(_("Null characters are not allowed."))
        return tidy(value)
    if isinstance(value, list):
        return [tidied(inner) for inner in value]
    if isinstance(value, dict):
        return {tidied(name): tidied(inner) for name, inner in value.items()}
    return value


class TimeField(serializers.DateTimeField):
    """An instant, in UTC with a Z whatever the reader's zone; `+09:00` is taken in as well."""

    def __init__(self, **options: Any) -> None:
        super().__init__(default_timezone=UTC, **options)


@extend_schema_field(
    {"type": "string", "pattern": r"^([01]\d|2[0-3]):[0-5]\d$", "example": "22:00"}
)
class ClockField(serializers.TimeField):
    """A time of day in one's own zone, `22:00`: what JSON schema calls a time has a zone."""

    def __init__(self, **options: Any) -> None:
        super().__init__(format="%H:%M", input_formats=["%H:%M"], **options)


class Given(serializers.Serializer[Any]):
    """What a program sends: names that are not known are refused, so that typing errors show."""

    def to_internal_value(self, data: Any) -> Any:
        """Return the checked values.

        Raises:
            ValidationError: something is not valid or not known.
        """
        if isinstance(data, Mapping):
            writable = {name for name, field in self.fields.items() if not field.read_only}
            unknown = sorted(str(name) for name in set(data) - writable)
            if unknown:
                words = _("There is no such field here, or it cannot be written.")
                raise serializers.ValidationError({name: [words] for name in unknown}, "unknown")
        return super().to_internal_value(data)


class Changes(Given):
    """What a PATCH sends: every field may be left out, and is then left alone.

    Not `partial=True`, which would reach into the rows of lists and take their defaults away.
    """

    def get_fields(self) -> dict[str, Any]:
        """Return the fields, none of them required."""
        fields: dict[str, Any] = super().get_fields()
        for field in fields.values():
            field.required = False
        return fields
