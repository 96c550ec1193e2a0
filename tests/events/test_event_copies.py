"""Copies and series keep the time on the wall, and nobody who came."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from events.models import Event, EventState, PlaceClosure
from events.services.copies import copy_event, make_series, next_days
from konnect.accounts.services.roles import grant_role
from tests.factories.events import (
    EventFactory,
    HelperFactory,
    MeetingFactory,
    PlaceFactory,
    SessionFactory,
    SlotFactory,
)
from tests.factories.matching import OrganisationFactory

pytestmark = pytest.mark.django_db
BRUSSELS = ZoneInfo("Europe/Brussels")


def event_in_october(**columns):
    """Return an event two days before summer time ends, 09:00 to 17:00 in Brussels."""
    return EventFactory(**{
        "starts_at": datetime(2031, 10, 24, 7, tzinfo=UTC), "starts_wall": "2031-10-24T09:00",
        "ends_at": datetime(2031, 10, 24, 15, tzinfo=UTC), "ends_wall": "2031-10-24T17:00",
        "registration_opens_at": datetime(2031, 9, 24, 7, tzinfo=UTC), **columns,
    })  # fmt: skip


def test_everything_that_was_prepared_is_copied_and_nobody_who_came(anna, minji):
    event = event_in_october(capacity=80)
    event.hosts.add(OrganisationFactory())
    HelperFactory(event=event, user=minji.user, role="desk")
    meeting = MeetingFactory(event=event, slot__starts_at=event.starts_at + timedelta(hours=1))
    SlotFactory(event=event, starts_at=event.starts_at + timedelta(hours=2))
    closed = PlaceFactory(event=event)
    PlaceClosure.objects.create(place=closed, slot=meeting.slot)
    session = SessionFactory(event=event, place=PlaceFactory(event=event, kind="hall"))
    session.speakers.create(name="Jürgen Müller")
    event.questions.create(kind="line", text_en="Diet?")

    copy = copy_event(event, actor=anna.user, starts_on=date(2031, 10, 31))

    copy = Event.objects.get(pk=copy.pk)
    assert (copy.state, copy.capacity, copy.copied_from, copy.schedule_version) == (
        "draft",
        80,
        event,
        0,
    )
    assert copy.starts_at == datetime(2031, 10, 31, 8, tzinfo=UTC)
    assert copy.registration_opens_at == datetime(2031, 10, 1, 7, tzinfo=UTC)
    assert dict(copy.helpers.values_list("user", "role")) == {
        anna.user.pk: "organiser",
        minji.user.pk: "desk",
    }
    assert [slot.during.lower.astimezone(BRUSSELS).hour for slot in copy.slots.all()] == [10, 11]
    assert {slot.during.lower.astimezone(BRUSSELS).date() for slot in copy.slots.all()} == {
        date(2031, 10, 31)
    }
    assert copy.sessions.get().place.event == copy
    assert not copy.sessions.get().speakers.exists()
    closure = PlaceClosure.objects.get(place__event=copy)
    assert closure.slot.event == copy
    assert copy.questions.get().text_en == "Diet?"
    assert not copy.registrations.exists()
    assert not copy.meetings.exists()
    assert copy.hosts.count() == 1
    event.refresh_from_db()
    assert (event.places.count(), event.slots.count(), event.sessions.count()) == (3, 2, 1)


def test_a_cancelled_event_is_copied_as_a_draft(anna):
    event = event_in_october(
        state=EventState.CANCELLED,
        cancelled_at=datetime(2031, 1, 1, tzinfo=UTC),
        cancellation_en="No.",
    )

    copy = copy_event(event, actor=anna.user, starts_on=date(2032, 1, 9))

    assert (copy.state, copy.cancelled_at, copy.cancellation_en) == ("draft", None, "")


def test_a_series_keeps_nine_in_brussels_through_the_year(anna):
    event = event_in_october()

    made = make_series(
        event, actor=anna.user, title_en="Weeks", title_ko="주간",
        days=next_days(date(2031, 10, 24), weeks=13, number=4),
    )  # fmt: skip

    assert {each.series for each in [*made, event]} == {event.series}
    assert [each.starts_at.astimezone(BRUSSELS).hour for each in made] == [9, 9, 9, 9]
    assert [each.starts_at.hour for each in made] == [8, 7, 7, 7]
    assert [each.starts_at.astimezone(ZoneInfo("Asia/Seoul")).hour for each in made] == [
        17,
        16,
        16,
        16,
    ]


def test_a_copy_onto_a_missing_hour_begins_after_the_leap(anna):
    event = event_in_october(
        starts_wall="2031-10-24T02:30", starts_at=datetime(2031, 10, 24, 0, 30, tzinfo=UTC)
    )

    copy = copy_event(event, actor=anna.user, starts_on=date(2032, 3, 28))

    assert copy.starts_at == datetime(2032, 3, 28, 1, 30, tzinfo=UTC)


def test_more_of_a_series_joins_the_same_one(anna):
    event = event_in_october()
    for first in (date(2032, 1, 2), date(2032, 2, 6)):
        make_series(event, actor=anna.user, title_en="Weeks", title_ko="", days=[first])

    assert Event.objects.filter(series=event.series).count() == 3


@pytest.fixture
def client(client_of, anna):
    grant_role(anna.user, "event_organiser", actor=anna.user)
    return client_of(anna)


def test_copies_are_made_on_a_page(client, anna):
    event = event_in_october()
    HelperFactory(event=event, user=anna.user)
    address = reverse("events:event_copy", args=[event.pk])

    refused = client.post(address, {"starts_on": "2001-01-01", "action": "copy"})
    client.post(address, {"starts_on": "2031-11-07", "action": "copy"})
    far = client.post(
        address, {"series_en": "Weeks", "weeks": "52", "number": "12", "action": "series"}
    )
    client.post(address, {"series_en": "Weeks", "weeks": "1", "number": "2", "action": "series"})

    assert "starts_on" in refused.context["copy_form"].errors
    assert "number" in far.context["series_form"].errors
    assert Event.objects.count() == 4


def test_who_may_not_create_events_does_not_copy_them(client_of, minji):
    event = event_in_october()
    HelperFactory(event=event, user=minji.user)

    assert client_of(minji).get(reverse("events:event_copy", args=[event.pk])).status_code == 404
