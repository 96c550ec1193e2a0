"""How pages show what a search found."""

from __future__ import annotations

import re

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from matching.models import Organisation
from matching.questions import Why

register = template.Library()


@register.filter
def marked(why: Why) -> SafeString:
    """Return the piece of text that shows why something was found, its words marked."""
    words = [re.escape(word) for word in sorted(why.marked, key=len, reverse=True) if word]
    if not words:
        return format_html("{}", why.snippet)
    parts = re.split(f"({'|'.join(words)})", why.snippet)
    return format_html_join(
        "",
        "{}",
        (
            (format_html("<mark>{}</mark>", part) if place % 2 else part,)
            for place, part in enumerate(parts)
        ),
    )


@register.filter
def language_of(text: str) -> str:
    """Return in which of the two languages a text is written, by its letters."""
    return "ko" if re.search("[가-힣]", text) else "en"


@register.filter
def other_name(organisation: Organisation) -> str:
    """Return the name of an organisation in the language that the page is not in, or ''."""
    is_korean = get_language() == "ko"
    name = organisation.name_en or organisation.name if is_korean else organisation.name_ko
    return "" if name == str(organisation) else name
