"""Who may look at runs of matching, stop them and repeat them."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser

from konnect.accounts.models import User


def may_steer_runs(user: User | AnonymousUser) -> bool:
    """Tell whether somebody is of the portal's staff."""
    return isinstance(user, User) and user.is_active and user.is_staff
