"""Checks before an event is published, and what cancelling it means for everybody."""

from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import timezone

from events.models import (
    CalendarMethod,
    Event,
    EventState,
    Meeting,
    MeetingRequest,
    Seat,
    SentInvitation,
)
from events.services.calendar_rounds import tell_calendars
from events.services.event_states import (
    archive_event,
    cancel_event,
    publish_event,
    tell_of_cancelled_events,
    unpublish_event,
)
from events.services.invitations import write_invitations
from events.services.readiness import problems_of
from konnect.accounts.models import Notification
from konnect.states import TransitionError
from tests.factories.events import (
    MORNING,
    EventFactory,
    HelperFactory,
    KoreanRegistrationFactory,
    MeetingFactory,
    MeetingRequestFactory,
    OnlineRoomFactory,
    PlaceFactory,
    RegistrationFactory,
    SessionFactory,
    SlotFactory,
)
from tests.factories.matching import OrganisationFactory

pytestmark = pytest.mark.django_db


def codes(event):
    return {problem.code for problem in problems_of(event)}


def complete(**columns):
    """Return a draft to which the checks have nothing to say."""
    event = EventFactory(
        state=EventState.DRAFT, city="Brussels", contact_email="fair@example.eu", **columns
    )
    event.hosts.add(OrganisationFactory())
    PlaceFactory(event=event)
    OnlineRoomFactory(event=event)
    # 10:00 in Brussels is 17:00 in Seoul, then 18:00.
    SlotFactory(event=event, starts_at=event.starts_at + timedelta(hours=1))
    SessionFactory(event=event)
    return event


def test_the_checks_have_nothing_to_say_of_a_complete_event():
    assert codes(complete()) == set()


@pytest.mark.parametrize(
    ("columns", "code", "is_blocker"),
    (
        ({"summary_en": "", "summary_ko": ""}, "no_summary", True),
        ({"title_ko": ""}, "one_language", False),
        ({"contact_email": ""}, "no_contact", False),
        ({"city": ""}, "no_place", True),
        ({"starts_at": timezone.now() - timedelta(days=1)}, "begun", True),
        ({"ends_at": MORNING + timedelta(days=50)}, "too_long", True),
        ({"starts_wall": "2031-03-30T02:30"}, "clock_change", False),
        ({"registration_opens_at": MORNING + timedelta(days=9)}, "opens_late", True),
        (
            {
                "registration_opens_at": None,
                "registration_closes_at": timezone.now() - timedelta(hours=1),
            },
            "closed",
            True,
        ),
        ({"registration_closes_at": MORNING + timedelta(days=9)}, "closes_late", True),
        ({"requests_open_at": MORNING + timedelta(days=9)}, "requests_late", True),
        ({"requests_close_at": MORNING + timedelta(days=9)}, "requests_close_late", True),
    ),
)
def test_the_checks_find_what_is_wrong(columns, code, is_blocker):
    event = complete()
    Event.objects.filter(pk=event.pk).update(**columns)
    event.refresh_from_db()

    found = {problem.code: problem.is_blocker for problem in problems_of(event)}

    assert found[code] is is_blocker


def test_the_checks_look_at_programme_places_and_meeting_times():
    event = complete()
    SlotFactory(event=event, starts_at=event.starts_at + timedelta(minutes=5))
    SlotFactory(event=event, starts_at=event.ends_at + timedelta(hours=1))
    SessionFactory(event=event, during=(event.ends_at, event.ends_at + timedelta(hours=1)))
    bare = EventFactory(state=EventState.DRAFT)

    assert codes(event) >= {
        "slot_in_session",
        "slot_outside",
        "session_outside",
        "hours_Asia/Seoul",
    }
    assert codes(bare) >= {"no_slots", "no_tables", "no_rooms", "no_host", "no_programme"}


def test_who_meets_on_site_needs_no_comfortable_hours_elsewhere():
    event = complete(mode="on_site")
    SlotFactory(event=event, starts_at=event.starts_at + timedelta(hours=7))

    assert "hours_Asia/Seoul" not in codes(event)


def test_an_event_is_published_once_nothing_is_missing(client_of, anna):
    event = EventFactory(state=EventState.DRAFT)
    HelperFactory(event=event, user=anna.user)
    client, address = client_of(anna), reverse("events:event_publish", args=[event.pk])

    refused = client.post(address)
    Event.objects.filter(pk=event.pk).update(city="Brussels")
    client.post(address)

    assert "Say where the event takes place." in [
        str(m) for m in get_messages(refused.wsgi_request)
    ]
    event.refresh_from_db()
    assert event.state == EventState.PUBLISHED
    assert list(event.changes.values_list("new_state", "actor")) == [("published", anna.user.pk)]


def test_only_organisers_publish(client_of, anna):
    event = complete()
    HelperFactory(event=event, user=anna.user, role="programme")

    answer = client_of(anna).post(reverse("events:event_publish", args=[event.pk]))

    assert answer.status_code == 404


def test_an_event_is_a_draft_again_only_while_nobody_registered(staff):
    free, taken = EventFactory(), RegistrationFactory().event

    unpublish_event(free, actor=staff)

    assert free.state == EventState.DRAFT
    with pytest.raises(TransitionError):
        unpublish_event(taken, actor=staff)


def test_only_what_is_over_is_archived(staff):
    over = timezone.now() - timedelta(days=2)
    old = EventFactory(starts_at=over, ends_at=over + timedelta(hours=3))

    archive_event(old, actor=staff)

    assert old.state == EventState.ARCHIVED
    with pytest.raises(TransitionError):
        archive_event(EventFactory(), actor=staff)


@pytest.fixture
def cancelled(staff):
    """A meeting and a request of an event that was cancelled, whose people had invitations."""
    meeting = MeetingFactory()
    event = meeting.event
    write_invitations([meeting], method=CalendarMethod.REQUEST)
    request = MeetingRequestFactory(event=event)
    SessionFactory(event=event)
    Seat.objects.create(
        profile=RegistrationFactory(event=event).profile, session=event.sessions.get(),
        during=event.sessions.get().during,
    )  # fmt: skip
    cancel_event(
        event, actor=staff, cancellation_en="The hall burnt.", cancellation_ko="화재가 났습니다."
    )
    return meeting, request


def test_cancelling_ends_meetings_and_requests_and_frees_everybody(cancelled, staff):
    meeting, request = cancelled

    meeting.refresh_from_db()
    request.refresh_from_db()
    accepted = MeetingRequest.objects.get(pk=meeting.request_id)
    assert (meeting.state, meeting.is_live, meeting.sequence) == ("cancelled", False, 1)
    assert (request.state, accepted.state) == ("expired", "withdrawn")
    assert not Seat.objects.filter(is_live=True).exists()
    assert meeting.changes.get().actor == staff
    assert request.changes.get().new_state == "expired"
    tell_calendars()
    sent = SentInvitation.objects.filter(method=CalendarMethod.CANCEL)
    assert {row.sequence for row in sent} == {1}
    assert sent.count() == 2


def test_everybody_who_registered_is_told_once_in_their_language(cancelled):
    told = [tell_of_cancelled_events(), tell_of_cancelled_events()]

    news = Notification.objects.filter(key__startswith="event_cancelled:")
    assert told == [news.count(), 0]
    assert news.count() == 5
    mails = [each.email for each in news]
    korean = [mail for mail, each in zip(mails, news, strict=True) if each.user.language == "ko"]
    assert korean
    assert all(
        "화재가 났습니다." in mail.text and "The hall burnt." in mail.text for mail in mails
    )
    assert all("취소되었습니다" in mail.subject for mail in korean)


def test_who_withdrew_is_not_told(staff):
    registration = RegistrationFactory(state="withdrawn")
    cancel_event(registration.event, actor=staff, cancellation_en="No.")

    assert tell_of_cancelled_events() == 0


def test_what_is_over_is_not_cancelled(staff):
    over = timezone.now() - timedelta(days=2)
    event = EventFactory(starts_at=over, ends_at=over + timedelta(hours=3))

    with pytest.raises(TransitionError):
        cancel_event(event, actor=staff, cancellation_en="No.")


def test_cancelling_asks_for_a_notice_and_a_tick(client_of, anna):
    event = EventFactory()
    HelperFactory(event=event, user=anna.user)
    KoreanRegistrationFactory(event=event)
    client, address = client_of(anna), reverse("events:event_cancel", args=[event.pk])

    asked = client.get(address).content.decode()
    refused = client.post(address, {"cancellation_en": "Storm."})
    event.refresh_from_db()
    before = event.state
    client.post(address, {"cancellation_en": "Storm.", "is_sure": "on"})
    event.refresh_from_db()

    assert "1 confirmed participant gets" in asked
    assert "Storm." in refused.content.decode()
    assert (before, event.state, event.cancellation_en) == ("published", "cancelled", "Storm.")


def test_publishing_what_somebody_changed_meanwhile_is_refused(client_of, anna, staff):
    event = complete()
    HelperFactory(event=event, user=anna.user)
    seen = client_of(anna).get(reverse("events:event_manage", args=[event.pk])).context["version"]
    Event.objects.get(pk=event.pk).save()

    client_of(anna).post(reverse("events:event_publish", args=[event.pk]), {"version": seen})

    event.refresh_from_db()
    assert event.state == EventState.DRAFT
    publish_event(event, actor=staff)
    assert Meeting.objects.count() == 0


@pytest.mark.parametrize(
    ("country", "zone", "is_odd"),
    (("KR", "Europe/Brussels", True), ("KR", "Asia/Seoul", False), ("DE", "Europe/Brussels", False),
     ("PT", "Europe/Brussels", True), ("", "Europe/Brussels", False)),
)  # fmt: skip
def test_clocks_of_another_country_are_pointed_out(db, country, zone, is_odd):
    event = EventFactory(country_code=country, zone=zone, mode="on_site")

    assert ("zone_elsewhere" in codes(event)) == is_odd
