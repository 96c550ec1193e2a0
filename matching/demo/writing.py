"""What invented researchers write about themselves, from the texts of their topics."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random
from typing import TYPE_CHECKING, Any

from matching.demo.texts import LANGUAGES, TopicText, capitalised, frames

if TYPE_CHECKING:
    from matching.demo.people import InventedPerson

LONGEST_SUMMARY = 118
SHARED_WORK_EVERY = 8


@dataclass(frozen=True)
class InventedListing:
    """One offer or request; titles and descriptions are English and Korean, one may be empty."""

    kind: str
    titles: tuple[str, str]
    descriptions: tuple[str, str]
    topic: TopicText
    months_valid: int


@dataclass(frozen=True)
class InventedWork:
    """One work; the few that have a DOI are shared by two people."""

    title: str
    year: int
    venue: str
    doi: str = ""


@dataclass(frozen=True)
class InventedProject:
    """One project."""

    title: str
    funder: str
    started_in: int
    ended_in: int


def columns_of(person: InventedPerson, random: Random) -> dict[str, Any]:
    """Return the texts of a profile by the names of their columns."""
    area = person.topics[0].area
    unit = random.choice(frames("units")[area])
    position = random.choice(frames("positions")[person.workplace.type][person.stage])
    columns = {
        "unit": in_own_words(person, unit),
        "position": in_own_words(person, position),
        "keywords": keywords_of(person, random),
    }
    plan = random.randrange(3), random.random(), random.random(), random.random()
    for index, language in enumerate(LANGUAGES):
        is_written = language in person.writes
        columns[f"summary_{language}"] = summary(person, index, plan) if is_written else ""
        columns[f"methods_{language}"] = methods(person, index, plan) if is_written else ""
    return columns


def in_own_words(person: InventedPerson, words: list[str]) -> str:
    """Return a unit or position as the person writes it, in one language or both."""
    written = [text for text, code in zip(words, LANGUAGES, strict=True) if code in person.writes]
    return written[0] if len(written) == 1 else f"{written[0]} ({written[1]})"


def keywords_of(person: InventedPerson, random: Random) -> list[str]:
    """Return three to five keywords in the languages that the person writes."""
    indices = [LANGUAGES.index(language) for language in person.writes]
    words = [
        word for topic in person.topics[:2] for index in indices for word in topic.keywords[index]
    ]
    return random.sample(words, min(len(words), random.randint(3, 5)))


def picked(choices: list[str], share: float) -> str:
    """Return the element that lies at this share of the list: the same in both languages."""
    return choices[int(share * len(choices))]


Plan = tuple[int, float, float, float]


def summary(person: InventedPerson, language: int, plan: Plan) -> str:
    """Return the research summary; the plan is one for both languages."""
    first, second = person.topics[:2]
    # The two strands share no sentence: the best partners do not read like copies.
    body = [first.problem[language], first.method[language]]
    if person.strand:
        body = [lead(person, language, plan), first.result[language]]
    body.append((second.problem, second.method, second.result)[plan[0]][language])
    return shortened([*body, *endings(person, language, plan)])


def lead(person: InventedPerson, language: int, plan: Plan) -> str:
    """Return the sentence that names the subject."""
    sentence = picked(frames(f"lead_{LANGUAGES[language]}"), plan[3])
    return sentence.format(topic=person.topics[0].inside(language), skill=skill(person, language))


def endings(person: InventedPerson, language: int, plan: Plan) -> list[str]:
    """Return the sentences about the person and about what they bring and miss."""
    code = LANGUAGES[language]
    stage = picked(frames(f"stage_{code}")[person.stage], plan[1])
    closing = picked(frames(f"closing_{code}"), plan[2])
    return [closing.format(skill=skill(person, language), other=other(person, language)), stage]


def shortened(sentences: list[str]) -> str:
    """Return the sentences as one text, without the last one when it would be too long."""
    text = " ".join(sentences)
    return text if len(text.split()) <= LONGEST_SUMMARY else " ".join(sentences[:-1])


def skill(person: InventedPerson, language: int) -> str:
    """Return what the person can do."""
    return person.topics[0].skills[person.strand][language]


def other(person: InventedPerson, language: int) -> str:
    """Return what the person looks for: the other skill of the same topic."""
    return person.topics[0].skills[1 - person.strand][language]


def methods(person: InventedPerson, language: int, plan: Plan) -> str:
    """Return what the person works with."""
    facilities = frames("facilities")[person.topics[0].area]
    facility = facilities[int(plan[3] * len(facilities))][language]
    sentence = picked(frames(f"methods_{LANGUAGES[language]}"), plan[1])
    text = sentence.format(facility=facility, skill=skill(person, language))
    return capitalised(text)


def listings_of(person: InventedPerson, random: Random) -> tuple[InventedListing, ...]:
    """Return one to three listings: nearly always an offer and a request that fit each other."""
    first, second = person.topics[:2]
    strand = person.strand
    made = [
        listing(person, random, "offer", first, strand),
        listing(person, random, "request", first, 1 - strand),
    ]
    if random.random() < 0.35:
        kind = random.choice(["offer", "request"])
        made.append(listing(person, random, kind, second, random.randrange(2)))
    elif random.random() < 0.3:
        made.append(stay(person, random))
    return tuple(made) if person.number < 2 or random.random() < 0.8 else (random.choice(made),)


def listing(
    person: InventedPerson, random: Random, kind: str, topic: TopicText, strand: int
) -> InventedListing:
    """Return an offer of a skill, or a request for one."""
    word = {"offer": "offer", "request": "seek"}[kind]
    title_share, terms_share = random.random(), random.random()
    titles, descriptions = [], []
    for index, language in enumerate(LANGUAGES):
        phrase = topic.skills[strand][index]
        title = picked(frames(f"{word}_titles_{language}"), title_share)
        titles.append(title.format(skill=phrase, Skill=capitalised(phrase)))
        terms = picked(frames(f"{word}_terms_{language}"), terms_share)
        ground = (topic.result if kind == "offer" else topic.problem)[index]
        descriptions.append(f"{ground} {terms}")
    months = random.randint(1, 11)
    return written_in(
        person, InventedListing(kind, pair(titles), pair(descriptions), topic, months)
    )


def stay(person: InventedPerson, random: Random) -> InventedListing:
    """Return an offer to host somebody, or a wish to be hosted."""
    kind, word = random.choice([("offer", "host"), ("request", "visit")])
    topic, months = person.topics[0], random.choice([2, 3, 6])
    titles = [
        title.format(months=months, topic=topic.inside(index))
        for index, title in enumerate(frames(f"{word}_title"))
    ]
    descriptions = [
        f"{topic.method[index]} {frames(f'{word}_terms')[index]}" for index in range(2)
    ]
    return written_in(person, InventedListing(kind, pair(titles), pair(descriptions), topic, 9))


def pair(texts: list[str]) -> tuple[str, str]:
    """Return two texts as a pair."""
    return texts[0], texts[1]


def written_in(person: InventedPerson, listing: InventedListing) -> InventedListing:
    """Return the listing in the languages that the person writes."""
    keep = [language in person.writes for language in LANGUAGES]
    titles = [text if kept else "" for text, kept in zip(listing.titles, keep, strict=True)]
    texts = [text if kept else "" for text, kept in zip(listing.descriptions, keep, strict=True)]
    return replace(listing, titles=pair(titles), descriptions=pair(texts))


def works_of(person: InventedPerson, random: Random) -> tuple[InventedWork, ...]:
    """Return one to three works; now and then two people of a topic share one."""
    topics = random.sample(person.topics, min(len(person.topics), random.randint(1, 3)))
    return tuple(
        work(topic, own_setting(person, position), random) for position, topic in enumerate(topics)
    )


def own_setting(person: InventedPerson, position: int) -> str:
    """Return under which circumstances a work was done; the two sides have none in common.

    Even numbers are Europeans, odd ones Koreans: nobody names a title of the other side's.
    """
    settings = frames("work_settings")
    setting: str = settings[(person.number + 2 * position) % len(settings)]
    return setting


def work(topic: TopicText, setting: str, random: Random) -> InventedWork:
    """Return one work of a topic: the one that several people share, or somebody's own."""
    venues = frames("venues")[topic.area]
    if random.randrange(SHARED_WORK_EVERY) == 0:
        return InventedWork(topic.paper, 2022 + len(topic.code) % 4, venues[0], shared_doi(topic))
    phrase = random.choice(topic.skills)[0]
    title = random.choice(frames("work_titles"))
    return InventedWork(
        title.format(skill=phrase, Skill=capitalised(phrase), setting=setting),
        random.randint(2017, 2026),
        random.choice(venues),
    )


def shared_doi(topic: TopicText) -> str:
    """Return the test DOI of a topic's paper: 10.5555 is the prefix that resolves to nothing."""
    return f"10.5555/konnect.demo.{topic.code}"


def projects_of(person: InventedPerson, random: Random) -> tuple[InventedProject, ...]:
    """Return no project, one or two."""
    count = random.choices((0, 1, 2), weights=(3, 5, 2))[0]
    index = 1 if person.writes == ("ko",) else 0
    projects = []
    for topic in random.sample(person.topics, min(count, len(person.topics))):
        title = (
            f"{topic.name[1]} 핵심기술 개발"
            if index
            else capitalised(random.choice(topic.skills)[0])
        )
        started = random.randint(2019, 2025)
        funder = random.choice(frames("funders")[person.side])
        projects.append(InventedProject(title, funder, started, started + random.randint(2, 5)))
    return tuple(projects)


def shown_to_visitors(person: InventedPerson) -> InventedPerson:
    """Return a leading person with everything open that a visitor would like to see."""
    columns = person.columns | {
        "would_host": True,
        "would_visit": True,
        "mobility_months": 6,
        "partner_stages": [],
        "visibility": {},
        "is_public": True,
        "is_suggestible": True,
    }
    works = tuple(each for each in person.works if not each.doi)
    return replace(person, columns=columns, works=works)
