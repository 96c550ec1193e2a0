"""Inventing researchers: who they are, where they work, whom they would like to meet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from matching.demo import writing
from matching.demo.names import Name, european_name, korean_name
from matching.demo.texts import AREAS, TopicText, frames, topic_texts, topics_of

STAGES = ("R1", "R2", "R3", "R4")
ROLES = ("coordinator", "work_package_leader", "partner", "associated", "host", "visitor")


@dataclass(frozen=True)
class Workplace:
    """What the generator needs to know of an organisation; the key is the caller's."""

    key: int
    name: str
    type: str
    side: str
    country_code: str

    @property
    def areas(self) -> Sequence[str]:
        """The areas that people work in there."""
        if self.type == "healthcare":
            return ("HEALTH",)
        areas: Sequence[str] = frames("specialised").get(self.name, AREAS)
        return areas


@dataclass(frozen=True)
class InventedPerson:
    """One invented researcher; `columns` are those of Profile, by name."""

    number: int
    email: str
    name: Name
    workplace: Workplace
    writes: tuple[str, ...]
    stage: str
    # The first topic is the main one; `strand` says which of its two skills is theirs.
    topics: tuple[TopicText, ...]
    strand: int
    state: str = "published"
    columns: dict[str, Any] = field(default_factory=dict)
    listings: tuple[writing.InventedListing, ...] = ()
    works: tuple[writing.InventedWork, ...] = ()
    projects: tuple[writing.InventedProject, ...] = ()

    @property
    def side(self) -> str:
        """The side that they work on: `europe` or `korea`."""
        return self.workplace.side


@dataclass(frozen=True)
class Leading:
    """One of the two people whose accounts are shown to visitors."""

    email: str
    name: Name
    workplace: str
    topics: tuple[str, ...]
    strand: int
    writes: tuple[str, ...]


MINJI = Leading(
    "minji.kim@demo.example",
    Name("Kim", "Minji", "Kim Minji", "family_first", "김민지", ("Minji Kim", "Min-ji Kim")),
    "Korea Advanced Institute of Science and Technology",
    ("green.perovskite", "green.silicon-pv", "nano.computational-materials"),
    1,
    ("en", "ko"),
)
ANNA = Leading(
    "anna.schmidt@demo.example",
    Name("Schmidt", "Anna", "Anna Schmidt", "given_first"),
    "Helmholtz-Zentrum Berlin für Materialien und Energie",
    ("green.perovskite", "green.silicon-pv", "nano.atomic-layer"),
    0,
    ("en",),
)


def invent_people(
    count: int, seed: int, workplaces: Sequence[Workplace]
) -> Iterator[InventedPerson]:
    """Return this many people, half of each side, the two leading ones first."""
    random = Random(seed)  # noqa: S311 - it invents people, not secrets
    sides = [[place for place in workplaces if place.side == side] for side in ("europe", "korea")]
    for number in range(count):
        yield invent_person(number, random, sides[number % 2])


def invent_person(number: int, random: Random, places: Sequence[Workplace]) -> InventedPerson:
    """Return one person with everything that they wrote."""
    leading = (ANNA, MINJI)[number] if number < 2 else None
    person = known_person(number, leading, places) if leading else sketch(number, random, places)
    written = replace(
        person,
        columns=writing.columns_of(person, random) | facts_of(person, random),
        listings=writing.listings_of(person, random),
        works=writing.works_of(person, random),
        projects=writing.projects_of(person, random),
        state="published" if leading else state_of(random),
    )
    return writing.shown_to_visitors(written) if leading else written


def known_person(number: int, leading: Leading, places: Sequence[Workplace]) -> InventedPerson:
    """Return one of the two whose accounts visitors use."""
    place = next((place for place in places if place.name == leading.workplace), places[0])
    topics = tuple(topic_texts()[code] for code in leading.topics)
    return InventedPerson(
        number, leading.email, leading.name, place, leading.writes, "R3", topics, leading.strand
    )


def sketch(number: int, random: Random, places: Sequence[Workplace]) -> InventedPerson:
    """Return a person's name, place and subject."""
    place = random.choice(places)
    is_korean = place.side == "korea"
    name = korean_name(random) if is_korean else european_name(random, place.country_code)
    return InventedPerson(
        number=number,
        email=f"{name.mailbox}.{number}@{'kr' if is_korean else 'eu'}.people.example.org",
        name=name,
        workplace=place,
        writes=languages_written(random) if is_korean else ("en",),
        stage=random.choices(STAGES, weights=(2, 3, 5, 3))[0],
        topics=subject(random, place.areas),
        strand=random.randrange(2),
    )


def languages_written(random: Random) -> tuple[str, ...]:
    """Return in which languages a Korean researcher wrote the profile."""
    return random.choices([("en", "ko"), ("ko",), ("en",)], weights=(6, 3, 1))[0]


def subject(random: Random, areas: Sequence[str]) -> tuple[TopicText, ...]:
    """Return two to four topics of one area or two, the main one first."""
    area = random.choice(areas)
    chosen = random.sample(topics_of(area), random.randint(2, 3))
    if random.random() < 0.35:
        second = random.choice([other for other in AREAS if other != area])
        chosen.append(random.choice(topics_of(second)))
    return tuple(chosen)


def state_of(random: Random) -> str:
    """Return where the profile stands; nearly all are published."""
    return random.choices(("published", "draft", "hidden"), weights=(94, 4, 2))[0]


def facts_of(person: InventedPerson, random: Random) -> dict[str, Any]:
    """Return the columns that are no texts."""
    name, side = person.name, person.side
    hosts, visits = random.random() < 0.5, random.random() < 0.4
    return {
        "display_name": name.display,
        "family_name": name.family,
        "given_name": name.given,
        "name_order": name.order,
        "hangul_name": name.hangul,
        "other_names": list(name.others),
        "sort_as": name.hangul or f"{name.family} {name.given}",
        "honorific": honorific(person),
        "affiliated_since": random.randint(2002, 2025),
        "side": side,
        "country_code": person.workplace.country_code,
        "career_stage": person.stage,
        "partner_stages": random.choice([[], [], [], ["R3", "R4"], ["R2", "R3"], ["R1", "R2"]]),
        "roles": sorted(random.sample(ROLES, random.randint(1, 3)), key=ROLES.index),
        "would_host": hosts,
        "would_visit": visits,
        "mobility_months": random.choice([1, 2, 3, 6, 12]) if hosts or visits else None,
        "languages": working_languages(person, random),
        "contact_email": person.email,
        "visibility": visibility(random),
        "is_public": random.random() < 0.6,
        "is_suggestible": random.random() < 0.97,
    }


def honorific(person: InventedPerson) -> str:
    """Return how the person is addressed."""
    if person.side == "korea":
        return {"R1": "", "R2": "박사님", "R3": "박사님", "R4": "교수님"}[person.stage]
    return {"R1": "", "R2": "Dr", "R3": "Dr", "R4": "Professor"}[person.stage]


def working_languages(person: InventedPerson, random: Random) -> list[str]:
    """Return the codes of the languages that the person works in."""
    home = frames("working_languages").get(person.workplace.country_code, "en")
    home = "ko" if person.side == "korea" else home
    third = [random.choice(["de", "fr", "ja", "es"])] if random.random() < 0.2 else []
    return list(dict.fromkeys(["en", home, *third]))


def visibility(random: Random) -> dict[str, str]:
    """Return what the person opened or closed; most leave it as it is."""
    changes = {
        "methods": random.choice(["public", "members", "contacts"]),
        "projects": random.choice(["public", "members"]),
        "works": random.choice(["public", "members"]),
        "mobility": random.choice(["members", "contacts"]),
    }
    return dict(random.sample(sorted(changes.items()), random.choice([0, 0, 0, 1, 2])))
