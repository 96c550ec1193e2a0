"""Suggestions as JSON: the same list as on the page, with what members may see."""

import itertools
import json

import pytest
from django.core.cache import caches
from django.db import connection
from django.test import Client

from konnect.accounts import quick
from matching.models import Block, Profile, Work
from matching.scoring import TERMS
from matching.services import suggestion_json
from matching.services.suggestion_json import FIELD_OF, LISTS, SWITCHES, TEXTS, is_open_to_members
from matching.services.suggestions import answer_suggestion, shortlist
from matching.visibility import FIELDS, Audience, Visibility, fields_open_to
from tests.matching.evidence_lists import write_list

URL = "/api/v1/suggestions/"


@pytest.fixture(autouse=True)
def empty():
    """Begin with nothing kept and nobody known."""
    caches["panels"].clear()
    quick.OWNERS.clear()


@pytest.fixture
def client(client_of, minji, row):
    """Minji's client."""
    return client_of(minji)


def test_list_says_what_the_page_says(client, minji, anna):
    found = client.get(URL)
    [suggestion] = found.json()["results"]

    assert found.headers["Content-Type"] == "application/json"
    [entry] = shortlist(minji).entries
    about = {key: value for key, value in found.json().items() if key != "results"}
    assert about == {"count": 1, "limit": 20, "offset": 0, "is_fresh": True, "obstacle": ""}
    assert (suggestion["id"], suggestion["rank"]) == (anna.pk, 1)
    assert suggestion["score"] == entry.score == sum(suggestion["parts"].values())
    assert tuple(suggestion["parts"]) == TERMS
    assert tuple(suggestion["parts"].values()) == entry.parts
    assert suggestion["partner"]["name"] == "Anna Schmidt"
    assert suggestion["partner"]["organisation"]["id"] == anna.organisation_id


def test_evidence_is_named_in_both_languages(client):
    [suggestion] = client.get(URL).json()["results"]

    assert suggestion["evidence"] == {
        "my_work": "페로브스카이트의 결함",
        "their_work": "Defects in <i>perovskites</i>",
        "my_request": {"en": "Modelling wanted", "ko": "모델링 구함"},
        "their_offer": {"en": "Modelling of cells", "ko": ""},
        "my_offer": {"en": "", "ko": "시료 제작"},
        "their_request": {"en": "Samples wanted", "ko": ""},
    }


@pytest.mark.parametrize("gone", range(6))
def test_evidence_that_is_gone_is_null(client, named, gone):
    named[gone].delete()

    [suggestion] = client.get(URL).json()["results"]

    missing = [value is None for value in suggestion["evidence"].values()]
    assert missing == [place == gone for place in range(6)]


def test_listing_that_is_closed_is_null(client, named):
    for one in named[2:]:
        type(one).objects.filter(pk=one.pk).update(state="closed")

    [suggestion] = client.get(URL).json()["results"]

    assert list(suggestion["evidence"].values())[2:] == [None] * 4


def test_fields_are_open_as_the_rules_say(client, minji, anna):
    """Every field with every choice, one that is none, and no choice."""
    Profile.objects.filter(pk=anna.pk).update(
        position="Dean", unit="Physics", summary_en="S", summary_ko="요", keywords=["k"],
        roles=["partner"], would_host=True, would_visit=True,
    )  # fmt: skip
    columns = (*TEXTS, *LISTS, *SWITCHES)
    for choice in (*[one.value for one in Visibility], "nonsense", None):
        fields = {FIELD_OF[column] for column in columns} | {"works", "topics"}
        chosen = {} if choice is None else dict.fromkeys(fields, choice)
        Profile.objects.filter(pk=anna.pk).update(visibility=chosen)
        open_ones = fields_open_to(Audience.MEMBER, chosen)

        [suggestion] = client.get(URL).json()["results"]

        for column in columns:
            assert bool(suggestion["partner"][column]) == (FIELD_OF[column] in open_ones), column
        assert (suggestion["evidence"]["their_work"] is not None) == ("works" in open_ones)


def test_rule_in_sql_is_the_rule_in_python(db, django_db_blocker):
    values = [*[one.value for one in Visibility], "nonsense", None]
    for field, value in itertools.product(FIELDS, values):
        chosen = {} if value is None else {field: value}
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {is_open_to_members(field)} FROM (SELECT %s::jsonb AS visibility) partner",
                [json.dumps(chosen)],
            )
            [in_sql] = cursor.fetchone()
        assert in_sql == (field in fields_open_to(Audience.MEMBER, chosen)), (field, value)


def test_names_contact_details_nowhere(client, anna):
    Profile.objects.filter(pk=anna.pk).update(
        contact_email="anna@secret.example", telephone="+32 2 000", visibility={}
    )

    body = client.get(URL).content.decode()

    assert "secret" not in body
    assert "anna@example.eu" not in body


def test_changes_count_at_once_and_unchanged_lists_are_304(client, minji, anna):
    first = client.get(URL)
    etag = first.headers["ETag"]
    same = client.get(URL, headers={"If-None-Match": f'W/"other", W/{etag}'})
    Block.objects.create(blocker=anna, blocked=minji)
    after = client.get(URL, headers={"If-None-Match": etag})

    assert (same.status_code, same.content) == (304, b"")
    assert (same.headers["ETag"], "Content-Type" in same.headers) == (etag, False)
    assert (after.status_code, after.json()["results"]) == (200, [])
    assert after.headers["ETag"] != etag


def test_answers_change_the_list(client, minji, anna):
    answer_suggestion(minji, anna, actor=minji.user, answer="interested")
    [suggestion] = client.get(URL).json()["results"]
    answer_suggestion(minji, anna, actor=minji.user, answer="not_for_me")

    assert suggestion["answer"] == "interested"
    assert client.get(URL).json()["count"] == 0


def test_second_request_takes_one_query(client, django_assert_num_queries):
    etag = client.get(URL).headers["ETag"]

    with django_assert_num_queries(1):
        kept = client.get(URL)
    with django_assert_num_queries(1):
        client.get(URL, headers={"If-None-Match": etag})

    assert kept.headers["Cache-Control"].startswith("max-age=0")
    assert "no-store" in kept.headers["Cache-Control"]
    assert kept.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert set(kept.headers["Vary"].split(", ")) >= {"Cookie"}


def test_both_ways_give_the_same(client):
    long = client.get(URL)
    short = client.get(URL)
    quick.OWNERS.clear()

    assert long.content == short.content == client.get(URL).content
    assert long.headers["ETag"] == short.headers["ETag"]


@pytest.mark.parametrize(
    "query",
    ("limit=0", "limit=51", "limit=-1", "limit=x", "offset=-1", "offset=51", "offset=", "limit=٣",
     "limit=99999999999999999999"),
)  # fmt: skip
def test_numbers_that_make_no_sense_are_a_problem(client, query):
    client.get(URL)

    response = client.get(f"{URL}?{query}")

    assert response.status_code == 400
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json()["status"] == 400


def test_limit_and_offset_cut_the_list(client):
    cut = [client.get(f"{URL}?limit=1&offset={offset}").json() for offset in (0, 1)]

    assert [len(part["results"]) for part in cut] == [1, 0]
    assert [part["count"] for part in cut] == [1, 1]


def test_strangers_are_asked_to_sign_in(row):
    response = Client().get(URL)

    assert response.status_code == 401
    assert response.json()["title"] == "Unauthorized"


def test_without_a_profile_the_list_is_empty(client_of, staff):
    body = client_of(staff).get(URL).json()

    assert (body["count"], body["results"]) == (0, [])
    assert not Profile.objects.filter(user=staff).exists()


def test_other_peoples_evidence_is_never_named(client_of, minji, anna, omar, named):
    secret = Work.objects.create(profile=omar, title="Secret paper")
    write_list(minji, anna, [secret.pk, secret.pk, *[named[place].pk for place in (3, 2, 5, 4)]])

    [suggestion] = client_of(minji).get(URL).json()["results"]

    assert set(suggestion["evidence"].values()) == {None}


def test_statement_is_made_of_no_input():
    assert "$5" not in suggestion_json.statement().sql
    assert suggestion_json.statement().constants == []
