"""The three calendar files that a meeting's people get by mail, as calendar programs take them.

A sample of each kind, new, moved and cancelled, goes the whole way: written, made into a mail as it
leaves for the server, and read back by another library. What is asked of it is what makes Outlook,
Google and Apple put a meeting in, move it, and take it out again.
"""

from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy

import icalendar
import pytest
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils import timezone

from events.models import MeetingState
from events.services.invitations import write_invitations
from konnect.accounts.models import OutgoingEmail
from konnect.accounts.services.delivery import as_email
from tests.factories.events import EventFactory, MeetingFactory, SlotFactory

# The last summer day and the first winter day in Brussels; Seoul keeps its clocks.
SUMMER, WINTER = datetime(2031, 10, 25, 7, tzinfo=UTC), datetime(2031, 10, 27, 8, tzinfo=UTC)


@pytest.fixture(params=("Europe/Brussels", "Asia/Seoul"))
def meeting(request, db, minji, anna):
    """Return a meeting of people whose names are long and not ASCII."""
    minji.hangul_name, anna.display_name = "김민지 " * 12, "Änne Schmidt-" * 9
    minji.user.language = "ko"
    for each in (minji.user, minji, anna):
        each.save()
    event = EventFactory(
        zone=request.param, starts_at=SUMMER, ends_at=WINTER + timedelta(hours=1),
        title_en="Day; of, matching\\", venue_en="Palais, Brussels",
    )  # fmt: skip
    return MeetingFactory(
        event=event, slot=slot_at(event, SUMMER), request__sender__profile=anna,
        request__recipient__profile=minji,
    )  # fmt: skip


def slot_at(event, starts_at):
    during = DateTimeTZRange(starts_at, starts_at + timedelta(minutes=20))
    return SlotFactory(event=event, during=during)


def mails_of(meeting):
    """Write the invitation, the move and the cancellation; return the mails of each person."""
    write_invitations([meeting], method="REQUEST")
    meeting.slot = slot_at(meeting.event, WINTER)
    meeting.during, meeting.sequence = meeting.slot.during, 1
    meeting.save()
    write_invitations([meeting], method="REQUEST")
    columns = {"is_live": False, "cancelled_at": timezone.now()}
    meeting.move_to(MeetingState.CANCELLED, actor=None, columns=columns)
    write_invitations([meeting], method="CANCEL")
    people = [meeting.request.sender.profile, meeting.request.recipient.profile]
    return {
        each.user.email: list(OutgoingEmail.objects.filter(to=each.user.email).order_by("pk"))
        for each in people
    }


def parts_of(mail):
    """Return the calendar parts of a mail as they leave for the mail server."""
    wire = as_email(mail).message().as_bytes(linesep="\r\n")
    message = message_from_bytes(wire, policy=policy.default)
    return [part for part in message.walk() if part.get_content_type() == "text/calendar"]


def samples(meeting):
    """Return (address, calendar part) of all six mails, in the order of writing."""
    return [
        (address, parts_of(mail)) for address, mails in mails_of(meeting).items() for mail in mails
    ]


def test_every_calendar_part_is_what_the_standard_calls_a_file(meeting):
    found = samples(meeting)

    assert len(found) == 6
    for _address, parts in found:
        inline, attached = (part.get_payload(decode=True) for part in parts)
        assert inline == attached
        # RFC 5545, 3.1: each line ends with CRLF and has 75 octets at most, cut between characters.
        lines = inline.split(b"\r\n")
        assert inline.endswith(b"END:VCALENDAR\r\n")
        assert not any(b"\n" in line or b"\r" in line for line in lines)
        assert max(map(len, lines)) <= 75
        assert any(line.startswith(b" ") for line in lines), "nothing was long enough to be folded"
        assert all(line.decode() is not None for line in lines)


def test_method_stands_in_the_part_and_the_calendar_and_not_in_the_event(meeting):
    methods = []
    for _address, parts in samples(meeting):
        calendar = icalendar.Calendar.from_ical(parts[0].get_payload(decode=True))
        (event,) = calendar.events
        methods.append(str(calendar["METHOD"]))
        assert {part["Content-Type"].params["method"] for part in parts} == {methods[-1]}
        assert (str(calendar["VERSION"]), bool(calendar["PRODID"])) == ("2.0", True)
        assert "METHOD" not in event
        assert not event.errors

    assert methods == ["REQUEST", "REQUEST", "CANCEL"] * 2


def test_one_name_a_rising_number_one_organiser_and_only_the_reader(meeting):
    events = {}
    for address, parts in samples(meeting):
        (event,) = icalendar.Calendar.from_ical(parts[0].get_payload(decode=True)).events
        events.setdefault(address, []).append(event)
        assert event["DTSTAMP"].dt.tzinfo is not None
        assert event["DTSTAMP"].to_ical().endswith(b"Z")
        assert str(event["ATTENDEE"]) == f"mailto:{address}"
        assert event["ATTENDEE"].params["PARTSTAT"] == "ACCEPTED"

    for told in events.values():
        assert {str(event["UID"]) for event in told} == {f"{meeting.uid}@localhost"}
        assert [event["SEQUENCE"] for event in told] == [0, 1, 2]
        assert len({str(event["ORGANIZER"]) for event in told}) == 1
        assert str(told[0]["ORGANIZER"]).startswith("mailto:")
        assert [str(event["STATUS"]) for event in told] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
        stamps = [event["DTSTAMP"].dt for event in told]
        assert stamps == sorted(stamps)


def test_the_zone_comes_along_with_its_rules_and_gives_the_instant_by_itself(meeting):
    zone = meeting.event.zone
    starts = []
    for _address, parts in samples(meeting):
        calendar = icalendar.Calendar.from_ical(parts[0].get_payload(decode=True))
        (event,) = calendar.events
        (definition,) = calendar.timezones
        rules = [part.name for part in definition.subcomponents]
        assert str(definition["TZID"]) == event["DTSTART"].params["TZID"] == zone
        assert set(rules) == ({"STANDARD"} if zone == "Asia/Seoul" else {"STANDARD", "DAYLIGHT"})
        for rule in definition.subcomponents:
            assert {"DTSTART", "TZOFFSETFROM", "TZOFFSETTO"} <= set(rule)
        # As a program reckons that knows no zones but those of the file.
        own = definition.to_tz(lookup_tzid=False)
        wall = event["DTSTART"].dt.replace(tzinfo=None)
        starts.append(wall.replace(tzinfo=own).astimezone(UTC))

    assert starts == [SUMMER, WINTER, WINTER] * 2
