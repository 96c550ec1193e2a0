"""The form with which an officer hides words."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from funding.redacting import LEAST, LONGEST
from konnect.accounts.text import TidyFormMixin


class PassageForm(TidyFormMixin, forms.Form):
    """Some words of the text."""

    passage = forms.CharField(
        label=_("Words to hide"), min_length=LEAST, max_length=LONGEST,
        help_text=_("As they stand in the text. Capital letters and line ends do not matter."),
    )  # fmt: skip
