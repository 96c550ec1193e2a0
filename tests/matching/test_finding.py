"""Finding by words: names in many spellings, texts, facets, pages, reasons."""

import unicodedata

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import translation

from matching.models import SearchKind
from matching.questions import Cause, Question
from matching.services import finding, search_statement
from matching.services.finding import find
from matching.services.search_entries import refresh_search_entries
from tests.factories.matching import (
    KoreanOrganisationFactory,
    KoreanProfileFactory,
    ListingFactory,
    OrganisationFactory,
    ProfileFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("lexical")]


@pytest.fixture
def minsu(db):
    return KoreanProfileFactory(
        display_name="Kim Minsu",
        family_name="Kim",
        given_name="Minsu",
        hangul_name="김민수",
        summary_en="Solid electrolytes for lithium-ion batteries.",
        summary_ko="전고체 전해질과 태양전지를 연구합니다.",
        keywords=["spintronics", "이차전지"],
    )


def people(words, reader, **options):
    refresh_search_entries()
    return find(Question(SearchKind.PEOPLE, words, **options), reader=reader.user)


@pytest.mark.parametrize(
    "words",
    (
        "Kim Minsu", "minsu kim", "Min-su Kim", "Min Su Kim", "MINSOO KIM", "Gim Minsu", "minsu",
        "김민수", "민수", unicodedata.normalize("NFD", "김민수"), "ㄱㅁㅅ", "ㅁㅅ", "Mins",
        "battery", "batteries", "lithium ion", "lithiumion", "태양전지", "전지", "태양 전지",
        "이차전지가", "전해질", "SPINTRONICS", "Minsu battery",
    ),
)  # fmt: skip
def test_a_person_is_found_however_it_is_written(minsu, anna, omar, words):
    assert people(words, anna).ids == [minsu.pk]


@pytest.mark.parametrize("words", ("Anna Schmitt", "Ana Schmidt", "schmidtt"))
def test_one_wrong_letter_in_a_name_does_no_harm(minsu, anna, words):
    found = people(words, minsu)
    assert found.ids == [anna.pk]
    assert found.why[anna.pk].cause == Cause.SPELLING


def test_hangul_finds_a_name_that_stands_there_in_latin_letters_only(anna):
    lee = KoreanProfileFactory(
        display_name="Young-hee Lee", family_name="Lee", given_name="Young-hee", hangul_name=""
    )
    for words in ("이영희", "영희", "Yi Yeonghui", "Rhee Young Hee", "Lee Younghee"):
        assert people(words, anna).ids == [lee.pk], words


def test_accents_do_not_matter(minsu):
    muller = ProfileFactory(
        display_name="Jürgen Müller", family_name="Müller", given_name="Jürgen"
    )
    for words in ("muller", "Müller", unicodedata.normalize("NFD", "Jürgen Müller")):
        assert people(words, minsu).ids == [muller.pk]


def test_who_has_every_word_comes_before_who_has_some(minsu, anna, omar):
    both = ProfileFactory(display_name="Minsu Schmidt")
    assert people("Minsu Schmidt", omar).ids[0] == both.pk
    assert people("Minsu battery perovskite", omar).ids[0] == minsu.pk


def test_the_reason_names_what_matched(minsu, anna):
    assert people("minsu", anna).why[minsu.pk].cause == Cause.NAME
    why = people("battery", anna).why[minsu.pk]
    assert (why.cause, why.marked) == (Cause.TEXT, ("batteries",))
    assert why.snippet == "Solid electrolytes for lithium-ion batteries."
    assert people("spintronics", anna).why[minsu.pk].cause == Cause.KEYWORD
    assert people("태양전지", anna).why[minsu.pk].marked == ("태양전지를",)


def test_without_words_everybody_is_there(minsu, anna, omar):
    found = people("", anna)
    assert set(found.ids) == {minsu.pk, anna.pk, omar.pk}
    assert (found.count, found.is_exact, found.why) == (3, True, {})


def test_a_facet_counts_without_its_own_choice(minsu, anna, omar):
    ListingFactory(profile=minsu)
    found = people("", anna, chosen={"country": ("KR",)})
    assert found.ids == [minsu.pk]
    assert found.facets["country"] == {"BE": 2, "KR": 1}
    assert found.facets["side"] == {"korea": 1}
    found = people("", anna, chosen={"country": ("KR",), "side": ("europe",)})
    assert found.ids == []
    assert found.facets["country"] == {"BE": 2, "KR": 0}
    assert found.facets["side"] == {"korea": 1, "europe": 0}
    assert people("", anna, chosen={"offers_or_seeks": ("offer",)}).ids == [minsu.pk]


def test_unknown_facets_and_values_do_no_harm(minsu, anna):
    assert people("", anna, chosen={"shoe": ("44",)}).count == 2
    assert people("", anna, chosen={"country": ("XX", "'; --")}).ids == []


def test_pages_hold_what_they_should(anna):
    everybody = {anna.pk, *(ProfileFactory().pk for _number in range(6))}
    pages = [people("", anna, page=page, page_size=3) for page in (1, 2, 3)]
    assert [len(page.ids) for page in pages] == [3, 3, 1]
    assert {pk for page in pages for pk in page.ids} == everybody
    behind = people("", anna, page=9, page_size=3)
    assert (behind.page, behind.ids) == (3, pages[2].ids)


def test_names_are_sorted_in_the_language_of_the_reader(anna, minsu):
    zoe = KoreanProfileFactory(display_name="Zoe Ahn", family_name="Ahn", given_name="Zoe",
                               hangul_name="안조이")  # fmt: skip
    order = people("", anna, sort="name").ids
    assert order.index(zoe.pk) < order.index(minsu.pk)
    with translation.override("ko"):
        order = people("", anna, sort="name").ids
    assert order.index(minsu.pk) < order.index(zoe.pk)


@pytest.mark.parametrize(
    "words", ("KAIST", "한국과학기술원", "과학기술", "ㅎㄱㄱㅎ", "korea advanced", "기술원")
)
def test_organisations_are_found_by_every_name(anna, words):
    kaist = KoreanOrganisationFactory(
        name="Korea Advanced Institute of Science and Technology",
        name_ko="한국과학기술원", acronyms=["KAIST"], city="Daejeon",
    )  # fmt: skip
    OrganisationFactory(name="KU Leuven")
    refresh_search_entries()
    found = find(Question(SearchKind.ORGANISATIONS, words), reader=AnonymousUser())
    assert found.ids == [kaist.pk]
    assert found.facets["city"] == {"Daejeon": 1}


def test_listings_are_found_in_both_languages(anna, minsu):
    listing = ListingFactory(
        profile=anna, title_en="Cleanroom for perovskite cells", title_ko="클린룸 장비 제공",
        description_en="Open to visitors.",
    )  # fmt: skip
    refresh_search_entries()
    for words in ("cleanroom", "클린룸", "visitor"):
        found = find(Question(SearchKind.LISTINGS, words), reader=minsu.user)
        assert found.ids == [listing.pk]
    assert found.facets["offers_or_seeks"] == {listing.kind: 1}


@pytest.mark.parametrize(
    "words", ("'", "\\", "a & b | !", "'':*", "%s %(x)s", "()", "ㅎ", "\x00", "é" * 300, "🎉", "-")
)
def test_strange_questions_are_answered(minsu, anna, words):
    assert people(words, anna).is_exact


@pytest.mark.parametrize("chosen", ({}, {"side": ("korea",)}), ids=("all", "facet"))
def test_beyond_what_is_counted_the_last_page_counted_is_shown(anna, monkeypatch, chosen):
    for number in range(7):
        KoreanProfileFactory(summary_en=f"Graphene number {number}.")
    for module in (finding, search_statement):
        monkeypatch.setattr(module, "MOST_COUNTED", 4)

    last, second = (
        people("graphene", anna, chosen=chosen, page=page, page_size=2) for page in (9, 2)
    )

    assert (last.count, last.is_exact, last.page) == (4, False, 2)
    assert len(last.ids) == 2
    assert last.ids == second.ids


def test_a_count_that_is_whole_is_turned_to_its_end(anna, monkeypatch):
    for number in range(4):
        KoreanProfileFactory(summary_en=f"Graphene number {number}.")
    KoreanProfileFactory(summary_en="Graphenes, carbon and membranes.", keywords=["graphite"])
    for module in (finding, search_statement):
        monkeypatch.setattr(module, "MOST_COUNTED", 5)

    found = people("graphene", anna, page=9, page_size=2)

    assert found.is_exact
    assert found.page == (found.count - 1) // 2 + 1
    assert len(found.ids) == found.count - 2 * (found.page - 1)
