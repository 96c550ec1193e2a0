"""Inventing partner searches and the answers to them, from the texts of their topics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from matching.demo.people import InventedPerson
from matching.demo.texts import LANGUAGES, capitalised, read_json

# How searches stand, repeated over all of them: the leading people's are open.
STATES = (
    "open",
    "open",
    "open",
    "in_review",
    "open",
    "in_talks",
    "open",
    "found",
    "draft",
    "expired",
)
OUTCOMES = ("proposal_sent", "funded", "no_partner")
SHARE = 12
MEMBERS = (
    (("DE", "education", "coordinator"), ("FR", "company", "partner")),
    (("NL", "facility", "work_package_leader"),),
    (("ES", "company", ""), ("IT", "education", "coordinator"), ("KR", "facility", "partner")),
    (),
)


@dataclass(frozen=True)
class InventedInterest:
    """One answer to a search: who, in which state, with what words."""

    person: int
    state: str
    role: str
    columns: dict[str, Any]


@dataclass(frozen=True)
class InventedSearch:
    """One partner search; columns are those of Listing and of PartnerSearch, by name.

    days_to_call: None when there is no call yet; members: country, type, role.
    """

    person: int
    topic: str
    area: str
    state: str
    columns: dict[str, Any]
    search_columns: dict[str, Any]
    days_to_call: int | None
    members: tuple[tuple[str, str, str], ...]
    interests: tuple[InventedInterest, ...]


def invent_searches(people: Sequence[InventedPerson], seed: int) -> tuple[InventedSearch, ...]:
    """Return partner searches of some of the people: the two leading ones and every twelfth."""
    random = Random(f"searches {seed}")  # noqa: S311 - it invents texts, not secrets
    published = [person for person in people if person.state == "published"]
    authors = [*published[:2], *published[2 + SHARE :: SHARE]]
    return tuple(
        invent_search(author, number, published, random) for number, author in enumerate(authors)
    )


def invent_search(
    author: InventedPerson, number: int, people: Sequence[InventedPerson], random: Random
) -> InventedSearch:
    """Return one search of a person, with answers from the other side."""
    topic = author.topics[0]
    state = STATES[number % len(STATES)]
    is_offer = number % 7 == 6
    index = random.randrange(len(searches("titles")))
    written = ["en", "ko"] if number % 3 == 0 else [author.writes[-1]]
    days = None if number % 5 == 4 else random.choice((24, 45, 80, 120, 170))
    return InventedSearch(
        person=author.number,
        topic=topic.code,
        area=topic.area,
        state=state,
        columns={
            "kind": "offer" if is_offer else "request",
            **paired("title", titles(index, is_offer=is_offer), author, written),
            **paired("description", searches("summaries")[index % 2], author, written),
        },
        search_columns=search_columns(author, number, written, days),
        days_to_call=days,
        members=MEMBERS[number % len(MEMBERS)],
        interests=interests(author, number, people, random) if state != "draft" else (),
    )


def titles(index: int, *, is_offer: bool) -> list[str]:
    """Return the frame of a title in both languages."""
    frame: list[str] = searches("offers")[0] if is_offer else searches("titles")[index]
    return frame


def search_columns(
    author: InventedPerson, number: int, written: list[str], days: int | None
) -> dict[str, Any]:
    """Return what the search says beyond the listing."""
    outcome = OUTCOMES[number % len(OUTCOMES)] if STATES[number % len(STATES)] == "found" else ""
    return {
        "original_language": "ko" if author.side == "korea" and "ko" in written else written[0],
        "machine_made": ["details"] if len(written) == 2 and number else [],
        **paired("expertise_offered", searches("offered"), author, written),
        **paired("expertise_sought", searches("sought"), author, written),
        **paired("work", searches("work"), author, written),
        **paired("details", searches("details"), author, written),
        "confidentiality": "interested" if number % 2 else "members",
        "keywords": list(author.columns["keywords"][:4]),
        "roles_sought": ["partner"] if number % 2 else ["work_package_leader", "partner"],
        "partner_side": "europe" if author.side == "korea" else "korea",
        "is_coordinator_needed": number % 4 == 3,
        "readiness_from": 2 + number % 3,
        "readiness_to": 4 + number % 3,
        "duration_months": 36 if number % 2 else 48,
        "budget_from": 2_000_000 if days else None,
        "budget_to": 4_000_000 if days else None,
        "currency": "EUR" if days else "",
        "korean_funding": "pillar_ii" if days else "open",
        "outcome": outcome,
    }


def paired(
    name: str, frame: Sequence[str], author: InventedPerson, written: list[str]
) -> dict[str, str]:
    """Return a text in the languages that are written, the other one empty."""
    return {
        f"{name}_{code}": told(frame[index], author, index) if code in written else ""
        for index, code in enumerate(LANGUAGES)
    }


def told(frame: str, author: InventedPerson, index: int) -> str:
    """Return one sentence frame filled with the author's topic."""
    topic = author.topics[0]
    own, other = topic.skills[author.strand][index], topic.skills[1 - author.strand][index]
    return frame.format(
        topic=topic.inside(index), skill=other, Skill=capitalised(own), own=own,
        problem=topic.problem[index], method=topic.method[index], result=topic.result[index],
    )  # fmt: skip


def interests(
    author: InventedPerson, number: int, people: Sequence[InventedPerson], random: Random
) -> tuple[InventedInterest, ...]:
    """Return up to three answers, of people of the other side who know the topic's area."""
    area = author.topics[0].area
    near = [
        person for person in people
        if person.side != author.side and person.topics[0].area == area and person.number > 1
    ]  # fmt: skip
    chosen = random.sample(near, min(3 if number < 2 else number % 3, len(near)))
    states = ("sent", "shortlisted", "sent") if number < 2 else ("sent", "accepted", "declined")
    return tuple(
        invented_interest(person, author, state, place)
        for place, (person, state) in enumerate(zip(chosen, states, strict=False))
    )


def invented_interest(
    person: InventedPerson, author: InventedPerson, state: str, place: int
) -> InventedInterest:
    """Return one answer in a language that its writer writes."""
    index = LANGUAGES.index(person.writes[0])
    wanted = author.topics[0].skills[1 - author.strand][index]
    return InventedInterest(
        person.number,
        state,
        "partner" if place else "work_package_leader",
        {
            "expertise": searches("interests")[place % 2][index].format(skill=wanted),
            "contribution": searches("contributions")[place % 2][index].format(skill=wanted),
            "person_months": 18 + 6 * place,
            "funding": "programme",
        },
    )


def searches(name: str) -> Any:
    """Return one group of frames."""
    return read_json("searches")[name]
