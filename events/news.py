"""The kinds of news about events and meetings."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from konnect.accounts.models.notification import Rhythm
from konnect.accounts.notifications import Kind

KINDS = (
    Kind(
        "registrations",
        _("My registrations for events"),
        Rhythm.INSTANT,
        reason=_("You receive this message because you registered for an event on KONNECT."),
    ),
    Kind(
        "meeting_requests",
        _("Meeting requests at events and their answers"),
        Rhythm.INSTANT,
        reason=_("You receive this message because of a meeting request on KONNECT."),
    ),
    Kind(
        "schedules",
        _("My meetings: invitations, changes and cancellations"),
        Rhythm.INSTANT,
        reason=_("You receive this message because you have meetings at an event on KONNECT."),
    ),
    Kind(
        "event_news",
        _("Announcements of events that I take part in"),
        Rhythm.INSTANT,
        reason=_("You receive this message because you take part in an event on KONNECT."),
    ),
)
