"""Certificates of attendance: for those who were there, with an address that says whether it is true."""

from __future__ import annotations

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from events.models import Direction, Event, HelperRole, MeetingState, Registration
from events.papers.press import printed
from events.services.papers import event_lines
from events.tickets import ticket_drawing

SALT = "events.certificate"


def has_attended(registration: Registration) -> bool:
    """Tell whether somebody was there: seen at the desk, or at a meeting that was held."""
    if registration.check_ins.filter(direction=Direction.IN).exists():
        return True
    return registration.seats.filter(meeting__state=MeetingState.HELD).exists()


def may_be_certified(registration: Registration) -> bool:
    """Tell whether there is a certificate: whoever was there, once the event is over."""
    is_over = registration.event.ends_at <= timezone.now()
    return registration.state == "confirmed" and is_over and has_attended(registration)


def certificate(registration: Registration) -> bytes:
    """Return the certificate of somebody who was there, in the language that is active, as PDF."""
    event, person = registration.event, registration.profile
    with translation.override("en" if get_language() == "ko" else "ko"):
        second_title, second_name = _("Certificate of attendance"), person.name
    address = certificate_address(registration)
    data = {
        "lang": get_language() or "en",
        "title": _("Certificate of attendance"),
        "second_title": second_title,
        "says": _("This is to certify that"),
        "name": person.name,
        "second_name": second_name if second_name != person.name else "",
        "affiliation": person.affiliation,
        "took_part": _("took part in"),
        "event": event.title,
        "lines": event_lines(event),
        "signed": signer_of(event),
        "hosts": ", ".join(map(str, event.hosts.all())),
        "check": _("Whether this is true can be seen at"),
        "address": address,
        "code": ticket_drawing(address),
    }
    return printed("certificate", data)


def certificate_address(registration: Registration) -> str:
    """Return the whole address that confirms a certificate; nobody can make one up."""
    code = signing.Signer(salt=SALT).sign(str(registration.pk))
    return settings.SITE_URL + reverse("events:certificate_check", args=[code])


def certified(code: str) -> Registration | None:
    """Return whose attendance an address confirms; None when it was made up, or nobody attended."""
    try:
        pk = signing.Signer(salt=SALT).unsign(code)
    except signing.BadSignature:
        return None
    rows = Registration.objects.select_related("event", "profile__organisation")
    registration = rows.filter(pk=pk).first()
    return registration if registration and may_be_certified(registration) else None


def signer_of(event: Event) -> str:
    """Return the name of the organiser who signs: of whoever was first, and has a profile."""
    helpers = event.helpers.filter(role=HelperRole.ORGANISER, user__profile__isnull=False)
    first = helpers.select_related("user__profile").order_by("added_at", "pk").first()
    if first is not None:
        return first.user.profile.name
    author = event.created_by
    profile = getattr(author, "profile", None) if author else None
    return profile.name if profile else ""
