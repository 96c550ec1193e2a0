"""Template tags that every page may use."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from django import template
from django.core.paginator import Paginator
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from lucide.templatetags.lucide import lucide as draw

register = template.Library()


@register.simple_tag
def lucide(name: str, *, size: int = 24, **attributes: object) -> str:
    """Draw an icon, hidden from screen readers unless it has a label: words stand beside it.

    lucide's own tag of this name takes a tenth of a millisecond an icon; a list has a hundred.
    """
    plain = {key: str(value) + "" for key, value in attributes.items()}
    if "aria_label" not in plain:
        plain["aria_hidden"] = "true"
    return icon(str(name) + "", size, tuple(sorted(plain.items())))


@lru_cache(maxsize=500)
def icon(name: str, size: int, attributes: tuple[tuple[str, str], ...]) -> SafeString:
    """Return the drawing of an icon, without line breaks."""
    return SafeString(draw(name, size=size, **dict(attributes)).replace("\n", ""))


@register.filter
def localized(thing: object, field: str) -> str:
    """Return a paired field in the reader's language, else in the other; '' when both are empty.

    `{{ profile|localized:"summary" }}` reads `summary_en` or `summary_ko`.
    """
    return text_in_reader_language(thing, field)[0]


@register.filter
def localized_language(thing: object, field: str) -> str:
    """Return the language code of what `localized` gives, for the `lang` attribute."""
    return text_in_reader_language(thing, field)[1]


def text_in_reader_language(thing: object, field: str) -> tuple[str, str]:
    """Return the text and its language."""
    reader = "ko" if get_language() == "ko" else "en"
    other = "en" if reader == "ko" else "ko"
    own = getattr(thing, f"{field}_{reader}", "")
    if own:
        return own, reader
    return getattr(thing, f"{field}_{other}", ""), other


@register.filter
def other_language(thing: object, field: str) -> str:
    """Return the text that `localized` does not show; '' unless there are two."""
    shown, language = text_in_reader_language(thing, field)
    other = str(getattr(thing, f"{field}_{'en' if language == 'ko' else 'ko'}", ""))
    return other if shown else ""


@register.filter
def page_numbers(paginator: Paginator[Any], number: int) -> Iterator[str | int]:
    """Return the first, the last and the near pages, with gaps between."""
    return paginator.get_elided_page_range(number, on_each_side=1, on_ends=1)


@register.filter
def grouped(number: int) -> str:
    """Return a number with its thousands apart: both languages write 12,345."""
    return f"{number:,}"
