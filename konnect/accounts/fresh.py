"""Pages that open only to somebody who has just proven again who they are."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account import app_settings
from allauth.account.decorators import reauthentication_required
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.flows.reauthentication import get_reauthentication_flows
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

View = Callable[..., HttpResponseBase]


def fresh_sign_in_required(view: View) -> View:
    """Ask for the password, the passkey or the code again, unless that was minutes ago.

    Whoever has none of them signs in elsewhere: then that sign-in must be minutes old.
    """
    proven = reauthentication_required(view)

    @login_required
    @wraps(view)
    def wrapper(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponseBase:
        if not get_reauthentication_flows(request.user) and not signed_in_just_now(request):
            query = urlencode({"next": request.get_full_path()})
            return redirect(f"{reverse('accounts:sign_in_again')}?{query}")
        answer: HttpResponseBase = proven(request, *arguments, **named)
        return answer

    return wrapper


def signed_in_just_now(request: HttpRequest) -> bool:
    """Tell whether this session began minutes ago."""
    records = get_authentication_records(request, request.user)
    newest = max((record["at"] for record in records), default=0)
    age: float = time.time() - newest
    return age < app_settings.REAUTHENTICATION_TIMEOUT
