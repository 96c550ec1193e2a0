"""The invented people, before they are written anywhere."""

import re

import pytest

from matching.demo.people import Workplace, invent_people
from matching.demo.relations import invent_relations
from matching.demo.texts import topic_texts
from matching.services.shipped_organisations import shipped_organisations

LATIN = re.compile("[A-Za-z]")
HANGUL = re.compile("[가-힣]")
PLACEHOLDER = re.compile(r"[{}<>]|\bTODO\b|[Ll]orem|\bNone\b|\bXX")


def workplaces():
    return [
        Workplace(
            number, row["name"], row["types"],
            "korea" if row["country_code"] == "KR" else "europe", row["country_code"],
        )
        for number, row in enumerate(shipped_organisations(), start=1)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def people():
    """Four hundred invented people."""
    return list(invent_people(400, 2026, workplaces()))


def texts_of(person):
    """Return all texts of a person, English ones and Korean ones."""
    pairs = [(person.columns[f"{name}_en"], person.columns[f"{name}_ko"]) for name in
             ("summary", "methods")]  # fmt: skip
    pairs += [each for listing in person.listings for each in
              (listing.titles, listing.descriptions)]  # fmt: skip
    return [pair[0] for pair in pairs if pair[0]], [pair[1] for pair in pairs if pair[1]]


def test_same_seed_gives_the_same_people(people):
    assert list(invent_people(400, 2026, workplaces())) == people


def test_other_seed_gives_other_people(people):
    assert list(invent_people(400, 2027, workplaces())) != people


def test_same_seed_gives_the_same_relations(people):
    assert invent_relations(people, 2026) == invent_relations(people, 2026)


def test_no_address_occurs_twice(people):
    assert len({person.email for person in people}) == len(people)


def test_addresses_are_under_example_domains(people):
    domains = {person.email.rpartition("@")[2] for person in people}

    assert domains == {"demo.example", "eu.people.example.org", "kr.people.example.org"}


def test_koreans_have_hangul_and_latin_names(people):
    koreans = [person for person in people if person.side == "korea"]

    assert all(re.fullmatch("[가-힣]{3,4}", person.name.hangul) for person in koreans)
    assert all(LATIN.search(person.name.display) for person in koreans)


def test_a_surname_of_two_syllables_stays_whole(people):
    everybody = invent_people(4000, 1, workplaces())
    long_names = [person.name for person in everybody if len(person.name.hangul) == 4]

    assert long_names
    assert {name.hangul[:2] for name in long_names} <= {"선우", "남궁", "황보", "제갈"}


def test_europeans_come_from_many_countries(people):
    countries = {person.workplace.country_code for person in people if person.side == "europe"}

    assert len(countries) >= 25


def test_people_write_in_one_language_or_both(people):
    assert {person.writes for person in people} == {("en",), ("ko",), ("en", "ko")}


def test_english_summaries_have_sixty_to_a_hundred_and_twenty_words(people):
    lengths = [len(person.columns["summary_en"].split()) for person in people
               if person.columns["summary_en"]]  # fmt: skip

    assert min(lengths) >= 60
    assert max(lengths) <= 120


def test_summaries_are_hardly_ever_the_same(people):
    summaries = [person.columns["summary_en"] + person.columns["summary_ko"] for person in people]

    assert len(set(summaries)) >= 395


def test_every_text_is_in_its_language_and_complete(people):
    for person in people:
        english, korean = texts_of(person)
        assert not any(HANGUL.search(text) for text in english)
        assert all(HANGUL.search(text) for text in korean)
        assert not any(PLACEHOLDER.search(text) for text in english + korean)


def test_columns_fit_their_limits(people):
    for person in people:
        assert all(len(title) <= 200 for each in person.listings for title in each.titles)
        assert all(len(word) <= 80 for word in person.columns["keywords"])
        assert len(person.columns["display_name"]) <= 150


def test_healthcare_organisations_employ_health_researchers(people):
    areas = {person.topics[0].area for person in people if person.workplace.type == "healthcare"}

    assert areas == {"HEALTH"}


def test_most_people_offer_what_somebody_on_the_other_side_seeks(people):
    wanted = {(person.side, listing.topic.code) for person in people for listing in person.listings
              if listing.kind == "request"}  # fmt: skip
    offered = [
        ("korea" if person.side == "europe" else "europe", listing.topic.code)
        for person in people
        for listing in person.listings
        if listing.kind == "offer"
    ]

    assert sum(each in wanted for each in offered) > 0.6 * len(offered)


def test_both_sides_name_the_same_work_only_with_its_doi(people):
    titles = {
        side: {work.title for person in people if person.side == side for work in person.works
               if not work.doi}
        for side in ("europe", "korea")
    }  # fmt: skip

    assert len(titles["europe"]) > 200
    assert len(titles["korea"]) > 200
    assert not titles["europe"] & titles["korea"]


@pytest.mark.parametrize("topic", topic_texts().values(), ids=lambda topic: topic.code)
def test_every_topic_has_its_sentences_in_both_languages(topic):
    sentences = (topic.problem, topic.method, topic.result, *topic.skills)

    assert all(not HANGUL.search(english) for english, _korean in sentences)
    assert all(HANGUL.search(korean) for _english, korean in sentences)
    assert all(re.search(r"니다\.$", korean) for _english, korean in sentences[:3])
    assert [len(words) for words in topic.keywords] == [3, 3]


def test_no_pair_of_people_occurs_twice(people):
    relations = invent_relations(people, 2026)
    pairs = [frozenset((each.sender, each.recipient)) for each in relations.requests]

    assert len(set(pairs)) == len(pairs)


def test_messages_are_complete(people):
    requests = invent_relations(people, 2026).requests
    texts = [text for each in requests for text in (each.message, each.answer)]
    texts += [message.text for each in requests for message in each.conversation]

    assert not any(PLACEHOLDER.search(text) for text in texts)


def test_few_people_are_enough_for_relations():
    two = list(invent_people(2, 2026, workplaces()))

    assert invent_relations(two, 2026).requests == ()
