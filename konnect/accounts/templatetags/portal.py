"""Template tags that every page may use."""

from django import template
from django.utils.translation import get_language

register = template.Library()


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
