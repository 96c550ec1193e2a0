"""What the tables of events hold, whoever writes to them."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from events.models import Meeting, MeetingState, Seat, Slot
from tests.factories.events import (
    MORNING,
    AcceptedMeetingRequestFactory,
    MeetingFactory,
    MeetingRequestFactory,
    RegistrationFactory,
    SessionFactory,
    SlotFactory,
)


@pytest.fixture
def meeting(db):
    return MeetingFactory()


def refused(name):
    return pytest.raises(IntegrityError, match=name)


def test_nobody_sits_in_two_meetings_at_once_over_all_events(meeting):
    other = MeetingFactory(slot__starts_at=MORNING + timedelta(days=1))
    taken = meeting.seats.first()

    with refused("one_seat_a_person"), transaction.atomic():
        seat = Seat.objects.create(
            profile=taken.profile, meeting=other, during=other.during, is_live=True
        )
        assert seat.pk
        other.slot.during = meeting.during
        Slot.objects.filter(pk=other.slot_id).update(during=meeting.during)


def test_a_table_has_one_meeting_at_a_time(meeting):
    request = AcceptedMeetingRequestFactory(event=meeting.event)

    with refused("one_meeting_a_place"), transaction.atomic():
        Meeting.objects.create(
            event=meeting.event, request=request, slot=meeting.slot, during=meeting.during,
            place=meeting.place, room_key="another",
        )  # fmt: skip


def test_two_meetings_change_tables_when_the_constraint_waits(meeting):
    other = MeetingFactory(event=meeting.event, slot=meeting.slot)

    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        Meeting.objects.filter(pk=meeting.pk).update(place=other.place)
        Meeting.objects.filter(pk=other.pk).update(place=meeting.place)

    assert Meeting.objects.get(pk=meeting.pk).place_id == other.place_id


def test_seats_follow_the_time_of_slot_and_meeting(meeting):
    later = DateTimeTZRange(MORNING + timedelta(days=1), MORNING + timedelta(days=1, minutes=20))

    Slot.objects.filter(pk=meeting.slot_id).update(during=later)

    assert Meeting.objects.get(pk=meeting.pk).during == later
    assert {seat.during for seat in Seat.objects.filter(meeting=meeting)} == {later}


def test_seats_are_free_when_the_meeting_is_cancelled(meeting):
    meeting.move_to(
        MeetingState.CANCELLED, actor=None,
        columns={"is_live": False, "cancelled_at": MORNING},
    )  # fmt: skip

    assert not Seat.objects.filter(meeting=meeting, is_live=True).exists()


def test_a_seat_cannot_say_another_time_than_its_meeting(meeting):
    later = DateTimeTZRange(MORNING + timedelta(days=2), MORNING + timedelta(days=3))

    with refused("seat_follows_meeting"), transaction.atomic():
        Seat.objects.filter(meeting=meeting).update(during=later)


def test_the_number_of_calendars_never_falls(meeting):
    Meeting.objects.filter(pk=meeting.pk).update(sequence=3)

    with refused("never falls"), transaction.atomic():
        Meeting.objects.filter(pk=meeting.pk).update(sequence=2)


def test_slots_of_an_event_do_not_overlap(meeting):
    with refused("slots_do_not_overlap"), transaction.atomic():
        SlotFactory(event=meeting.event, during=meeting.during)


def test_one_live_request_a_pair_whoever_asks(meeting):
    request = meeting.request

    with refused("one_live_meeting_request"), transaction.atomic():
        MeetingRequestFactory(
            event=request.event, sender=request.recipient, recipient=request.sender
        )


def test_one_live_registration_a_person(meeting):
    registration = meeting.request.sender

    with refused("one_live_registration"), transaction.atomic():
        RegistrationFactory(event=registration.event, profile=registration.profile)


def test_a_speaker_is_taken_while_the_session_lasts(meeting):
    session = SessionFactory(event=meeting.event, during=meeting.during)
    taken = meeting.seats.first()

    with refused("one_seat_a_person"), transaction.atomic():
        Seat.objects.create(profile=taken.profile, session=session, during=session.during)
