"""Meetings of a pair for tests, at times near now, and what is asked about them."""

from datetime import timedelta

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils import timezone

from konnect.accounts.models import Notification
from tests.factories.events import (
    AcceptedMeetingRequestFactory,
    EventFactory,
    KoreanRegistrationFactory,
    MeetingFactory,
    PlaceFactory,
    RegistrationFactory,
    SlotFactory,
)


def event_in(hours=48, **columns):
    """Return an event that begins in some hours, with requests open and a published schedule."""
    starts_at = timezone.now() + timedelta(hours=hours)
    return EventFactory(**{
        "starts_at": starts_at, "ends_at": starts_at + timedelta(hours=8), "schedule_version": 1,
        **columns,
    })  # fmt: skip


def slot_of(event, number=0, *, begins_in=None):
    """Return a slot: the first, second … of the event, or one that begins in some minutes."""
    starts_at = event.starts_at + timedelta(minutes=25 * number)
    if begins_in is not None:
        starts_at = timezone.now() + timedelta(minutes=begins_in)
    return SlotFactory(
        event=event, during=DateTimeTZRange(starts_at, starts_at + timedelta(minutes=20))
    )


def pair_at(event):
    """Return a European and a Korean who take part."""
    return RegistrationFactory(event=event), KoreanRegistrationFactory(event=event)


def meeting_at(event, slot, *, sender=None, recipient=None, place=None):
    """Return a meeting of two in a slot, at a table of its own."""
    request = AcceptedMeetingRequestFactory(
        event=event, sender=sender or RegistrationFactory(event=event),
        recipient=recipient or KoreanRegistrationFactory(event=event),
    )  # fmt: skip
    return MeetingFactory(
        event=event, request=request, slot=slot, place=place or PlaceFactory(event=event)
    )


def agreed(event, sender, recipient, **columns):
    """Return a request that both want, without a meeting."""
    return AcceptedMeetingRequestFactory(
        event=event, sender=sender, recipient=recipient, **columns
    )


def sides(meeting):
    return meeting.request.sender, meeting.request.recipient


def titles_of(registration):
    news = Notification.objects.filter(user=registration.profile.user).order_by("pk")
    return list(news.values_list("title_en", flat=True))


def codes(error):
    return [blocker.code for blocker in error.value.blockers]
