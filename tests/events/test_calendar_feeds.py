"""The feed of one person's meetings: private, the same as the invitations, gone when it is closed."""

import logging
from datetime import timedelta

import icalendar
import pytest
from django.utils import timezone

from events.models import CalendarFeed, Meeting, MeetingState
from events.services.calendar_feeds import close_feed, feed_content, open_feed
from events.services.event_states import cancel_event
from events.services.invitations import write_invitations
from events.services.own_meetings import feeds
from konnect.accounts.discreet import HideSecrets
from konnect.accounts.models import OutgoingEmail
from tests.factories.events import MeetingFactory, RegistrationFactory, SessionFactory, SlotFactory


@pytest.fixture
def meeting(db, minji, anna):
    return MeetingFactory(request__sender__profile=anna, request__recipient__profile=minji)


def events_in(content):
    calendar = icalendar.Calendar.from_ical(content)
    assert calendar["METHOD"] == "PUBLISH"
    return {str(event["UID"]): event for event in calendar.events}


def meetings_in(content):
    return {uid: event for uid, event in events_in(content).items() if "session" not in uid}


def read(client, feed, **headers):
    return client.get(f"/calendar/{feed.token}.ics", headers=headers)


def test_feed_and_invitations_call_a_meeting_the_same(meeting, anna):
    write_invitations([meeting], method="REQUEST")
    Meeting.objects.filter(pk=meeting.pk).update(sequence=1)
    meeting.refresh_from_db()
    write_invitations([meeting], method="REQUEST")

    mail = OutgoingEmail.objects.filter(to=anna.user.email).latest("pk")
    (invited,) = icalendar.Calendar.from_ical(mail.calendar).events
    (shown,) = meetings_in(feed_content(anna.user, timezone.now())).values()
    for name in ("UID", "SEQUENCE", "DTSTART", "DTEND", "SUMMARY", "LOCATION", "ORGANIZER", "URL"):
        assert shown[name] == invited[name], name
    assert "ATTENDEE" not in shown


def test_a_cancelled_meeting_stays_until_the_event_ends(meeting, anna):
    columns = {"is_live": False, "cancelled_at": timezone.now()}
    meeting.move_to(MeetingState.CANCELLED, actor=None, columns=columns)

    during = feed_content(anna.user, timezone.now())
    after = feed_content(anna.user, meeting.event.ends_at + timedelta(minutes=1))

    assert [event["STATUS"] for event in meetings_in(during).values()] == ["CANCELLED"]
    assert meetings_in(after) == {}


def test_a_feed_holds_the_agenda_of_ones_events_and_no_others(meeting, anna):
    own = SessionFactory(event=meeting.event, title_en="Opening of ours")
    SessionFactory(title_en="Of strangers")

    sessions = set(events_in(feed_content(anna.user, timezone.now()))) - set(
        meetings_in(feed_content(anna.user, timezone.now()))
    )

    assert sessions == {f"session-{own.pk}@localhost"}


def test_parts_of_a_cancelled_event_stay_as_cancelled_until_it_ends(anna, omar):
    own = RegistrationFactory(profile=anna)
    session = SessionFactory(event=own.event)
    uid, before = f"session-{session.pk}@localhost", feed_content(anna.user, timezone.now())

    cancel_event(
        own.event, actor=omar.user, cancellation_en="The house burnt.", cancellation_ko=""
    )

    (cancelled,) = events_in(feed_content(anna.user, timezone.now())).values()
    assert (str(cancelled["UID"]), cancelled["STATUS"]) == (uid, "CANCELLED")
    assert cancelled["SEQUENCE"] > events_in(before)[uid]["SEQUENCE"]
    assert cancelled["DTSTAMP"].dt >= events_in(before)[uid]["DTSTAMP"].dt
    over = own.event.ends_at + timedelta(minutes=1)
    assert events_in(feed_content(anna.user, over)) == {}


def test_a_feed_names_nobodys_address_and_nobody_elses_meetings(meeting, anna, minji, omar):
    MeetingFactory(event=meeting.event, request__sender__profile=omar)

    content = feed_content(anna.user, timezone.now()).decode()

    assert len(meetings_in(content)) == 1
    assert minji.user.email not in content
    assert anna.user.email not in content
    assert omar.display_name not in content
    assert meeting.room_key not in content


def test_a_feed_is_read_without_signing_in_and_kept_by_nobody_in_between(meeting, anna, client):
    feed = open_feed(anna.user, actor=anna.user)

    response = read(client, feed)

    assert response.status_code == 200
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert response["Cache-Control"] == "private, no-cache"
    assert "sessionid" not in response.cookies
    assert CalendarFeed.objects.get(pk=feed.pk).read_at is not None


def test_a_calendar_that_has_it_already_gets_304_until_something_changes(meeting, anna, client):
    feed = open_feed(anna.user, actor=anna.user)
    tag = read(client, feed)["ETag"]

    assert read(client, feed, **{"if-none-match": tag}).status_code == 304
    slot = SlotFactory(event=meeting.event)
    Meeting.objects.filter(pk=meeting.pk).update(slot=slot, during=slot.during, sequence=1)
    assert read(client, feed, **{"if-none-match": tag}).status_code == 200


@pytest.mark.parametrize("end", ("closed", "renewed", "inactive"))
def test_an_address_that_was_closed_opens_nothing(meeting, anna, client, end):
    feed = open_feed(anna.user, actor=anna.user)
    assert read(client, feed).status_code == 200
    if end == "closed":
        close_feed(anna.user, actor=anna.user)
    elif end == "renewed":
        open_feed(anna.user, actor=anna.user)
    else:
        anna.user.is_active = False
        anna.user.save()

    assert read(client, feed).status_code == 404


def test_a_feed_that_is_asked_all_the_time_answers_later(meeting, anna, client):
    feed = open_feed(anna.user, actor=anna.user)

    answers = [read(client, feed).status_code for _ in range(31)]

    assert answers == [200] * 30 + [429]


def test_one_makes_renews_and_closes_the_address_on_a_page(meeting, anna, client_of):
    client = client_of(anna)
    empty = client.get("/settings/calendar/").content.decode()
    client.post("/settings/calendar/", {"action": "renew"})
    first = CalendarFeed.objects.get(revoked_at=None)
    shown = client.get("/settings/calendar/").content.decode()
    client.post("/settings/calendar/", {"action": "renew"})
    client.post("/settings/calendar/", {"action": "close"})

    assert "/calendar/" not in empty.replace("/settings/calendar/", "")
    assert f"http://localhost:8000/calendar/{first.token}.ics" in shown
    assert "Google" in shown
    assert not CalendarFeed.objects.filter(revoked_at=None).exists()
    assert CalendarFeed.objects.count() == 2


@pytest.mark.parametrize("number", (1, 3, 10))
def test_the_number_of_questions_does_not_grow(db, anna, number, django_assert_num_queries):
    own = RegistrationFactory(profile=anna)
    for _ in range(number):
        MeetingFactory(event=own.event, request__sender=own, request__event=own.event)
    SessionFactory(event=own.event)

    with django_assert_num_queries(8):
        content = feed_content(anna.user, timezone.now())
    assert len(meetings_in(content)) == number


def test_the_logs_hold_no_secret_address(anna, client, capsys):
    handler = logging.StreamHandler()
    handler.addFilter(HideSecrets())
    logger = logging.getLogger("django.request")
    logger.addHandler(handler)
    feed = open_feed(anna.user, actor=anna.user)
    close_feed(anna.user, actor=anna.user)
    try:
        read(client, feed)
    finally:
        logger.removeHandler(handler)

    written = capsys.readouterr().err
    assert "/calendar/[secret].ics" in written
    assert feed.token not in written


def test_every_handler_of_the_portal_is_discreet(settings):
    handlers = settings.LOGGING["handlers"].values()

    assert all("discreet" in handler["filters"] for handler in handlers)


def test_the_copy_of_ones_data_tells_of_feeds_and_not_their_secrets(anna):
    feed = open_feed(anna.user, actor=anna.user)
    (row,) = feeds(anna.user)

    assert feed.token not in str(row)
    assert "created_at" in row
