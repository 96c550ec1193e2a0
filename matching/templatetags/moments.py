"""How pages say how long ago something was."""

from __future__ import annotations

from datetime import datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

register = template.Library()
A_MOMENT = timedelta(minutes=1)


@register.filter
def ago(moment: datetime, now: datetime | None = None) -> str:
    """Return how long ago a moment was, in its largest unit only."""
    now = now or timezone.now()
    if now - moment < A_MOMENT:
        return _("just now")
    return _("%(time)s ago") % {"time": timesince(moment, now, depth=1)}
