"""What holds for every address of the API: sign-in, tokens, limits, tags, pages, problems."""

import json
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from konnect.accounts.api import me
from konnect.accounts.api.pages import Cursor
from konnect.accounts.models import ApiToken
from konnect.accounts.services.api_tokens import create_api_token, digest_of, revoke_api_token
from tests.factories.matching import ListingFactory

ME = "/api/v1/me/"
LISTINGS = "/api/v1/listings/"


@pytest.fixture(autouse=True)
def fresh_limits(db):
    """Counts live in the table of the cache."""
    cache.clear()


@pytest.fixture
def program_of():
    """Return a function that makes a client with a token of somebody's."""

    def make(person, scope="write", **options):
        user = person.user
        row, text = create_api_token(user, actor=user, name="mine", scope=scope, **options)
        client = Client(headers={"Authorization": f"Bearer {text}"}, enforce_csrf_checks=True)
        client.token = row
        return client

    return make


def send(client, method, address, body=None, **headers):
    """Send JSON."""
    return getattr(client, method)(
        address, json.dumps(body), content_type="application/json", headers=headers
    )


# --- Who asks ---------------------------------------------------------------------------------


def test_token_stands_for_its_owner(program_of, minji):
    found = program_of(minji, "read").get(ME)

    assert (found.status_code, found.json()["email"]) == (200, "minji@example.kr")


def test_token_is_stored_as_a_digest_only(minji):
    row, text = create_api_token(minji.user, actor=minji.user, name="mine", scope="read")

    stored = json.dumps(list(ApiToken.objects.values()), default=str)
    assert (text.startswith(row.prefix), len(text)) == (True, 46)
    assert (text in stored, row.digest) == (False, digest_of(text))


@pytest.mark.parametrize("name", ("nothing/", "v1/nothing/", "v1/registrations/%C2%B9%0A%C2%A3/"))
def test_what_is_not_there_is_answered_for_programs(db, name):
    found = Client().get(f"/api/{name}")

    assert (found.status_code, found.headers["Content-Type"]) == (404, "application/problem+json")


@pytest.mark.parametrize("text", ("kn_" + "x" * 43, "kn_", "x", "", "kn_\x00", "kn_" + "é" * 43))
def test_unknown_token_opens_nothing(db, text):
    found = Client().get(ME, headers={"Authorization": f"Bearer {text}"})

    assert (found.status_code, found.headers["WWW-Authenticate"]) == (
        401,
        'Bearer realm="KONNECT"',
    )
    assert found.headers["Content-Type"] == "application/problem+json"


def test_ended_revoked_and_closed_tokens_open_nothing(program_of, minji, anna, omar):
    ended, revoked, closed = program_of(minji, days=1), program_of(anna), program_of(omar)
    ApiToken.objects.filter(pk=ended.token.pk).update(expires_at=timezone.now())
    assert revoke_api_token(revoked.token, actor=anna.user)
    omar.user.is_active = False
    omar.user.save()

    assert [client.get(ME).status_code for client in (ended, revoked, closed)] == [401] * 3


def test_token_that_reads_writes_nothing(program_of, minji):
    client = program_of(minji, "read")

    found = send(client, "patch", ME, {"language": "en"})

    assert (found.status_code, client.get(ME).json()["language"]) == (403, "ko")
    assert "read only" in found.json()["detail"]


def test_token_needs_no_form_token_but_a_session_does(program_of, minji):
    session = Client(enforce_csrf_checks=True)
    session.force_login(minji.user)

    by_token = send(program_of(minji), "patch", ME, {"language": "en"})
    by_session = send(session, "patch", ME, {"language": "ko"})
    session.get("/about/")
    form_token = session.cookies["csrftoken"].value if "csrftoken" in session.cookies else ""
    with_form_token = send(session, "patch", ME, {"language": "ko"}, **{"X-CSRFToken": form_token})

    assert (by_token.status_code, by_session.status_code) == (200, 403)
    assert by_session.headers["Content-Type"] == "application/problem+json"
    assert (bool(form_token), with_form_token.status_code) == (True, 200)


def test_password_is_never_taken(minji, client):
    basic = "Basic bWluamlAZXhhbXBsZS5rcjpjb3JyZWN0IGhvcnNlIGJhdHRlcnk="

    assert client.get(ME, headers={"Authorization": basic}).status_code == 401


def test_use_is_noted_once_an_hour(program_of, minji, django_assert_num_queries):
    client = program_of(minji)
    client.get(ME)
    first = ApiToken.objects.get().last_used_at
    with django_assert_num_queries(2):  # the token with its owner, the limit
        client.get(ME)
    kept = ApiToken.objects.get().last_used_at
    ApiToken.objects.update(last_used_at=first - timedelta(hours=1, minutes=1))
    client.get(ME)

    assert (first is not None, kept == first) == (True, True)
    assert ApiToken.objects.get().last_used_at >= first


# --- Limits -----------------------------------------------------------------------------------


def test_reading_writing_and_others_are_counted_apart(program_of, minji, anna, settings):
    settings.API_LIMITS = {"anonymous": 1, "read": 2, "write": 1, "guess": 100}
    own, other = program_of(minji), program_of(anna)

    reads = [own.get(ME).status_code for _ in range(3)]
    writes = [send(own, "patch", ME, {}).status_code for _ in range(2)]
    strangers = [Client().get("/api/v1/areas/").status_code for _ in range(2)]

    assert (reads, writes, strangers) == ([200, 200, 429], [200, 429], [200, 429])
    assert other.get(ME).status_code == 200


def test_refusal_says_when_to_go_on_and_the_window_ends(
    program_of, minji, settings, transactional_db
):
    settings.API_LIMITS = {"anonymous": 1, "read": 1, "write": 1, "guess": 100}
    client = program_of(minji)
    client.get(ME)

    refused = client.get(ME)
    end_windows()

    assert (refused.status_code, 1 <= int(refused.headers["Retry-After"]) <= 61) == (429, True)
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert client.get(ME).status_code == 200


def end_windows():
    """Let a minute pass for every count."""
    from django.db import connection  # noqa: PLC0415

    with connection.cursor() as cursor:
        cursor.execute("UPDATE cache SET expires = now() WHERE cache_key LIKE 'api-throttle:%'")


def test_guessing_tokens_is_stopped_and_hurts_nobody_else(program_of, minji, settings):
    settings.API_LIMITS = {"anonymous": 100, "read": 100, "write": 100, "guess": 2}
    own = program_of(minji)
    guess = {"Authorization": "Bearer kn_" + "x" * 43}

    answers = [Client().get(ME, headers=guess).status_code for _ in range(4)]

    assert (answers, own.get(ME).status_code) == ([401, 401, 429, 429], 200)


# --- Tags -------------------------------------------------------------------------------------


def test_copy_that_is_still_good_is_not_sent_again(program_of, minji):
    client = program_of(minji)
    first = client.get(ME)

    same = client.get(ME, headers={"If-None-Match": f'"other", W/{first.headers["ETag"]}'})
    send(client, "patch", ME, {"time_zone": "Europe/Paris"})
    changed = client.get(ME, headers={"If-None-Match": first.headers["ETag"]})

    assert (same.status_code, same.content, same.headers["ETag"]) == (
        304,
        b"",
        first.headers["ETag"],
    )
    assert (changed.status_code, changed.json()["time_zone"]) == (200, "Europe/Paris")


@pytest.mark.parametrize("address", (ME, "/api/v1/me/profile/", "/api/v1/me/notifications/"))
def test_newer_state_is_not_overwritten(program_of, minji, address):
    client = program_of(minji)
    tag = client.get(address).headers["ETag"]

    weak = send(client, "patch", address, {}, **{"If-Match": f"W/{tag}"})
    old = send(client, "patch", address, {}, **{"If-Match": '"older"'})

    assert (weak.status_code, old.status_code) == (412, 412)
    if address == ME:
        assert send(client, "patch", address, {}, **{"If-Match": tag}).status_code == 200


def test_tag_names_the_language_too(program_of, minji):
    client = program_of(minji)

    tags = {
        client.get(ME, headers={"Accept-Language": language}).headers["Content-Language"]
        for language in ("ko", "en", "ko-KR,en;q=0.5", "xx")
    }

    assert tags == {"ko", "en"}


# --- Pages ------------------------------------------------------------------------------------


def test_pages_follow_each_other_in_both_directions(program_of, minji):
    rows = [listing.pk for listing in ListingFactory.create_batch(5, profile=minji)][::-1]
    client = program_of(minji)

    first = client.get(f"{LISTINGS}?limit=2&kind=offer").json()
    second = client.get(first["next"]).json()
    third = client.get(second["next"]).json()
    back = client.get(third["previous"]).json()

    found = [[row["id"] for row in page["results"]] for page in (first, second, third, back)]
    assert found == [rows[:2], rows[2:4], rows[4:], rows[2:4]]
    assert (first["previous"], third["next"]) == (None, None)
    assert (back["previous"] is not None, back["next"] is not None) == (True, True)
    assert "kind=offer" in second["next"]


def test_pages_stand_still_while_others_write(program_of, minji):
    old = ListingFactory.create_batch(3, profile=minji)
    client = program_of(minji)
    first = client.get(f"{LISTINGS}?limit=2").json()

    ListingFactory.create_batch(2, profile=minji)
    second = client.get(first["next"]).json()

    assert [row["id"] for row in second["results"]] == [old[0].pk]


@pytest.mark.parametrize(
    "query",
    ("limit=0", "limit=101", "limit=-1", "limit=x", "limit=", "limit=٣", "limit=1e1",
     "limit=99999999999999999999", "cursor=", "cursor=x", "cursor=%00", "cursor=é",
     f"cursor={Cursor('after', 2**63).encoded()}", "cursor=YWZ0ZXI6LTE", "area=%00",
     "country=1A", "author=x", "kind=nonsense", "author=99999999999999999999"),
)  # fmt: skip
def test_parameters_that_make_no_sense_are_a_problem(client, db, query):
    found = client.get(f"{LISTINGS}?{query}")

    assert (found.status_code, found.json()["status"]) == (400, 400)
    assert found.json()["errors"][0]["pointer"].startswith("#/")


# --- Problems ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    (b"", b"{", b"[" * 100_000, b'{"language": "\\ud800"}', b'{"language": "e\\u0000n"}',
     b'{"language": NaN}', b"\xff\xfe", b"null", b"[]", b'"x"', b"1" * 6000,
     b'{"langauge": "ko"}', b'{"language": ["ko"]}', b'{"time_zone": "Mars/Olympus"}'),
)  # fmt: skip
def test_bodies_that_make_no_sense_are_a_problem(program_of, minji, body):
    found = program_of(minji).patch(ME, body, content_type="application/json")

    assert found.status_code == (200 if body == b"" else 400), found.content
    if body:
        assert found.headers["Content-Type"] == "application/problem+json"


def test_field_errors_say_where(program_of, minji):
    found = send(program_of(minji), "patch", "/api/v1/me/profile/",
                 {"works": [{"title": "A"}, {"doi": "nonsense"}]},
                 **{"Accept-Language": "ko"})  # fmt: skip

    pointers = {error["pointer"]: error["code"] for error in found.json()["errors"]}
    assert pointers == {"#/works/1/doi": "doi", "#/works/1/title": "required"}


def test_every_kind_of_refusal_is_problem_json(program_of, minji):
    client = program_of(minji)
    answers = {
        404: client.get("/api/v1/nothing/"),
        405: client.delete(ME),
        406: client.get(ME, headers={"Accept": "text/html"}),
        413: client.patch(ME, "x" * 1_000_001, content_type="application/json"),
        415: client.patch(ME, "language=ko", content_type="application/x-www-form-urlencoded"),
    }

    assert {status: found.status_code for status, found in answers.items()} == {
        status: status for status in answers
    }
    for status, found in answers.items():
        assert found.headers["Content-Type"] == "application/problem+json"
        body = found.json()
        assert {"type", "title", "status", "detail"} <= body.keys()
        assert body["status"] == status
        assert found.headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert "no-store" in found.headers["Cache-Control"]


@pytest.mark.parametrize(("fault", "status"), ((ZeroDivisionError, 500), (OperationalError, 503)))
def test_fault_of_ours_is_told_in_general_words(
    program_of, minji, monkeypatch, caplog, fault, status
):
    def break_down(*arguments):
        raise fault("secret words")

    client = program_of(minji)
    client.raise_request_exception = False
    monkeypatch.setattr(me.AccountSerializer, "to_representation", break_down)

    found = client.get(ME)

    assert (found.status_code, found.headers["Content-Type"]) == (
        status,
        "application/problem+json",
    )
    assert "secret" not in found.content.decode()
    assert "secret words" in caplog.text
    assert ("Retry-After" in found.headers) == (status == 503)
