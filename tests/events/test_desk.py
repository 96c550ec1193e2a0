"""The desk: tickets, names, in and out; who may, and what happens twice."""

import threading
import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from events.models import CheckIn, LateNotice, RegistrationState
from events.services.desk import check_in
from events.services.registration_notices import ticket_of
from events.tickets import ticket_address, ticket_attachments, ticket_code
from konnect.accounts.mail import queue_email
from konnect.accounts.models import User
from konnect.accounts.services.delivery import as_email
from tests.factories.events import (
    EventFactory,
    HelperFactory,
    KoreanRegistrationFactory,
    MeetingFactory,
    RegistrationFactory,
)
from tests.processes import PATIENCE


@pytest.fixture
def event(db):
    return EventFactory()


@pytest.fixture
def registration(event, minji):
    return KoreanRegistrationFactory(event=event, profile=minji)


@pytest.fixture
def desk(event, client_of):
    return client_of(HelperFactory(event=event, role="desk").user)


def ticket(client, registration, direction=None):
    address = f"/tickets/{registration.ticket}/"
    return (
        client.post(address, {"direction": direction}, follow=True)
        if direction
        else client.get(address)
    )


def text(response):
    return response.content.decode()


def test_the_owner_sees_the_ticket_and_cannot_use_it(registration, minji, client_of):
    page = ticket(client_of(minji), registration)

    assert "ticket-code" in text(page)
    assert "Check in" not in text(page)
    assert ticket(client_of(minji), registration, "in").status_code == 404
    assert not CheckIn.objects.exists()


def test_an_online_event_has_no_ticket(registration, minji, client_of):
    assert ticket_of(registration)
    event = registration.event
    event.mode = "online"
    event.save()

    assert (ticket_of(registration), ticket_attachments(registration)) == ("", [])
    page = text(ticket(client_of(minji), registration))
    assert "ticket-code" not in page
    assert "Show this at the desk" not in page


def test_nobody_else_sees_a_ticket(registration, omar, event, client, client_of):
    assert ticket(client_of(omar), registration).status_code == 404
    other = HelperFactory(role="desk").user
    assert ticket(client_of(other), registration).status_code == 404
    programme = HelperFactory(event=event, role="programme").user
    assert ticket(client_of(programme), registration).status_code == 404
    assert ticket(client, registration).status_code == 302


def test_the_desk_scans_confirms_and_lets_out(registration, desk):
    assert "Not here yet" in text(ticket(desk, registration))
    assert "Kim Minji is in." in text(ticket(desk, registration, "in"))
    assert "Kim Minji has left." in text(ticket(desk, registration, "out"))
    assert "Kim Minji is in." in text(ticket(desk, registration, "in"))
    assert [row.direction for row in CheckIn.objects.all()] == ["in", "out", "in"]


def test_a_ticket_that_comes_twice_is_told_of_and_not_written(registration, desk):
    ticket(desk, registration, "in")

    assert "is in already" in text(ticket(desk, registration, "in"))
    assert CheckIn.objects.count() == 1


def test_the_desk_reads_the_clocks_of_the_house_wherever_its_people_live(
    event, registration, desk
):
    seen = check_in(registration, direction="in", actor=registration.profile.user).check_in
    CheckIn.objects.filter(pk=seen.pk).update(at=datetime(2031, 6, 2, 6, 5, tzinfo=UTC))
    User.objects.filter(pk=desk.session["_auth_user_id"]).update(time_zone="Asia/Seoul")

    pages = [
        text(desk.get(f"/events/{event.pk}/desk/", {"q": "minji"})),
        text(ticket(desk, registration)),
        text(ticket(desk, registration, "in")),
    ]

    assert event.zone == "Europe/Brussels"
    assert all("08:05" in page and "15:05" not in page for page in pages)
    assert "those of Brussels" in pages[0]


@pytest.mark.parametrize("state", ("pending", "withdrawn", "declined"))
def test_who_has_no_place_is_not_let_in(registration, desk, state):
    registration.state = RegistrationState(state)
    registration.save()

    assert "No place is confirmed" in text(ticket(desk, registration))
    assert "does not take part" in text(ticket(desk, registration, "in"))
    assert not CheckIn.objects.exists()


@pytest.mark.parametrize("words", ("김민지", "minji", "KIM MIN", "minji@example.kr"))
def test_the_desk_finds_people_by_name_in_either_script(registration, event, desk, words):
    RegistrationFactory(event=event)

    page = text(desk.get(f"/events/{event.pk}/desk/", {"q": words}))

    assert page.count('name="registration"') == 1
    assert f'value="{registration.pk}"' in page


def test_the_desk_checks_in_from_the_list_and_comes_back_to_it(registration, event, desk):
    form = {"registration": registration.pk, "direction": "in", "q": "minji"}
    response = desk.post(f"/events/{event.pk}/desk/", form)

    assert response["Location"] == f"/events/{event.pk}/desk/?q=minji"
    page = text(desk.get(response["Location"]))
    assert "Kim Minji is in." in page
    assert "In since" in page


def test_the_desk_of_one_event_lets_nobody_into_another(registration, desk, event):
    stranger = RegistrationFactory()
    form = {"registration": stranger.pk, "direction": "in"}

    assert desk.post(f"/events/{event.pk}/desk/", form).status_code == 404
    assert not CheckIn.objects.exists()


@pytest.mark.parametrize(
    "form", ({}, {"direction": "up"}, {"direction": "in", "registration": "x"})
)
def test_a_forged_form_is_refused(registration, desk, event, form):
    assert desk.post(f"/events/{event.pk}/desk/", form).status_code in (400, 404)


def test_the_desk_sees_who_is_late_while_the_meeting_is_not_over(event, desk):
    now = timezone.now()
    meeting = MeetingFactory(event=event, slot__starts_at=now + timedelta(minutes=5))
    over = MeetingFactory(event=event, slot__starts_at=now - timedelta(hours=2))
    for found, minutes in ((meeting, 7), (over, 9)):
        LateNotice.objects.create(
            meeting=found, registration=found.request.sender, minutes=minutes
        )

    page = text(desk.get(f"/events/{event.pk}/desk/"))

    assert "7 minutes late" in page
    assert "9 minutes late" not in page


@pytest.mark.parametrize("number", (1, 3, 12))
def test_the_number_of_questions_does_not_grow(event, desk, number, django_assert_num_queries):
    for registration in RegistrationFactory.create_batch(number, event=event):
        registration.profile.display_name = "Maria Same"
        registration.profile.save()
        check_in(registration, direction="in", actor=registration.profile.user)
    desk.get(f"/events/{event.pk}/desk/", {"q": "same"})

    with django_assert_num_queries(13):
        desk.get(f"/events/{event.pk}/desk/", {"q": "same"})


def test_the_code_is_drawn_here_and_says_the_address(registration):
    drawing = ticket_code(ticket_address(registration))

    root = ET.fromstring(drawing)
    assert root.tag.endswith("svg")
    assert "http" not in drawing.replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert ticket_address(registration) == f"http://localhost:8000/tickets/{registration.ticket}/"


def test_a_mail_shows_the_ticket_without_asking_any_host(registration, minji):
    row = queue_email(
        "news", to=minji.user, attachments=ticket_attachments(registration),
        context={"news": {"title": "Ticket", "pk": 1}, "reason": "", "settings_address": "/"},
    )  # fmt: skip

    message = message_from_bytes(as_email(row).message().as_bytes(), policy=policy.default)
    (picture,) = [part for part in message.walk() if part.get_content_type() == "image/png"]
    assert picture["Content-ID"] == "<ticket>"
    assert picture.get_content().startswith(b"\x89PNG")


def scan_at_once(registration, user):
    """Check somebody in at two desks at once; return whether each of them wrote."""
    barrier = threading.Barrier(2)
    written = []

    def scan():
        try:
            barrier.wait(PATIENCE)
            written.append(not check_in(registration, direction="in", actor=user).is_repeated)
        finally:
            connection.close()

    threads = [threading.Thread(target=scan) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(written)


@pytest.mark.django_db(transaction=True)
def test_two_desks_that_scan_one_ticket_write_once():
    registration = RegistrationFactory()

    assert scan_at_once(registration, registration.profile.user) == [False, True]
    assert CheckIn.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_both_desks_write(monkeypatch):
    """The twin: what the lock is for."""
    registration = RegistrationFactory()
    both_have_looked = threading.Barrier(2)
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **options: rows)
    create = CheckIn.objects.create

    def wait_and_create(**columns):
        both_have_looked.wait(PATIENCE)
        return create(**columns)

    monkeypatch.setattr(CheckIn.objects, "create", wait_and_create)

    assert scan_at_once(registration, registration.profile.user) == [True, True]
