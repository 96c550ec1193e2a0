"""The shipped organisations."""

from collections import Counter

import pytest

from matching.models import Organisation, OrganisationType, SearchKind
from matching.questions import Question
from matching.regions import ASSOCIATED, EUROPEAN_UNION, side_of
from matching.services.finding import find
from matching.services.search_entries import refresh_search_entries
from matching.services.shipped_organisations import (
    load_organisations,
    shipped_organisations,
    short_ror_id,
)
from tests.factories.matching import KoreanProfileFactory

CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"


def check_digits(ror_id):
    number = 0
    for character in ror_id[1:7]:
        number = number * 32 + CROCKFORD.index(character)
    return f"{98 - (number * 100) % 97:02d}"


@pytest.mark.parametrize("row", shipped_organisations(), ids=lambda row: row["name"])
def test_shipped_organisation_is_well_formed(row):
    assert row["name"]
    assert row["name_en"]
    assert row["name_ko"]
    assert set(row["types"].split("|")) <= set(OrganisationType.values)
    assert side_of(row["country_code"]) in {"europe", "korea"}
    assert -23 < float(row["lng"]) < 130
    assert 31 < float(row["lat"]) < 67
    assert row["website"].startswith("https://")


@pytest.mark.parametrize(
    "ror_id", [short_ror_id(row) for row in shipped_organisations() if row["ror_id"]]
)
def test_shipped_ror_id_has_its_check_digits(ror_id):
    assert ror_id[7:] == check_digits(ror_id)


def test_shipped_organisations_spread_over_both_sides():
    counts = Counter(row["country_code"] for row in shipped_organisations())

    assert counts["KR"] >= 55
    assert sum(counts[code] for code in EUROPEAN_UNION) >= 85
    assert sum(counts[code] for code in ASSOCIATED) >= 20
    assert len(EUROPEAN_UNION & set(counts)) >= 20


def test_shipped_organisations_have_one_row_each():
    names = [(row["name"], row["country_code"]) for row in shipped_organisations()]

    assert len(set(names)) == len(names)


def test_load_organisations_twice_adds_nothing(db):
    first = load_organisations()

    second = load_organisations()

    assert (first, second) == (len(shipped_organisations()), 0)
    assert Organisation.objects.count() == first


def test_load_organisations_keeps_an_imported_record(db):
    Organisation.objects.create(
        ror_id="05apxxy63", name="KAIST", side="korea", country_code="KR", city="Yuseong-gu"
    )

    load_organisations()

    assert Organisation.objects.get(ror_id="05apxxy63").city == "Yuseong-gu"


def test_load_organisations_teaches_an_imported_record_its_short_names(db):
    Organisation.objects.create(
        ror_id="05apxxy63", name="KAIST", side="korea", country_code="KR", acronyms=["K"]
    )

    load_organisations()

    body = Organisation.objects.get(ror_id="05apxxy63")
    assert (body.name, body.acronyms, body.aliases) == ("KAIST", ["K", "KAIST"], ["카이스트"])
    assert "카이스트" in body.search_text


@pytest.mark.usefixtures("lexical")
@pytest.mark.parametrize(
    ("korean", "words"),
    (
        ("한국과학기술원", ("KAIST", "카이스트", "한국과학기술원")),
        ("포항공과대학교", ("POSTECH", "포스텍", "포항공대", "포항공과대학교")),
        ("한국전자통신연구원", ("ETRI", "에트리")),
    ),
)
def test_people_are_found_by_every_name_of_a_shipped_organisation(anna, korean, words):
    load_organisations()
    person = KoreanProfileFactory(organisation=Organisation.objects.get(name_ko=korean))

    refresh_search_entries()

    found = {word: find(Question(SearchKind.PEOPLE, word), reader=anna.user).ids for word in words}
    assert found == {word: [person.pk] for word in words}
