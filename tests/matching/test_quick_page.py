"""The quick way to the page of suggestions: the same page, and nobody gets in who may not."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.core.cache import caches
from django.db import connection
from django.middleware.csrf import _unmask_cipher_token, get_random_string
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from konnect.accounts import quick
from konnect.accounts.models import User
from konnect.accounts.tokens import masked, secret_in
from matching.services.embeddings import refresh_stale_embeddings
from matching.services.matching import run_matching

URL = "/suggestions/"
ONCE = re.compile(rb'[A-Za-z0-9]{64}|nonce="[^"]+"')
# Django renews the cookie of the token on the long way only; it lives for a year.
NOT_COMPARED = {"Set-Cookie", "Expires"}


@pytest.fixture(autouse=True)
def empty(lexical):
    """Begin with nothing kept and nobody known."""
    for name in ("cards", "panels", "layout"):
        caches[name].clear()
    quick.OWNERS.clear()


@pytest.fixture
def published(minji, anna):
    """A run in which the two are suggested to each other."""
    refresh_stale_embeddings()
    run_matching()


@pytest.fixture
def client(client_of, published, minji):
    """Minji's browser, which has seen the page before."""
    client = client_of(minji)
    client.get(URL)
    return client


def without_once(response):
    """Return a page without what every request has anew."""
    return ONCE.sub(b"", response.content)


def long_way(client):
    """Ask as if this process had never seen the session."""
    quick.OWNERS.clear()
    return client.get(URL)


def is_quick(client, django_assert_num_queries):
    with django_assert_num_queries(1):
        return client.get(URL)


def policy(response):
    return re.sub(r"nonce-[^']+", "nonce", response.headers["Content-Security-Policy"])


def test_quick_page_is_the_same_page(client, django_assert_num_queries):
    long = long_way(client)
    short = is_quick(client, django_assert_num_queries)

    assert b"Anna Schmidt" in short.content
    assert without_once(short) == without_once(long)
    assert policy(short) == policy(long)
    kept = [set(each.headers) - NOT_COMPARED for each in (short, long)]
    assert kept[0] == kept[1]
    for name in kept[0] - {"Content-Security-Policy", "Vary", "Cache-Control"}:
        assert short.headers[name] == long.headers[name], name
    for name in ("Vary", "Cache-Control"):
        words = [set(each.headers[name].split(", ")) for each in (short, long)]
        assert words[0] == words[1], name


def test_nonce_of_the_page_is_the_one_of_its_policy(client, django_assert_num_queries):
    page = is_quick(client, django_assert_num_queries)

    nonces = set(re.findall(r'nonce="([^"]+)"', page.content.decode()))
    assert len(nonces) == 1
    assert f"'nonce-{nonces.pop()}'" in page.headers["Content-Security-Policy"]


def test_token_of_the_quick_page_is_taken(client_of, published, minji, anna):
    client = Client(enforce_csrf_checks=True)
    client.force_login(minji.user)
    client.get(URL)
    page = client.get(URL).content.decode()
    token = page.split('csrfmiddlewaretoken" value="')[1][:64]
    address = f"{URL}{anna.pk}/answer/"

    refused = client.post(address, {"answer": "later", "csrfmiddlewaretoken": "x" * 64})
    taken = client.post(address, {"answer": "later", "csrfmiddlewaretoken": token})

    assert (refused.status_code, taken.status_code) == (403, 302)


def test_masked_tokens_unmask_to_the_secret():
    secret = get_random_string(32)
    tokens = {masked(secret) for _ in range(200)}

    assert len(tokens) == 200
    assert {_unmask_cipher_token(token) for token in tokens} == {secret}


@pytest.mark.parametrize("cookie", ("", "short", "ü" * 32, "a" * 31 + "-", "a" * 64))
def test_secrets_that_django_does_not_write_are_none(cookie):
    assert secret_in(cookie) is None


def leave(client, user):
    client.logout()


def close(client, user):
    User.objects.filter(pk=user.pk).update(is_active=False)


def change_password(client, user):
    user.set_password("another one entirely")
    user.save()


def run_out(client, user):
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))


def delete_session(client, user):
    Session.objects.all().delete()


def forge(client, user):
    Session.objects.update(session_data="forged" + Session.objects.get().session_data[6:])


@pytest.mark.parametrize("change", (leave, close, change_password, run_out, delete_session, forge))
def test_who_is_no_longer_signed_in_is_sent_to_sign_in(client, minji, change):
    cookies = dict(client.cookies)
    change(client, minji.user)
    client.cookies.update(cookies)

    response = client.get(URL)

    assert response.status_code == 302
    assert response.url.startswith("/accounts/login/")


def other_page(client_of, client, minji, anna):
    """Return what Minji sees after her session was taken for Anna's, whose page is kept too."""
    other = client_of(anna)
    other.get(URL)
    other.get(URL)
    quick.OWNERS[client.cookies["sessionid"].value] = anna.user_id
    return client.get(URL).content.decode()


def test_wrong_guess_shows_nothing_of_the_other(client_of, client, minji, anna):
    page = other_page(client_of, client, minji, anna)

    assert ("minji@example.kr" in page, "anna@example.eu" in page) == (True, False)


def test_without_the_check_of_the_session_it_would(client_of, client, minji, anna, monkeypatch):
    monkeypatch.setattr(quick, "vouches", lambda session_data, user: True)
    page = other_page(client_of, client, minji, anna)

    assert "anna@example.eu" in page


@pytest.mark.parametrize("key", ("account_login", "_messages", "anything"))
def test_session_with_something_unusual_takes_the_long_way(client, key):
    session = client.session
    session[key] = "[]"
    session.save()

    assert quick.opened(Session.objects.get().session_data)[SESSION_KEY]
    with CaptureQueriesContext(connection) as queries:
        client.get(URL)
    assert len(queries) > 1


def test_host_that_is_not_ours_is_refused(client, settings):
    settings.ALLOWED_HOSTS = ["konnect.example"]

    assert client.get(URL, headers={"host": "evil.example"}).status_code == 400


@pytest.mark.django_db(transaction=True)
def test_connection_that_was_cut_is_made_anew(client):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        [pid] = cursor.fetchone()
    with connection.copy().cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [pid])

    assert client.get(URL).status_code == 200
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        assert cursor.fetchone() != (pid,)
