"""What other pages of the portal say about one's work in mobility calls."""

from __future__ import annotations

from typing import Any

from django import template

from funding.services.waiting import is_known, waiting_for
from konnect.accounts.models import User

register = template.Library()
SHOWN = 3


@register.inclusion_tag("funding/work_card.html")
def work_card(user: User) -> dict[str, Any]:
    """Show what waits for somebody, the most urgent first; one query for most members."""
    waiting = waiting_for(user) if is_known(user) else []
    return {"waiting": waiting[:SHOWN], "number": len(waiting), "more": len(waiting) - SHOWN}
