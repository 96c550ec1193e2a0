"""A section of an application as a form, made from the schema of its call."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from funding.forms_schema import LARGEST, Field, Section, faults_of
from konnect.accounts.text import TidyFormMixin

# What a draft keeps of one answer at most: more than any limit, so that nothing pasted is lost.
LONGEST = 60_000
YES, NO = "yes", "no"
TOO_MUCH = {
    "too_long": _("This has %(length)d characters; %(most)d are allowed."),
    "too_large": _("This is %(length)d; at most %(most)d is allowed."),
}
ROWS = {True: 12, False: 5}
LONG = 2000


class SectionForm(TidyFormMixin, forms.Form):
    """The answers of one section; empty and over-long ones are kept, and listed as problems.

    fields_open: codes that may change; None: all. hints: what the call adds to the help, by code.
    """

    use_required_attribute = False

    def __init__(
        self, *args: Any, section: Section, answers: Mapping[str, Any],
        fields_open: frozenset[str] | None = None,
        hints: Mapping[str, str] = MappingProxyType({}), **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self.section = section
        for field in section.fields:
            asked = form_field(field)
            asked.help_text = f"{asked.help_text} {hints.get(field.code, '')}".strip()
            asked.required = field.required
            asked.disabled = fields_open is not None and field.code not in fields_open
            self.fields[field.code] = asked
            self.initial[field.code] = shown(field, answers.get(field.code))

    def full_clean(self) -> None:
        """Take what is empty: a draft may be incomplete; the page still says what is optional."""
        self.ask_for(nothing=True)
        super().full_clean()
        self.ask_for(nothing=False)

    def ask_for(self, *, nothing: bool) -> None:
        """Ask for an answer to what the form asks for, or to nothing."""
        for field in self.section.fields:
            self.fields[field.code].required = field.required and not nothing

    def too_much(self) -> dict[str, str]:
        """Return which answers are kept but beyond their limit, by code, in words."""
        found = {}
        for field in self.section.fields:
            for code, length in faults_of(field, self.answers().get(field.code)):
                if code in TOO_MUCH:
                    found[field.code] = TOO_MUCH[code] % {"length": length, "most": field.most}
        return found

    def answers(self) -> dict[str, Any]:
        """Return the answers as a draft keeps them; unanswered questions are left out."""
        found = {field.code: kept(field, self.cleaned_data[field.code])
                 for field in self.section.fields}  # fmt: skip
        return {code: value for code, value in found.items() if value is not None}


def form_field(field: Field) -> forms.Field:
    """Return the form field that asks a question."""
    language = get_language() or "en"
    words: dict[str, Any] = {
        "label": field.label(language), "help_text": field.help(language), "required": False,
    }  # fmt: skip
    match field.kind:
        case "number":
            return forms.IntegerField(
                min_value=0, max_value=LARGEST, widget=forms.NumberInput(), **words
            )
        case "choice":
            choices = [(str(place), pair[language == "ko"])
                       for place, pair in enumerate(field.options)]  # fmt: skip
            return forms.ChoiceField(choices=choices, widget=forms.RadioSelect, **words)
        case "yes_no":
            return forms.ChoiceField(
                choices=[(YES, _("Yes")), (NO, _("No"))], widget=forms.RadioSelect, **words
            )
        case "date":
            widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
            return forms.DateField(widget=widget, **words)
    return text_field(field, words)


def text_field(field: Field, words: dict[str, Any]) -> forms.CharField:
    """Return the form field of a text, with its limit for the counter."""
    rows = ROWS[field.most >= LONG] if field.kind == "long" else 2
    limit = {"maxlength": field.most} if field.most else {}
    area = forms.Textarea(attrs={"rows": rows, "dir": "auto", **limit})
    found = forms.CharField(max_length=LONGEST, widget=area, strip=False, **words)
    # The counter shows the limit of the form, not what a draft keeps.
    found.widget.attrs.update(limit)
    return found


def shown(field: Field, value: Any) -> Any:
    """Return what a form shows of an answer."""
    if field.kind == "yes_no" and isinstance(value, bool):
        return YES if value else NO
    if field.kind == "choice" and value is not None:
        return str(value)
    return value


def kept(field: Field, value: Any) -> Any:
    """Return what a draft keeps of what was typed; None for nothing."""
    if value is None or value == "":
        return None
    match field.kind:
        case "yes_no":
            return value == YES
        case "choice":
            return int(value)
        case "date":
            return value.isoformat() if isinstance(value, date) else value
        case "number":
            return value
    # One line end for all browsers, so that the same text has the same check sum.
    return str(value).replace("\r\n", "\n").replace("\r", "\n")
