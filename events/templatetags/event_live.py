"""What pages of an event show while it runs and afterwards."""

from __future__ import annotations

from collections.abc import Sequence

from django import template
from django.urls import reverse

from events.models import Announcement, Event, Registration
from events.services.certificates import may_be_certified

register = template.Library()
MOST_SHOWN = 2


@register.simple_tag
def certificate_of(registration: Registration) -> str:
    """Return the address of somebody's certificate of attendance, '' while there is none."""
    if not may_be_certified(registration):
        return ""
    return reverse("events:certificate", args=[registration.event_id])


@register.simple_tag
def announcements_of(event: Event) -> Sequence[Announcement]:
    """Return what the organisers announced last."""
    return list(event.announcements.standing()[:MOST_SHOWN])
