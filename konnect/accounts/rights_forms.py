"""The form by which people delete their account."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from konnect.accounts.models import User
from konnect.accounts.text import TidyFormMixin

KEEP, TAKE = "keep", "take"


class ErasureForm(TidyFormMixin, forms.Form):
    """What becomes of one's messages, and the address as the word that it is meant."""

    own_messages = forms.ChoiceField(
        label=_("What you wrote to your contacts"),
        choices=[
            (KEEP, _("It stays in their conversations, from “a former member”.")),
            (TAKE, _("My words are deleted there too.")),
        ],
        initial=KEEP,
        widget=forms.RadioSelect,
    )
    typed_address = forms.CharField(
        label=_("Your e-mail address"),
        help_text=_("Type it once more, so that nothing happens by mistake."),
        max_length=254,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "inputmode": "email"}
        ),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_typed_address(self) -> str:
        """Take the address in whatever case it is typed."""
        typed: str = self.cleaned_data["typed_address"]
        if typed.casefold() != self.user.email.casefold():
            message = _("This is not the address of this account.")
            raise forms.ValidationError(message, code="other_address")
        return typed

    @property
    def keeps_messages(self) -> bool:
        """Whether one's words stay with those who received them."""
        return bool(self.cleaned_data["own_messages"] == KEEP)
