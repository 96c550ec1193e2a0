"""All events as an Atom feed (RFC 4287) and as a calendar (RFC 5545), for everybody."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from events.calendars import PUBLISH, Entry, calendar_of
from events.models import Event, EventState
from events.services.calendar_entries import event_page, organiser_of, site_host

# How long an event stays in the feeds after its end.
KEPT = timedelta(days=180)
MOST_ENTRIES = 200
FIRST = datetime(2020, 1, 1, tzinfo=UTC)


class EventFeed(Atom1Feed):
    """An Atom feed that is the same, byte for byte, as long as its entries are."""

    def latest_post_date(self) -> datetime:
        """Return when the newest entry changed."""
        return max([item["updateddate"] for item in self.items], default=FIRST)


def recent_events() -> list[Event]:
    """Return what is to come and what was lately, the next and the newest first; one query."""
    since = timezone.now() - KEPT
    return list(
        Event.objects.shown().filter(ends_at__gt=since).order_by("-starts_at")[:MOST_ENTRIES]
    )


def atom_of(events: Sequence[Event]) -> bytes:
    """Return events as an Atom feed in the reader's language."""
    language = get_language() or "en"
    feed = EventFeed(
        title=_("Events on KONNECT"),
        link=settings.SITE_URL + reverse("events:event_list"),
        description="",
        subtitle=_("Matchmaking, twinning, training and information for Europe and Korea"),
        language=language,
        author_name="KONNECT",
        feed_url=settings.SITE_URL + reverse("events:event_feed_atom"),
        feed_guid=f"{settings.SITE_URL}{reverse('events:event_list')}",
    )
    for event in events:
        feed.add_item(
            title=title_of(event),
            link=event_page(event),
            description=event.summary,
            unique_id=event_page(event),
            pubdate=event.created_at,
            updateddate=event.updated_at,
            categories=[event.get_kind_display()],
        )
    return feed.writeString("utf-8").encode()


def calendar_file(events: Sequence[Event]) -> bytes:
    """Return events as a calendar with the clocks of their zones; nobody is invited."""
    entries = [entry_of(event) for event in events]
    return calendar_of(entries, PUBLISH, name=_("Events on KONNECT"))


def entry_of(event: Event) -> Entry:
    """Return one event; its number in calendars rises with every change."""
    is_cancelled = event.state == EventState.CANCELLED
    return Entry(
        uid=f"event-{event.pk}@{site_host()}",
        sequence=int((event.updated_at - FIRST).total_seconds()),
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        zone=event.zone,
        summary=title_of(event),
        organiser=organiser_of(event),
        changed_at=event.updated_at,
        description=event.summary,
        location=place_of(event),
        url=event_page(event),
        is_cancelled=is_cancelled,
    )


def title_of(event: Event) -> str:
    """Return the title, and that it does not take place where that is so."""
    if event.state == EventState.CANCELLED:
        return _("Cancelled: %(title)s") % {"title": event.title}
    return event.title


def place_of(event: Event) -> str:
    """Return where one goes."""
    parts = [event.venue, event.address or event.city]
    return ", ".join(filter(None, parts)) or str(event.get_mode_display())
