"""What search engines read of an event's page: schema.org/Event in JSON-LD."""

from __future__ import annotations

from django.conf import settings

from events.models import Event, EventMode, EventState
from matching.linked_data import CONTEXT, Data, address, filled, organisation

MODES = {
    EventMode.ON_SITE: "OfflineEventAttendanceMode",
    EventMode.ONLINE: "OnlineEventAttendanceMode",
    EventMode.HYBRID: "MixedEventAttendanceMode",
}


def event_data(event: Event) -> Data:
    """Return an event as anybody on the web sees it; {} for a draft. One query for the hosts."""
    if event.state == EventState.DRAFT:
        return {}
    is_cancelled = event.state == EventState.CANCELLED
    return filled(
        {
            "@context": CONTEXT,
            "@type": "BusinessEvent",
            "@id": address(event.get_absolute_url()),
            "url": address(event.get_absolute_url()),
            "name": event.title,
            "alternateName": other(event.title, event.title_en, event.title_ko),
            "description": event.summary,
            "startDate": event.starts_at.isoformat(),
            "endDate": event.ends_at.isoformat(),
            "eventStatus": f"{CONTEXT}/{'EventCancelled' if is_cancelled else 'EventScheduled'}",
            "eventAttendanceMode": f"{CONTEXT}/{MODES[EventMode(event.mode)]}",
            "location": locations(event),
            "organizer": [organisation(host, is_whole=False) for host in event.hosts.all()],
            "inLanguage": list(event.languages),
            "maximumAttendeeCapacity": event.capacity,
            "isAccessibleForFree": True,
        }
    )


def locations(event: Event) -> list[Data]:
    """Return where one goes: a place, the event's page for those who take part online, or both."""
    virtual = {"@type": "VirtualLocation", "url": settings.SITE_URL + event.get_absolute_url()}
    place = filled(
        {
            "@type": "Place",
            "name": event.venue or event.city,
            "address": filled(
                {
                    "@type": "PostalAddress",
                    "streetAddress": event.address,
                    "addressLocality": event.city,
                    "addressCountry": event.country_code,
                },
                least=2,
            ),
        },
        least=2,
    )
    found = {EventMode.ON_SITE: [place], EventMode.ONLINE: [virtual]}
    return [each for each in found.get(EventMode(event.mode), [place, virtual]) if each]


def other(shown: str, *texts: str) -> list[str]:
    """Return the texts that are not the one shown."""
    return [text for text in texts if text and text != shown]
