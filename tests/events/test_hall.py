"""The screen of the hall: what is on, and only names whose owners agreed."""

from datetime import timedelta

import pytest
from django.utils import timezone

from events.services.announcements import announce, audience_of, take_back, tell_announcements
from events.services.hall import board_of
from konnect.accounts.models import Notification, OutgoingEmail
from tests.factories.events import (
    EventFactory,
    HelperFactory,
    MeetingFactory,
    OnlineRoomFactory,
    RegistrationFactory,
    SessionFactory,
)
from tests.together import together


@pytest.fixture
def event(db):
    return EventFactory(
        starts_at=timezone.now() - timedelta(hours=1), ends_at=timezone.now() + timedelta(hours=5)
    )


@pytest.fixture
def running(event, minji, anna):
    """A meeting of Anna and Minji that began five minutes ago."""
    return MeetingFactory(
        event=event, slot__starts_at=timezone.now() - timedelta(minutes=5),
        request__sender__profile=anna, request__recipient__profile=minji,
    )  # fmt: skip


@pytest.fixture
def page(event, anna, client_of):
    def read():
        return client_of(anna).get(f"/events/{event.pk}/now/").content.decode()

    return read


def test_the_screen_shows_now_and_next_in_both_languages(event, running, page):
    SessionFactory(event=event, title_en="Opening", title_ko="개회")
    MeetingFactory(event=event, slot__starts_at=timezone.now() + timedelta(minutes=20))

    text = page()

    assert "Anna Schmidt" in text
    assert "김민지" in text
    assert running.place.name_en in text
    board = board_of(event, timezone.now())
    assert [row.meeting.pk for row in board.meetings_now] == [running.pk]
    assert len(board.meetings_next) == 1
    assert board.next_at is not None
    for word in ("Now", "지금", "Next", "다음"):
        assert word in text


def test_who_did_not_agree_is_not_shown_nor_whom_they_meet(event, running, page):
    other = running.request.recipient
    other.is_listed = False
    other.save()

    text = page()

    assert "김민지" not in text
    assert "Kim Minji" not in text
    assert 'lang="en">taken' in text
    board = board_of(event, timezone.now())
    assert [row.people for row in board.meetings_now] == [()]


def test_online_meetings_are_not_on_the_screen(event, running):
    running.place = OnlineRoomFactory(event=event)
    running.save()

    assert board_of(event, timezone.now()).meetings_now == []


def test_the_screen_asks_anew_by_itself(event, running, page, anna, client_of):
    part = client_of(anna).get(f"/events/{event.pk}/now/", headers={"HX-Request": "true"})

    assert 'hx-trigger="every 30s"' in page()
    assert "http-equiv" in page()
    assert "<html" not in part.content.decode()


def test_the_screen_is_for_those_who_take_part(event, running, omar, client, client_of):
    assert client_of(omar).get(f"/events/{event.pk}/now/").status_code == 404
    assert client.get(f"/events/{event.pk}/now/").status_code == 302


@pytest.mark.parametrize("number", (1, 3, 8))
def test_the_number_of_questions_does_not_grow(event, number, django_assert_num_queries):
    slot = {"slot__starts_at": timezone.now() - timedelta(minutes=5)}
    first = MeetingFactory(event=event, **slot)
    MeetingFactory.create_batch(number - 1, event=event, slot=first.slot)

    with django_assert_num_queries(6):
        assert len(board_of(event, timezone.now()).meetings_now) == number


@pytest.fixture
def organiser(event):
    return HelperFactory(event=event, role="meetings").user


def test_an_announcement_reaches_everybody_who_takes_part_once(event, running, organiser, anna):
    RegistrationFactory(event=event, state="withdrawn")
    form = {"text_en": "Lunch is late.", "text_ko": "점심이 늦습니다.", "by_mail": True}
    announce(event, **form, actor=organiser)

    assert tell_announcements() == 1
    assert tell_announcements() == 0

    assert Notification.objects.filter(kind="event_news").count() == 2
    letter = OutgoingEmail.objects.get(to=anna.user.email)
    assert "Lunch is late." in letter.text
    assert "Lunch is late." in letter.html
    assert "List-Unsubscribe" in letter.headers


def test_an_announcement_without_mail_stays_on_the_site(event, running, organiser):
    announce(event, text_en="Lunch is late.", text_ko="", by_mail=False, actor=organiser)
    tell_announcements()

    assert Notification.objects.filter(kind="event_news").count() == 2
    assert not OutgoingEmail.objects.exists()


def test_organisers_write_participants_read(event, running, organiser, anna, omar, client_of):
    address = f"/events/{event.pk}/announcements/"
    form = {"text_en": "Lunch is late.", "is_checked": "1"}

    assert client_of(anna).post(address, form).status_code == 404
    assert client_of(omar).get(address).status_code == 404
    assert client_of(organiser).post(address, form).status_code == 302
    assert "Lunch is late." in client_of(anna).get(address).content.decode()


def test_an_announcement_is_looked_at_before_it_goes_out_and_a_second_press_tells_nobody_again(
    event, running, organiser, client_of
):
    address, client = f"/events/{event.pk}/announcements/", client_of(organiser)
    written = {"text_en": "Lunch is late.", "by_mail": "on"}

    looked_at = client.post(address, written)
    assert looked_at.status_code == 200
    assert looked_at.context["check"]["people"] == audience_of(event).count() > 0
    assert 'name="is_checked"' in looked_at.content.decode()
    assert event.announcements.count() == 0

    for _press in range(2):
        assert client.post(address, {**written, "is_checked": "1"}).status_code == 302
    assert [each.text_en for each in event.announcements.all()] == ["Lunch is late."]


@pytest.mark.django_db(transaction=True)
def test_two_presses_at_once_tell_once():
    organiser = HelperFactory(role="meetings")
    words = {"text_en": "Lunch is late.", "text_ko": "", "by_mail": True, "actor": organiser.user}

    def press():
        return announce(organiser.event, **words).pk

    assert len(set(together(press, press, press))) == 1
    assert organiser.event.announcements.count() == 1


def test_an_announcement_that_is_taken_back_leaves_all_pages_and_the_news(
    event, running, organiser, anna, client_of
):
    address = f"/events/{event.pk}/announcements/"
    made = announce(event, text_en="Lunch is late.", text_ko="", by_mail=True, actor=organiser)
    tell_announcements()
    assert "Lunch is late." in client_of(anna).get(address).content.decode()
    OutgoingEmail.objects.filter(to=anna.user.email).update(state="sent", sent_at=timezone.now())

    back = client_of(organiser).post(f"{address}{made.pk}/take-back/", follow=True)

    assert "1 e-mail had gone already." in back.content.decode()
    assert "Lunch is late." in back.content.decode()
    assert "Lunch is late." not in client_of(anna).get(address).content.decode()
    assert board_of(event, timezone.now()).announcement is None
    assert not Notification.objects.filter(kind="event_news").exists()
    assert [letter.to for letter in OutgoingEmail.objects.all()] == [anna.user.email]


def test_what_was_taken_back_is_told_to_nobody_and_can_be_announced_again(
    event, running, organiser
):
    words = {"text_en": "Lunch is late.", "text_ko": "", "by_mail": True, "actor": organiser}
    take_back(announce(event, **words), actor=organiser)
    assert tell_announcements() == 0

    announce(event, **words)
    assert tell_announcements() == 1
    assert event.announcements.standing().count() == 1


def test_only_who_runs_the_event_takes_back(event, running, organiser, anna, client_of):
    made = announce(event, text_en="Lunch!", text_ko="", by_mail=False, actor=organiser)
    address = f"/events/{event.pk}/announcements/{made.pk}/take-back/"

    assert client_of(anna).post(address).status_code == 404
    elsewhere = f"/events/{EventFactory().pk}/announcements/{made.pk}/take-back/"
    assert client_of(organiser).post(elsewhere).status_code == 404
    assert event.announcements.standing().exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("attempt", range(3))
def test_taken_back_while_it_is_told_it_is_news_to_nobody(attempt):
    organiser = HelperFactory(role="meetings")
    RegistrationFactory.create_batch(3, event=organiser.event)
    words = {"text_en": "Lunch is late.", "text_ko": "", "by_mail": True}
    made = announce(organiser.event, **words, actor=organiser.user)

    together(tell_announcements, lambda: take_back(made, actor=organiser.user))

    assert not Notification.objects.filter(kind="event_news").exists()
    assert not OutgoingEmail.objects.filter(text__contains="Lunch").exists()


def test_an_empty_announcement_is_refused_and_keeps_what_was_typed(event, organiser, client_of):
    page = client_of(organiser).post(f"/events/{event.pk}/announcements/", {"by_mail": "on"})

    assert page.status_code == 200
    assert "at least one language" in page.content.decode()
    assert "checked" in page.content.decode()


def test_the_newest_announcement_stands_on_the_screen_for_three_hours(event, organiser):
    announce(event, text_en="Lunch is late.", text_ko="", by_mail=False, actor=organiser)
    now = timezone.now()

    assert board_of(event, now).announcement.text_en == "Lunch is late."
    assert board_of(event, now + timedelta(hours=4)).announcement is None
