"""Small events with wishes, for tests of schedules."""

from datetime import UTC, datetime, timedelta

from events.models import ScheduleRun
from tests.factories.events import (
    AcceptedMeetingRequestFactory,
    EventFactory,
    HelperFactory,
    KoreanRegistrationFactory,
    PlaceFactory,
    RegistrationFactory,
    SlotFactory,
)

# 08:00 in Brussels, 15:00 in Seoul.
BEGIN = datetime(2031, 6, 2, 6, 0, tzinfo=UTC)


def small_event(*, slots=3, tables=2, pairs=2, **columns):
    """Return an event with slots of twenty minutes, tables, and pairs who agreed to meet."""
    event = EventFactory(starts_at=BEGIN, ends_at=BEGIN + timedelta(hours=10), **columns)
    for number in range(slots):
        SlotFactory(event=event, starts_at=BEGIN + timedelta(minutes=25 * number))
    PlaceFactory.create_batch(tables, event=event)
    AcceptedMeetingRequestFactory.create_batch(pairs, event=event)
    return event


def three_who_meet(**columns):
    """Return an event of three people who all want to meet each other, and their registrations."""
    event = small_event(pairs=0, **columns)
    people = [
        RegistrationFactory(event=event),
        KoreanRegistrationFactory(event=event),
        RegistrationFactory(event=event),
    ]
    for one, other in ((0, 1), (1, 2), (0, 2)):
        AcceptedMeetingRequestFactory(event=event, sender=people[one], recipient=people[other])
    return event, people


def organiser_of(event):
    """Return somebody who runs an event."""
    return HelperFactory(event=event).user


def run_of(event, **columns):
    """Return a queued run of an event."""
    return ScheduleRun.objects.create(event=event, seconds_allowed=60, **columns)
