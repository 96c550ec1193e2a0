"""All calls as an Atom feed (RFC 4287), and their dates as a calendar (RFC 5545), for everybody."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from email.utils import parseaddr

from django.conf import settings
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from events.calendars import PUBLISH, Entry, Mailbox, calendar_of
from events.feeds import FIRST, EventFeed
from events.services.calendar_entries import site_host
from events.templatetags.event_times import day_words
from funding.deadlines import faces
from funding.models import Call, CallDeadline

MOST_ENTRIES = 200
# A deadline stands in calendars as the half hour that ends with it.
SHOWN = timedelta(minutes=30)


def recent_calls() -> list[Call]:
    """Return public calls, the last to close first, with dates, amendments, funders; four queries."""
    rows = Call.objects.public().order_by("-closes_at", "-pk")
    return list(
        rows.prefetch_related("deadlines", "amendments", "commitments__funder")[:MOST_ENTRIES]
    )


def atom_of(calls: Sequence[Call]) -> bytes:
    """Return calls as an Atom feed in the reader's language, each with all its dates."""
    listed = settings.SITE_URL + reverse("funding:call_list")
    feed = EventFeed(
        title=_("Mobility calls on KONNECT"),
        link=listed,
        description="",
        subtitle=_("Joint calls of funders in Europe and Korea, with all their deadlines"),
        language=get_language() or "en",
        author_name="KONNECT",
        feed_url=settings.SITE_URL + reverse("funding:call_feed_atom"),
        feed_guid=listed,
    )
    for call in calls:
        feed.add_item(
            title=title_of(call),
            link=page_of(call),
            description="\n".join([call.summary, *date_lines(call)]),
            unique_id=page_of(call),
            pubdate=call.approved_at or call.created_at,
            updateddate=changed_at(call),
            categories=[str(each.funder) for each in call.commitments.all()],
        )
    return feed.writeString("utf-8").encode()


def calendar_file(calls: Sequence[Call]) -> bytes:
    """Return the dates of calls as a calendar."""
    entries = [entry for call in calls for entry in entries_of(call)]
    return calendar_of(entries, PUBLISH, name=_("Mobility calls on KONNECT"))


def entries_of(call: Call) -> Iterator[Entry]:
    """Return the closing of a call and its further dates, as entries that end with them."""
    if call.closes_at is not None:
        words = _("Closes: %(call)s") % {"call": call}
        yield entry_of(call, f"call-{call.pk}", call.closes_at, call.zone, words)
    for row in call.deadlines.all():
        words = _("%(date)s: %(call)s") % {"date": row, "call": call}
        yield entry_of(call, f"call-{call.pk}-{row.pk}", row.at, row.zone, words)


def entry_of(call: Call, name: str, at: datetime, zone: str, words: str) -> Entry:
    """Return one date of a call; its number in calendars rises with every change of the call."""
    changed = changed_at(call)
    return Entry(
        uid=f"{name}@{site_host()}",
        sequence=max(0, int((changed - FIRST).total_seconds())),
        starts_at=at - SHOWN,
        ends_at=at,
        zone=zone,
        summary=words,
        organiser=Mailbox(parseaddr(settings.DEFAULT_FROM_EMAIL)[1], "KONNECT"),
        changed_at=changed,
        description="\n".join([call.summary, *date_lines(call)]),
        url=page_of(call),
        is_cancelled=call.state == "cancelled",
        is_busy=False,
    )


def date_lines(call: Call) -> list[str]:
    """Return every date of a call in words, each on the clocks of both sides."""
    found = []
    if call.closes_at is not None:
        words = clock_words(call.closes_at, call.closes_wall, call.zone)
        found.append(_("Closes: %(call)s") % {"call": words})
    return found + [line_of(row) for row in call.deadlines.all()]


def line_of(row: CallDeadline) -> str:
    """Return a further date in words."""
    return f"{row}: {clock_words(row.at, row.wall, row.zone)}"


def clock_words(at: datetime, wall: str, zone: str) -> str:
    """Return an instant on both sides' clocks: Sun 15 November 2015 24:00 CET / Mon 16 …"""
    shown = faces(at, wall=wall, zone=zone)
    return " / ".join(f"{day_words(face.day)} {face.hour} {face.name}" for face in shown)


def changed_at(call: Call) -> datetime:
    """Return when a call was last changed, amendments among the changes."""
    return max([call.updated_at, *(row.made_at for row in call.amendments.all())])


def page_of(call: Call) -> str:
    """Return the whole address of a call's page."""
    return settings.SITE_URL + call.get_absolute_url()


def title_of(call: Call) -> str:
    """Return the title, and that it was cancelled where it was."""
    return _("Cancelled: %(title)s") % {"title": call} if call.state == "cancelled" else str(call)
