"""Reporting a problem, and deciding on it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from konnect.accounts.text import TidyFormMixin
from matching.models import AbuseReason


class AbuseReportForm(TidyFormMixin, forms.Form):
    """What is wrong, in one choice and, if one likes, in words."""

    reason = forms.ChoiceField(
        label=_("What is wrong?"), choices=AbuseReason.choices, widget=forms.RadioSelect
    )
    words = forms.CharField(
        label=_("Anything that helps us to understand"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def clean(self) -> dict[str, Any]:
        """Ask for words when the reason alone says nothing."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("reason") == AbuseReason.OTHER and not cleaned.get("words"):
            self.add_error("words", _("Please say in a sentence what is wrong."))
        return cleaned


class AbuseDecisionForm(TidyFormMixin, forms.Form):
    """What is decided, what is done, and the reasons that both sides read."""

    verdict = forms.ChoiceField(
        label=_("Is the report justified?"),
        choices=(("upheld", _("Yes")), ("dismissed", _("No, nothing needs to be done"))),
        widget=forms.RadioSelect,
    )
    takes_down = forms.BooleanField(
        label=_("Take it from every page; its owner is told"), required=False
    )
    decision = forms.CharField(
        label=_("Reasons"),
        help_text=_("Both sides read them. Name the rule, and do not say who reported."),
        min_length=10,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
