"""Programme, speakers, places and meeting times as organisers write them."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from events.models import Availability, Place, Seat, Session, SessionSpeaker, Slot
from events.services.slots import planned_slots
from konnect.accounts.models import Notification
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
DAY = "2031-06-02"
PART = {
    "kind": "talk", "title_en": "Opening", "starts_at_day": DAY, "starts_at_hour": "9:00",
    "ends_at_day": DAY, "ends_at_hour": "9:30",
}  # fmt: skip
RANGE = {
    "starts_at_day": DAY, "starts_at_hour": "10:00", "ends_at_day": DAY, "ends_at_hour": "12:00",
    "minutes": "20", "gap": "5", "is_new_sitting": "on",
}  # fmt: skip


def of(name, event, *more):
    return reverse(f"events:{name}", args=[event.pk, *more])


def told(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


@pytest.fixture
def event(anna):
    """An event from 09:00 to 17:00 in Brussels that Anna organises."""
    event = EventFactory()
    HelperFactory(event=event, user=anna.user)
    return event


@pytest.fixture
def client(client_of, anna):
    return client_of(anna)


def test_a_part_of_the_programme_is_written_on_the_clocks_of_the_event(client, event):
    hall = PlaceFactory(event=event, kind="hall")

    client.post(of("session_create", event), PART | {"place": hall.pk})

    session = Session.objects.get()
    assert session.during.lower == datetime(2031, 6, 2, 7, tzinfo=UTC)
    assert session.place == hall
    assert "Opening" in client.get(of("session_list", event)).content.decode()


@pytest.mark.parametrize(
    ("change", "field"),
    (
        ({"title_en": ""}, "title_en"),
        ({"ends_at_hour": "8:00"}, "ends_at_day"),
        ({"starts_at_hour": "8:00"}, "starts_at_day"),
        ({"ends_at_hour": "23:00"}, "ends_at_day"),
        ({"starts_at_hour": "soon"}, "starts_at_hour"),
        ({"place": "999999"}, "place"),
    ),
)
def test_a_part_that_cannot_be_is_refused(client, event, change, field):
    response = client.post(of("session_create", event), PART | change)

    assert list(response.context["form"].errors) == [field]
    assert not Session.objects.exists()


def test_a_hall_has_one_part_at_a_time(client, event):
    hall = PlaceFactory(event=event, kind="hall")
    SessionFactory(event=event, place=hall)

    response = client.post(of("session_create", event), PART | {"place": hall.pk})

    assert "place" in response.context["form"].errors
    assert Session.objects.count() == 1


def test_halls_of_other_events_are_no_choice(client, event):
    response = client.post(
        of("session_create", event), PART | {"place": PlaceFactory(kind="hall").pk}
    )

    assert "place" in response.context["form"].errors


def test_a_member_who_speaks_is_taken_and_told_and_may_end_it(client, client_of, event, minji):
    session = SessionFactory(event=event)

    client.post(of("speaker_add", event, session.pk), {"profile": minji.pk})
    client.post(of("speaker_add", event, session.pk), {"profile": minji.pk})

    assert Seat.objects.get(profile=minji).during == session.during
    assert Notification.objects.get(user=minji.user).address == event.get_absolute_url()
    own = client_of(minji)
    assert of("speaker_leave", event) in own.get(event.get_absolute_url()).content.decode()
    own.post(of("speaker_leave", event))
    assert not SessionSpeaker.objects.exists()
    assert not Seat.objects.filter(profile=minji).exists()


def test_a_speaker_is_not_taken_from_a_meeting(client, event):
    meeting = MeetingFactory(event=event)
    session = SessionFactory(event=event, during=meeting.during)
    speaker = meeting.request.recipient.profile

    response = client.post(of("speaker_add", event, session.pk), {"profile": speaker.pk})

    assert "is taken at that time" in told(response)[0]
    assert not session.speakers.exists()


def test_a_part_does_not_move_onto_its_speakers_meeting(client, event, minji):
    meeting = MeetingFactory(event=event, slot__starts_at=event.starts_at + timedelta(hours=3))
    session = SessionFactory(event=event)
    client.post(
        of("speaker_add", event, session.pk), {"profile": meeting.request.sender.profile_id}
    )
    later = PART | {"starts_at_hour": "12:00", "ends_at_hour": "13:00"}

    response = client.post(of("session_edit", event, session.pk), later)

    assert "starts_at_day" in response.context["form"].errors
    session.refresh_from_db()
    assert session.during.lower == event.starts_at


def test_names_of_others_are_written_and_taken_away(client, event):
    session = SessionFactory(event=event)

    client.post(
        of("speaker_add", event, session.pk), {"name": "Jürgen Müller", "affiliation": "TU Wien"}
    )
    refused = client.post(of("speaker_add", event, session.pk), {"name": ""})
    speaker = session.speakers.get()
    client.post(of("speaker_remove", event, session.pk, speaker.pk))

    assert told(refused) == ["Enter the name of the speaker."]
    assert (speaker.name, session.speakers.count()) == ("Jürgen Müller", 0)


@pytest.mark.parametrize("number", ("x", "-1", "9" * 30, "²"))
def test_a_speaker_who_is_nobody_is_not_there(client, event, number):
    session = SessionFactory(event=event)

    assert (
        client.post(of("speaker_add", event, session.pk), {"profile": number}).status_code == 404
    )


def test_twenty_tables_at_once_and_then_ten_more(client, event):
    client.post(of("place_list", event), {"number": "20", "kind": "table", "seats": "2"})
    client.post(of("place_list", event), {"number": "10", "kind": "table", "seats": "4"})

    names = list(Place.objects.order_by("position").values_list("name_en", "name_ko"))
    assert len(names) == 30
    assert (names[0], names[29]) == (("Table 1", "테이블 1"), ("Table 30", "테이블 30"))


@pytest.mark.parametrize("number", ("0", "501", "-3", "many", ""))
def test_how_many_must_be_a_number_within_reach(client, event, number):
    response = client.post(
        of("place_list", event), {"number": number, "kind": "table", "seats": "2"}
    )

    assert "number" in response.context["form"].errors
    assert not Place.objects.exists()


def test_a_place_with_meetings_stays(client, event):
    meeting = MeetingFactory(event=event)
    free = PlaceFactory(event=event)

    refused = client.post(of("place_delete", event, meeting.place_id))
    client.post(of("place_delete", event, free.pk))

    assert "1 meeting is scheduled here" in told(refused)[0]
    assert list(event.places.all()) == [meeting.place]


def test_buttons_call_people_as_the_page_does(client, event, anna, minji):
    """Screen readers say the name that stands beside the button."""
    anna.user.language = "ko"
    anna.user.save()
    session = SessionFactory(event=event)

    page = client.get(of("session_edit", event, session.pk), {"q": minji.display_name})

    button = page.content.decode().split(f'name="profile" value="{minji.pk}"')[1]
    assert minji.hangul_name in button.split("</form>")[0]


def test_removing_takes_two_steps(client, event, minji):
    place, slot = PlaceFactory(event=event), SlotFactory(event=event)
    helper = HelperFactory(event=event, user=minji.user, role="desk")
    session = SessionFactory(event=event)
    client.post(of("speaker_add", event, session.pk), {"name": "Eva Klein"})
    speaker = session.speakers.get()
    pages = {
        of("place_list", event): of("place_delete", event, place.pk),
        of("slot_list", event): of("slot_delete", event, slot.pk),
        of("helper_list", event): of("helper_remove", event, helper.pk),
        of("session_edit", event, session.pk): of("speaker_remove", event, session.pk, speaker.pk),
    }

    for address, action in pages.items():
        before = client.get(address).content.decode().split(f'action="{action}"')[0]
        assert before.rpartition("<details")[2].count("</details>") == 0
        assert before.count("<details") > before.count("</details>")


def test_places_are_changed_one_by_one(client, event):
    place = PlaceFactory(event=event)

    client.post(of("place_edit", event, place.pk), {"kind": "online_room", "name_ko": "회의실", "seats": "3",
                                                    "url": "meet.example.org/a"})  # fmt: skip
    refused = client.post(of("place_edit", event, place.pk), {"kind": "table", "seats": "3"})

    place.refresh_from_db()
    assert (place.kind, place.name, place.url) == (
        "online_room",
        "회의실",
        "https://meet.example.org/a",
    )
    assert "name_en" in refused.context["form"].errors


@given(st.integers(0, 800), st.integers(5, 240), st.integers(0, 240))
def test_planned_slots_lie_in_their_range_one_after_the_other(length, minutes, gap):
    begins = datetime(2031, 6, 2, 7, tzinfo=UTC)
    ends = begins + timedelta(minutes=length)

    found = planned_slots(begins, ends, minutes=minutes, gap=gap)

    assert all(slot.upper - slot.lower == timedelta(minutes=minutes) for slot in found)
    assert all(slot.lower >= begins and slot.upper <= ends for slot in found)
    assert all(b.lower - a.upper == timedelta(minutes=gap) for a, b in pairwise(found))
    room = ends - (found[-1].upper + timedelta(minutes=gap) if found else begins)
    assert room < timedelta(minutes=minutes)


def test_meeting_times_are_made_from_ranges_in_sittings(client, event):
    client.post(of("slot_list", event), RANGE)
    client.post(
        of("slot_list", event), RANGE | {"starts_at_hour": "14:00", "ends_at_hour": "15:00"}
    )

    slots = list(Slot.objects.order_by("during"))
    assert [slot.during.lower.hour * 60 + slot.during.lower.minute for slot in slots] == [
        480, 505, 530, 555, 580, 720, 745
    ]  # fmt: skip
    assert [slot.sitting for slot in slots] == [0, 0, 0, 0, 0, 1, 1]


def test_meeting_times_do_not_overlap(client, event):
    client.post(of("slot_list", event), RANGE)

    response = client.post(
        of("slot_list", event), RANGE | {"starts_at_hour": "11:00", "ends_at_hour": "13:00"}
    )

    assert "starts_at_day" in response.context["form"].errors
    assert Slot.objects.count() == 5


@pytest.mark.parametrize(
    ("change", "field"),
    (
        ({"ends_at_hour": "10:10"}, "ends_at_day"),
        ({"ends_at_hour": "23:00"}, "ends_at_day"),
        ({"starts_at_hour": "8:00"}, "starts_at_day"),
        ({"minutes": "4"}, "minutes"),
        ({"gap": "-1"}, "gap"),
    ),
)
def test_a_range_that_cannot_be_is_refused(client, event, change, field):
    response = client.post(of("slot_list", event), RANGE | change)

    assert list(response.context["form"].errors) == [field]
    assert not Slot.objects.exists()


def test_the_length_stays_once_somebody_said_when_they_can(client, event):
    Availability.objects.create(
        registration=RegistrationFactory(event=event), slot=SlotFactory(event=event), modes=3
    )

    client.post(
        of("slot_list", event),
        RANGE | {"minutes": "40", "starts_at_hour": "14:00", "ends_at_hour": "15:00"},
    )

    event.refresh_from_db()
    assert event.slot_minutes == 20
    assert {slot.during.upper - slot.during.lower for slot in Slot.objects.all()} == {
        timedelta(minutes=20)
    }


def test_a_time_with_meetings_stays_and_says_so(client, event):
    meeting = MeetingFactory(event=event)
    free = SlotFactory(event=event, starts_at=event.starts_at + timedelta(hours=5))

    refused = client.post(of("slot_delete", event, meeting.slot_id))
    client.post(of("slot_delete", event, free.pk))

    assert "1 meeting is scheduled here" in told(refused)[0]
    assert list(Slot.objects.all()) == [meeting.slot]


def test_clearing_leaves_what_somebody_uses(client, event):
    meeting = MeetingFactory(event=event)
    marked, _free = (
        SlotFactory(event=event, starts_at=event.starts_at + timedelta(hours=h)) for h in (4, 5)
    )
    Availability.objects.create(registration=meeting.request.sender, slot=marked, modes=0)

    client.post(of("slot_clear", event))

    assert set(Slot.objects.all()) == {meeting.slot, marked}


def test_places_close_and_open_in_one_slot(client, event):
    slot = SlotFactory(event=event)
    first, second = PlaceFactory.create_batch(2, event=event)

    client.post(of("slot_places", event, slot.pk), {"closed": [first.pk]})
    client.post(of("slot_places", event, slot.pk), {"closed": [second.pk, "x", "999999"]})

    assert list(slot.closures.values_list("place", flat=True)) == [second.pk]


def test_a_place_with_a_meeting_is_not_closed_then(client, event):
    meeting = MeetingFactory(event=event)

    response = client.post(
        of("slot_places", event, meeting.slot_id), {"closed": [meeting.place_id]}
    )

    assert "1 meeting is scheduled here" in told(response)[0]
    assert not meeting.slot.closures.exists()
    assert response.context["closed"] == {meeting.place_id}


@pytest.mark.parametrize("name", ("slot_list", "place_list", "session_list"))
def test_lists_of_organisers_cost_the_same_however_long_they_are(client, event, name):
    counts = []
    for number in (1, 3, 6):
        for _each in range(number):
            slot = SlotFactory(event=event)
            place = PlaceFactory(event=event)
            slot.closures.create(place=place)
            session = SessionFactory(event=event, place=PlaceFactory(event=event, kind="hall"))
            SessionSpeaker.objects.create(session=session, name="Somebody")
        with CaptureQueriesContext(connection) as queries:
            client.get(of(name, event))
        counts.append(len(queries))

    assert counts[0] == counts[1] == counts[2]
