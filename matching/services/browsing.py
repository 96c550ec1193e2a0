"""Lists without words: everybody, or everybody with one chosen value, in the order of an index.

Counting each value of each row anew takes a tenth of a second at ten thousand rows. So triggers keep
the counts (`FacetCount`), in the same transaction as the rows; what the reader may not find is
subtracted here.
"""

from __future__ import annotations

from django.db import connection, transaction

from matching.models import SearchKind
from matching.questions import Question
from matching.services.search_statement import COLUMNS, Search, Values

STATEMENT = """
WITH hidden AS (
    SELECT facets FROM matching_searchentry
    WHERE {place} AND {column} = ANY (ARRAY({hidden})) AND facets <> '{{}}'
),
everything AS (
    SELECT value, sum(rows)::int AS count FROM (
        SELECT value, rows FROM matching_facetcount WHERE {place}
        UNION ALL
        SELECT unnest(array_append(facets, '')), -1 FROM hidden
    ) counts GROUP BY value HAVING sum(rows) > 0
),
chosen AS MATERIALIZED ({chosen}),
total AS (SELECT {total} AS count),
counted AS ({counted})
SELECT (SELECT count FROM total), (SELECT count FROM total),
    (SELECT coalesce(json_object_agg(value, count), '{{}}') FROM counted WHERE value <> ''),
    (SELECT coalesce(json_agg(json_build_array(id, thing, 0, null)), '[]') FROM (
        SELECT id, {column} AS thing FROM matching_searchentry entry
        WHERE {place} AND {door}{filters}
        ORDER BY {order} LIMIT %(size)s OFFSET
        greatest(least((%(page)s - 1) * %(size)s,
            (least((SELECT count FROM total), %(counted)s) - 1) / %(size)s * %(size)s), 0)) page)
"""
# The values of those that have one of the chosen values; how many have the chosen facet's other
# values, everything tells.
CHOSEN = """
    SELECT facets FROM matching_searchentry entry
    WHERE {place} AND {door}{filters} LIMIT %(most)s"""
COUNTED = """
    SELECT value, count(*)::int AS count FROM chosen, unnest(facets) value
    WHERE NOT starts_with(value, '{facet}:') GROUP BY 1
    UNION ALL SELECT value, count FROM everything WHERE starts_with(value, '{facet}:')"""
# Two workers do no harm: what one has deleted the other leaves out.
FOLD = """
WITH gone AS (DELETE FROM matching_facetcount RETURNING kind, audience, value, rows)
INSERT INTO matching_facetcount (kind, audience, value, rows, is_sum)
SELECT kind, audience, value, sum(rows), true FROM gone GROUP BY 1, 2, 3 HAVING sum(rows) <> 0
"""
LINES = """
SELECT count(*) FROM (SELECT FROM matching_facetcount WHERE NOT is_sum LIMIT %s) lines"""
MOST_UNFOLDED = 500


def is_browsing(question: Question, has_words: bool) -> bool:
    """Tell whether a question is answered from kept counts.

    What may be found of listings depends on the clock: no counts are kept of them.
    """
    return not has_words and question.kind != SearchKind.LISTINGS and len(question.narrowed) <= 1


def statement(search: Search) -> tuple[str, Values]:
    """Return the statement of a list without words, and its values."""
    facet = next(iter(search.question.narrowed), None)
    filters = f" AND entry.facets && %(chosen_{facet})s::varchar[]" if facet else ""
    shared = {"place": search.place, "door": search.door.sql, "filters": filters}
    whole = "coalesce((SELECT count FROM everything WHERE value = ''), 0)"
    sql = STATEMENT.format(
        **shared,
        column=COLUMNS[search.question.kind],
        hidden=search.door.but_sql or "SELECT 0 WHERE false",
        order=search.order,
        chosen=CHOSEN.format(**shared) if facet else "SELECT 1",
        total="(SELECT count(*)::int FROM chosen)" if facet else whole,
        counted=COUNTED.format(facet=facet) if facet else "SELECT value, count FROM everything",
    )
    return sql, search.values()


@transaction.atomic
def fold_facet_counts(fewest: int | None = None) -> bool:
    """Add the changes of counts together, when there are many; tell whether that was done."""
    fewest = MOST_UNFOLDED if fewest is None else fewest
    with connection.cursor() as cursor:
        cursor.execute(LINES, [fewest])
        if cursor.fetchone()[0] < fewest:
            return False
        cursor.execute(FOLD)
        return True
