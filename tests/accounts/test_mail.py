"""The outbox, and its delivery to a real mail server."""

import contextlib
import socket
import threading
from datetime import timedelta

import pytest
from django.core.mail import EmailMultiAlternatives
from django.db import connection, transaction
from django.utils import timezone

from konnect.accounts.mail import queue_email
from konnect.accounts.models import DeliveryState, Heartbeat, MailTrouble, OutgoingEmail
from konnect.accounts.services import delivery
from konnect.accounts.services.delivery import deliver_due_mail
from konnect.accounts.tasks import beat_heart, deliver_mail
from tests.accounts.smtp import Server
from tests.factories.accounts import UserFactory
from tests.processes import PATIENCE


@pytest.fixture
def server(settings):
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        settings.DELIVERY = {
            "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "EMAIL_HOST": "127.0.0.1",
            "EMAIL_PORT": server.port,
        }
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def letters(settings, tmp_path):
    """Templates of a message that shows the language, the zone and a link."""
    folder = tmp_path / "emails"
    folder.mkdir()
    (folder / "greeting-subject.txt").write_text(
        "{% autoescape off %}Hello\n {{ name }}\n{% endautoescape %}"
    )
    (folder / "greeting-body.txt").write_text(
        "{% get_current_language as code %}{{ code }} {{ at|date:'H:i e' }} "
        "{{ site_url }}/x {{ recipient.email }}"
    )
    (folder / "greeting-body.html").write_text(
        '{% extends "emails/base.html" %}{% block content %}<p>{{ name }}</p>{% endblock %}'
    )
    settings.TEMPLATES = [
        settings.TEMPLATES[0] | {"DIRS": [tmp_path, *settings.TEMPLATES[0]["DIRS"]]}
    ]


def waiting(**columns):
    return OutgoingEmail.objects.create(
        **{"to": "minji@example.kr", "subject": "안녕하세요", "text": "글", "html": "<p>글</p>"}
        | columns
    )


@pytest.mark.parametrize(
    ("language", "zone", "hour"),
    (("en", "Europe/Brussels", "10:00 CEST"), ("ko", "Asia/Seoul", "17:00 KST")),
)
def test_message_speaks_its_reader(db, letters, language, zone, hour):
    reader = UserFactory(language=language, time_zone=zone)
    at = timezone.datetime(2026, 7, 1, 8, tzinfo=timezone.get_default_timezone())

    message = queue_email("greeting", to=reader, context={"name": "<Anna>", "at": at})

    assert message.subject == "Hello <Anna>"
    assert message.text == f"{language} {hour} http://localhost:8000/x {reader.email}\n"
    assert f'<html lang="{language}">' in message.html
    assert "<p>&lt;Anna&gt;</p>" in message.html


def test_same_news_is_queued_once(db, letters):
    reader = UserFactory()
    news = {"to": reader, "context": {}, "deduplication_key": "contact 1"}

    first, second = queue_email("greeting", **news), queue_email("greeting", **news)

    assert (first.deduplication_key, second) == ("contact 1", None)
    assert OutgoingEmail.objects.count() == 1


def test_closed_account_gets_no_mail(db, letters):
    assert queue_email("greeting", to=UserFactory(is_active=False), context={}) is None


def test_message_of_a_change_that_is_undone_is_never_sent(transactional_db, letters):
    reader = UserFactory()

    with transaction.atomic():
        queue_email("greeting", to=reader, context={})
        transaction.set_rollback(True)

    assert OutgoingEmail.objects.count() == 0


def test_django_mail_becomes_one_row_a_recipient(db):
    message = EmailMultiAlternatives("A\tsubject", "text", to=["a@x.eu"], bcc=["b@x.eu"])
    message.attach_alternative("<p>html</p>", "text/html")

    message.send()

    rows = OutgoingEmail.objects.order_by("to").values_list("to", "subject", "text", "html")
    assert list(rows) == [
        ("a@x.eu", "A subject", "text", "<p>html</p>"),
        ("b@x.eu", "A subject", "text", "<p>html</p>"),
    ]


def test_due_message_is_delivered_as_text_and_html(transactional_db, server):
    message = waiting(headers={"List-Unsubscribe": "<https://konnect.example/u>"})

    assert deliver_due_mail() == 1

    [received] = server.messages
    assert received["Subject"] == "안녕하세요"
    assert received["To"] == "minji@example.kr"
    assert received["Auto-Submitted"] == "auto-generated"
    assert received["List-Unsubscribe"] == "<https://konnect.example/u>"
    assert received["Message-ID"] == f"<{message.created_at:%Y%m%d%H%M%S}.{message.pk}@localhost>"
    assert received.get_body(("plain",)).get_content().strip() == "글"
    assert received.get_body(("html",)).get_content().strip() == "<p>글</p>"
    message.refresh_from_db()
    assert (message.state, message.tries, message.last_error) == (DeliveryState.SENT, 1, "")


def test_a_code_that_somebody_waits_for_goes_before_older_letters(db):
    now = timezone.now()
    for minutes, is_requested in ((9, False), (8, False), (1, True), (2, True)):
        OutgoingEmail.objects.create(
            to="anna@example.eu", subject=f"{minutes}", text="", is_requested=is_requested,
            next_try_at=now - timedelta(minutes=minutes),
        )  # fmt: skip

    assert [delivery.claim_due_message().subject for _time in range(4)] == ["2", "1", "9", "8"]


def test_delivered_message_is_not_sent_again(transactional_db, server):
    waiting()

    assert [deliver_due_mail(), deliver_due_mail()] == [1, 0]
    assert len(server.messages) == 1


def test_address_that_never_takes_mail_is_given_up(transactional_db, server):
    server.answers = ["550 no such person"]
    message = waiting()

    assert deliver_due_mail() == 0

    message.refresh_from_db()
    assert (message.state, message.tries) == (DeliveryState.DEAD, 1)
    assert "550" in message.last_error


def test_address_that_is_busy_is_tried_again(transactional_db, server):
    server.answers = ["450 come back later"]
    message, began = waiting(), timezone.now()

    deliver_due_mail()

    message.refresh_from_db()
    assert (message.state, message.tries) == (DeliveryState.WAITING, 1)
    assert timedelta(seconds=25) < message.next_try_at - began
    assert message.next_try_at - timezone.now() < timedelta(seconds=35)

    OutgoingEmail.objects.update(next_try_at=timezone.now())
    assert deliver_due_mail() == 1
    assert len(server.messages) == 1


def test_lost_connection_does_not_spoil_the_next_message(transactional_db, server):
    server.breaks = 1
    first = waiting()
    waiting(to="anna@example.eu")

    assert deliver_due_mail() == 1

    assert [message["To"] for message in server.messages] == ["anna@example.eu"]
    first.refresh_from_db()
    assert (first.state, first.tries) == (DeliveryState.WAITING, 1)
    assert first.last_error.startswith("SMTPServerDisconnected")


def test_server_that_is_away_puts_mail_off(transactional_db, settings):
    settings.DELIVERY = {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": 1,
    }
    message = waiting()

    assert deliver_due_mail() == 0

    message.refresh_from_db()
    assert message.last_error.startswith("ConnectionRefusedError")


def test_waits_grow_until_the_last_try(transactional_db, server):
    message = waiting()
    states = []
    for _ in range(OutgoingEmail.MAXIMUM_TRIES):
        server.answers = ["450 later"]
        OutgoingEmail.objects.update(next_try_at=timezone.now())
        deliver_due_mail()
        message.refresh_from_db()
        states.append(message.state)

    assert states == ["waiting"] * 7 + ["dead"]
    assert delivery.pause_after(1) < delivery.pause_after(2) < delivery.pause_after(7)


def test_message_whose_worker_died_is_due_again_after_its_lease(transactional_db, server):
    message = waiting()
    assert delivery.claim_due_message() == message

    assert deliver_due_mail() == 0
    OutgoingEmail.objects.update(next_try_at=timezone.now())
    assert deliver_due_mail() == 1


def test_message_whose_worker_died_in_the_last_try_is_given_up(transactional_db, server):
    message = waiting(tries=OutgoingEmail.MAXIMUM_TRIES)

    assert deliver_due_mail() == 0

    message.refresh_from_db()
    assert message.state == DeliveryState.DEAD


def deliver_in_two_threads():
    def deliver():
        deliver_due_mail()
        connection.close()

    threads = [threading.Thread(target=deliver) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_two_workers_send_a_message_once(transactional_db, server):
    server.gathering = threading.Barrier(2, timeout=1)
    waiting()

    deliver_in_two_threads()

    assert len(server.messages) == 1


def test_without_the_claim_two_workers_send_a_message_twice(transactional_db, server, monkeypatch):
    monkeypatch.setattr(delivery, "claim_due_message", lambda: OutgoingEmail.objects.due().first())
    server.gathering = threading.Barrier(2, timeout=PATIENCE)
    waiting()

    deliver_in_two_threads()

    assert len(server.messages) == 2


def test_nothing_leaves_the_demonstration(transactional_db):
    message = waiting()

    deliver_mail()

    message.refresh_from_db()
    assert message.state == DeliveryState.SENT


def test_heart_beats(db):
    beat_heart()
    first = Heartbeat.objects.get(name="worker").beat_at
    beat_heart()

    assert Heartbeat.objects.get(name="worker").beat_at > first


@pytest.fixture
def odd_server(settings):
    """Return a function that starts a server which says one thing and no more."""
    sockets = []

    def start(words):
        listener = socket.create_server(("127.0.0.1", 0))
        sockets.append(listener)
        settings.DELIVERY = {
            "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "EMAIL_HOST": "127.0.0.1",
            "EMAIL_PORT": listener.getsockname()[1],
        }
        threading.Thread(target=answer_all, args=(listener, words, sockets), daemon=True).start()

    yield start
    for each in sockets:
        each.close()


def answer_all(listener, words, sockets):
    with contextlib.suppress(OSError):
        while True:
            client, _address = listener.accept()
            sockets.append(client)
            client.sendall(words)


@pytest.mark.parametrize(
    "words",
    (
        b"", b"hello\r\n", b"\0\xff\r\n", b"220 \xed\x95\x9c\r\n", b"554 no\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n", b"2" * 100_000,
    ),
    ids=("silent", "no code", "bytes", "Hangul", "closed", "of the web", "endless"),
)  # fmt: skip
def test_server_that_talks_nonsense_puts_mail_off(
    transactional_db, odd_server, monkeypatch, words
):
    monkeypatch.setattr(delivery, "SMTP_TIMEOUT_SECONDS", 0.3)
    odd_server(words)
    message = waiting()

    assert deliver_due_mail() == 0

    message.refresh_from_db()
    assert (message.state, message.tries) == (DeliveryState.WAITING, 1)
    assert message.last_error


def test_message_that_broke_off_keeps_its_number(transactional_db, server):
    """The next server may throw the second copy away by it."""
    server.breaks = 1
    message = waiting()
    first = delivery.as_email(message).message()["Message-ID"]
    deliver_due_mail()

    OutgoingEmail.objects.update(next_try_at=timezone.now())
    deliver_due_mail()

    assert [each["Message-ID"] for each in server.messages] == [first]


def test_address_that_never_takes_mail_is_remembered(transactional_db, server):
    server.answers = ["550 5.1.1 no such person", "250 ok"]
    waiting()
    deliver_due_mail()
    waiting(subject="Second")
    waiting(subject="A code", is_requested=True)

    deliver_due_mail()

    assert [message["Subject"] for message in server.messages] == ["A code"]
    assert MailTrouble.objects.get().kind == "hard"
