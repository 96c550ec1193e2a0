"""allauth's forms, each tidying what people type (settings name them).

Passwords are tidied too, the same way when they are set and when they are asked for: a Mac and
a phone may send the same Hangul in different pieces.
"""

from typing import Any

from allauth.account import forms as account
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from allauth.socialaccount import forms as social
from django import forms
from django.contrib.auth.hashers import make_password
from django.core.validators import MaxLengthValidator
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse

from konnect.accounts.models import User
from konnect.accounts.text import TidyFormMixin

# Long enough for any sentence, short enough not to keep the password hasher busy.
MAXIMUM_PASSWORD = 200


class EntranceFormMixin(TidyFormMixin):
    """A tidying form without placeholders, whose passwords have a limit."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            # The label says it already, and stays when one types.
            field.widget.attrs.pop("placeholder", None)
            if isinstance(field.widget, forms.PasswordInput):
                field.validators.append(MaxLengthValidator(MAXIMUM_PASSWORD))


class LoginForm(EntranceFormMixin, account.LoginForm):
    """Sign in with address and password."""


class SignupForm(EntranceFormMixin, account.SignupForm):
    """Sign up with address and password."""

    account_already_exists: bool

    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponse | None]:
        """Make the account; one that exists looks the same from outside, also by its time."""
        if self.account_already_exists:
            make_password(self.cleaned_data["password1"])
            return super().try_save(request)
        try:
            with transaction.atomic():
                return super().try_save(request)
        except IntegrityError:
            # Two people, or two clicks, took the address at the same moment.
            self.account_already_exists = True
            return super().try_save(request)


class AddEmailForm(EntranceFormMixin, account.AddEmailForm):
    """Add an address."""


class ChangeEmailForm(EntranceFormMixin, account.ChangeEmailForm):
    """Correct the address at sign-up."""


class ConfirmCodeForm(EntranceFormMixin, account.ConfirmEmailVerificationCodeForm):
    """Enter the code that came by mail."""


class ChangePasswordForm(EntranceFormMixin, account.ChangePasswordForm):
    """Change the password."""


class SetPasswordForm(EntranceFormMixin, account.SetPasswordForm):
    """Set a first password."""


class ResetPasswordForm(EntranceFormMixin, account.ResetPasswordForm):
    """Ask for a new password."""


class ResetPasswordKeyForm(EntranceFormMixin, account.ResetPasswordKeyForm):
    """Set a new password."""


class ReauthenticateForm(EntranceFormMixin, account.ReauthenticateForm):
    """Prove again who one is."""


class AuthenticateForm(EntranceFormMixin, mfa.AuthenticateForm):
    """Enter the code of the second factor."""


class ReauthenticateCodeForm(EntranceFormMixin, mfa.ReauthenticateForm):
    """Prove again who one is, by the second factor."""


class ActivateTOTPForm(EntranceFormMixin, totp.ActivateTOTPForm):
    """Pair an authenticator app."""


class AddWebAuthnForm(EntranceFormMixin, webauthn.AddWebAuthnForm):
    """Add a passkey."""


class EditWebAuthnForm(EntranceFormMixin, webauthn.EditWebAuthnForm):
    """Rename a passkey."""


class SocialSignupForm(EntranceFormMixin, social.SignupForm):
    """Complete a sign-up that began elsewhere."""

    def save(self, request: HttpRequest) -> User:
        """Make the account with its consents, or nothing."""
        with transaction.atomic():
            return super().save(request)
