"""What people type, made tidy before any form looks at it."""

import unicodedata
from typing import Any

from django import forms
from django.http import QueryDict

# Controls that reorder the text around them, and marks that only hide: never part of a name.
INVISIBLE = dict.fromkeys(
    [0x200B, 0x200E, 0x200F, 0x2060, 0xFEFF, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
)


def tidy(text: str) -> str:
    """Return the text in NFC, without invisible controls; macOS sends Hangul in pieces (NFD)."""
    return unicodedata.normalize("NFC", text).translate(INVISIBLE)


class TidyFormMixin(forms.BaseForm):
    """A form that tidies every text it is given: `class MyForm(TidyFormMixin, forms.Form)`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if args and isinstance(args[0], dict):
            args = (tidy_data(args[0]), *args[1:])
        if kwargs.get("data") is not None:
            kwargs["data"] = tidy_data(kwargs["data"])
        super().__init__(*args, **kwargs)


def tidy_data(data: dict[str, Any]) -> QueryDict:
    """Return a copy of posted data with every text tidied."""
    tidied = QueryDict(mutable=True)
    for name in data:
        values = data.getlist(name) if isinstance(data, QueryDict) else [data[name]]
        tidied.setlist(
            name, [tidy(value) if isinstance(value, str) else value for value in values]
        )
    return tidied
