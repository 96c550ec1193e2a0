"""Forms of accounts."""

from django import forms
from django.http import HttpRequest

from konnect.accounts.models import User


class ConsentSignupForm(forms.Form):
    """What sign-up asks beside address and password."""

    def signup(self, request: HttpRequest, user: User) -> None:
        """Record what the person agreed to."""
