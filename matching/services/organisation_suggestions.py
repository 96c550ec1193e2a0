"""The organisations that somebody may mean while typing a name, in either language.

Names that begin as typed come first, by the index of sorted names; then those that have the words
anywhere: names, acronyms, aliases, parts of Korean words, initial consonants. Organisations that
the worker has not indexed yet are looked through one by one, so that a new one is there at once.
"""

from __future__ import annotations

from django.db import connection

from matching.lexemes import asked, plain
from matching.models import Organisation
from matching.names import folded

MOST_SUGGESTED = 12
SUGGESTIONS = """
WITH named AS (
    (SELECT organisation_id AS id, 1::real AS rank, 0 AS tier FROM matching_searchentry
     WHERE kind = 'organisations' AND audience = 'public' AND sort_en LIKE %(begins)s
     ORDER BY sort_en, id LIMIT %(most)s)
    UNION ALL
    (SELECT organisation_id, 1, 0 FROM matching_searchentry
     WHERE kind = 'organisations' AND audience = 'public' AND sort_ko LIKE %(begins)s
     ORDER BY sort_ko, id LIMIT %(most)s)
    UNION ALL
    (SELECT organisation_id, ts_rank(words, %(query)s::tsquery), 1 FROM matching_searchentry
     WHERE kind = 'organisations' AND audience = 'public' AND words @@ %(query)s::tsquery
     LIMIT %(looked_at)s)
    UNION ALL
    (SELECT organisation_id, 0, 2 FROM matching_searchentry entry
     JOIN matching_organisation made ON made.id = entry.organisation_id
     WHERE scheme < 1 AND {new} LIMIT %(most)s)
), best AS (
    SELECT id, min(tier) AS tier, max(rank) AS rank FROM named GROUP BY id
)
SELECT body.id FROM best JOIN matching_organisation body ON body.id = best.id
WHERE body.status = 'active'
ORDER BY %(acronym)s = ANY (body.acronyms) DESC, tier, rank DESC, length(body.name), body.id
LIMIT %(most)s
"""
NEW = "made.search_text LIKE %({name})s"
LOOKED_AT = 300


def suggest_organisations(typed: str, *, most: int = MOST_SUGGESTED) -> list[Organisation]:
    """Return the likeliest organisations, the best first; two queries, none without letters."""
    words = [folded(word) for word in typed.split() if folded(word)]
    if not words:
        return []
    new = {f"word_{place}": containing(word) for place, word in enumerate(words)}
    values: dict[str, str | int] = {
        **new,
        "begins": escaped(plain(" ".join(typed.split()))) + "%",
        # A question of half a syllable has no words yet.
        "query": asked(typed).in_names,
        "acronym": typed.strip().upper(),
        "most": most,
        "looked_at": LOOKED_AT,
    }
    sql = SUGGESTIONS.format(new=" AND ".join(NEW.format(name=name) for name in new))
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        ids = [row[0] for row in cursor.fetchall()]
    found = Organisation.objects.in_bulk(ids)
    return [found[pk] for pk in ids]


def containing(word: str) -> str:
    """Return the pattern of a text that has a word somewhere."""
    return f"%{escaped(word)}%"


def escaped(text: str) -> str:
    """Return a text for LIKE."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
