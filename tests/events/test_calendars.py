"""What calendars read, taken apart by another library than the one that writes it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from events.calendars import CANCEL, PUBLISH, REQUEST, Entry, Mailbox, calendar_of, folded

BRUSSELS, SEOUL = "Europe/Brussels", "Asia/Seoul"
ENTRY = Entry(
    uid="5b3f@konnect.example",
    sequence=0,
    starts_at=datetime(2026, 10, 23, 7, tzinfo=UTC),
    ends_at=datetime(2026, 10, 23, 7, 20, tzinfo=UTC),
    zone=BRUSSELS,
    summary="Meeting with 김민지",
    organiser=Mailbox("portal@konnect.example", '매칭 행사; 2026, "KONNECT"'),
    changed_at=datetime(2026, 10, 1, tzinfo=UTC),
    description="김민지, 한국과학기술원\nhttps://konnect.example/meetings/5/",
    location="Table 3, Palais, Brussels",
    url="https://konnect.example/meetings/5/",
    attendee=Mailbox("anna@example.eu", "Anna Schmidt"),
)


def read(content):
    return icalendar.Calendar.from_ical(content)


def only(content):
    (event,) = read(content).events
    return event


def test_an_invitation_says_what_outlook_google_and_apple_ask_for():
    content = calendar_of([ENTRY], REQUEST, stamped_at=datetime(2026, 10, 2, tzinfo=UTC))
    calendar, event = read(content), only(content)

    assert calendar["METHOD"] == "REQUEST"
    assert calendar["VERSION"] == "2.0"
    assert "METHOD" not in event
    assert event["UID"] == ENTRY.uid
    assert event["STATUS"] == "CONFIRMED"
    assert event["DTSTAMP"].dt == datetime(2026, 10, 2, tzinfo=UTC)
    assert event["LAST-MODIFIED"].dt == ENTRY.changed_at
    assert event["DTSTART"].params["TZID"] == BRUSSELS
    assert event["ORGANIZER"] == "mailto:portal@konnect.example"
    assert event["ORGANIZER"].params["CN"] == "매칭 행사; 2026, 'KONNECT'"
    assert event["ATTENDEE"] == "mailto:anna@example.eu"
    assert event["ATTENDEE"].params["PARTSTAT"] == "ACCEPTED"
    assert event["ATTENDEE"].params["RSVP"] == "FALSE"
    assert event["DESCRIPTION"] == ENTRY.description
    assert event["URL"] == ENTRY.url


def test_a_cancellation_has_method_and_status_the_same_name_and_organiser():
    invited = only(calendar_of([ENTRY], REQUEST))
    content = calendar_of([replace(ENTRY, sequence=1)], CANCEL)
    event = only(content)

    assert read(content)["METHOD"] == "CANCEL"
    assert event["STATUS"] == "CANCELLED"
    assert event["UID"] == invited["UID"]
    assert event["ORGANIZER"] == invited["ORGANIZER"]
    assert event["SEQUENCE"] > invited["SEQUENCE"]
    assert event["TRANSP"] == "TRANSPARENT"


def test_a_published_calendar_names_nobody_and_stays_the_same():
    gone = replace(ENTRY, uid="gone@konnect.example", is_cancelled=True)
    content = calendar_of([ENTRY, gone], PUBLISH, name="내 미팅")

    assert content == calendar_of([ENTRY, gone], PUBLISH, name="내 미팅")
    assert read(content)["X-WR-CALNAME"] == "내 미팅"
    assert b"ATTENDEE" not in content
    assert b"anna@example.eu" not in content
    assert [event["STATUS"] for event in read(content).events] == ["CONFIRMED", "CANCELLED"]


def test_no_calendar_is_sent_by_another_method():
    with pytest.raises(ValueError, match="REPLY"):
        calendar_of([ENTRY], "REPLY")


@pytest.mark.parametrize("zone", (BRUSSELS, SEOUL))
@pytest.mark.parametrize("day", (23, 24, 25, 26))
def test_a_meeting_stands_at_its_instant_on_both_sides_of_the_end_of_summer_time(zone, day):
    starts_at = datetime(2026, 10, day, 7, tzinfo=UTC)
    entry = replace(
        ENTRY, starts_at=starts_at, ends_at=starts_at + timedelta(minutes=20), zone=zone
    )
    content = calendar_of([entry], REQUEST)
    event = only(content)

    assert event.start == starts_at
    # As a program reckons that knows the zone from the calendar alone.
    (definition,) = read(content).timezones
    wall = event.start.replace(tzinfo=None)
    assert wall.replace(tzinfo=definition.to_tz(lookup_tzid=False)).astimezone(UTC) == starts_at
    assert event.start.hour == starts_at.astimezone(ZoneInfo(zone)).hour
    assert event.start.hour == (16 if zone == SEOUL else 9 if day < 25 else 8)


@pytest.mark.parametrize("minute", (0, 30))
@pytest.mark.parametrize("hour", (0, 1))
def test_each_showing_of_the_hour_that_comes_twice_is_its_own_instant(hour, minute):
    """02:30 in Brussels comes twice on that night; iCalendar reads a wall time as the first."""
    starts_at = datetime(2026, 10, 25, hour, minute, tzinfo=UTC)
    entry = replace(ENTRY, starts_at=starts_at, ends_at=starts_at + timedelta(minutes=20))

    assert only(calendar_of([entry], REQUEST)).start.astimezone(UTC) == starts_at


def test_years_on_both_sides_of_new_year_are_defined():
    starts_at = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    entry = replace(ENTRY, starts_at=starts_at, ends_at=starts_at + timedelta(hours=1))
    (definition,) = read(calendar_of([entry], REQUEST)).timezones
    zone = definition.to_tz(lookup_tzid=False)

    assert datetime(2027, 7, 1, tzinfo=zone).utcoffset() == timedelta(hours=2)
    assert datetime(2026, 7, 1, tzinfo=zone).utcoffset() == timedelta(hours=2)


# The first draw reads the table of all characters, which takes long on a busy machine.
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.text(), st.text(), st.text())
def test_texts_come_back_in_lines_that_are_short_enough(summary, description, name):
    entry = replace(
        ENTRY, summary=summary, description=description, organiser=Mailbox("a@b.example", name)
    )
    content = calendar_of([entry], REQUEST)
    event = only(content)

    lines = content.split(b"\r\n")
    assert max(map(len, lines)) <= 75
    assert all(line.decode() is not None for line in lines)
    assert sum(line == b"BEGIN:VEVENT" for line in lines) == 1
    assert event["UID"] == ENTRY.uid
    assert event.get("SUMMARY", "") == plain(summary)


def plain(text):
    """Return a text as calendars can hold it: without control characters, one kind of line end."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(
        letter for letter in text if letter in "\n\t" or not (letter < " " or letter == "\x7f")
    )


def test_a_line_is_cut_between_characters():
    line = "SUMMARY:" + "한" * 100

    pieces = folded(line).split("\r\n ")

    assert "".join(pieces) == line
    assert len(pieces) == 5
