"""What people write to each other."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from konnect.accounts.text import TidyFormMixin


class LetterField(forms.CharField):
    """Several lines of text; a line break counts as one character, as it does in the browser."""

    def __init__(self, *, rows: int, **options: Any) -> None:
        super().__init__(widget=forms.Textarea(attrs={"rows": rows, "dir": "auto"}), **options)

    def to_python(self, value: Any) -> Any:
        """Return the text with single line breaks."""
        text = super().to_python(value)
        return text.replace("\r\n", "\n").replace("\r", "\n") if isinstance(text, str) else text


class ContactForm(TidyFormMixin, forms.Form):
    """The message that goes with a contact request."""

    message = LetterField(
        label=_("Your message"),
        help_text=_("Who you are, what you work on, and what you would like to do together."),
        rows=9,
        max_length=2000,
    )


class AnswerForm(TidyFormMixin, forms.Form):
    """Words that may go with an answer to a contact request."""

    answer = LetterField(
        label=_("Your answer"),
        help_text=_("You may leave this empty."),
        rows=4,
        max_length=2000,
        required=False,
    )


class MessageForm(TidyFormMixin, forms.Form):
    """One message of a conversation."""

    text = LetterField(label=_("Your message"), rows=3, max_length=5000)
    token = forms.CharField(widget=forms.HiddenInput, required=False)

    def clean_token(self) -> uuid.UUID:
        """Return what makes a double click harmless; a broken one is replaced."""
        try:
            return uuid.UUID(self.cleaned_data["token"])
        except ValueError:
            return uuid.uuid4()
