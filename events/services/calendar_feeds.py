"""A person's meetings and agendas for their own calendar program, by a secret address.

Whoever has the address reads it, so that the page says to keep it to oneself; a new address or
closing it makes the old one answer like any address that never was. A feed names nobody's e-mail
address, and holds what the person's own pages show.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max, Q, QuerySet
from django.db.models.functions import Greatest
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from events.calendars import PUBLISH, Entry, calendar_of
from events.models import (
    CalendarFeed,
    EventState,
    Meeting,
    RegistrationState,
    Session,
    SessionKind,
)
from events.services.calendar_entries import (
    Phrases,
    entry_of,
    event_page,
    invited_to,
    organiser_of,
    place_words,
    site_host,
)
from events.services.open_slots import ends_of
from konnect.accounts.models import User

# What lies further back stands in the person's calendar no more.
KEPT = timedelta(days=365)
# How exactly the page tells when a calendar last asked.
SEEN_EVERY = timedelta(minutes=10)


@transaction.atomic
def open_feed(user: User, *, actor: User) -> CalendarFeed:
    """Give a person a feed at a new secret address; an old address closes."""
    # One at a time: two open feeds would be one that nobody can close.
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    close_feed(user, actor=actor)
    return CalendarFeed.objects.create(user=user, token=secrets.token_urlsafe(32))


def close_feed(user: User, *, actor: User) -> bool:
    """Close somebody's feed; tell whether there was one."""
    return bool(open_feeds().filter(user=user).update(revoked_at=timezone.now()))


def open_feeds() -> QuerySet[CalendarFeed]:
    """Return the feeds that can be read: not closed, and of people who still have an account."""
    return CalendarFeed.objects.filter(revoked_at=None, user__is_active=True)


def feed_of(user: User) -> CalendarFeed | None:
    """Return somebody's open feed."""
    return open_feeds().filter(user=user).first()


def note_reading(feed: CalendarFeed) -> None:
    """Keep when a calendar last asked, so that people see whether theirs does."""
    now = timezone.now()
    if feed.read_at is None or feed.read_at < now - SEEN_EVERY:
        CalendarFeed.objects.filter(pk=feed.pk).update(read_at=now)


def feed_content(user: User, now: datetime) -> bytes:
    """Return somebody's meetings and agendas; eight queries, however many there are."""
    with translation.override(user.language):
        entries = [*meeting_entries(user, now), *session_entries(user, now)]
        return calendar_of(entries, PUBLISH, name=_("My meetings on KONNECT"))


def meeting_entries(user: User, now: datetime) -> list[Entry]:
    """Return somebody's meetings; the cancelled ones until their event ends."""
    # With `changed_at`, which the query adds.
    meetings: list[Any] = list(meetings_of(user, now))
    changed = {meeting.pk: meeting.changed_at for meeting in meetings}
    phrases = Phrases()
    return [
        entry_of(invited, phrases, changed_at=changed[invited.meeting.pk], is_mailed=False)
        for invited in invited_to(meetings)
        if invited.profile.user_id == user.pk
    ]


def meetings_of(user: User, now: datetime) -> QuerySet[Meeting]:
    """Return a person's meetings with `changed_at`, the time of their last change."""
    kept = Q(is_live=True) | Q(event__ends_at__gt=now)
    mine = Meeting.objects.filter(seats__profile__user=user, event__ends_at__gt=now - KEPT)
    return mine.filter(kept).annotate(
        changed_at=Greatest("created_at", "cancelled_at", Max("moves__moved_at"))
    )


def session_entries(user: User, now: datetime) -> list[Entry]:
    """Return the agendas of the events that somebody takes part in; cancelled ones until their end.

    Many calendars leave what is missing from a feed standing: it must be there, and say so.
    """
    holds = Q(event__state__in=(EventState.PUBLISHED, EventState.ARCHIVED))
    sessions = Session.objects.filter(
        holds | Q(event__state=EventState.CANCELLED, event__ends_at__gt=now),
        event__registrations__profile__user=user,
        event__registrations__state=RegistrationState.CONFIRMED,
        event__ends_at__gt=now - KEPT,
    ).exclude(kind=SessionKind.MEETINGS)
    duties = set(sessions.filter(seats__profile__user=user).values_list("pk", flat=True))
    found = sessions.select_related("event", "place").order_by("during", "pk")
    return [session_entry(session, is_duty=session.pk in duties) for session in found]


def session_entry(session: Session, *, is_duty: bool) -> Entry:
    """Return one part of an agenda; only those who speak there are busy."""
    event = session.event
    is_cancelled = event.state == EventState.CANCELLED
    lines = [f"{_('Event')}: {event.title}", session.description]
    starts_at, ends_at = ends_of(session.during)
    return Entry(
        uid=f"session-{session.pk}@{site_host()}",
        # Calendars take the end of what they know only with a higher number.
        sequence=int(is_cancelled),
        starts_at=starts_at,
        ends_at=ends_at,
        zone=event.zone,
        summary=session.title,
        description="\n\n".join(filter(None, lines)),
        location=place_words(event, session.place),
        url=event_page(event),
        organiser=organiser_of(event),
        changed_at=event.updated_at,
        is_cancelled=is_cancelled,
        is_busy=is_duty,
    )
