"""Suggesting organisations while a name is typed."""

import pytest

from matching.models import Organisation
from matching.services.organisation_suggestions import suggest_organisations
from matching.services.search_entries import refresh_search_entries
from tests.factories.matching import KoreanOrganisationFactory, OrganisationFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("lexical")]


@pytest.fixture
def kaist():
    found = KoreanOrganisationFactory(
        name="Korea Advanced Institute of Science and Technology", city="Daejeon",
        name_ko="한국과학기술원", acronyms=["KAIST"], aliases=["Korea Advanced Institute of Science"],
    )  # fmt: skip
    OrganisationFactory(name="Karlsruhe Institute of Technology", acronyms=["KIT"])
    KoreanOrganisationFactory(name="Korea Institute of Toxicology", acronyms=["KIT"],
                              name_ko="안전성평가연구소")  # fmt: skip
    refresh_search_entries()
    return found


@pytest.mark.parametrize(
    "typed",
    ("kaist", "KAI", "korea adv", "Korea  Advanced", "advanced science", "한국과", "과학기술", "ㅎㄱㄱㅎ",
     "ㄱㅎㄱㅅ", "기술원", "한국과학ㄱ"),
)  # fmt: skip
def test_every_name_leads_to_it(kaist, typed):
    assert suggest_organisations(typed)[0] == kaist


def test_names_repeat_and_both_are_offered(kaist):
    cities = {found.city for found in suggest_organisations("KIT")}
    assert cities == {"Leuven", "Seoul"}


def test_what_begins_as_typed_comes_first(kaist):
    OrganisationFactory(name="The Korea House")
    refresh_search_entries()
    assert [str(found)[:9] for found in suggest_organisations("korea")][-1] == "The Korea"


def test_a_new_organisation_is_offered_before_the_worker_has_come(kaist):
    new = OrganisationFactory(name="Brandneu Institut")
    assert suggest_organisations("neu inst") == [new]


def test_what_no_longer_exists_is_not_offered(kaist):
    Organisation.objects.filter(pk=kaist.pk).update(status="inactive")
    assert suggest_organisations("kaist") == []


@pytest.mark.parametrize("typed", ("", "%", "_", "'", "\\", "ㅎ", "🎉", "a" * 400))
def test_strange_letters_do_no_harm(kaist, typed):
    assert suggest_organisations(typed) == []


@pytest.mark.parametrize("count", (1, 30))
def test_many_take_as_many_queries_as_one(count, django_assert_num_queries):
    OrganisationFactory.create_batch(count)
    refresh_search_entries()
    with django_assert_num_queries(2):
        assert len(suggest_organisations("university")) == min(count, 12)
