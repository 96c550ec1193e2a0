"""Fields that offer rows which are known only when somebody asks."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet


def offer(form: forms.BaseForm, **rows: QuerySet[Any]) -> None:
    """Let fields of a form choose among rows, by the names of the fields."""
    for name, queryset in rows.items():
        field = form.fields[name]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = queryset
