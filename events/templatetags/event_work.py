"""What other pages of the portal say about the events that one runs."""

from __future__ import annotations

from typing import Any

from django import template

from events.services.events_run import events_run_soon
from konnect.accounts.models import User

register = template.Library()
SHOWN = 3


@register.inclusion_tag("events/work_card.html")
def events_card(user: User) -> dict[str, Any]:
    """Show the events that somebody runs now or within two weeks; one query."""
    return {"events": list(events_run_soon(user)[:SHOWN])}
