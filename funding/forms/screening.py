"""Forms of officers about what was handed in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from funding.forms.moments import MomentField
from funding.forms_schema import Schema
from konnect.accounts.text import TidyFormMixin

# Codes of `funding.problem_words`, and what only a reader finds.
REASONS = (
    ("", "—"),
    ("region", _("Not one applicant from each region")),
    ("country", _("A country that cannot take part")),
    ("organisation", _("A kind of organisation that no funder pays")),
    ("budget", _("More money, or other costs, than a funder allows")),
    ("incomplete", _("Something that the call asks for is missing")),
    ("topic", _("Not what the call is about")),
    ("other", _("Another reason, given in the note")),
)


class OpinionForm(TidyFormMixin, forms.Form):
    """Whether an application may take part."""

    is_eligible = forms.TypedChoiceField(
        label=_("What I found"), coerce=lambda value: value == "yes", widget=forms.RadioSelect,
        choices=[("yes", _("It may take part")), ("no", _("It may not take part"))],
    )  # fmt: skip
    code = forms.ChoiceField(label=_("Reason"), choices=REASONS, required=False)
    note = forms.CharField(
        label=_("Note"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )

    def clean(self) -> dict[str, Any]:
        """Ask for the reason where it may not take part."""
        data: dict[str, Any] = super().clean() or {}
        if data.get("is_eligible") is False and not data.get("code"):
            self.add_error("code", _("Say why it may not take part."))
        return data


class AskForm(TidyFormMixin, forms.Form):
    """A question, the fields that may be changed, and until when."""

    question = forms.CharField(
        label=_("Question"), max_length=2000, widget=forms.Textarea(attrs={"rows": 5})
    )
    fields_asked = forms.MultipleChoiceField(
        label=_("What may be changed"), widget=forms.CheckboxSelectMultiple
    )
    due_at = MomentField(label=_("Answer until"), help_text=_("In your time zone."))

    def __init__(self, *args: Any, schema: Schema, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language = get_language() or "en"
        field: Any = self.fields["fields_asked"]
        field.choices = [
            (f"{section.code}.{each.code}", f"{section.title(language)}: {each.label(language)}")
            for section, each in schema.fields()
        ]

    def clean(self) -> dict[str, Any]:
        """Call the fields what the service calls them."""
        data: dict[str, Any] = super().clean() or {}
        data["fields"] = data.pop("fields_asked", [])
        return data
