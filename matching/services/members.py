"""Everybody who takes part in matching, read as arrays: a few statements for thousands of people.

PostgreSQL glues columns together (`string_agg` over `int8send`), so that no Python object is made
for a person; what members may not read is left out there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from matching.models import Profile, Side
from matching.scoring import CAREER_STAGES, ORGANISATION_TYPES, People
from matching.scoring.evidence import Evidence, Items, Words, starts_of
from matching.scoring.projection import basis_of, projected
from matching.visibility import FIELDS, OPEN_TO, Audience

Integers = NDArray[np.int64]
PORTION = 2000
# PostgreSQL counts from 2000 on; so do lists (`list_rows.microseconds`).
SECONDS_TO_2000 = 946_684_800
# How many new partners a person has time for; live contacts take places, one always stays.
PARTNER_PLACES = 5
MASK = {
    "hosts": 1,
    "visits": 1,
    "organisation_types": len(ORGANISATION_TYPES),
    "stage": len(CAREER_STAGES),
    "wished_stages": len(CAREER_STAGES),
}
ITEM_COLUMNS = {
    "works": ("work_items", "work_sources"),
    "english": ("english_items", "english_sources"),
    "offers": ("offer_items", "offer_sources"),
    "seeks": ("seek_items", "seek_sources"),
}
WORD = np.dtype([("hash", "<u4"), ("count", "<u2")])

OPEN_FIELD = "coalesce(profile.visibility ->> '{field}', %({field})s) = ANY (%(open)s)"
FLAG_COLUMNS = (
    f"profile.would_host AND {OPEN_FIELD.format(field='mobility')}",
    f"profile.would_visit AND {OPEN_FIELD.format(field='mobility')}",
    *(f"'{kind}' = ANY (organisation.types)" for kind in ORGANISATION_TYPES),
    *(f"profile.career_stage = '{stage}'" for stage in CAREER_STAGES),
    *(f"'{stage}' = ANY (profile.partner_stages)" for stage in CAREER_STAGES),
)
FLAGS = " | ".join(
    f"(coalesce({condition}, FALSE)::int << {place})"
    for place, condition in enumerate(FLAG_COLUMNS)
)
SOURCES = (
    "(SELECT coalesce(string_agg(int8send(source), ''::bytea ORDER BY place), ''::bytea)"
    " FROM unnest(vectors.{column}) WITH ORDINALITY AS item (source, place){condition}) AS {column}"
)
IS_ENGLISH = "vectors.english_embedder = %(english_embedder)s"
NUMBERS = ("id", "organisation_id", "flags", "built_from", "contacts")
BYTES = (
    "topic", "offers", "seeks", "words",
    *(column for columns in ITEM_COLUMNS.values() for column in columns),
)  # fmt: skip
GLUED = ", ".join(
    [f"string_agg(int8send({column}), ''::bytea)" for column in NUMBERS]
    + [f"string_agg({column}, ''::bytea)" for column in BYTES]
    + [f"string_agg(int8send(octet_length({column})::bigint), ''::bytea)" for column in BYTES]
)
PLAIN_SOURCES = ", ".join(
    SOURCES.format(column=column, condition="")
    for kind, (_items, column) in ITEM_COLUMNS.items()
    if kind != "english"
)
# Everything of a person in one statement: facts and vectors are of the same moment.
ROWS = f"""
SELECT {GLUED} FROM (
  SELECT profile.id, coalesce(profile.organisation_id, 0) AS organisation_id,
    ({FLAGS})::bigint AS flags,
    ((extract(epoch FROM vectors.built_from) - {SECONDS_TO_2000}) * 1000000)::bigint AS built_from,
    (SELECT count(*) FROM matching_contactrequest request
      WHERE (request.sender_id = profile.id OR request.recipient_id = profile.id)
        AND request.state = 'accepted') AS contacts,
    vectors.topic, vectors.offers, vectors.seeks, vectors.words,
    vectors.work_items, vectors.offer_items, vectors.seek_items,
    CASE WHEN {IS_ENGLISH} THEN vectors.english_items ELSE ''::bytea END AS english_items,
    {SOURCES.format(column="english_sources", condition=f" WHERE {IS_ENGLISH}")},
    {PLAIN_SOURCES}
  FROM unnest(%(ids)s::bigint[]) WITH ORDINALITY AS wanted (id, place)
  JOIN matching_profile profile ON profile.id = wanted.id
  JOIN matching_profilevectors vectors ON vectors.profile_id = profile.id
  LEFT JOIN matching_organisation organisation ON organisation.id = profile.organisation_id
  WHERE vectors.embedder = %(embedder)s AND (%(side)s IS NULL OR profile.side = %(side)s)
  ORDER BY wanted.place
) AS member
"""  # noqa: S608 - nothing in it comes from outside
TAGS = f"""
SELECT string_agg(int8send(wanted.place) || int8send(tag.tag_id), ''::bytea) FROM (
  SELECT profile_id, area_id AS tag_id, FALSE AS is_topic FROM matching_profile_areas
  UNION ALL SELECT profile_id, topic_id, TRUE FROM matching_profile_topics
) AS tag
JOIN unnest(%(ids)s::bigint[]) WITH ORDINALITY AS wanted (id, place) ON wanted.id = tag.profile_id
JOIN matching_profile profile ON profile.id = tag.profile_id
WHERE tag.is_topic = %(is_topic)s AND (NOT tag.is_topic OR {OPEN_FIELD.format(field="topics")})
"""  # noqa: S608 - nothing in it comes from outside
TAG_COUNTS = f"""
SELECT tag.is_topic, tag.tag_id, count(*) FROM (
  SELECT profile_id, area_id AS tag_id, FALSE AS is_topic FROM matching_profile_areas
  UNION ALL SELECT profile_id, topic_id, TRUE FROM matching_profile_topics
) AS tag
JOIN matching_profile profile ON profile.id = tag.profile_id
WHERE profile.id = ANY (%(ids)s) AND (NOT tag.is_topic OR {OPEN_FIELD.format(field="topics")})
GROUP BY 1, 2
"""  # noqa: S608 - nothing in it comes from outside
LISTED = """
SELECT string_agg(listed, ''::bytea), string_agg(int8send(octet_length(listed)::bigint), ''::bytea)
FROM (
  SELECT unnest(ARRAY[vectors.offers, vectors.seeks]) AS listed
  FROM unnest(%(ids)s::bigint[]) WITH ORDINALITY AS wanted (id, place)
  JOIN matching_profilevectors vectors ON vectors.profile_id = wanted.id
  WHERE vectors.embedder = %(embedder)s
  ORDER BY wanted.place
) AS vector
WHERE listed <> ''::bytea
"""
PARAMETERS: dict[str, Any] = {
    "open": [choice.value for choice in OPEN_TO[Audience.MEMBER]],
    "mobility": FIELDS["mobility"].default.value,
    "topics": FIELDS["topics"].default.value,
}


@dataclass(frozen=True)
class Shape:
    """What everybody's arrays have in common within a run.

    tag_weights: {"topic:12": 2310, ...}; dimension, english_dimension: components of a vector;
    basis: int16 (d, k), what the first pass sees of offers and requests; prices: what suggesting
    a person costs, in units of 2**-30, 0 for who is not in it.
    """

    embedder: str
    english_embedder: str
    tag_weights: dict[str, int]
    dimension: int
    english_dimension: int
    basis: NDArray[np.int16]
    prices: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Members:
    """What is read of n people of one side.

    organisations: int64 (n,), 0 for none. built_from: int64 (n,), microseconds since 2000: the
    edit that the vectors were made from. capacity: int64 (n,), open partner places, at least 1.
    """

    people: People
    evidence: Evidence
    organisations: Integers
    built_from: Integers
    capacity: Integers

    def __len__(self) -> int:
        return len(self.people)


def member_ids(embedder: str, side: Side) -> Integers:
    """Return who of a side may be suggested and has vectors of this embedder, ascending."""
    found = Profile.objects.suggestible().filter(vectors__embedder=embedder, side=side)
    return np.array(sorted(found.values_list("pk", flat=True)), dtype=np.int64)


def count_tags(ids: Integers) -> dict[str, int]:
    """Return how many of these people have each area (`area:1`) and topic (`topic:12`)."""
    with connection.cursor() as cursor:
        cursor.execute(TAG_COUNTS, {**PARAMETERS, "ids": ids.tolist()})
        rows = cursor.fetchall()
    return {f"{'topic' if is_topic else 'area'}:{tag}": count for is_topic, tag, count in rows}


def read_portions(
    ids: Integers, shape: Shape, side: Side, *, portion: int = PORTION
) -> Iterator[Members]:
    """Yield people in the order asked for, at least once.

    Who is gone meanwhile, or has changed sides, is left out.
    """
    for start in range(0, max(len(ids), 1), portion):
        yield read_members(ids[start : start + portion].tolist(), shape, side)


def read_members(ids: Sequence[int], shape: Shape, side: Side | None = None) -> Members:
    """Return some people of one side in the order asked for.

    Who is gone is left out, and with `side` who does not stand there.
    """
    names = {"embedder": shape.embedder, "english_embedder": shape.english_embedder}
    row = glued(ROWS, {"ids": list(ids), "side": side and side.value, **names})
    numbers = {name: integers(row[place]) for place, name in enumerate(NUMBERS)}
    texts = {name: bytes(row[len(NUMBERS) + place] or b"") for place, name in enumerate(BYTES)}
    sizes = {
        name: integers(row[len(NUMBERS) + len(BYTES) + place]) for place, name in enumerate(BYTES)
    }
    found = numbers["id"]
    vectors: dict[str, Any] = {
        name: stacked(texts[name], sizes[name], shape.dimension)
        for name in ("topic", "offers", "seeks")
    }
    flags: dict[str, Any] = dict(unmasked(numbers["flags"]))
    return Members(
        people=People(
            ids=found,
            **as_searched(vectors, shape),
            tags=read_tags(found, shape),
            **flags,
            price=np.array([shape.prices.get(pk, 0) for pk in found.tolist()], dtype=np.int64),
        ),
        evidence=evidence_of(found, vectors["topic"], texts, sizes, shape),
        organisations=numbers["organisation_id"],
        built_from=numbers["built_from"],
        capacity=np.maximum(PARTNER_PLACES - numbers["contacts"], 1),
    )


def as_searched(vectors: dict[str, Any], shape: Shape) -> dict[str, Any]:
    """Return vectors with offers and requests as the first pass sees them."""
    seen = {name: projected(vectors[name], shape.basis) for name in ("offers", "seeks")}
    return vectors | seen


def basis_for(ids: Integers, embedder: str, dimension: int) -> NDArray[np.int16]:
    """Return the directions in which what these people offer and seek differs most."""
    row = glued(LISTED, {"ids": ids.tolist(), "embedder": embedder})
    return basis_of(stacked(bytes(row[0] or b""), integers(row[1]), dimension))


def glued(statement: str, parameters: dict[str, Any]) -> Sequence[Any]:
    """Run a statement that returns one row of columns glued together."""
    with connection.cursor() as cursor:
        cursor.execute(statement, {**PARAMETERS, **parameters})
        row: Sequence[Any] = cursor.fetchone()
    return row


def integers(sent: Any) -> Integers:
    """Return the numbers that `int8send` wrote one after another."""
    return np.frombuffer(bytes(sent or b""), dtype=">i8").astype(np.int64)


def stacked(glued_vectors: bytes, sizes: Integers, dimension: int) -> NDArray[np.int16]:
    """Return vectors as rows; zeros for who has none, or one of another dimension."""
    rows = np.zeros((len(sizes), dimension), dtype=np.int16)
    fits = sizes == 2 * dimension
    if (fits | (sizes == 0)).all():
        rows[fits] = np.frombuffer(glued_vectors, dtype="<i2").reshape(-1, dimension)
        return rows
    for row, end, size in zip(
        np.flatnonzero(fits), np.cumsum(sizes)[fits], sizes[fits], strict=True
    ):
        rows[row] = np.frombuffer(glued_vectors[end - size : end], dtype="<i2")
    return rows


def unmasked(flags: Integers) -> dict[str, NDArray[np.bool_]]:
    """Return the flags of people by the names that `People` has for them."""
    found, place = {}, 0
    for name, width in MASK.items():
        bits = flags[:, None] >> np.arange(place, place + width) & 1
        found[name] = bits.astype(np.bool_) if width > 1 else bits[:, 0].astype(np.bool_)
        place += width
    return found


def read_tags(ids: Integers, shape: Shape) -> Integers:
    """Return the weight of each tag that each person has: int64 (n, tags)."""
    columns = {tag: place for place, tag in enumerate(sorted(shape.tag_weights))}
    tags = np.zeros((len(ids), len(columns)), dtype=np.int64)
    for kind in ("area", "topic"):
        row = glued(TAGS, {"ids": ids.tolist(), "is_topic": kind == "topic"})
        for place, tag in integers(row[0]).reshape(-1, 2).tolist():
            column = columns.get(f"{kind}:{tag}")
            # A tag that is new since the run began has no column yet: it counts with the next.
            if column is not None:
                tags[place - 1, column] = shape.tag_weights[f"{kind}:{tag}"]
    return tags


def evidence_of(
    ids: Integers,
    topic: NDArray[np.int16],
    texts: dict[str, bytes],
    sizes: dict[str, Integers],
    shape: Shape,
) -> Evidence:
    """Return the single texts of people."""
    dimensions = dict.fromkeys(ITEM_COLUMNS, shape.dimension) | {
        "english": shape.english_dimension
    }
    items = {
        kind: items_of(texts, sizes, columns, dimensions[kind])
        for kind, columns in ITEM_COLUMNS.items()
    }
    words = np.frombuffer(texts["words"], dtype=WORD)
    return Evidence(
        ids=ids,
        topic=topic,
        words=Words(
            words["hash"].astype(np.uint32),
            words["count"].astype(np.uint16),
            starts_of(sizes["words"] // WORD.itemsize),
        ),
        **items,
    )


def items_of(
    texts: dict[str, bytes], sizes: dict[str, Integers], columns: tuple[str, str], dimension: int
) -> Items:
    """Return one kind of texts of people.

    Raises:
        ValueError: vectors are of another dimension, or do not have one source each.
    """
    vectors, sources = columns
    width = 2 * max(dimension, 1)
    if (sizes[vectors] % width).any():
        raise ValueError(f"{vectors} has vectors that are not of dimension {dimension}")
    return Items(
        np.frombuffer(texts[vectors], dtype="<i2").reshape(-1, max(dimension, 1)),
        starts_of(sizes[vectors] // width),
        integers(texts[sources]),
    )
