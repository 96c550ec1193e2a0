"""allauth's pages: all of them look like the portal and obey its strict policy."""

import re

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.urls import reverse

from konnect.accounts.models import OutgoingEmail
from tests.factories.accounts import PASSWORD

OPEN_PAGES = (
    "account_login",
    "account_signup",
    "account_reset_password",
    "account_inactive",
    "account_reset_password_done",
    "account_reset_password_from_key_done",
)
OWN_PAGES = (
    "account_email",
    "account_change_password",
    "account_logout",
    "account_reauthenticate",
    "mfa_index",
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "mfa_list_webauthn",
    "usersessions_list",
    "socialaccount_connections",
    "accounts:settings",
    "accounts:consents",
)
INLINE_SCRIPT = re.compile(r"<script(?![^>]*\b(?:src=|nonce=|type=\"application/json\"))")


def check(response):
    page = response.content.decode()
    assert response.status_code == 200
    assert page.count("<h1>") == 1
    assert page.count("<main") == 1
    assert " ".join(re.search("<title>(.*?)</title>", page, re.DOTALL)[1].split()) != "- KONNECT"
    assert INLINE_SCRIPT.findall(page) == []
    assert re.findall(r"\sstyle=|\son\w+=", page) == []
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    return page


@pytest.fixture
def member(client, anna):
    """Anna, who has just proved twice who she is, so that nothing asks again."""
    client.post(reverse("account_login"), {"login": anna.user.email, "password": PASSWORD})
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return client


@pytest.mark.parametrize("language", ("en", "ko"))
@pytest.mark.parametrize("name", OPEN_PAGES)
def test_open_page(client, db, name, language):
    page = check(client.get(reverse(name), headers={"accept-language": language}))

    assert f'<html lang="{language}"' in page


@pytest.mark.parametrize("language", ("en", "ko"))
@pytest.mark.parametrize("name", OWN_PAGES)
def test_own_page(member, anna, name, language):
    anna.user.language = language
    anna.user.save()

    page = check(member.get(reverse(name)))

    assert f'<html lang="{language}"' in page


def test_pages_of_a_second_factor(member, anna):
    TOTP.activate(anna.user, "A" * 32)

    for name in ("mfa_index", "mfa_deactivate_totp", "mfa_generate_recovery_codes"):
        check(member.get(reverse(name)))
    member.post(reverse("mfa_generate_recovery_codes"))
    check(member.get(reverse("mfa_view_recovery_codes")))

    member.logout()
    response = member.post(
        reverse("account_login"), {"login": anna.user.email, "password": PASSWORD}
    )
    assert response.url == reverse("mfa_authenticate")
    page = check(member.get(response.url))
    assert 'autocomplete="one-time-code"' in page


def test_changed_password_tells_its_owner(member, anna):
    data = {
        "oldpassword": PASSWORD,
        "password1": "another horse 1",
        "password2": "another horse 1",
    }

    response = member.post(reverse("account_change_password"), data)

    assert response.status_code == 302
    message = OutgoingEmail.objects.get(to=anna.user.email)
    assert "127.0.0.1" in message.text
    assert "127.0.0.1" in message.html


@pytest.mark.parametrize("language", ("en", "ko"))
def test_reset_mail_speaks_its_reader_not_the_page(client, anna, language):
    anna.user.language = language
    anna.user.save()

    client.post(
        reverse("account_reset_password"),
        {"email": anna.user.email},
        headers={"accept-language": "ko"},
    )

    message = OutgoingEmail.objects.get()
    address = re.search(r"http://\S+", message.text)[0]
    assert f'<html lang="{language}">' in message.html
    assert f'href="{address}"' in message.html


def test_reset_by_the_mailed_address_sets_the_password(client, anna):
    client.post(reverse("account_reset_password"), {"email": anna.user.email})
    address = re.search(r"http://testserver(\S+)", OutgoingEmail.objects.get().text)[1]

    form_address = client.get(address).url
    check(client.get(form_address))
    data = {"password1": "another horse 1", "password2": "another horse 1"}
    client.post(form_address, data)

    anna.user.refresh_from_db()
    assert anna.user.check_password("another horse 1")


def test_sessions_elsewhere_are_ended(client_of, member, anna):
    elsewhere = type(member)()
    elsewhere.post(reverse("account_login"), {"login": anna.user.email, "password": PASSWORD})
    assert elsewhere.get(reverse("accounts:settings")).status_code == 200

    member.post(reverse("usersessions_list"))

    assert elsewhere.get(reverse("accounts:settings")).status_code == 302
    assert member.get(reverse("accounts:settings")).status_code == 200


def test_sensitive_change_asks_for_the_password_again(client_of, anna):
    response = client_of(anna).get(reverse("mfa_activate_totp"))

    assert response.url.startswith(reverse("account_reauthenticate"))


@pytest.mark.parametrize("text", ("x" * 5000, "a\0b", "🧪", "\u202eabc", "<b>", "a" * 10_000_000))
@pytest.mark.parametrize(
    ("name", "field", "extra"),
    (
        ("account_email", "email", {"action_add": ""}),
        ("account_change_password", "oldpassword", {"password1": "x", "password2": "x"}),
        ("account_change_password", "password1", {"oldpassword": PASSWORD, "password2": "x"}),
        ("mfa_activate_totp", "code", {}),
        ("mfa_add_webauthn", "name", {"credential": "{}"}),
        ("mfa_add_webauthn", "credential", {"name": "Key"}),
        ("account_reauthenticate", "password", {}),
    ),
)
def test_own_forms_survive_nasty_text(member, name, field, extra, text):
    response = member.post(reverse(name), extra | {field: text})

    assert response.status_code == 200
    assert response.context["form"].errors
