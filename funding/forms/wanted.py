"""Fields that a draft may lack and that are needed to hand it in: their labels say so."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

NEEDED = _("needed to hand in")


def mark(field: forms.Field, words: str | Promise = NEEDED) -> None:
    """Let the label of a field say when it is needed, instead of that it is optional.

    The template of fields reads `wanted_later`.
    """
    marked: Any = field
    marked.wanted_later = words
