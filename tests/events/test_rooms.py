"""The door of an online room: for the people of the meeting, from ten minutes before."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from events.models import MeetingState, RequestMember
from tests.factories.events import MeetingFactory, OnlineRoomFactory, RegistrationFactory

SERVER = "https://meet.example"


@pytest.fixture
def meeting(db, minji, anna, settings):
    settings.MEETING_ROOMS = SERVER
    found = MeetingFactory(request__sender__profile=anna, request__recipient__profile=minji)
    found.place = OnlineRoomFactory(event=found.event)
    found.save()
    return found


def door(client, meeting):
    return client.get(f"/meetings/{meeting.pk}/room/")


def shown(client_of, person, meeting, minutes):
    """Return the page so many minutes after the meeting begins."""
    with time_machine.travel(meeting.during.lower + timedelta(minutes=minutes), tick=False):
        return door(client_of(person), meeting).content.decode()


def test_the_room_opens_ten_minutes_before(meeting, anna, client_of):
    address = f"{SERVER}/konnect-{meeting.room_key}"

    assert address not in shown(client_of, anna, meeting, -11)
    assert f'href="{address}"' in shown(client_of, anna, meeting, -10)
    assert address in shown(client_of, anna, meeting, 49)
    assert address not in shown(client_of, anna, meeting, 51)


def test_nobody_else_comes_near_the_door(meeting, omar, staff, client, client_of):
    assert door(client_of(omar), meeting).status_code == 404
    assert door(client_of(staff), meeting).status_code == 404
    assert door(client, meeting).status_code == 302


def test_a_colleague_comes_in_who_agreed(meeting, omar, client_of):
    own = RegistrationFactory(event=meeting.event, profile=omar)
    member = RequestMember.objects.create(
        request=meeting.request, registration=own, brought_by=meeting.request.sender
    )

    assert door(client_of(omar), meeting).status_code == 404
    member.agreed_at = timezone.now()
    member.save()
    assert door(client_of(omar), meeting).status_code == 200


def test_the_organisers_own_address_comes_first(meeting, anna, client_of):
    meeting.place.url = "https://video.example/our-room"
    meeting.place.save()

    assert 'href="https://video.example/our-room"' in shown(client_of, anna, meeting, 0)


def test_without_any_address_the_page_says_whom_to_ask(meeting, anna, client_of, settings):
    settings.MEETING_ROOMS = ""
    meeting.event.contact_email = "desk@event.example"
    meeting.event.save()

    page = shown(client_of, anna, meeting, 0)

    assert "desk@event.example" in page
    assert meeting.room_key not in page


def test_a_cancelled_meeting_has_no_room(meeting, anna, client_of):
    columns = {"is_live": False, "cancelled_at": timezone.now()}
    meeting.move_to(MeetingState.CANCELLED, actor=None, columns=columns)

    assert meeting.room_key not in shown(client_of, anna, meeting, 0)


def test_a_meeting_at_a_table_has_no_room(db, anna, client_of):
    meeting = MeetingFactory(request__sender__profile=anna)

    page = shown(client_of, anna, meeting, 0)

    assert meeting.place.name_en in page
    assert meeting.room_key not in page


def test_the_door_alone_comes_when_the_page_asks_anew(meeting, anna, client_of):
    response = client_of(anna).get(f"/meetings/{meeting.pk}/room/", headers={"HX-Request": "true"})

    assert "<html" not in response.content.decode()
    assert 'id="door"' in response.content.decode()
