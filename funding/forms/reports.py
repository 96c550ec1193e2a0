"""A section of a report as a form."""

from __future__ import annotations

from typing import Any

from django.utils.html import format_html
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from funding.forms.application_sections import SectionForm
from funding.forms.wanted import mark
from funding.forms_schema import Field

ONE_WANTED = gettext_lazy("needed to hand in: one of the two languages")


class ReportForm(SectionForm):
    """The answers of one section; what everybody will read says so, and where.

    shown_at: the address of the page on which everybody reads the public answers.
    """

    def __init__(self, *args: Any, shown_at: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.section.fields:
            if field.public:
                mark(self.fields[field.code], ONE_WANTED)
                self.fields[field.code].widget.attrs["lang"] = field.public
            if field.public and shown_at:
                self.fields[field.code].help_text = public_help(field, shown_at)


def public_help(field: Field, address: str) -> str:
    """Return the help of a question whose answer everybody will read, with the page where."""
    public, where = _("Public once the report is approved:"), _("the page of the project")
    return format_html(
        '<strong>{}</strong> <a href="{}">{}</a>. {}',
        public, address, where, field.help(get_language() or "en"),
    )  # fmt: skip
