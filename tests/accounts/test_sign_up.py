"""Sign-up: from the form to the verified account."""

import re
import threading

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from konnect.accounts.models import Consent, OutgoingEmail, User
from tests.processes import PATIENCE

NASTY = (
    "x" * 5000,
    "Kim\0Minji",
    "🧪🇰🇷",
    "\u202eabc\u200f",
    "김민지",
    "<script>alert(1)</script>",
    "a" * 10_000_000,
)


def code_sent_to(email):
    return re.search(
        r"^([A-Z0-9-]{6,12})$",
        OutgoingEmail.objects.filter(to=email).latest("pk").text,
        re.MULTILINE,
    )[1]


def test_sign_up_with_code_signs_in(client, db, sign_up_data):
    response = client.post(reverse("account_signup"), sign_up_data)

    assert response.status_code == 302
    assert response.url == reverse("account_email_verification_sent")

    code = code_sent_to("minji@example.kr")
    response = client.post(response.url, {"code": code})

    user = User.objects.get()
    assert response.url == reverse("matching:dashboard")
    assert client.session["_auth_user_id"] == str(user.pk)
    assert user.emailaddress_set.get().verified


def test_sign_up_keeps_language_and_time_zone(client, db, sign_up_data):
    client.post(reverse("account_signup"), sign_up_data, headers={"accept-language": "ko"})

    user = User.objects.get()
    assert (user.language, user.time_zone) == ("ko", "Asia/Seoul")
    assert OutgoingEmail.objects.get().html.count('<html lang="ko">') == 1


@pytest.mark.parametrize(("language", "zone"), (("en", "Europe/Brussels"), ("ko", "Asia/Seoul")))
@pytest.mark.parametrize("browser_zone", ("", "Mars/Olympus", "\0", "../../etc/passwd"))
def test_sign_up_guesses_time_zone_by_language(
    client, db, sign_up_data, language, zone, browser_zone
):
    sign_up_data["time_zone"] = browser_zone

    client.post(reverse("account_signup"), sign_up_data, headers={"accept-language": language})

    assert User.objects.get().time_zone == zone


def test_sign_up_records_each_consent(client, db, sign_up_data):
    client.post(reverse("account_signup"), sign_up_data)

    rows = Consent.objects.values_list(
        "purpose", "is_given", "text_version", "language", "channel"
    )
    assert set(rows) == {
        ("terms", True, "2026-11", "en", "sign_up"),
        ("privacy", True, "2026-12", "en", "sign_up"),
        ("newsletter", False, "2026-11", "en", "sign_up"),
    }


def test_no_consent_is_ticked_beforehand(client, db):
    page = client.get(reverse("account_signup")).content.decode()

    assert page.count('type="checkbox"') == 3
    assert "checked" not in page


@pytest.mark.parametrize("purpose", ("terms", "privacy"))
def test_sign_up_without_required_consent_is_refused(client, db, sign_up_data, purpose):
    del sign_up_data[purpose]

    response = client.post(reverse("account_signup"), sign_up_data)

    assert response.status_code == 200
    assert list(response.context["form"].errors) == [purpose]
    assert 'value="minji@example.kr"' in response.content.decode()
    assert "<title>Error:" in " ".join(response.content.decode().split())
    assert User.objects.count() == 0


@pytest.mark.parametrize("text", NASTY)
@pytest.mark.parametrize("field", ("email", "password1", "terms", "time_zone"))
def test_sign_up_survives_nasty_text(client, db, sign_up_data, field, text):
    response = client.post(reverse("account_signup"), sign_up_data | {field: text})

    assert response.status_code in {200, 302}
    if field == "email":
        assert response.status_code == 200
        assert response.context["form"].errors["email"]
        assert response.context["form"]["email"].value()
    if field in {"terms", "time_zone"}:
        assert response.status_code == 302


@pytest.mark.parametrize("text", NASTY)
@pytest.mark.parametrize("field", ("login", "password"))
def test_sign_in_survives_nasty_text(client, db, field, text):
    data = {"login": "minji@example.kr", "password": "correct horse battery"} | {field: text}

    response = client.post(reverse("account_login"), data)

    assert response.status_code == 200
    assert response.context["form"].errors


def test_sign_up_with_known_address_looks_the_same(db, sign_up_data, minji):
    def answer(email):
        client = Client()
        first = client.post(reverse("account_signup"), sign_up_data | {"email": email})
        second = client.get(first.url)
        page = re.sub(r"value=\"\w{64}\"|\w{64}|nonce=\"[^\"]+\"", "", second.content.decode())
        return first.status_code, first.url, second.status_code, page.replace(email, "")

    assert answer("minji@example.kr") == answer("new@example.kr")

    to_minji = OutgoingEmail.objects.get(to="minji@example.kr")
    assert reverse("account_reset_password") in to_minji.text
    assert User.objects.filter(email="minji@example.kr").count() == 1


def test_password_reset_looks_the_same_for_unknown_address(db, minji):
    def answer(email):
        response = Client().post(reverse("account_reset_password"), {"email": email})
        return response.status_code, response.url

    assert answer("minji@example.kr") == answer("nobody@example.kr")


def test_two_sign_ups_at_once_make_one_account(transactional_db, sign_up_data):
    barrier = threading.Barrier(2, timeout=PATIENCE)
    answers = []

    def sign_up():
        client = Client()
        client.get(reverse("account_signup"))
        barrier.wait()
        answers.append(client.post(reverse("account_signup"), sign_up_data).status_code)
        connection.close()

    threads = [threading.Thread(target=sign_up) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers == [302, 302]
    assert User.objects.count() == 1
    assert Consent.objects.count() == 3


def test_guessing_a_password_is_stopped_before_hashing(client, minji):
    data = {"login": "minji@example.kr", "password": "wrong"}
    for _ in range(5):
        client.post(reverse("account_login"), data)

    response = client.post(reverse("account_login"), data | {"password": "correct horse battery"})

    assert response.status_code == 200
    assert "_auth_user_id" not in client.session
    assert response.context["form"].non_field_errors() == [
        "Too many failed login attempts. Try again later."
    ]


def test_too_many_sign_ups_from_one_address_get_a_page(client, db):
    for _ in range(30):
        client.post(reverse("account_signup"), {})

    response = client.post(reverse("account_signup"), {})

    assert response.status_code == 429
    assert "Too many tries" in response.content.decode()


def test_wrong_code_three_times_ends_the_try(client, db, sign_up_data):
    address = client.post(reverse("account_signup"), sign_up_data).url

    answers = [client.post(address, {"code": "WRONG"}).status_code for _ in range(3)]

    assert answers == [200, 200, 302]
    assert "_auth_user_id" not in client.session


def test_closed_account_cannot_sign_in(client, minji):
    User.objects.update(is_active=False)

    response = client.post(
        reverse("account_login"),
        {"login": "minji@example.kr", "password": "correct horse battery"},
    )

    assert response.url == reverse("account_inactive")
    assert client.get(response.url).status_code == 200


def test_closing_an_account_ends_its_sessions(client_of, minji):
    client = client_of(minji)
    User.objects.update(is_active=False)

    response = client.get(reverse("accounts:settings"))

    assert response.url.startswith(reverse("account_login"))


def test_password_in_pieces_of_hangul_is_the_same_password(client, db, sign_up_data):
    in_pieces = "\u1100\u1175\u11b7\u1106\u1175\u11ab\u110c\u1175 correct"
    client.post(reverse("account_signup"), sign_up_data | {"password1": in_pieces})
    client.post(
        reverse("account_email_verification_sent"), {"code": code_sent_to("minji@example.kr")}
    )
    client.logout()

    client.post(
        reverse("account_login"), {"login": "minji@example.kr", "password": "김민지 correct"}
    )

    assert client.session["_auth_user_id"] == str(User.objects.get().pk)
