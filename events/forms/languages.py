"""Pairs of fields in English and Korean of which one is enough."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

EITHER = _("in at least one language")


def need_either(form: forms.BaseForm, name: str) -> None:
    """Let the labels of both say that one of them is needed, instead of that it is optional.

    The template of fields reads `wanted_later`.
    """
    for language in ("en", "ko"):
        field: Any = form.fields[f"{name}_{language}"]
        field.wanted_later = EITHER
