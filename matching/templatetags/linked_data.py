"""JSON-LD in the head of public pages."""

from __future__ import annotations

import json
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from matching.linked_data import Data, organisation, person
from matching.models import Organisation
from matching.services.shown import ShownProfile

register = template.Library()
# As django.utils.html.json_script does it: no text can end the element.
ESCAPES = {ord(">"): "\\u003E", ord("<"): "\\u003C", ord("&"): "\\u0026"}


@register.simple_tag(takes_context=True)
def linked_data(context: dict[str, Any], thing: ShownProfile | Organisation) -> SafeString | str:
    """Write what search engines read of a person or an organisation.

    Of people, only for readers who are not signed in: what those see is what is public.
    """
    if isinstance(thing, Organisation):
        data = organisation(thing)
    else:
        user = context.get("user")
        is_stranger = not getattr(user, "is_authenticated", False)
        data = person(thing) if is_stranger else {}
    return as_script(data)


def as_script(data: Data) -> SafeString | str:
    """Return JSON-LD as an element of the head; nothing for no data."""
    if not data:
        return ""
    text = json.dumps(data, ensure_ascii=False).translate(ESCAPES)
    escaped = mark_safe(text)  # noqa: S308 - escaped above, as Django's json_script is
    return format_html('<script type="application/ld+json">{}</script>', escaped)
