"""Noticing that somebody is here, once a day and never at the cost of a page.

Signing in writes the day; a session that lasts longer writes it with its first request of
another day. Days are those of UTC, everywhere.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from konnect.accounts.models import Dormancy, User


def today() -> date:
    """Return the day by which absence is counted."""
    return datetime.now(UTC).date()


def is_noticed(user: User) -> bool:
    """Tell whether nothing has to be written for this person today."""
    return user.last_seen_on == today() and user.dormancy == Dormancy.NONE


def notice(user: User) -> None:
    """Write that the person is here; whoever was asked or hidden for absence is back."""
    if is_noticed(user):
        return
    was_away = user.dormancy != Dormancy.NONE
    user.last_seen_on = today()
    if was_away:
        # Imported here: services stand to the right, and this is met once in years.
        from konnect.accounts.services.dormancy import welcome_back  # noqa: PLC0415

        welcome_back(user)
    else:
        User.objects.filter(pk=user.pk).update(last_seen_on=user.last_seen_on)


def notice_sign_in(*, user: User, **_more: Any) -> None:
    """Write it with the sign-in, so that no page after it has to."""
    notice(user)
