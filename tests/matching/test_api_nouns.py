"""The nouns of matching at /api/v1/: the same doors, services and refusals as on the pages."""

import json
import threading
from contextlib import suppress

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, get_resolver, reverse

from konnect.accounts.api.description import operations
from konnect.accounts.api.schema import described
from konnect.accounts.services.api_tokens import create_api_token
from konnect.reference import GROUPS, groups
from matching.models import ContactRequest, ExpressionOfInterest, Listing, Profile, ProfileState
from matching.visibility import FIELDS, Audience, Visibility, fields_open_to
from tests.factories.matching import (
    AcceptedContactRequestFactory,
    ContactRequestFactory,
    ConversationFactory,
    InterestFactory,
    ListingFactory,
    MessageFactory,
    PartnerSearchFactory,
    ProfileFactory,
)
from tests.flows.api_access import API_TABLE, api_things
from tests.flows.test_crawl import FIELD_OF, TEXT_COLUMNS

V1 = "/api/v1"


def send(client, method, address, body=()):
    """Send JSON."""
    return getattr(client, method)(
        V1 + address, json.dumps(body or {}), content_type="application/json"
    )


# --- Who sees what ----------------------------------------------------------------------------


@pytest.fixture
def told(minji):
    """Return Minji with a telling word in every text field, on the open web."""
    for column, word in TEXT_COLUMNS.items():
        setattr(minji, column, word)
    minji.is_public = True
    minji.save()
    return minji


@pytest.fixture
def readers(client_of, told, anna, omar):
    """Return a client for each place from which somebody may look at Minji."""
    AcceptedContactRequestFactory(sender=anna, recipient=told)
    return {
        Audience.PUBLIC: Client(),
        Audience.MEMBER: client_of(omar),
        Audience.CONTACT: client_of(anna),
        Audience.OWNER: client_of(told),
    }


def everything(client, things):
    """Return what a reader gets from every list and from these things, as one text."""
    addresses = [
        f"{V1}/search/{kind}/?q=canary" for kind in ("people", "organisations", "listings")
    ]
    for name in API_TABLE:
        with suppress(NoReverseMatch):
            addresses.append(reverse(name, args=things.get(name, [])))
    assert len(addresses) > len(LISTS)
    texts = [client.get(path).content.decode() for path in addresses if "schema" not in path]
    return "\n".join(texts)


@pytest.mark.parametrize("visibility", tuple(Visibility))
def test_no_reader_finds_a_closed_field_anywhere(readers, told, anna, visibility):
    told.visibility = {
        field: visibility if visibility in rule.choices else rule.default
        for field, rule in FIELDS.items()
    }
    told.save()
    things = api_things(told, ProfileFactory())

    for audience, client in readers.items():
        allowed = fields_open_to(audience, told.visibility)
        text = everything(client, things)
        found = {column for column, word in TEXT_COLUMNS.items() if word in text}
        assert {FIELD_OF[column] for column in found} <= allowed, audience
        if visibility == Visibility.PUBLIC:
            assert {"summary_en", "unit"} <= found


def test_hidden_and_blocked_people_are_in_no_answer(readers, told, omar):
    told.blocks_made.create(blocked=omar)
    things = {"api:profile-detail": [told.pk], "api:organisation-detail": [told.organisation_id]}
    blocked = everything(readers[Audience.MEMBER], things)
    Profile.objects.filter(pk=told.pk).update(state=ProfileState.HIDDEN)
    hidden = everything(readers[Audience.PUBLIC], things)

    assert ("canary" in blocked, "Kim Minji" in blocked) == (False, False)
    assert ("canary" in hidden, "Kim Minji" in hidden) == (False, False)


def test_strangers_read_no_letters_and_no_long_description(readers, told, anna):
    request = ContactRequest.objects.get(sender=anna)
    conversation = ConversationFactory(contact_request=request)
    MessageFactory(conversation=conversation, author=anna, text="canarymessage")
    search = PartnerSearchFactory(
        listing__profile=told, details_en="canarydetails", confidentiality="interested"
    )
    things = {
        "api:conversation-detail": [conversation.pk], "api:message-list": [conversation.pk],
        "api:listing-detail": [search.pk],
    }  # fmt: skip

    texts = {audience: everything(client, things) for audience, client in readers.items()}

    letters = {audience for audience, text in texts.items() if "canarymessage" in text}
    details = {audience for audience, text in texts.items() if "canarydetails" in text}
    assert letters == {Audience.CONTACT, Audience.OWNER}
    assert details == {Audience.OWNER}


# --- What is written --------------------------------------------------------------------------


def test_profile_is_changed_as_named_and_the_rest_stays(client_of, minji):
    client = client_of(minji)

    found = send(client, "patch", "/me/profile/", {
        "position": "Professor", "areas": ["NANO"], "works": [{"title": "한글 제목"}],
        "keywords": ["perovskite"], "visibility": {"summary": "members"},
    })  # fmt: skip

    assert found.status_code == 200, found.content
    minji.refresh_from_db()
    assert (minji.position, minji.hangul_name) == ("Professor", "김민지")
    assert [area.code for area in minji.areas.all()] == ["NANO"]
    assert [work.title for work in minji.works.all()] == ["한글 제목"]
    assert found.json()["visibility"]["summary"] == "members"
    assert minji.is_public is False


def test_published_profile_stays_publishable(client_of, minji):
    send(client_of(minji), "patch", "/me/profile/", {"areas": ["NANO"]})

    found = send(client_of(minji), "patch", "/me/profile/",
                 {"summary_en": "", "summary_ko": "", "keywords": []})  # fmt: skip

    minji.refresh_from_db()
    assert (found.status_code, found.json()["errors"][0]["code"]) == (409, "texts")
    assert minji.summary_ko != ""


@pytest.mark.parametrize(
    ("body", "pointer"),
    (({"is_public": True}, "#/is_public"), ({"orcid": "0000-0002-1825-0098"}, "#/orcid"),
     ({"areas": ["NONSENSE"]}, "#/areas"), ({"country_code": "1A"}, "#/country_code"),
     ({"visibility": {"telephone": "public"}}, "#/visibility/telephone"),
     ({"organisation": 99999999999999999999}, "#/organisation"),
     ({"works": [{"title": "A", "doi": "10.1234/x"}, {"title": "B", "doi": "10.1234/X"}]}, "#/works"),
     ({"display_name": ""}, "#/display_name"), ({"website": "javascript:alert(1)"}, "#/website")),
)  # fmt: skip
def test_profile_refuses_what_the_form_refuses(client_of, minji, body, pointer):
    found = send(client_of(minji), "patch", "/me/profile/", body)

    assert (found.status_code, found.json()["errors"][0]["pointer"]) == (400, pointer)


def test_listing_is_written_opened_and_closed(client_of, minji, omar):
    client = client_of(minji)
    made = send(client, "post", "/listings/", {"kind": "offer", "title_ko": "시료 제작"})
    address = f"/listings/{made.json()['id']}/"

    unseen = client_of(omar).get(V1 + address).status_code
    opened = send(client, "post", f"{address}publish/").json()["state"]
    seen = client_of(omar).get(V1 + address).status_code
    again = send(client, "post", f"{address}publish/").status_code
    untitled = send(client, "patch", address, {"title_ko": ""}).status_code
    closed = send(client, "post", f"{address}close/").json()["state"]

    assert (made.status_code, made.json()["state"]) == (201, "draft")
    assert (unseen, opened, seen, again) == (404, "open", 200, 409)
    assert (untitled, closed) == (400, "closed")


def test_partner_search_is_not_changed_past_its_review(client_of, minji):
    listing = PartnerSearchFactory(listing__profile=minji).listing

    for method, verb in (("patch", ""), ("post", "publish/"), ("post", "close/")):
        found = send(client_of(minji), method, f"/listings/{listing.pk}/{verb}", {"title_en": "X"})
        assert found.status_code == 409
    assert Listing.objects.get(pk=listing.pk).title_en == listing.title_en


def test_contact_is_asked_answered_and_talked_in(client_of, minji, anna):
    one, other = client_of(anna), client_of(minji)
    asked = send(one, "post", "/contact-requests/", {"recipient": minji.pk, "message": "Hello"})
    address = f"/contact-requests/{asked.json()['id']}/"
    twice = send(one, "post", "/contact-requests/", {"recipient": minji.pk, "message": "Hello"})

    own = send(one, "post", f"{address}accept/").status_code
    accepted = send(other, "post", f"{address}accept/", {"answer": "네"}).json()
    late = send(other, "post", f"{address}decline/").status_code
    letters = f"/conversations/{accepted['conversation']}/messages/"
    token = "3f2b8c1e-5a55-4d0e-9f2e-2b1a7c9d4e10"
    numbers = {
        send(one, "post", letters, {"text": "Hi", "token": token}).json()["id"] for _ in "12"
    }
    texts = [row["text"] for row in other.get(V1 + letters).json()["results"]]

    assert asked.json()["can_withdraw"]
    assert (twice.status_code, twice.json()["errors"][0]["code"]) == (409, "already_pending")
    assert (own, accepted["state"], late) == (404, "accepted", 409)
    assert (len(numbers), texts) == (1, ["Hi", "네", "Hello"])


def test_interest_is_expressed_and_settled(client_of, minji, anna):
    listing = PartnerSearchFactory(listing__profile=minji).listing
    body = {"listing": listing.pk, "role": "partner", "organisation_type": "education",
            "country_code": "BE", "expertise": "Ageing", "contribution": "We model."}  # fmt: skip

    sent = send(client_of(anna), "post", "/expressions-of-interest/", body)
    twice = send(client_of(anna), "post", "/expressions-of-interest/", body)
    address = f"/expressions-of-interest/{sent.json()['id']}/"
    foreign = send(client_of(anna), "post", f"{address}accept/").status_code
    accepted = send(client_of(minji), "post", f"{address}accept/").json()

    assert (sent.status_code, twice.status_code, foreign) == (201, 409, 404)
    assert (accepted["state"], accepted["contact_request"] is not None) == ("accepted", True)


@pytest.mark.django_db(transaction=True)
def test_two_who_answer_at_once_get_one_yes_and_one_409(minji, anna):
    address = f"{V1}/contact-requests/{ContactRequestFactory(sender=anna, recipient=minji).pk}/"
    _row, text = create_api_token(minji.user, actor=minji.user, name="race", scope="write")
    start, statuses = threading.Barrier(2), []

    def answer(verb):
        client = Client(headers={"Authorization": f"Bearer {text}"})
        start.wait()
        try:
            found = client.post(f"{address}{verb}/", "{}", content_type="application/json")
            statuses.append(found.status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=answer, args=[verb]) for verb in ("accept", "decline")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(statuses) == [200, 409]


# --- Cost -------------------------------------------------------------------------------------


LISTS = ("/profiles/", "/listings/", "/contact-requests/", "/conversations/", "/blocks/",
         "/expressions-of-interest/", "/organisations/")  # fmt: skip


def fill(minji, count):
    """Write some of everything."""
    for person in ProfileFactory.create_batch(count):
        ListingFactory(profile=person)
        accepted = AcceptedContactRequestFactory(sender=person, recipient=minji)
        MessageFactory(conversation=ConversationFactory(contact_request=accepted))
        minji.blocks_made.create(blocked=ProfileFactory())
    search = PartnerSearchFactory(listing__profile=minji).listing
    InterestFactory.create_batch(count, listing=search)


@pytest.mark.parametrize("address", LISTS)
def test_number_of_queries_does_not_grow_with_the_rows(client_of, minji, address, settings):
    settings.DEBUG = True
    client, numbers = client_of(minji), []
    fill(minji, 1)
    for more in (0, 2, 20):
        fill(minji, more) if more else None
        client.get(f"{V1}{address}?limit=100")
        connection.queries_log.clear()
        rows = client.get(f"{V1}{address}?limit=100").json()["results"]
        numbers.append((len(rows), len(connection.queries_log)))

    assert numbers[0][0] < numbers[1][0] < numbers[2][0]
    assert len({queries for _rows, queries in numbers}) == 1, numbers
    assert numbers[0][1] <= 9


def test_whether_somebody_may_read_all_of_a_search_is_asked_once(client_of, anna, told):
    listing = PartnerSearchFactory(listing__profile=told).listing
    InterestFactory(listing=listing, profile=anna)
    client = client_of(anna)

    with CaptureQueriesContext(connection) as asked:
        client.get(f"{V1}/listings/{listing.pk}/")

    assert sum('FROM "matching_expressionofinterest"' in query["sql"] for query in asked) == 1


def test_a_list_reads_nothing_of_proposals(client_of, anna, told):
    PartnerSearchFactory(listing__profile=told)
    client = client_of(anna)

    with CaptureQueriesContext(connection) as asked:
        rows = client.get(f"{V1}/listings/").json()["results"]

    assert len(rows) == 1
    read = " ".join(query["sql"] for query in asked)
    assert not any(
        name in read for name in ("matching_listingdeadline", "matching_consortiummember")
    )


# --- The description --------------------------------------------------------------------------


def test_reference_page_has_every_operation_in_a_named_group(client):
    schema = described()
    wanted = {raw["operationId"] for _method, _path, raw in operations(schema)}
    shown = [operation.key for group in groups() for operation in group.operations]

    text = client.get("/api/").content.decode()

    assert (sorted(shown), {group.key for group in groups()} <= GROUPS.keys()) == (
        sorted(wanted),
        True,
    )
    assert all(f'id="{key}"' in text for key in wanted)
    assert 'style="' not in text


def test_description_has_every_address_and_an_example_of_every_noun():
    schema = described()
    paths = set(schema["paths"])
    known = {name for name in API_TABLE if name not in ("api:schema", "api:nothing")}

    assert len(paths) == len({get_path(name) for name in known})
    for _method, path, raw in operations(schema):
        success = next(code for code in raw["responses"] if code.startswith("2"))
        content = raw["responses"][success].get("content")
        assert success == "204" or content["application/json"].get("examples"), path
        assert raw["summary"], path


def get_path(name):
    """Return the route of an address."""
    return get_resolver().reverse_dict and reverse_route(name)


def reverse_route(name):
    """Return the pattern of an address without its values."""
    resolver = get_resolver().namespace_dict["api"][1]
    return resolver.reverse_dict.getlist(name.removeprefix("api:"))[0][0][0][0]


def test_expression_of_interest_is_listed_for_both_sides(client_of, minji, anna):
    listing = PartnerSearchFactory(listing__profile=minji).listing
    InterestFactory(listing=listing, profile=anna)

    rows = [
        client_of(person).get(f"{V1}/expressions-of-interest/").json()["results"]
        for person in (minji, anna)
    ]

    assert [row[0]["is_sent_by_me"] for row in rows] == [False, True]
    assert ExpressionOfInterest.objects.count() == 1
