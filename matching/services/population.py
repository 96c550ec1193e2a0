"""Everybody who takes part in matching, as the arrays that the score reads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from django.db import connection
from django.db.models import Q
from django.utils import timezone
from numpy.typing import NDArray

from matching.models import (
    Answer,
    Block,
    ContactRequest,
    Profile,
    ProfileVectors,
    Side,
    SuggestionAnswer,
)
from matching.scoring import (
    CAREER_STAGES,
    ORGANISATION_TYPES,
    PairRules,
    People,
    Vectors,
    left_vectors,
    right_vectors,
    tag_weights,
)
from matching.visibility import FIELDS, OPEN_TO, Audience, fields_open_to

Integers = NDArray[np.int64]
YEARS_OF_NOVELTY = 5
OPEN_TO_MEMBERS: dict[str, Any] = {
    "open": [choice.value for choice in OPEN_TO[Audience.MEMBER]],
    "works": FIELDS["works"].default.value,
    "projects": FIELDS["projects"].default.value,
}
COLUMNS = (
    "pk", "side", "organisation_id", "organisation__types", "would_host", "would_visit",
    "career_stage", "partner_stages", "visibility", "vectors__built_from", "vectors__built_at",
)  # fmt: skip


@dataclass(frozen=True)
class StoredVectors:
    """One person's vectors as the database has them."""

    built_at: datetime
    topic: bytes
    offers: bytes
    seeks: bytes


# By person and embedder: a worker reads only what changed since its last task.
VECTOR_CACHE: dict[tuple[int, str], StoredVectors] = {}

# What one of the two hides from members tells the other nothing: anybody can claim a DOI or a
# grant number, and would learn who else has it.
SAME_WORK = """
WITH open_works AS (
  SELECT work.* FROM matching_work work JOIN matching_profile owner ON owner.id = work.profile_id
  WHERE coalesce(owner.visibility ->> 'works', %(works)s) = ANY (%(open)s)
), open_projects AS (
  SELECT project.* FROM matching_profileproject project
  JOIN matching_profile owner ON owner.id = project.profile_id
  WHERE coalesce(owner.visibility ->> 'projects', %(projects)s) = ANY (%(open)s)
)
SELECT DISTINCT one.profile_id, other.profile_id
FROM open_works one JOIN open_works other
  ON lower(one.doi) = lower(other.doi) AND one.profile_id <> other.profile_id
WHERE one.doi <> '' AND one.year >= %(since)s AND (%(person)s IS NULL OR one.profile_id = %(person)s)
UNION
SELECT DISTINCT one.profile_id, other.profile_id
FROM open_projects one JOIN open_projects other
  ON lower(one.identifier) = lower(other.identifier) AND one.profile_id <> other.profile_id
WHERE one.identifier <> '' AND (one.ended_in IS NULL OR one.ended_in >= %(since)s)
  AND (%(person)s IS NULL OR one.profile_id = %(person)s)
"""


@dataclass(frozen=True)
class Person:
    """One person's row of facts; what members may not read is left out."""

    pk: int
    side: str
    organisation_id: int | None
    organisation_types: tuple[str, ...]
    would_host: bool
    would_visit: bool
    career_stage: str
    partner_stages: tuple[str, ...]
    built_from: datetime
    tags: tuple[str, ...]


@dataclass(frozen=True)
class Population:
    """Both sides: Europe on the left, Korea on the right."""

    people: dict[int, Person]
    left: Vectors
    right: Vectors

    def side_of(self, person_id: int) -> Vectors:
        """Return the side that a person stands on."""
        return self.left if self.people[person_id].side == Side.EUROPE else self.right

    def opposite(self, person_id: int) -> Vectors:
        """Return the side that a person gets partners from."""
        return self.right if self.people[person_id].side == Side.EUROPE else self.left


def load_population(embedder: str, weights: dict[str, int]) -> Population:
    """Read everybody who may be suggested and has vectors of this embedder."""
    people = read_people(embedder)
    vectors = read_vectors(people, embedder)
    europe = [pk for pk, person in people.items() if person.side == Side.EUROPE]
    korea = [pk for pk, person in people.items() if person.side == Side.KOREA]
    weights = with_new_tags(weights, people.values())
    dimension = max((len(row.topic) // 2 for row in vectors.values()), default=0)
    left, right = (
        as_arrays([people[pk] for pk in ids], vectors, weights, dimension)
        for ids in (europe, korea)
    )
    return Population(people, left_vectors(left), right_vectors(right))


def current_tag_weights(embedder: str) -> dict[str, int]:
    """Return how much each area and topic counts among those who have vectors."""
    people = read_people(embedder)
    counts = Counter(tag for person in people.values() for tag in person.tags)
    return tag_weights(dict(counts), len(people))


def with_new_tags(weights: dict[str, int], people: Iterable[Person]) -> dict[str, int]:
    """Return the weights, and for tags that are new since the run began that of the rarest."""
    heaviest = max(weights.values(), default=1000)
    new = {tag: heaviest for person in people for tag in person.tags if tag not in weights}
    return weights | new


def read_people(embedder: str) -> dict[int, Person]:
    """Return the facts of everybody who may be suggested, by id."""
    rows = Profile.objects.suggestible().filter(vectors__embedder=embedder).order_by("pk")
    facts = {row["pk"]: row for row in rows.values(*COLUMNS)}
    tags = read_tags(facts)
    return {pk: person_of(row, tags.get(pk, [])) for pk, row in facts.items()}


def person_of(row: dict[str, Any], tags: Sequence[str]) -> Person:
    """Return one row of facts without what members may not read."""
    opened = fields_open_to(Audience.MEMBER, row["visibility"])
    shows_visits = "mobility" in opened
    return Person(
        pk=row["pk"],
        side=row["side"],
        organisation_id=row["organisation_id"],
        organisation_types=tuple(row["organisation__types"] or ()),
        would_host=row["would_host"] and shows_visits,
        would_visit=row["would_visit"] and shows_visits,
        career_stage=row["career_stage"],
        partner_stages=tuple(row["partner_stages"]),
        built_from=row["vectors__built_from"],
        tags=tuple(tag for tag in tags if "topics" in opened or not tag.startswith("topic:")),
    )


def read_tags(people: Iterable[int]) -> dict[int, list[str]]:
    """Return the areas and topics of people: `area:1`, `topic:12`."""
    found: dict[int, list[str]] = {pk: [] for pk in people}
    sources: tuple[tuple[str, Any, str], ...] = (
        ("area", Profile.areas.through, "area_id"),
        ("topic", Profile.topics.through, "topic_id"),
    )
    for kind, through, column in sources:
        for profile_id, tag_id in through.objects.order_by("pk").values_list("profile_id", column):
            if profile_id in found:
                found[profile_id].append(f"{kind}:{tag_id}")
    return found


def read_vectors(people: dict[int, Person], embedder: str) -> dict[int, StoredVectors]:
    """Return the stored vectors, from this process's memory where they have not changed."""
    stamps = dict(
        ProfileVectors.objects.filter(embedder=embedder).values_list("profile_id", "built_at")
    )
    known = {pk: VECTOR_CACHE.get((pk, embedder)) for pk in people if pk in stamps}
    changed = [pk for pk, row in known.items() if not row or row.built_at != stamps[pk]]
    rows = ProfileVectors.objects.filter(embedder=embedder, profile_id__in=changed)
    for row in rows.iterator(chunk_size=500):
        vectors = (bytes(column) for column in (row.topic, row.offers, row.seeks))
        VECTOR_CACHE[row.profile_id, embedder] = StoredVectors(row.built_at, *vectors)
    for key in [key for key in VECTOR_CACHE if key[1] != embedder or key[0] not in stamps]:
        del VECTOR_CACHE[key]
    return {pk: VECTOR_CACHE[pk, embedder] for pk in people if (pk, embedder) in VECTOR_CACHE}


def as_arrays(
    people: list[Person],
    vectors: dict[int, StoredVectors],
    weights: dict[str, int],
    dimension: int,
) -> People:
    """Return one side as arrays; `weights` knows every tag."""
    columns = {tag: position for position, tag in enumerate(sorted(weights))}
    tags = np.zeros((len(people), len(columns)), dtype=np.int64)
    for row, person in enumerate(people):
        for tag in person.tags:
            tags[row, columns[tag]] = weights[tag]
    stored = [vectors[person.pk] for person in people]
    return People(
        ids=np.array([person.pk for person in people], dtype=np.int64),
        topic=stack([row.topic for row in stored], dimension),
        offers=stack([row.offers for row in stored], dimension),
        seeks=stack([row.seeks for row in stored], dimension),
        tags=tags,
        organisation_types=flags(
            [person.organisation_types for person in people], ORGANISATION_TYPES
        ),
        hosts=np.array([person.would_host for person in people], dtype=np.bool_),
        visits=np.array([person.would_visit for person in people], dtype=np.bool_),
        stage=flags([(person.career_stage,) for person in people], CAREER_STAGES),
        wished_stages=flags([person.partner_stages for person in people], CAREER_STAGES),
        price=np.zeros(len(people), dtype=np.int64),
    )


def stack(rows: list[bytes], dimension: int) -> NDArray[np.int16]:
    """Return stored vectors as one array; an empty one is a row of zeros."""
    stacked = np.zeros((len(rows), dimension), dtype=np.int16)
    for row, stored in zip(stacked, rows, strict=True):
        if len(stored) == 2 * dimension:
            row[:] = np.frombuffer(stored, dtype="<i2")
    return stacked


def flags(chosen: list[tuple[str, ...]], possible: tuple[str, ...]) -> NDArray[np.bool_]:
    """Return an indicator of each possible value, a row a person."""
    rows = [[value in mine for value in possible] for mine in chosen]
    return np.array(rows, dtype=np.bool_).reshape(len(chosen), len(possible))


def pair_rules(people: dict[int, Person], *, person_id: int | None = None) -> PairRules:
    """Read who is never suggested to whom, and who have worked together.

    With `person_id`, only the pairs with that person.
    """
    dismissals = as_pairs(dismissed_pairs(person_id))
    forbidden = [*blocked_pairs(person_id), *contact_pairs(person_id)]
    forbidden += colleague_pairs(people, person_id)
    return PairRules(
        forbidden=both_ways(as_pairs(forbidden)),
        hidden_from_left=dismissals,
        hidden_from_right=dismissals[:, ::-1],
        worked_together=both_ways(as_pairs(worked_together_pairs(person_id))),
    )


def as_pairs(pairs: Iterable[tuple[int, int]]) -> Integers:
    """Return pairs as an array, (n, 2)."""
    return np.array(list(pairs), dtype=np.int64).reshape(-1, 2)


def both_ways(pairs: Integers) -> Integers:
    """Return the pairs in both orders: the score drops those that stand on the wrong sides."""
    return np.concatenate([pairs, pairs[:, ::-1]])


def with_person(person_id: int | None, one: str, other: str) -> Q:
    """Return the condition that one of two columns is that person."""
    return Q() if person_id is None else Q(**{one: person_id}) | Q(**{other: person_id})


def dismissed_pairs(person_id: int | None) -> Iterable[tuple[int, int]]:
    """Return (who, whom) of the answers *not for me* that count."""
    answers = SuggestionAnswer.objects.filter(undone_at=None, answer=Answer.NOT_FOR_ME)
    mine = answers.filter(with_person(person_id, "profile_id", "partner_id"))
    return mine.values_list("profile_id", "partner_id")


def blocked_pairs(person_id: int | None) -> Iterable[tuple[int, int]]:
    """Return who blocked whom."""
    blocks = Block.objects.filter(with_person(person_id, "blocker_id", "blocked_id"))
    return blocks.values_list("blocker_id", "blocked_id")


def contact_pairs(person_id: int | None) -> Iterable[tuple[int, int]]:
    """Return who is in contact or has asked for it."""
    requests = ContactRequest.objects.live()
    mine = requests.filter(with_person(person_id, "sender_id", "recipient_id"))
    return mine.values_list("sender_id", "recipient_id")


def colleague_pairs(people: dict[int, Person], person_id: int | None) -> Iterable[tuple[int, int]]:
    """Return the pairs across the sides that work for the same organisation."""
    by_organisation: dict[int, list[Person]] = {}
    for person in people.values():
        if person.organisation_id:
            by_organisation.setdefault(person.organisation_id, []).append(person)
    return [
        (one.pk, other.pk)
        for colleagues in by_organisation.values()
        if len({person.side for person in colleagues}) > 1
        for one in colleagues
        for other in colleagues
        if one.side < other.side and person_id in (None, one.pk, other.pk)
    ]


def worked_together_pairs(person_id: int | None) -> Iterable[tuple[int, int]]:
    """Return who share a work or a project of the last years."""
    since = timezone.now().year - YEARS_OF_NOVELTY
    with connection.cursor() as cursor:
        cursor.execute(SAME_WORK, {"since": since, "person": person_id, **OPEN_TO_MEMBERS})
        rows: list[tuple[int, int]] = cursor.fetchall()
    return rows
