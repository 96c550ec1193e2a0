"""The statement that finds: three lists, put together, narrowed, counted and cut to a page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from matching.lexemes import Asked
from matching.models import SearchKind
from matching.questions import MOST_COUNTED, Question, Sort
from matching.services.question_meaning import Meaning
from matching.services.search_statistics import Frequencies

# How many hits there may be that are not strict.
MOST_LOOSE, NEAREST = 100, 100
# What a meaning must share with the question: unrelated texts reach about .2 with the default model.
LEAST_LIKENESS = 0.25
# Loose hits are looked for among so many entries: common words tell nothing anyway.
MOST_LOOKED_AT = 4_000.0
# What a place in a list is worth: the list's weight / (DAMPING + place).
DAMPING, TEXT_WEIGHT, NEAR_WEIGHT = 30, 1.0, 1.0
# Weights of what stands in the rest, in texts, in keywords, in names.
WEIGHTS = "{0.1, 0.3, 0.6, 1.0}"
COLUMNS = {
    SearchKind.PEOPLE: "profile_id",
    SearchKind.ORGANISATIONS: "organisation_id",
    SearchKind.LISTINGS: "listing_id",
}
ORDERS = {
    Sort.RELEVANCE: "score DESC, freshness DESC NULLS LAST, id",
    Sort.NEWEST: "appeared_at DESC NULLS LAST, id",
    Sort.CONFIRMED: "freshness DESC NULLS LAST, id",
}
NAME_ORDERS = {"en": "sort_en, id", "ko": "sort_ko, id"}

COLUMNS_CARRIED = "facets, freshness, appeared_at, sort_en, sort_ko"
CARRIED = "{thing} AS thing, " + COLUMNS_CARRIED
STATEMENT = """
WITH strict AS MATERIALIZED ({strict}),
named AS MATERIALIZED ({named}),
loose AS MATERIALIZED ({loose}),
near AS MATERIALIZED ({near}),
by_text AS (
    SELECT *, row_number() OVER (ORDER BY tier, rank DESC, id) AS place FROM (
        SELECT *, 0 AS tier FROM strict
        UNION ALL
        SELECT *, 1 FROM loose WHERE id NOT IN (SELECT id FROM strict)
    ) texts
),
by_meaning AS (SELECT *, row_number() OVER (ORDER BY likeness DESC, id) AS place FROM near),
candidates AS MATERIALIZED (
    SELECT id, coalesce(t.thing, m.thing) AS thing, tier, likeness,
        coalesce(%(text_weight)s / (%(damping)s + t.place), 0)
            + coalesce(%(near_weight)s / (%(damping)s + m.place), 0) AS score,
        coalesce(t.facets, m.facets) AS facets, coalesce(t.freshness, m.freshness) AS freshness,
        coalesce(t.appeared_at, m.appeared_at) AS appeared_at,
        coalesce(t.sort_en, m.sort_en) AS sort_en, coalesce(t.sort_ko, m.sort_ko) AS sort_ko{passes}
    FROM by_text t FULL JOIN by_meaning m USING (id)
),
total AS (SELECT count(*)::int AS count FROM candidates WHERE {passed}),
reached AS (
    SELECT CASE WHEN (SELECT count(*) FROM strict) <= %(counted)s THEN count
        ELSE least(count, %(counted)s) END AS count
    FROM total
),
counted AS ({counted})
SELECT (SELECT count FROM total), (SELECT count(*) FROM strict),
    (SELECT coalesce(json_object_agg(value, count), '{{}}') FROM counted),
    (SELECT coalesce(json_agg(json_build_array(id, thing, tier, likeness)), '[]') FROM (
        SELECT id, thing, tier, likeness FROM candidates WHERE {passed}
        ORDER BY {order} LIMIT %(size)s OFFSET
        greatest(least((%(page)s - 1) * %(size)s,
            ((SELECT count FROM reached) - 1) / %(size)s * %(size)s), 0)) page)
"""
STRICT = """
    SELECT id, {carried}, ts_rank(%(weights)s, words, %(strict)s::tsquery) AS rank
    FROM matching_searchentry entry
    WHERE {here} AND words @@ %(strict)s::tsquery AND {door}{filters}
    LIMIT %(most)s"""
# Without words: everything, from the first of the order on.
ALL = """
    SELECT id, {carried}, 0::real AS rank FROM matching_searchentry entry
    WHERE {place} AND {door}{filters}
    ORDER BY {order} LIMIT %(most)s"""
# Whether some name has all the words: then nothing else is meant.
NAMED = """
    SELECT id FROM matching_searchentry entry
    WHERE {here} AND words @@ %(named)s::tsquery AND {door} LIMIT 1"""
LOOSE = """
    SELECT id, {carried}, {rank} AS rank FROM matching_searchentry entry
    WHERE {here} AND words @@ %(loose)s::tsquery AND {door} AND NOT EXISTS (SELECT FROM named)
    ORDER BY rank DESC, id LIMIT %(most_loose)s"""
NEAR = """
    SELECT id, {carried}, likeness FROM (
        SELECT *, -(meaning <#> %(meaning)s::halfvec) AS likeness
        FROM matching_searchentry WHERE {place}
        ORDER BY meaning <#> %(meaning)s::halfvec LIMIT %(nearest)s
    ) entry
    WHERE likeness >= %(least)s AND embedder = %(embedder)s AND {door}
        AND NOT EXISTS (SELECT FROM named)
    ORDER BY likeness DESC, id"""
COUNTS = (
    "SELECT value, count(*) FROM candidates, unnest(facets) value WHERE {condition} GROUP BY 1"
)
NOBODY = "SELECT id FROM matching_searchentry WHERE false"
NO_TEXTS = "SELECT id, {carried}, 0::real AS rank FROM matching_searchentry WHERE false"
NONE_NEAR = "SELECT id, {carried}, 0::real AS likeness FROM matching_searchentry WHERE false"
Values = dict[str, Any]


@dataclass(frozen=True)
class Door:
    """The condition that a row of `entry` is of a thing that the reader may find.

    but_sql: the keys of what is shown to others and not to this reader, where that is all.
    """

    sql: str
    values: Values
    but_sql: str = ""

    @classmethod
    def to(cls, column: str, things: Any) -> Door:
        """Let in the things of a queryset of their keys."""
        sql, values = written(things)
        return cls(f"entry.{column} IN ({sql})", values)

    @classmethod
    def but(cls, column: str, things: Any | None) -> Door:
        """Let in whatever is shown at all, some things apart.

        Rows of what is not shown to their audience are empty, by triggers, from the same moment
        on: comparing rows with a short list takes a fifth of the time of joining all people.
        """
        if things is None:
            return cls("entry.facets <> '{}'", {})
        sql, values = written(things)
        shown = f"entry.facets <> '{{}}' AND entry.{column} <> ALL (ARRAY({sql}))"
        return cls(shown, values, sql)


def written(things: Any) -> tuple[str, Values]:
    """Return a queryset as SQL with named values."""
    sql, values = things.order_by().query.sql_with_params()
    named = {f"door_{place}": value for place, value in enumerate(values)}
    marks = (f"%({name})s" for name in named)
    parts = sql.replace("%%", "%").split("%s")
    return parts[0] + "".join(a + b for a, b in zip(marks, parts[1:], strict=True)), named


@dataclass(frozen=True)
class Search:
    """One question on its way to PostgreSQL.

    meaning: the question's vector, none when search goes by words only. language: in which names
    are sorted. is_filtered: whether the chosen values narrow the strict list from the beginning,
    as they must where it is too long to be looked at whole.
    """

    question: Question
    asked: Asked
    meaning: Meaning | None
    language: str
    audience: str
    door: Door
    frequencies: Frequencies
    is_filtered: bool = False

    def statement(self) -> tuple[str, Values]:
        """Return the statement and its values."""
        loose, loose_values = self.loose()
        sql = STATEMENT.format(
            strict=self.strict(),
            named=self.named(),
            loose=loose,
            near=self.near(),
            order=self.order,
            passes="".join(
                f", coalesce(t.facets, m.facets) && %(chosen_{name})s::varchar[] AS is_{name}"
                for name in self.question.narrowed
            ),
            passed=self.passed(),
            counted=self.counted(),
        )
        return sql, self.values() | loose_values

    @property
    def place(self) -> str:
        """The condition of the partial indexes: constants, or they would not be used."""
        return f"kind = '{self.question.kind.value}' AND audience = '{self.audience}'"

    @property
    def here(self) -> str:
        """The same in a form that no index knows.

        Beside the index of words PostgreSQL would else read the one of all people, 30 ms of it
        at 100,000, or the whole table where one row is enough.
        """
        return f"kind || ' ' || audience = '{self.question.kind.value} {self.audience}'"

    @property
    def order(self) -> str:
        """The order of the hits."""
        if self.question.sort == Sort.NAME:
            return NAME_ORDERS.get(self.language, NAME_ORDERS["en"])
        is_relevance = self.question.sort not in ORDERS or self.question.sort == Sort.RELEVANCE
        if is_relevance and not self.asked.words:
            return ORDERS[Sort.CONFIRMED]
        return ORDERS[Sort.RELEVANCE if is_relevance else Sort(self.question.sort)]

    def strict(self) -> str:
        """Return the list of those that have every word."""
        filters = "".join(
            f" AND entry.facets && %(chosen_{name})s::varchar[]"
            for name in self.question.narrowed
            if self.is_filtered
        )
        sql = STRICT if self.asked.words else ALL
        return sql.format(**self.shared, filters=filters, order=self.order)

    @property
    def shared(self) -> dict[str, str]:
        """What all lists are written with."""
        carried = CARRIED.format(thing=COLUMNS[self.question.kind])
        return {
            "carried": carried, "place": self.place, "here": self.here, "door": self.door.sql,
        }  # fmt: skip

    def named(self) -> str:
        """Return one of those that have every word in a name; listings have titles, not names."""
        is_name = self.asked.words and self.question.kind != SearchKind.LISTINGS
        return NAMED.format(**self.shared) if is_name else NOBODY

    def loose(self) -> tuple[str, Values]:
        """Return the list of those that have some telling words, and its values."""
        telling = self.telling()
        if not telling:
            return NO_TEXTS.format(**self.shared), {}
        rank = " + ".join(
            f"%(share_{place})s * ts_rank(%(weights)s, words, %(word_{place})s::tsquery)"
            for place in range(len(telling))
        )
        values: Values = {"loose": " | ".join(f"({word})" for word, _share in telling)}
        for place, (word, share) in enumerate(telling):
            values |= {f"word_{place}": word, f"share_{place}": share}
        return LOOSE.format(**self.shared, rank=rank), values

    def telling(self) -> list[tuple[str, float]]:
        """Return the rarest words, as many as may be looked for, and how much each tells."""
        known = self.frequencies
        words = sorted(
            zip(self.asked.loose, self.asked.lexemes, strict=True),
            key=lambda each: known.rows(each[1]),
        )
        found, rows = [], 0.0
        for word, lexeme in words:
            rows += known.rows(lexeme)
            if rows > MOST_LOOKED_AT:
                break
            found.append((word, known.weight(lexeme)))
        return found

    def near(self) -> str:
        """Return the list of those that mean something like the question."""
        return (NEAR if self.meaning else NONE_NEAR).format(**self.shared)

    def passed(self, but: str = "") -> str:
        """Return the condition that a candidate has the chosen values, one facet's apart."""
        return (
            " AND ".join(f"is_{name}" for name in self.question.narrowed if name != but) or "true"
        )

    def counted(self) -> str:
        """Return the counts of all values: those of a facet without its own choice."""
        own = self.question.narrowed
        others = "".join(f" AND NOT starts_with(value, '{name}:')" for name in own)
        parts = [COUNTS.format(condition=f"{self.passed()}{others}")]
        for name in own:
            condition = f"starts_with(value, '{name}:') AND {self.passed(but=name)}"
            parts.append(COUNTS.format(condition=condition))
        return " UNION ALL ".join(parts)

    def values(self) -> Values:
        """Return the values that every statement may use."""
        chosen = {
            f"chosen_{name}": [f"{name}:{value}" for value in values]
            for name, values in self.question.narrowed.items()
        }
        return {
            "strict": self.asked.strict,
            "named": self.asked.in_names,
            "meaning": self.meaning.vector if self.meaning else None,
            "embedder": self.meaning.embedder if self.meaning else "",
            "weights": WEIGHTS,
            "counted": MOST_COUNTED,
            "most": MOST_COUNTED + 1,
            "most_loose": MOST_LOOSE,
            "nearest": NEAREST,
            "least": LEAST_LIKENESS,
            "damping": DAMPING,
            "text_weight": TEXT_WEIGHT,
            "near_weight": NEAR_WEIGHT,
            "size": self.question.page_size,
            "page": max(self.question.page, 1),
        } | chosen | self.door.values  # fmt: skip
