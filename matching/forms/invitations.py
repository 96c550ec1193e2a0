"""What an invited person answers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _

from konnect.accounts.forms import SIGN_UP_PURPOSES, consent_field
from konnect.accounts.models import ConsentPurpose, User
from konnect.accounts.text import TidyFormMixin


class InvitationForm(TidyFormMixin, forms.Form):
    """A password, tidied as at sign-in, and the consents in the words that the ledger names."""

    password = forms.CharField(
        label=_("Password"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least ten characters."),
    )
    terms = consent_field(ConsentPurpose.TERMS)
    privacy = consent_field(ConsentPurpose.PRIVACY)
    newsletter = consent_field(ConsentPurpose.NEWSLETTER)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password(self) -> str:
        """Refuse weak passwords.

        Raises:
            ValidationError: it is too short, too common or like the address.
        """
        password: str = self.cleaned_data["password"]
        validate_password(password, self.user)
        return password

    def choices(self) -> dict[str, bool]:
        """Return the consents by purpose."""
        return {purpose.value: self.cleaned_data[purpose.value] for purpose in SIGN_UP_PURPOSES}
