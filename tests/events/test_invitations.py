"""Invitations by mail: each change once a person, in their language, nobody's address but theirs."""

import threading
from datetime import timedelta
from email import message_from_bytes, policy

import icalendar
import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from events.models import Meeting, MeetingState, SentInvitation
from events.services import invitations
from events.services.invitations import write_invitations
from konnect.accounts.models import NotificationPreference, OutgoingEmail
from konnect.accounts.services.delivery import as_email
from tests.factories.events import MeetingFactory, OnlineRoomFactory, SlotFactory
from tests.processes import PATIENCE


@pytest.fixture
def meeting(db, minji, anna):
    return MeetingFactory(
        request__sender__profile=anna, request__recipient__profile=minji, place__name_en="Table 7",
        place__name_ko="테이블 7", event__venue_en="Palais", event__city="Brussels",
        request__recipient__zone="Asia/Seoul",
    )  # fmt: skip


@pytest.fixture
def korean(minji):
    minji.user.language = "ko"
    minji.user.save()
    return minji


def calendar_in(mail):
    return icalendar.Calendar.from_ical(mail.calendar)


def event_in(mail):
    (event,) = calendar_in(mail).events
    return event


def mail_to(profile):
    return OutgoingEmail.objects.filter(to=profile.user.email).latest("pk")


def move(meeting):
    """Give a meeting another slot, as publishing does."""
    slot = SlotFactory(event=meeting.event)
    meeting.slot, meeting.during = slot, slot.during
    meeting.sequence += 1
    meeting.save()


def cancel(meeting):
    columns = {"is_live": False, "cancelled_at": timezone.now()}
    meeting.move_to(MeetingState.CANCELLED, actor=None, columns=columns)


def test_both_get_an_invitation_in_their_language(meeting, korean, anna):
    assert write_invitations([meeting], method="REQUEST") == 2

    to_minji, to_anna = mail_to(korean), mail_to(anna)
    assert "Anna Schmidt" in to_minji.subject
    assert "Kim Minji" in to_anna.subject
    assert "테이블 7" in to_minji.text
    assert "Table 7" in to_anna.text
    assert "Table 7" in to_anna.html
    assert event_in(to_anna)["LOCATION"] == "Table 7, Palais, Brussels"
    assert event_in(to_minji)["LOCATION"] == "테이블 7, Palais, Brussels"
    assert to_anna.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_each_reads_both_clocks_the_own_one_first(meeting, korean, anna):
    write_invitations([meeting], method="REQUEST")

    assert mail_to(korean).text.index("서울") < mail_to(korean).text.index("브뤼셀")
    assert mail_to(anna).text.index("Brussels, UTC+2") < mail_to(anna).text.index("Seoul, UTC+9")


def test_a_calendar_names_its_reader_only(meeting, minji, anna):
    write_invitations([meeting], method="REQUEST")

    mail = mail_to(anna)
    everything = mail.text + mail.html + mail.calendar + mail.subject + str(mail.headers)
    assert event_in(mail)["ATTENDEE"] == f"mailto:{anna.user.email}"
    assert event_in(mail)["ORGANIZER"] == "mailto:portal@konnect.example"
    assert event_in(mail)["ORGANIZER"].params["CN"] == meeting.event.title_en
    assert minji.user.email not in everything
    assert minji.contact_email not in everything or not minji.contact_email


def test_publish_move_cancel_keep_the_name_and_raise_the_number(meeting, anna):
    told = []
    write_invitations([meeting], method="REQUEST")
    told.append(mail_to(anna))
    move(meeting)
    write_invitations([meeting], method="REQUEST")
    told.append(mail_to(anna))
    cancel(meeting)
    write_invitations([meeting], method="CANCEL")
    told.append(mail_to(anna))

    events = [event_in(mail) for mail in told]
    assert {event["UID"] for event in events} == {f"{meeting.uid}@localhost"}
    assert [event["SEQUENCE"] for event in events] == [0, 1, 2]
    assert [calendar_in(mail)["METHOD"] for mail in told] == ["REQUEST", "REQUEST", "CANCEL"]
    assert [event["STATUS"] for event in events] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert {str(event["ORGANIZER"]) for event in events} == {"mailto:portal@konnect.example"}
    assert told[1].subject.startswith("Changed")
    assert told[2].subject.startswith("Cancelled")
    # What was raised for the cancellation stands in the database too: a feed says the same.
    assert Meeting.objects.get(pk=meeting.pk).sequence == 2


def test_the_same_change_goes_out_once(meeting):
    write_invitations([meeting], method="REQUEST")
    assert write_invitations([meeting], method="REQUEST") == 0

    cancel(meeting)
    assert write_invitations([meeting], method="CANCEL") == 2
    assert write_invitations([meeting], method="CANCEL") == 0
    assert OutgoingEmail.objects.count() == SentInvitation.objects.count() == 4


def test_who_was_never_invited_gets_no_cancellation(meeting):
    cancel(meeting)

    assert write_invitations([meeting], method="CANCEL") == 0


def test_who_wants_no_mail_gets_none(meeting, minji, anna):
    NotificationPreference.objects.create(user=minji.user, kind="schedules", rhythm="off")

    assert write_invitations([meeting], method="REQUEST") == 1
    assert not OutgoingEmail.objects.filter(to=minji.user.email).exists()


def test_quiet_hours_hold_an_invitation_back(meeting, anna):
    now = timezone.now()
    anna.user.time_zone = "UTC"
    anna.user.quiet_from = (now - timedelta(hours=1)).time()
    anna.user.quiet_until = (now + timedelta(hours=1)).time()
    anna.user.save()

    write_invitations([meeting], method="REQUEST")

    assert mail_to(anna).next_try_at > now


def test_an_online_meeting_leads_to_its_door_and_not_past_it(meeting, anna):
    room = OnlineRoomFactory(event=meeting.event, url="https://meet.example/secret-room")
    meeting.place = room
    meeting.save()

    write_invitations([meeting], method="REQUEST")

    mail = mail_to(anna)
    door = f"http://localhost:8000/meetings/{meeting.pk}/room/"
    assert event_in(mail)["LOCATION"] == door
    assert event_in(mail)["CONFERENCE"] == door
    assert "secret-room" not in mail.text + mail.html + mail.calendar
    assert meeting.room_key not in mail.text + mail.html + mail.calendar


def test_a_name_that_looks_like_markup_stays_a_name(meeting, minji, anna):
    minji.display_name = "<b>Kim</b>\r\nATTENDEE:mailto:x@y.example"
    minji.save()

    write_invitations([meeting], method="REQUEST")

    mail = mail_to(anna)
    assert "<b>Kim" not in mail.html
    assert "\n" not in mail.subject
    assert event_in(mail)["ATTENDEE"] == f"mailto:{anna.user.email}"
    assert event_in(mail)["SUMMARY"].startswith("Meeting with <b>Kim</b>\nATTENDEE")


def test_mail_programs_find_the_calendar_twice_with_its_method(meeting, korean):
    write_invitations([meeting], method="REQUEST")

    message = message_from_bytes(
        as_email(mail_to(korean)).message().as_bytes(), policy=policy.default
    )
    parts = [part for part in message.walk() if part.get_content_type() == "text/calendar"]
    alternative, file = parts
    assert message.get_content_type() == "multipart/mixed"
    kinds = [part.get_content_type() for part in message.iter_parts().__next__().iter_parts()]
    assert kinds == ["text/plain", "text/html", "text/calendar"]
    for part in parts:
        assert part["Content-Type"].params["method"] == "REQUEST"
        assert part["Content-Type"].params["charset"] == "utf-8"
        assert part.get_content().split() == mail_to(korean).calendar.split()
    assert file.get_filename() == "invite.ics"
    assert not alternative.get_filename()


@pytest.mark.parametrize("number", (1, 3, 6))
def test_the_number_of_questions_does_not_grow(db, number, django_assert_max_num_queries):
    first = MeetingFactory()
    meetings = [first, *MeetingFactory.create_batch(number - 1, event=first.event)]

    with django_assert_max_num_queries(12):
        assert write_invitations(meetings, method="REQUEST") == 2 * number


def write_at_once(meeting):
    """Write the same invitations from two connections; return how each of them ended."""
    barrier = threading.Barrier(2)
    ends = []

    def write():
        try:
            with transaction.atomic():
                barrier.wait(PATIENCE)
                ends.append(write_invitations([meeting], method="REQUEST"))
        except IntegrityError:
            ends.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=write) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(map(str, ends))


@pytest.mark.django_db(transaction=True)
def test_two_who_write_at_once_send_each_invitation_once():
    assert write_at_once(MeetingFactory()) == ["0", "2"]
    assert OutgoingEmail.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_the_second_one_is_refused_by_the_constraint(monkeypatch):
    """The twin: both read that nothing was sent; the database lets one of them write it."""
    meeting = MeetingFactory()
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **options: rows)
    both_have_read = threading.Barrier(2)
    read = invitations.sent_to

    def read_and_wait(meetings):
        found = read(meetings)
        both_have_read.wait(PATIENCE)
        return found

    monkeypatch.setattr(invitations, "sent_to", read_and_wait)

    assert write_at_once(meeting) == ["2", "refused"]
    assert OutgoingEmail.objects.count() == 2
