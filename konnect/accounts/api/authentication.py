"""Signing in by token: `Authorization: Bearer kn_...`."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import SAFE_METHODS, BasePermission, IsAuthenticated
from rest_framework.request import Request

from konnect.accounts.api.throttles import refuse_guessing
from konnect.accounts.models import ApiToken, ApiTokenScope, User
from konnect.accounts.services.api_tokens import TOKEN_SHAPE, digest_of

if TYPE_CHECKING:
    from rest_framework.views import APIView

# Often enough to see that a token is in use, seldom enough to cost nothing.
NOTED_EVERY = timedelta(hours=1)
CHALLENGE = 'Bearer realm="KONNECT"'


class TokenAuthentication(BaseAuthentication):
    """A person's program, known by a token of theirs."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        """Return whose token this is, None when there is none.

        Raises:
            AuthenticationFailed: there is one, and it opens nothing.
            Throttled: too many from this place opened nothing.
        """
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer":
            return None
        found = known(token.strip())
        if found is None:
            refuse_guessing(request)
            raise AuthenticationFailed("This token is unknown, has ended or was revoked.")
        note_use(found)
        return found.user, found

    def authenticate_header(self, request: Request) -> str:
        """Return what a program is asked for that did not say who it is."""
        return CHALLENGE


def known(token: str) -> ApiToken | None:
    """Return the live token that has this text; one query, none for what cannot be a token."""
    if not TOKEN_SHAPE.fullmatch(token):
        return None
    live = ApiToken.objects.live().select_related("user")
    return live.filter(digest=digest_of(token)).first()


def note_use(token: ApiToken) -> None:
    """Write when the token was last used, once an hour at most."""
    if token.last_used_at and token.last_used_at > timezone.now() - NOTED_EVERY:
        return
    stale = Q(last_used_at=None) | Q(last_used_at__lte=Now() - NOTED_EVERY)
    ApiToken.objects.filter(stale, pk=token.pk).update(last_used_at=Now())


class MayWrite(BasePermission):
    """A token that only reads changes nothing."""

    message = "This token may read only. Make one that may write."

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Tell whether the method fits the token."""
        token = request.auth
        is_reading = isinstance(token, ApiToken) and token.scope == ApiTokenScope.READ
        return request.method in SAFE_METHODS or not is_reading


class SignedInToWrite(IsAuthenticated):
    """Anybody reads, as they read the pages; only people who signed in write."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Tell whether somebody may do this."""
        return request.method in SAFE_METHODS or super().has_permission(request, view)
