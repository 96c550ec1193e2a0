"""Ending mail with one click, as RFC 8058 wants it."""

import threading

import pytest
from django.test import Client
from django.urls import reverse

from konnect.accounts.models import Consent, Notification, NotificationPreference, OutgoingEmail
from konnect.accounts.notifications import kinds
from konnect.accounts.services.consents import record_consents
from konnect.accounts.services.delivery import deliver_due_mail
from konnect.accounts.services.notifications import notify
from konnect.accounts.services.unsubscribing import stop_address
from konnect.accounts.services.wishes import save_wishes, wishes
from tests.accounts.smtp import Server
from tests.factories.accounts import UserFactory

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def reader(db):
    return UserFactory(language="ko", time_zone="Asia/Seoul")


def path_of(user, scope):
    return stop_address(user, scope).removeprefix("http://localhost:8000")


def tell(user, kind="message", key="1", **more):
    return notify(user, kind, key=key, title="News", address="/dashboard/", **more)


def agree(user, is_given=True):
    record_consents(user, choices={"newsletter": is_given}, channel="settings", language="ko")


OPTIONAL = [kind.name for kind in kinds() if kind.is_optional]


@pytest.mark.parametrize("kind", OPTIONAL)
def test_every_mail_that_can_end_has_the_button(reader, kind):
    agree(reader)
    save_wishes(reader, actor=reader, rhythms={kind: "instant"})

    tell(reader, kind)

    mail = OutgoingEmail.objects.get()
    address = mail.headers["List-Unsubscribe"].removeprefix("<").removesuffix(">")
    assert address == stop_address(reader, kind)
    assert mail.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert address in mail.text
    assert address in mail.html


def test_mail_about_security_has_no_button(reader):
    tell(reader, "account")

    mail = OutgoingEmail.objects.get()
    assert mail.headers == {}
    assert "/stop/" not in mail.text + mail.html
    assert "/settings/notifications/" in mail.text


def test_header_reaches_the_reader_whole(transactional_db, settings):
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        settings.DELIVERY = {
            "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "EMAIL_HOST": "127.0.0.1",
            "EMAIL_PORT": server.port,
        }
        reader = UserFactory()
        tell(reader)
        deliver_due_mail()
        server.shutdown()
        thread.join()

    [mail] = server.messages
    assert mail["List-Unsubscribe"].strip() == f"<{stop_address(reader, 'message')}>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_mail_program_ends_it_without_session_cookie_or_token(reader):
    program = Client(enforce_csrf_checks=True)

    response = program.post(path_of(reader, "message"), ONE_CLICK)

    assert response.status_code == 200
    assert "sessionid" not in response.cookies
    assert wishes(reader)["message"] == "off"
    tell(reader)
    assert OutgoingEmail.objects.count() == 0


def test_looking_at_the_page_ends_nothing(reader, client):
    response = client.get(path_of(reader, "message"))

    assert response.status_code == 200
    assert wishes(reader)["message"] == "instant"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert response.headers["Cache-Control"] == "no-store"
    assert '<html lang="ko"' in response.content.decode()


def test_ending_twice_does_no_harm(reader, client):
    for _ in range(2):
        assert client.post(path_of(reader, "message")).status_code == 200

    assert NotificationPreference.objects.filter(user=reader).count() == 1


def test_other_kinds_and_people_are_left_alone(reader, client):
    other = UserFactory()

    client.post(path_of(reader, "message"))

    assert wishes(reader)["contact_request"] == "instant"
    assert wishes(other)["message"] == "instant"


def test_button_of_a_digest_ends_all_digests(reader, client):
    save_wishes(reader, actor=reader, rhythms={"message": "weekly", "listing": "instant"})

    client.post(path_of(reader, "digest"))

    rhythms = wishes(reader)
    assert {rhythms["message"], rhythms["saved_search"], rhythms["twinning"]} == {"off"}
    assert rhythms["listing"] == "instant"


def test_button_of_an_advert_takes_the_consent_back(reader, client):
    agree(reader)

    client.post(path_of(reader, "announcement"))

    line = Consent.objects.filter(user=reader).last()
    assert (line.is_given, line.channel) == (False, "email")


def test_agreeing_again_brings_adverts_back(reader, client):
    agree(reader)
    client.post(path_of(reader, "announcement"))

    agree(reader)

    assert tell(reader, "announcement").due_at is not None


def test_what_waits_for_the_end_of_quiet_hours_is_dropped(reader, client):
    tell(reader)
    waiting = OutgoingEmail.objects.get()

    client.post(path_of(reader, "message"))

    assert not OutgoingEmail.objects.filter(pk=waiting.pk).exists()
    assert Notification.objects.count() == 1


def test_withdrawn_consent_drops_adverts_that_wait(reader):
    agree(reader)
    tell(reader, "announcement")

    agree(reader, is_given=False)

    assert OutgoingEmail.objects.count() == 0


@pytest.mark.parametrize(
    "token", ("forged", "1.message", "1.message:AAAA", "\u1100", "x" * 3000, "1.message:%00")
)
@pytest.mark.parametrize("method", ("get", "post"))
def test_forged_link_ends_nothing(reader, client, token, method):
    response = getattr(client, method)(reverse("news:stop", args=[token]))

    assert response.status_code == 404
    assert not NotificationPreference.objects.exists()


def test_link_of_one_person_does_not_fit_another(reader, client):
    other = UserFactory()
    token = path_of(reader, "message").split("/")[-2]
    forged = token.replace(f"{reader.pk}.", f"{other.pk}.", 1)

    assert client.post(reverse("news:stop", args=[forged])).status_code == 404


def test_link_of_a_deleted_account_is_gone(reader, client):
    address = path_of(reader, "message")
    reader.delete()

    assert client.post(address).status_code == 404


def test_kind_that_no_longer_exists_is_gone(reader, client):
    assert client.post(path_of(reader, "gossip")).status_code == 404
    assert client.post(path_of(reader, "account")).status_code == 404
