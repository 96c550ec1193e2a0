"""One search over people, organisations and listings: pages, facets, chips, tabs, the map."""

import re
import unicodedata
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from matching.keyboards import retyped
from matching.models import Area, Profile, Topic
from matching.services.search_entries import refresh_search_entries
from matching.services.search_page import PLACES
from tests.factories.matching import (
    KoreanOrganisationFactory,
    KoreanProfileFactory,
    ListingFactory,
    OrganisationFactory,
    ProfileFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("lexical")]
PEOPLE = reverse("matching:people_search")
ORGANISATIONS = reverse("matching:organisation_list")
LISTINGS = reverse("matching:listing_search")
PAGES = (PEOPLE, ORGANISATIONS, LISTINGS)


def shown(client, address=PEOPLE, **query):
    """Return the answer of a page whose entries are true."""
    refresh_search_entries()
    response = client.get(address, query)
    assert response.status_code == 200
    return response


def found(client, address=PEOPLE, **query):
    """Return the names of what a page lists, in order."""
    hits = shown(client, address, **query).context.get("hits", [])
    return [str(hit.thing) for hit in hits]


def text_of(response):
    """Return a page as a reader sees it."""
    return " ".join(unescape(re.sub("<[^>]+>", " ", response.content.decode())).split())


@pytest.fixture
def minsu(db):
    return KoreanProfileFactory(
        display_name="Kim Min-su",
        family_name="Kim",
        given_name="Min-su",
        hangul_name="김민수",
        summary_ko="페로브스카이트 태양전지를 연구합니다.",
        summary_en="",
        keywords=["Tandem cells"],
        career_stage="R4",
        would_host=True,
        roles=["coordinator"],
    )


@pytest.fixture
def nano(db):
    return Area.objects.get(version=Area.CURRENT_VERSION, code="NANO")


# --- Words ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    ("kim min-su", "KIM MINSU", "김민수", "태양", "tandem", "min-s", unicodedata.normalize("NFD", "김민수"),
     "minsu 태양전지"),
)  # fmt: skip
def test_person_is_found_by_many_words(client_of, anna, minsu, words):
    assert found(client_of(anna), q=words)[0] == "Kim Min-su"


def test_page_says_why_something_was_found_and_marks_it(client_of, anna, minsu):
    text = shown(client_of(anna), q="태양전지").content.decode()

    assert "<mark>태양전지를</mark>" in text
    assert "The text matches." in text


def test_marked_words_are_escaped(client_of, anna, minsu):
    minsu.summary_en = "<script>alert(1)</script> of tandem & other cells"
    minsu.keywords = []
    minsu.save()

    text = shown(client_of(anna), q="tandem").content.decode()

    assert "&lt;script&gt;alert(1)&lt;/script&gt; of <mark>tandem</mark> &amp; other" in text


def test_stranger_on_the_web_finds_public_people_by_public_texts(client, minsu, anna):
    Profile.objects.filter(pk=minsu.pk).update(is_public=True)
    minsu.refresh_from_db()
    minsu.visibility = {"keywords": "members"}
    minsu.save()

    assert found(client) == ["Kim Min-su"]
    assert found(client, q="태양전지") == ["Kim Min-su"]
    assert found(client, q="tandem") == []
    assert "Sign in to search among all of them." in text_of(shown(client))


@pytest.mark.parametrize("state", ("invited", "draft", "hidden"))
def test_unpublished_people_are_not_found(client_of, anna, minsu, state):
    Profile.objects.filter(pk=minsu.pk).update(state=state)

    assert found(client_of(anna), q="minsu") == []


def test_blocked_person_is_not_found(client_of, anna, minsu):
    minsu.blocks_made.create(blocked=anna)

    assert found(client_of(anna), q="minsu") == []


def test_organisation_is_found_in_every_language(client):
    KoreanOrganisationFactory(
        name="KAIST",
        name_ko="한국과학기술원",
        names_other=[{"language": "fr", "name": "Institut"}],
    )
    OrganisationFactory()

    for words in ("kaist", "과학기술", "institut", "ㅎㄱㄱㅎ"):
        assert found(client, ORGANISATIONS, q=words)[:1] == ["KAIST"]


def test_listing_is_found_with_its_author(client_of, anna, minsu):
    ListingFactory(profile=minsu, title_en="Cleanroom time", title_ko="클린룸 사용")
    ListingFactory(profile=minsu, title_en="Cleanroom closed", state="closed")

    assert found(client_of(anna), LISTINGS, q="cleanroom") == ["Cleanroom time"]
    assert found(client_of(anna), LISTINGS, q="클린룸") == ["Cleanroom time"]
    assert "Kim Min-su" in text_of(shown(client_of(anna), LISTINGS, q="cleanroom"))
    assert found(Client(), LISTINGS, q="cleanroom") == []


# --- Facets ---------------------------------------------------------------------------------------


def test_facets_narrow_down_and_count(client_of, anna, minsu, nano):
    minsu.areas.add(nano)
    ListingFactory(profile=minsu)
    client = client_of(anna)

    counts = {
        facet.name: {value.value: value.count for value in (*facet.values, *facet.more)}
        for facet in shown(client, side="korea").context["facets"]
    }

    assert counts == {
        "side": {"europe": 1, "korea": 1},
        "area": {"NANO": 1},
        "stage": {"R4": 1},
        "type": {"education": 1},
        "country": {"KR": 1},
        "city": {"Seoul": 1},
        "role": {"coordinator": 1},
        "mobility": {"host": 1},
        "language": {"en": 1, "ko": 1},
        "offers_or_seeks": {"offer": 1},
    }
    everything = {
        "area": "NANO", "stage": "R4", "type": "education", "country": "KR", "city": "Seoul",
        "role": "coordinator", "mobility": "host", "language": "ko", "offers_or_seeks": "offer",
    }  # fmt: skip
    assert found(client, **everything) == ["Kim Min-su"]
    assert found(client, area="NANO", country="BE") == []
    assert len(found(client, country=["BE", "KR"])) == 2


def test_topic_narrows_down(client_of, anna, minsu):
    topic = Topic.objects.get(code="green.perovskite")
    minsu.topics.add(topic)

    assert found(client_of(anna), topic=topic.code) == ["Kim Min-su"]


def test_values_that_there_are_not_are_named_and_left_out(client_of, anna, minsu):
    response = shown(client_of(anna), topic="green.gone", country=["KR", "XX"])

    assert [hit.thing.display_name for hit in response.context["hits"]] == ["Kim Min-su"]
    assert set(response.context["dropped"]) == {"Country: XX", "Topic: green.gone"}


def test_tabs_count_what_they_lead_to(client_of, anna, minsu):
    ListingFactory(profile=minsu, title_en="Perovskite offer")
    client = client_of(anna)

    tabs = shown(client, q="perovskite", stage="R3", side="korea").context["tabs"]

    assert [tab.is_current for tab in tabs] == [True, False, False]
    assert tabs[2].address == f"{LISTINGS}?q=perovskite&side=korea"
    for tab in tabs:
        assert str(client.get(tab.address).context["found"].label) == tab.label_count


def test_order_and_size_stay_and_size_is_remembered(client_of, anna):
    ProfileFactory.create_batch(12)
    client = client_of(anna)

    response = shown(client, sort="name", size="10")
    names = [hit.thing.display_name for hit in response.context["hits"]]

    assert names == sorted(names)
    assert len(names) == 10
    assert "?sort=name&amp;size=10&amp;page=2" in response.content.decode()
    assert len(found(client)) == 10
    assert len(found(client, page="2")) == 3
    assert len(found(client, size="50")) == 13


def test_script_gets_what_changes_and_the_address_to_show(client_of, anna, minsu):
    refresh_search_entries()
    client = client_of(anna)

    response = client.get(
        PEOPLE, {"q": "minsu", "country": "KR", "x": ""}, headers={"HX-Request": "true"}
    )
    text = response.content.decode()

    assert "<html" not in text
    assert [text.count(f'id="{part}"') for part in ("results", "facets", "search-tabs")] == [1] * 3
    assert text.count('hx-swap-oob="true"') == 2
    assert response["HX-Push-Url"] == f"{PEOPLE}?q=minsu&country=KR"
    assert "HX-Request" in response["Vary"]
    back = {"HX-Request": "true", "HX-History-Restore-Request": "true"}
    assert "<html" in client.get(PEOPLE, headers=back).content.decode()


# --- Nothing found --------------------------------------------------------------------------------


def test_empty_page_says_what_to_take_away(client_of, anna, minsu):
    response = shown(client_of(anna), q="태양전지", side="europe", stage="R4")

    assert response.context["found"].count == 0
    options = [(each.query, each.count) for each in response.context["loosenings"]]
    assert options == [("q=%ED%83%9C%EC%96%91%EC%A0%84%EC%A7%80&stage=R4", 1)]
    text = text_of(response)
    assert "Without Europe: 1 result" in text
    assert "Save this search" in text


def test_words_of_the_wrong_keyboard_are_offered_retyped(client_of, anna, minsu):
    response = shown(client_of(anna), q="xodidwjswl")

    assert response.context["found"].count == 0
    assert "태양전지" in text_of(response)


@pytest.mark.parametrize(
    ("typed", "meant"),
    (("rlaalstn", "김민수"), ("xodidwjswl", "태양전지"), ("gksrnreogkrry", "한국대학교"), ("solar", ""),
     ("perovskite", ""), ("ㄴㅐㅣㅁㄱ", "solar"), ("김민수", ""), ("kim", ""), ("", ""), ("1234", "")),
)  # fmt: skip
def test_keys_of_the_other_script(typed, meant):
    assert retyped(typed) == meant


# --- The map --------------------------------------------------------------------------------------


def test_map_hides_small_numbers_of_people(client_of, anna):
    KoreanProfileFactory.create_batch(5)
    ProfileFactory.create_batch(2, organisation__country_code="FR")

    context = shown(client_of(anna), view="map").context
    rows = context["map"]
    places = {facet.name: facet for facet in context["facets"] if facet.name in PLACES}

    assert {value.shown for value in places["country"].values} == {"5", "< 5"}
    assert {value.shown for value in places["city"].values} == {"5", "< 5"}
    assert [(row.code, str(row.shown), row.drawn) for row in rows] == [
        ("KR", "5", 5),
        ("BE", "fewer than 5", 1),
        ("FR", "fewer than 5", 1),
    ]
    assert rows[0].query == "country=KR&view=map"


def test_map_of_organisations_shows_all_numbers(client):
    OrganisationFactory()

    rows = shown(client, ORGANISATIONS, view="map", country="BE").context["map"]

    assert [(str(row.shown), row.is_chosen, row.query) for row in rows] == [
        ("1", True, "view=map")
    ]


# --- Queries --------------------------------------------------------------------------------------

MOST_QUERIES = 15


@pytest.mark.parametrize("address", PAGES)
@pytest.mark.parametrize("number", (1, 3, 50))
def test_queries_do_not_grow(client_of, django_assert_max_num_queries, anna, address, number):
    for person in KoreanProfileFactory.create_batch(number):
        ListingFactory(profile=person)
    client = client_of(anna)
    query = {"q": "perovskite 한국대학교", "size": 50}
    shown(client, address, **query)

    with django_assert_max_num_queries(MOST_QUERIES):
        client.get(address, query)


def test_empty_page_asks_little(client_of, django_assert_max_num_queries, anna):
    client = client_of(anna)
    query = {"q": "zzzz", "side": "korea", "stage": "R4", "country": "KR", "area": "NANO",
             "type": "education"}  # fmt: skip
    shown(client, **query)

    with django_assert_max_num_queries(MOST_QUERIES):
        client.get(PEOPLE, query)


# --- Organisations --------------------------------------------------------------------------------


def test_organisation_page_shows_only_visible_people(client, client_of, anna, minsu):
    url = reverse("matching:organisation_detail", args=[minsu.organisation_id])

    seen = [
        [person.display_name for person in who.get(url).context["people"]]
        for who in (client, client_of(anna))
    ]

    assert seen == [[], ["Kim Min-su"]]


@pytest.mark.parametrize("value", ("", "kai", "김", "\x00", "9" * 400, "%", "_"))
def test_suggestions_of_organisations(client, value):
    KoreanOrganisationFactory(name="KAIST")
    OrganisationFactory()

    response = client.get(reverse("matching:organisation_suggest"), {"organisation_query": value})

    assert response.status_code == 200
    assert ("KAIST" in response.content.decode()) is (value == "kai")


def test_closed_organisation_names_its_successor(client):
    heir = OrganisationFactory(name="Heir")
    gone = OrganisationFactory(status="inactive", successor=heir)

    text = client.get(reverse("matching:organisation_detail", args=[gone.pk])).content.decode()

    assert "This organisation has a successor: Heir." in text


def test_korean_reader_reads_korean(client_of, minji, minsu):
    with translation.override("ko"):
        response = shown(client_of(minji), q="태양전지")

    assert "김민수" in text_of(response)
