"""Tickets: an unguessable address, and its picture for a telephone's camera.

The picture is drawn here, in the page itself: no other host learns who comes.
"""

from __future__ import annotations

from io import BytesIO

import segno
from django.conf import settings
from django.urls import reverse
from django.utils.safestring import SafeString

from events.models import EventMode, Registration, RegistrationState
from konnect.accounts.mail_parts import attachment

# A quarter of the picture may be unreadable: paper is folded, screens are scratched.
CORRECTION = "q"
PICTURE = "ticket"


def needs_ticket(registration: Registration) -> bool:
    """Tell whether somebody takes part in an event that has a desk."""
    is_coming = registration.state == RegistrationState.CONFIRMED
    return is_coming and registration.event.mode != EventMode.ONLINE


def ticket_address(registration: Registration) -> str:
    """Return the whole address of somebody's ticket."""
    return settings.SITE_URL + reverse("events:ticket", args=[registration.ticket])


def ticket_code(address: str) -> SafeString:
    """Return a QR code as SVG, dark on light in every appearance, for a page."""
    code = segno.make(address, error=CORRECTION)
    return SafeString(
        code.svg_inline(
            border=4, dark="#000000", light="#ffffff", omitsize=True, svgclass="ticket-code"
        )
    )


def ticket_drawing(address: str) -> str:
    """Return a QR code as SVG without a border, for paper."""
    return str(segno.make(address, error=CORRECTION).svg_inline(border=0))


def ticket_attachments(registration: Registration) -> list[dict[str, str]]:
    """Return the picture of a ticket for a mail, none where nobody asks for one."""
    if not needs_ticket(registration):
        return []
    content = BytesIO()
    segno.make(ticket_address(registration), error=CORRECTION).save(content, kind="png", scale=6)
    return [attachment("ticket.png", "image/png", content.getvalue(), shown_as=PICTURE)]
