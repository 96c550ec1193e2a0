"""Signing in with ORCID or an institution, against local servers that answer as they do."""

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.socialaccount.providers.orcid.views import OrcidOAuth2Adapter
from django.test import Client
from django.urls import reverse

from konnect.accounts.models import Consent, OutgoingEmail, User
from konnect.accounts.services import verified_orcid

ORCID = "0000-0002-1825-0097"
# As the public API answers (v3.0), shortened: no address, because people seldom publish it.
RECORD = {
    "orcid-identifier": {
        "uri": f"https://orcid.org/{ORCID}",
        "path": ORCID,
        "host": "orcid.org",
    },
    "preferences": {"locale": "en"},
    "person": {
        "name": {
            "given-names": {"value": "Josiah"},
            "family-name": {"value": "Carberry"},
            "credit-name": None,
            "path": ORCID,
        },
        "emails": {"last-modified-date": None, "email": [], "path": f"/{ORCID}/email"},
    },
}
TOKEN = {
    "access_token": "f5af9f51-07e6-4332-8f1a-c0c11c1e3728",
    "token_type": "bearer",
    "refresh_token": "f725f747-3a65-49f6-a231-3e8944ce464d",
    "expires_in": 631138518,
    "scope": "/authenticate",
    "name": "Josiah Carberry",
    "orcid": ORCID,
}
USER_INFO = {"sub": "kim-1", "name": "Kim Minji", "email": "minji@uni.example.kr"}


class Provider(BaseHTTPRequestHandler):
    def do_GET(self):
        origin = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.send_json(
            {
                f"/v3.0/{ORCID}/record": RECORD,
                "/.well-known/openid-configuration": {
                    "issuer": origin,
                    "authorization_endpoint": f"{origin}/authorize",
                    "token_endpoint": f"{origin}/oauth/token",
                    "userinfo_endpoint": f"{origin}/userinfo",
                },
                "/userinfo": USER_INFO,
            }[self.path]
        )

    def do_POST(self):
        length = int(self.headers["Content-Length"])
        asked = parse_qs(self.rfile.read(length).decode())
        self.server.codes.append(asked["code"][0])
        self.send_json(TOKEN)

    def send_json(self, answer):
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        """Say nothing."""


@pytest.fixture
def provider(monkeypatch, settings):
    """Answer as ORCID and as an institution do, and tell the portal where."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Provider) as server:
        server.codes = []
        origin = f"http://127.0.0.1:{server.server_address[1]}"
        # allauth writes https:// before its BASE_DOMAIN.
        monkeypatch.setattr(OrcidOAuth2Adapter, "access_token_url", f"{origin}/oauth/token")
        monkeypatch.setattr(OrcidOAuth2Adapter, "profile_url", f"{origin}/v3.0/%s/record")
        keys = {"client_id": "APP-1", "secret": "secret"}
        settings.SOCIALACCOUNT_PROVIDERS = {
            "orcid": {"APP": keys},
            "openid_connect": {
                "APPS": [
                    keys
                    | {
                        "provider_id": "institution",
                        "name": "Example University",
                        "settings": {"server_url": origin},
                    }
                ]
            },
        }
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def sign_in_elsewhere(client, name, callback, **arguments):
    """Go to the provider and come back with its code; return the portal's answer."""
    sent = urlsplit(client.post(reverse(name, **arguments)).url)
    state = parse_qs(sent.query)["state"][0]
    return sent, client.get(reverse(callback, **arguments), {"code": "Q70Y3A", "state": state})


def sign_in_with_orcid(client):
    return sign_in_elsewhere(client, "orcid_login", "orcid_callback")


def complete_sign_up(client, email):
    consents = {"terms": "on", "privacy": "on"}
    client.post(reverse("socialaccount_signup"), {"email": email} | consents)
    code = re.search(r"^([A-Z0-9-]{6,12})$", OutgoingEmail.objects.get().text, re.MULTILINE)[1]
    return client.post(reverse("account_email_verification_sent"), {"code": code})


def test_orcid_sign_up_asks_for_an_address_and_consents(client, db, provider):
    sent, answer = sign_in_with_orcid(client)

    assert (sent.netloc, sent.path) == ("orcid.org", "/oauth/authorize")
    assert parse_qs(sent.query)["scope"] == ["/authenticate"]
    assert provider.codes == ["Q70Y3A"]
    assert answer.url == reverse("socialaccount_signup")
    page = client.get(answer.url).content.decode()
    assert 'name="email"' in page
    assert 'name="terms"' in page

    answer = complete_sign_up(client, "josiah@example.eu")

    user = User.objects.get()
    assert answer.url == reverse("matching:dashboard")
    assert verified_orcid(user) == ORCID
    assert Consent.objects.filter(user=user).count() == 3
    assert not user.has_usable_password()


def test_orcid_sign_up_without_consent_makes_no_account(client, db, provider):
    sign_in_with_orcid(client)

    response = client.post(reverse("socialaccount_signup"), {"email": "josiah@example.eu"})

    assert set(response.context["form"].errors) == {"terms", "privacy"}
    assert 'value="josiah@example.eu"' in response.content.decode()
    assert User.objects.count() == 0


def test_orcid_signs_the_same_person_in_again(client, db, provider):
    sign_in_with_orcid(client)
    complete_sign_up(client, "josiah@example.eu")

    again = Client()
    _, answer = sign_in_with_orcid(again)

    assert answer.url == reverse("matching:dashboard")
    assert again.session["_auth_user_id"] == str(User.objects.get().pk)


def test_orcid_cannot_take_over_an_account_by_its_address(client, provider, anna):
    sign_in_with_orcid(client)

    client.post(
        reverse("socialaccount_signup"),
        {"email": anna.user.email, "terms": "on", "privacy": "on"},
    )

    assert verified_orcid(anna.user) is None
    assert "_auth_user_id" not in client.session


def test_institution_sign_up_knows_the_address(client, db, provider):
    sent, answer = sign_in_elsewhere(
        client,
        "openid_connect_login",
        "openid_connect_callback",
        kwargs={"provider_id": "institution"},
    )

    assert sent.path == "/authorize"
    assert answer.url == reverse("socialaccount_signup")
    assert 'value="minji@uni.example.kr"' in client.get(answer.url).content.decode()
    complete_sign_up(client, "minji@uni.example.kr")
    assert verified_orcid(User.objects.get()) is None


def test_forged_answer_of_the_provider_is_refused(client, db, provider):
    response = client.get(reverse("orcid_callback"), {"code": "x", "state": "forged"})

    assert provider.codes == []
    assert response.status_code in {200, 401}
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("name", ("account_login", "account_signup"))
def test_pages_offer_what_is_configured(client, db, provider, name):
    page = client.get(reverse(name)).content.decode()

    assert "Continue with ORCID" in page
    assert "Continue with Example University" in page


@pytest.mark.parametrize("name", ("account_login", "account_signup"))
def test_pages_offer_nothing_where_nothing_is_configured(client, db, name):
    page = client.get(reverse(name)).content.decode()

    assert "Continue with" not in page
