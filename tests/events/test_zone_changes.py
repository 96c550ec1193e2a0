"""Governments change their clocks between registration and event."""

import shutil
import zoneinfo
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path

import icalendar
import pytest

from events.models import CalendarMethod, Event, Meeting, Seat, SentInvitation
from events.services.calendar_rounds import tell_calendars
from events.services.invitations import write_invitations
from events.services.zone_changes import resolve_wall_times
from konnect.accounts.models import Notification, OutgoingEmail
from tests.factories.events import (
    EventFactory,
    HelperFactory,
    MeetingFactory,
    PlaceFactory,
    RegistrationFactory,
    SessionFactory,
    SlotFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def new_rules(tmp_path):
    """Return a function that gives a zone the clocks of another one, as a new database of zones would."""
    before = zoneinfo.TZPATH

    def rule(zone, other):
        with open_zone(other) as source:
            target = tmp_path / zone
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("wb") as file:
                shutil.copyfileobj(source, file)
        zoneinfo.reset_tzpath(to=[str(tmp_path), *before])
        zoneinfo.ZoneInfo.clear_cache()

    yield rule
    zoneinfo.reset_tzpath(to=before)
    zoneinfo.ZoneInfo.clear_cache()


def open_zone(name):
    """Open the definition of a zone, wherever this machine has it."""
    for folder in zoneinfo.TZPATH:
        if (Path(folder) / name).is_file():
            return (Path(folder) / name).open("rb")

    return files("tzdata.zoneinfo").joinpath(name).open("rb")


def test_nothing_moves_as_long_as_the_rules_stay():
    event = EventFactory()

    assert resolve_wall_times() == 0
    event.refresh_from_db()
    assert event.starts_at == datetime(2031, 6, 2, 7, tzinfo=UTC)
    assert not Notification.objects.exists()


def test_an_event_keeps_its_time_on_the_wall_and_everybody_is_told(new_rules, anna, minji):
    """Brussels gives up summer time: nine o'clock there is an hour later for everybody else."""
    event = EventFactory(registration_opens_at=datetime(2031, 5, 2, 7, tzinfo=UTC))
    HelperFactory(event=event, user=anna.user)
    RegistrationFactory(event=event, profile=minji)
    RegistrationFactory(event=event, state="withdrawn")
    session = SessionFactory(event=event)
    new_rules("Europe/Brussels", "Africa/Lagos")

    moved = [resolve_wall_times(), resolve_wall_times()]

    event.refresh_from_db()
    session.refresh_from_db()
    assert moved == [1, 0]
    assert event.starts_at == datetime(2031, 6, 2, 8, tzinfo=UTC)
    assert event.ends_at == datetime(2031, 6, 2, 16, tzinfo=UTC)
    assert event.starts_wall == "2031-06-02T09:00"
    assert event.registration_opens_at == datetime(2031, 5, 2, 8, tzinfo=UTC)
    assert session.during.lower == event.starts_at
    told = Notification.objects.values_list("user", flat=True)
    assert sorted(told) == sorted([anna.user.pk, minji.user.pk])


def test_meetings_and_calendars_follow(new_rules):
    event = EventFactory()
    meetings = [
        MeetingFactory(
            event=event, slot__starts_at=event.starts_at + timedelta(minutes=25 * number)
        )
        for number in range(4)
    ]
    write_invitations(meetings, method=CalendarMethod.REQUEST)
    before = {meeting.pk: meeting.during.lower for meeting in meetings}
    new_rules("Europe/Brussels", "Africa/Lagos")

    resolve_wall_times()
    tell_calendars()

    rows = Meeting.objects.filter(event=event)
    assert {row.pk: row.during.lower - before[row.pk] for row in rows} == dict.fromkeys(
        before, timedelta(hours=1)
    )
    assert {row.sequence for row in rows} == {1}
    assert {seat.during for seat in Seat.objects.all()} == {row.during for row in rows}
    assert SentInvitation.objects.filter(sequence=1, method=CalendarMethod.REQUEST).count() == 8


def test_events_that_are_over_or_cancelled_stay_in_the_record(new_rules):
    gone = datetime(2021, 6, 2, 7, tzinfo=UTC)
    EventFactory(
        starts_at=gone,
        ends_at=gone + timedelta(hours=8),
        starts_wall="2021-06-02T09:00",
        ends_wall="2021-06-02T17:00",
    )
    EventFactory(state="cancelled", cancelled_at=gone)
    new_rules("Europe/Brussels", "Africa/Lagos")

    assert resolve_wall_times() == 0


def test_a_move_that_seats_somebody_twice_does_not_happen(new_rules, caplog):
    """The same person meets in Seoul at the hour to which Brussels would move."""
    event = EventFactory()
    meeting = MeetingFactory(event=event, slot__starts_at=event.starts_at)
    elsewhere = EventFactory(
        zone="Asia/Seoul", starts_wall="2031-06-02T16:00", ends_wall="2031-06-03T00:00"
    )
    slot = SlotFactory(event=elsewhere, starts_at=event.starts_at + timedelta(hours=1))
    own = RegistrationFactory(event=elsewhere, profile=meeting.request.sender.profile)
    MeetingFactory(
        event=elsewhere, slot=slot, request__sender=own, place=PlaceFactory(event=elsewhere)
    )
    new_rules("Europe/Brussels", "Africa/Lagos")

    assert resolve_wall_times() == 0

    event.refresh_from_db()
    meeting.refresh_from_db()
    assert event.starts_at == datetime(2031, 6, 2, 7, tzinfo=UTC)
    assert meeting.during.lower == event.starts_at
    assert "cannot move" in caplog.text


def test_a_difference_that_no_government_makes_moves_nothing():
    """Rows that say another day than their instant are no change of rules."""
    event = EventFactory()
    Event.objects.filter(pk=event.pk).update(starts_wall="2031-06-09T09:00")

    assert resolve_wall_times() == 0


def test_summer_time_ends_between_registration_and_event(client_of, minji):
    """No rule changes: who registered in summer reads the winter hours of the event."""
    event = EventFactory(
        starts_at=datetime(2031, 10, 27, 8, tzinfo=UTC), starts_wall="2031-10-27T09:00",
        ends_at=datetime(2031, 10, 27, 16, tzinfo=UTC), ends_wall="2031-10-27T17:00",
    )  # fmt: skip
    meeting = MeetingFactory(event=event, slot__starts_at=event.starts_at)
    write_invitations([meeting], method=CalendarMethod.REQUEST)

    page = client_of(minji).get(event.get_absolute_url()).content.decode()
    letter = OutgoingEmail.objects.first()

    assert "17:00 –" in page
    assert "09:00–17:00" in page
    assert resolve_wall_times() == 0
    entry = icalendar.Calendar.from_ical(letter.calendar).walk("VEVENT")[0]
    assert entry["DTSTART"].dt == event.starts_at
    assert entry["DTSTART"].dt.hour == 9
