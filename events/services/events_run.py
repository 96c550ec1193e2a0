"""The events that somebody runs now or soon."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from events.models import Event

if TYPE_CHECKING:
    from events.models.event import EventQuerySet
    from konnect.accounts.models import User

SOON = timedelta(days=14)


def events_run_soon(user: User) -> EventQuerySet:
    """Return the published events of somebody that go on or begin within two weeks."""
    return Event.objects.run_by(user).coming().filter(starts_at__lte=timezone.now() + SOON)
