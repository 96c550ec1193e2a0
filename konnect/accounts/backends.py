"""Signing in as allauth does it; who is signed in is read with a statement made once."""

from __future__ import annotations

from allauth.account.auth_backends import AuthenticationBackend
from django.db.models import QuerySet

from konnect.accounts.models import User
from konnect.accounts.prepared import prepared


@prepared
def account(user_id: int) -> QuerySet[User]:
    """Return one account."""
    return User.objects.filter(pk=user_id)


class AccountBackend(AuthenticationBackend):
    """What AUTHENTICATION_BACKENDS names; every request of a signed-in person asks it."""

    def get_user(self, user_id: int) -> User | None:
        """Return the person, None when the account is closed or gone."""
        found = account.models(user_id=user_id)
        return found[0] if found and self.user_can_authenticate(found[0]) else None
