"""A trip as one entry of a calendar, for whoever travels and whoever is visited."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from email.utils import parseaddr
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Max
from django.utils.translation import gettext as _

from events.calendars import PUBLISH, Entry, Mailbox, calendar_of
from events.services.calendar_entries import site_host
from funding.models import Trip
from funding.services.grant_times import ZONES, first_day, last_day


def calendar_for(trip: Trip) -> bytes:
    """Return a trip as an iCalendar file: from midnight to midnight where the host is."""
    return calendar_of([entry_of(trip)], PUBLISH)


def entry_of(trip: Trip) -> Entry:
    """Return a trip as an entry; its number rises with every change of its state."""
    zone = ZONES.get(trip.host_region, "UTC")
    changed = trip.changes.aggregate(last=Max("changed_at"))["last"] or trip.created_at
    words = _("%(traveller)s visits %(host)s") % {"traveller": trip.traveller, "host": trip.host}
    return Entry(
        uid=f"trip-{trip.key}@{site_host()}",
        sequence=trip.changes.count(),
        starts_at=midnight(first_day(trip.period), zone),
        ends_at=midnight(last_day(trip.period) + timedelta(days=1), zone),
        zone=zone,
        summary=words,
        organiser=Mailbox(parseaddr(settings.DEFAULT_FROM_EMAIL)[1], "KONNECT"),
        changed_at=changed,
        description=trip.purpose,
        location=str(trip.host_organisation),
        url=settings.SITE_URL + trip.get_absolute_url(),
        is_cancelled=not trip.is_live,
    )


def midnight(day: date, zone: str) -> datetime:
    """Return when a day begins in a zone."""
    return datetime.combine(day, time(), ZoneInfo(zone))
