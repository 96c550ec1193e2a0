"""Telling people, when they sign in, that their e-mail address takes no mail."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.utils import translation
from django.utils.translation import gettext as _

from konnect.accounts.models import User
from konnect.accounts.services.bounces import trouble_of


def warn_at_sign_in(*, request: HttpRequest | None, user: User, **_more: Any) -> None:
    """Show on the next page that mail comes back, and where to mend it; one query a sign-in."""
    if request is None or trouble_of(user) is None:
        return
    with translation.override(user.language):
        words = _("E-mails to %(address)s come back. Please check the address in your settings.")
        messages.warning(request, words % {"address": user.email}, fail_silently=True)
