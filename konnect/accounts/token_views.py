"""Tokens for one's own programs: listed, made, revoked."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from konnect.accounts.fresh import fresh_sign_in_required
from konnect.accounts.models import ApiToken
from konnect.accounts.requests import MemberRequest
from konnect.accounts.services.api_tokens import (
    MOST_A_PERSON,
    TooManyTokens,
    create_api_token,
    revoke_api_token,
)
from konnect.accounts.token_forms import TokenForm

KEPT_IN_SIGHT = 50


@require_http_methods(["GET", "POST"])
@fresh_sign_in_required
def token_list(request: MemberRequest) -> HttpResponse:
    """Show one's tokens; make one and show its text, this once."""
    form = TokenForm(request.POST or None)
    made, text = None, ""
    if request.method == "POST" and form.is_valid():
        try:
            made, text = create_api_token(request.user, actor=request.user, **form.cleaned_data)
            form = TokenForm()
        except TooManyTokens:
            form.add_error(None, too_many_words())
    tokens = ApiToken.objects.filter(user=request.user)[:KEPT_IN_SIGHT]
    context = {"form": form, "tokens": tokens, "made": made, "text": text, "now": timezone.now()}
    return render(request, "accounts/token_list.html", context)


def too_many_words() -> str:
    """Return what to do when there are as many as there may be."""
    words = _("You have %(most)d tokens that work. Revoke one that you no longer need.")
    return words % {"most": MOST_A_PERSON}


@login_required
@require_POST
def token_revoke(request: MemberRequest, pk: int) -> HttpResponse:
    """Let a token open nothing from now on; a second click changes nothing."""
    token = get_object_or_404(ApiToken, pk=pk, user=request.user)
    revoke_api_token(token, actor=request.user)
    done = _("The token “%(name)s” opens nothing any more.") % {"name": token.name}
    messages.success(request, done)
    return redirect("accounts:tokens")
