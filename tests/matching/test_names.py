"""Names and words as search compares them: sounds, consonants, lexemes."""

import unicodedata

import pytest

from matching.countries import country_choices, is_country
from matching.lexemes import Written, asked, misspelt, plain
from matching.romanisation import (
    SURNAMES,
    guess_parts,
    hangul_keys,
    initials,
    latin_keys,
    sound,
    spelled,
    split_hangul,
)

SPELLINGS = {
    "민수": "Min-su Minsu Min.Su Minsoo MINSU",
    "영희": "Young-hee Yeonghui Younghee Yung-hi",
    "경수": "Kyung-soo Gyeongsu Kyungsu",
    "재원": "Jae-won Jaewon Jaeweon",
    "승우": "Seung-woo Seungwoo Seungu",
    "철수": "Chul-soo Cheolsu Chulsu",
    "현진": "Hyun-jin Hyeonjin Hyunjin",
    "지훈": "Ji-hoon Jihun Jihoon",
    "성민": "Sung-min Seongmin Sungmin",
    "석준": "Seok-jun Sukjoon",
    "동욱": "Dong-wook Dongwook Donguk",
    "병철": "Byung-chul Byeongcheol",
    "규리": "Kyu-ri Gyuri",
}


@pytest.mark.parametrize("hangul", SPELLINGS)
def test_the_spellings_of_a_given_name_have_one_key(hangul):
    assert {sound(latin) for latin in SPELLINGS[hangul].split()} == {spelled(hangul)}


def test_different_names_keep_different_keys():
    assert len({spelled(hangul) for hangul in SPELLINGS}) == len(SPELLINGS)


@pytest.mark.parametrize("family", ("Lee", "Yi", "Rhee", "LEE", "I"))
def test_a_surname_has_many_spellings(family):
    assert hangul_keys("이민수") & latin_keys(family, "Min-su") >= {"iminsu", "minsu"}


@pytest.mark.parametrize("hangul", SURNAMES)
def test_every_surname_in_the_table_meets_its_spellings(hangul):
    for latin in SURNAMES[hangul].split():
        assert spelled(hangul) in latin_keys(latin, "")


def test_surnames_of_two_syllables_stay_whole():
    assert split_hangul("선우현") == ("선우", "현")
    assert split_hangul("김현") == ("김", "현")
    assert split_hangul("현") == ("", "현")


def test_the_surname_may_stand_first_or_last():
    assert guess_parts(["min", "su", "park"]) == ("park", "minsu")
    assert guess_parts(["park", "min", "su"]) == ("park", "minsu")
    assert guess_parts(["anna", "schmidt"]) == ("", "")


def test_initial_consonants():
    assert initials("홍길동") == "ㅎㄱㄷ"
    assert initials("한국과학기술원 KAIST") == "ㅎㄱㄱㅎㄱㅅㅇ"


def test_accents_fold_and_hangul_stays_whole():
    assert plain("Émile Müller-Łukasz Straße") == "emile muller-lukasz strasse"
    assert plain(unicodedata.normalize("NFD", "김민수")) == "김민수"


def test_one_letter_may_be_wrong_lost_or_too_many():
    for other in ("schmitt", "schmid", "schmidtt", "shmidt"):
        assert set(misspelt("schmidt")) & set(misspelt(other))
    assert not set(misspelt("schmidt")) & set(misspelt("fischer"))
    assert misspelt("kim") == []


def test_a_vector_is_written_as_postgresql_reads_it():
    written = Written()
    written.add_text("C", "O'Neill \\ batteries")
    assert "'batteri':" in written.vector()
    assert asked("").strict == ""


def test_a_long_text_stays_within_the_limits_of_postgresql():
    written = Written()
    written.add_text("C", " ".join(f"word{number}" for number in range(30_000)))
    assert len(written.places) <= 4_000
    assert all(place <= 16_383 for places in written.places.values() for place, _ in places)


def test_words_that_say_nothing_are_not_asked_for():
    assert asked("the role of the batteries").words == asked("role batteries").words
    assert asked("the who").words


def test_countries_are_those_that_iso_has_assigned_and_kosovo():
    codes = {code for code, _name in country_choices()}

    assert len(codes) == 250
    assert codes >= {"KR", "DE", "XK", "GR", "GB"}
    assert not codes & {"CQ", "XA", "XB", "QO", "EU", "UN", "AC", "TA"}
    assert not is_country("XA")
