"""Words of applications for templates."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import template
from django.forms.boundfield import BoundField
from django.utils.translation import get_language

from funding.forms.screening import REASONS
from funding.forms_schema import Section
from funding.models import ParticipantRole
from funding.services.windows import Window

register = template.Library()


@register.filter
def in_language(section: Section, name: str) -> str:
    """Return title or help of a section in the reader's language."""
    found: str = getattr(section, name)(get_language() or "en")
    return found


@register.filter
def answer_shown(field: BoundField) -> str:
    """Return what a field shows, in words: the label of a choice, else the text; – for nothing."""
    value: Any = field.value()
    shown = "" if value is None else str(value)
    choices = {str(key): label for key, label in getattr(field.field, "choices", ())}
    return str(choices.get(shown, shown)) or "–"


@register.filter
def opens(window: Window, page: str) -> bool:
    """Tell whether anything of a page of an application can be changed now."""
    return window.opens(page)


@register.filter
def role_words(role: str) -> str:
    """Return what somebody is in an application, in words."""
    return str(ParticipantRole(role).label)


@register.filter
def reason_words(code: str) -> str:
    """Return why an application may not take part, in words."""
    return str(dict(REASONS).get(code, code))


@register.filter
def is_paired(field: BoundField, pairs: Iterable[tuple[BoundField, BoundField]]) -> bool:
    """Tell whether a field stands beside another text already."""
    return field.name in {mine.name for mine, _theirs in pairs}
