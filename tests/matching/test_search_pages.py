"""Finding people and organisations."""

import unicodedata

import pytest
from django.urls import reverse

from matching.models import Area, Profile
from tests.factories.matching import (
    KoreanOrganisationFactory,
    KoreanProfileFactory,
    ListingFactory,
    OrganisationFactory,
    ProfileFactory,
)

pytestmark = pytest.mark.django_db
SEARCH = reverse("matching:people_search")
ORGANISATIONS = reverse("matching:organisation_list")


def found(client, **query):
    response = client.get(SEARCH, query)
    assert response.status_code == 200
    return sorted(person.display_name for person in response.context["people"])


@pytest.fixture
def minsu(db):
    return KoreanProfileFactory(
        display_name="Kim Min-su",
        family_name="Kim",
        given_name="Min-su",
        hangul_name="김민수",
        other_names=["Minsoo KIM"],
        summary_ko="페로브스카이트 태양전지를 연구합니다.",
        summary_en="",
        keywords=["Tandem cells"],
        career_stage="R4",
    )


@pytest.mark.parametrize(
    "words",
    (
        "kim min-su", "KIM MINSU", "min su kim", "minsoo", "김민수", "민수", "김 민수", "태양전지",
        "태양", "tandem", "tand", unicodedata.normalize("NFD", "김민수"), "한국대학교", "minsu 태양전지",
    ),
)  # fmt: skip
def test_person_is_found_by_many_words(client_of, anna, minsu, words):
    assert found(client_of(anna), q=words) == ["Kim Min-su"]


@pytest.mark.parametrize("words", ("lee minsu", "양태", "graphene", "minsu 그래핀"))
def test_person_is_not_found_by_other_words(client_of, anna, minsu, words):
    assert found(client_of(anna), q=words) == []


def test_person_is_found_by_an_open_offer(client_of, anna, minsu):
    ListingFactory(profile=minsu, title_en="Beam time at a synchrotron")
    ListingFactory(profile=minsu, title_en="Cryostat", state="closed")

    assert found(client_of(anna), q="synchrotron") == ["Kim Min-su"]
    assert found(client_of(anna), q="cryostat") == []


def test_stranger_on_the_web_finds_public_people_by_public_texts(client, minsu, anna):
    Profile.objects.filter(pk=minsu.pk).update(is_public=True)
    minsu.refresh_from_db()
    minsu.visibility = {"keywords": "members"}
    minsu.save()

    assert found(client) == ["Kim Min-su"]
    assert found(client, q="태양전지") == ["Kim Min-su"]
    assert found(client, q="tandem") == []


@pytest.mark.parametrize("state", ("invited", "draft", "hidden"))
def test_unpublished_people_are_not_found(client_of, anna, minsu, state):
    Profile.objects.filter(pk=minsu.pk).update(state=state)

    assert found(client_of(anna), q="minsu") == []


def test_facets_narrow_down_and_count(client_of, anna, minsu):
    nano, _is_new = Area.objects.get_or_create(
        version=Area.CURRENT_VERSION, code="NANO", defaults={"name_en": "Nano", "name_ko": "나노"}
    )
    minsu.areas.add(nano)
    client = client_of(anna)

    counts = {
        facet.name: {value.value: value.count for value in facet.values}
        for facet in client.get(SEARCH, {"side": "korea"}).context["facets"]
    }

    assert counts == {
        "side": {"europe": 1, "korea": 1},
        "area": {"NANO": 1},
        "stage": {"R4": 1},
        "type": {"education": 1},
        "country": {"KR": 1},
    }
    assert found(client, area="NANO", stage="R4", type="education", country="KR") == ["Kim Min-su"]
    assert found(client, area="NANO", country="BE") == []
    assert len(found(client, country=["BE", "KR"])) == 2


@pytest.mark.parametrize("name", ("side", "area", "country", "page", "q"))
@pytest.mark.parametrize(
    "value", ("\x00", "0", "9999", "9" * 20, "9" * 5000, "x", "' OR 1=1 --", "&|!:*\\", "👩‍🔬")
)
def test_odd_query_never_breaks_search(client_of, anna, name, value):
    client = client_of(anna)

    statuses = {client.get(url, {name: value}).status_code for url in (SEARCH, ORGANISATIONS)}

    assert statuses == {200}


def test_words_that_are_too_long_are_explained_and_kept(client_of, anna):
    response = client_of(anna).get(SEARCH, {"q": "x" * 201})

    assert list(response.context["form"].errors) == ["q"]
    assert "x" * 201 in response.content.decode()


def test_chip_takes_one_filter_away(client_of, anna, minsu):
    response = client_of(anna).get(SEARCH, {"q": "min", "side": "korea", "country": "KR"})

    queries = [chip.query for chip in response.context["chips"]]
    assert queries == ["side=korea&country=KR", "q=min&country=KR", "q=min&side=korea"]


def test_script_gets_the_results_only(client_of, anna, minsu):
    text = client_of(anna).get(SEARCH, headers={"HX-Request": "true"}).content.decode()

    assert "<html" not in text
    assert 'id="results"' in text
    assert "Kim Min-su" in text


@pytest.mark.parametrize("number", (1, 3))
def test_search_query_count(client_of, django_assert_num_queries, anna, number):
    KoreanProfileFactory.create_batch(number)
    client = client_of(anna)
    client.get(SEARCH)

    with django_assert_num_queries(14):
        client.get(SEARCH)


@pytest.mark.parametrize("number", (1, 3))
def test_organisations_query_count(client_of, django_assert_num_queries, anna, number):
    OrganisationFactory.create_batch(number)
    client = client_of(anna)
    client.get(ORGANISATIONS)

    with django_assert_num_queries(8):
        client.get(ORGANISATIONS)


def test_organisation_is_found_in_every_language(client):
    kaist = KoreanOrganisationFactory(
        name="KAIST",
        name_ko="한국과학기술원",
        names_other=[{"language": "fr", "name": "Institut"}],
    )
    OrganisationFactory()

    for words in ("kaist", "과학기술", "institut"):
        page = client.get(ORGANISATIONS, {"q": words}).context["page"]
        assert page.object_list == [kaist]


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


def test_blocked_person_is_not_found(client_of, anna, minsu):
    minsu.blocks_made.create(blocked=anna)

    assert found(client_of(anna), q="minsu") == []


def test_oneself_is_found_like_others(client_of, omar):
    ProfileFactory(display_name="Other")

    assert found(client_of(omar)) == ["Omar Haddad", "Other"]
