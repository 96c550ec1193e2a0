"""What an invited person answers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _

from konnect.accounts.models import ConsentPurpose, User


class InvitationForm(forms.Form):
    """A password and the consents, each apart."""

    password = forms.CharField(
        label=_("Password"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least ten characters."),
    )
    terms = forms.BooleanField(label=_("I accept the terms of use."))
    privacy = forms.BooleanField(
        label=_("I agree that my data are processed for the account, as the privacy page says.")
    )
    newsletter = forms.BooleanField(
        label=_("Send me news about calls and events by e-mail."), required=False
    )

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
        purposes = (ConsentPurpose.TERMS, ConsentPurpose.PRIVACY, ConsentPurpose.NEWSLETTER)
        return {purpose.value: self.cleaned_data[purpose.value] for purpose in purposes}
