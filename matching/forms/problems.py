"""What is wrong on a page of several forms, for one list on top of it."""

from __future__ import annotations

from django.forms import BaseForm
from django.forms.boundfield import BoundField

# A field with what is wrong in it; None where it concerns no single field.
Wrong = tuple[BoundField | None, str]


def problems_of(form: BaseForm) -> list[Wrong]:
    """Return what is wrong in one form; what concerns no single field comes first."""
    found: list[Wrong] = [(None, str(message)) for message in form.non_field_errors()]
    return found + [(field, str(message)) for field in form for message in field.errors]
