"""Finding people, organisations and listings: by words and by meaning, in one statement.

Three lists are put together. *Strict*: entries that have every word; all of them count. *Loose*:
entries that have some telling words, or words that are spelled alike. *Near*: entries whose texts
mean something like the question, in whichever language. The last two add a limited number of hits,
and none when every word was found in one name: who looks for a person wants that person.

Nobody finds, or sees counted, what they may not see: rows of what is hidden are empty from the moment
on in which it is hidden (migration 0009), blocks and the validity of listings are part of the statement,
and whatever comes onto a page has passed `findable_by` besides.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import connection
from django.utils.translation import get_language

from matching.lexemes import asked
from matching.models import Block, Listing, Organisation, Profile, SearchAudience, SearchKind
from matching.questions import FACETS, MOST_COUNTED, Cause, Found, Question, Sort, Why
from matching.services import browsing
from matching.services.browsing import is_browsing
from matching.services.question_meaning import meaning_of
from matching.services.search_statement import COLUMNS, Door, Search
from matching.services.search_statistics import frequencies
from matching.services.snippets import why_found

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from konnect.accounts.models import User

__all__ = ["FACETS", "Cause", "Found", "Question", "Sort", "Why", "find"]


class Answer(NamedTuple):
    """What the statement answers: counts of hits and of strict ones, of values, and the page."""

    hits: int
    strict: int
    values: Mapping[str, int]
    rows: list[list[Any]]

    @property
    def is_whole(self) -> bool:
        """Whether all strict entries were looked at."""
        return self.strict <= MOST_COUNTED

    @property
    def reached(self) -> int:
        """How many hits are told and can be turned to."""
        return self.hits if self.is_whole else min(self.hits, MOST_COUNTED)


def find(
    question: Question,
    *,
    reader: User | AnonymousUser,
    gives_reasons: bool = True,
    gives_ids: bool = True,
) -> Found:
    """Return one page of what matches, with counts of facets and why each was found.

    Without reasons it is one query less, for feeds and alerts; without ids one more, for counts.
    Names are sorted as the active language does. Three queries; a fourth where more entries match
    than are counted, a fifth every ten minutes.
    """
    search = search_for(question, reader)
    answer = answered(search)
    rows = let_through(answer.rows, question.kind, reader) if gives_ids else []
    return Found(
        ids=[row[1] for row in rows],
        count=answer.reached,
        is_exact=answer.is_whole,
        page=page_shown(question, answer.reached),
        facets=by_facet(answer.values, question),
        why=why_found(rows, search.asked) if rows and gives_reasons and search.asked.words else {},
        is_by_meaning=search.meaning is not None,
    )


def search_for(question: Question, reader: User | AnonymousUser) -> Search:
    """Return the search that answers a question to a reader."""
    words = asked(question.words)
    is_member = question.kind == SearchKind.PEOPLE and reader.is_authenticated
    return Search(
        question=question,
        asked=words,
        meaning=meaning_of(question.words) if words.words else None,
        language=get_language() or "en",
        audience=(SearchAudience.MEMBER if is_member else SearchAudience.PUBLIC).value,
        door=door_of(question.kind, reader),
        frequencies=frequencies(),
    )


def door_of(kind: SearchKind, reader: User | AnonymousUser) -> Door:
    """Return the condition on rows: cheap for people and organisations, exact for listings."""
    if kind == SearchKind.LISTINGS:
        return Door.to(COLUMNS[kind], Listing.objects.findable_by(reader).values("pk"))
    if kind == SearchKind.ORGANISATIONS or not reader.is_authenticated:
        return Door.but(COLUMNS[kind], None)
    blocked = Block.objects.filter(blocker__user=reader).values("blocked")
    blockers = Block.objects.filter(blocked__user=reader).values("blocker")
    return Door.but(COLUMNS[kind], blocked.union(blockers))


def let_through(
    rows: list[list[Any]], kind: SearchKind, reader: User | AnonymousUser
) -> list[list[Any]]:
    """Return the rows of a page whose things the reader may find at this moment."""
    things = findable(kind, reader).filter(pk__in=[row[1] for row in rows])
    seen = set(things.values_list("pk", flat=True)) if rows else set()
    return [row for row in rows if row[1] in seen]


def findable(kind: SearchKind, reader: User | AnonymousUser) -> Any:
    """Return the things of a kind that this reader may find."""
    if kind == SearchKind.PEOPLE:
        return Profile.objects.findable_by(reader)
    if kind == SearchKind.LISTINGS:
        return Listing.objects.findable_by(reader)
    return Organisation.objects.active()


def answered(search: Search) -> Answer:
    """Ask PostgreSQL; twice where more match than are counted and values were chosen."""
    if is_browsing(search.question, bool(search.asked.words)):
        return ask(*browsing.statement(search))
    answer = ask(*search.statement())
    if answer.is_whole or not search.question.narrowed:
        return answer
    narrow = ask(*replace(search, is_filtered=True).statement())
    own = own_values(answer.values, search.question)
    return narrow._replace(values={**narrow.values, **own})


def ask(sql: str, values: Mapping[str, Any]) -> Answer:
    """Send one statement."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return Answer(*cursor.fetchone())


def own_values(values: Mapping[str, int], question: Question) -> dict[str, int]:
    """Return the counts of the facets in which something was chosen."""
    return {key: n for key, n in values.items() if key.partition(":")[0] in question.narrowed}


def page_shown(question: Question, count: int) -> int:
    """Return the page that was found: the last one instead of one behind it."""
    last = max((count - 1) // question.page_size, 0) + 1
    return max(min(question.page, last), 1)


def by_facet(values: Mapping[str, int], question: Question) -> dict[str, dict[str, int]]:
    """Return {facet: {value: count}}, the most frequent first, chosen ones with 0 if need be."""
    found: dict[str, dict[str, int]] = {
        name: {} for name, kinds in FACETS.items() if question.kind in kinds
    }
    for key, count in sorted(values.items(), key=lambda each: (-each[1], each[0])):
        name, _colon, value = key.partition(":")
        if name in found:
            found[name][value] = count
    for name, chosen in question.narrowed.items():
        for value in chosen:
            found[name].setdefault(value, 0)
    return found
