"""Looking at kept searches again, and telling people what is new: each thing once for a search.

Work is found by query: searches whose next look is due. A look, what it found and the news of it
are one transaction, so that a lost worker, broker or mail server loses nothing; the constraint on
hits keeps two workers from telling twice. A look sees what its owner would see at this moment:
never somebody who is hidden or blocked.

What is new: found now, not known from an earlier look, and changed or published since. Things that
only come into the reach of a loose search because others left it are noted and not told.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import ngettext

from konnect.accounts.models import Rhythm
from konnect.accounts.services.notifications import notify
from matching.facets import Vocabulary, facet_set, query_of, read_stored
from matching.models import SavedSearch, SearchAudience, SearchEntry, SearchKind
from matching.questions import MOST_COUNTED, Question, Sort
from matching.services.finding import find

logger = logging.getLogger(__name__)

# How long until the next look. Digests are written at their own time, from what is known by then.
PAUSES = {
    Rhythm.INSTANT: timedelta(minutes=2),
    Rhythm.DAILY: timedelta(hours=6),
    Rhythm.WEEKLY: timedelta(days=1),
    Rhythm.OFF: timedelta(days=1),
}
PAUSE_AFTER_FAULT = timedelta(hours=1)
# Searches of the first rhythm ask in full only when something of their facets has changed: the
# worker may take so long to embed it, and nobody waits longer than this for a full look.
EMBEDDED_WITHIN, FULL_LOOK_WITHIN = timedelta(minutes=10), timedelta(hours=6)
# What changed longer ago than this before the last look is no news when it comes up.
NEWS_WITHIN = timedelta(days=1)
# So many results of the first look are noted; of larger searches news is what was published since.
MOST_KNOWN = 2_000
SECONDS_A_TASK = 20.0
THINGS = {
    SearchKind.PEOPLE: "profile",
    SearchKind.ORGANISATIONS: "organisation",
    SearchKind.LISTINGS: "listing",
}
NOTE_HITS = """
INSERT INTO matching_savedsearchhit (saved_search_id, {thing}_id, is_news)
SELECT %s, thing.id, %s FROM matching_{thing} thing WHERE thing.id = ANY(%s)
ON CONFLICT DO NOTHING RETURNING id
"""


def next_look(rhythm: str, now: datetime) -> datetime:
    """Return when a search of this rhythm is looked at again."""
    return now + PAUSES[Rhythm(rhythm)]


def look_at_saved_searches(*, seconds: float = SECONDS_A_TASK) -> int:
    """Look at the searches that are due, for a while; return how many things were new."""
    deadline = time.monotonic() + seconds
    found = 0
    due = SavedSearch.objects.filter(next_look_at__lte=timezone.now()).order_by("next_look_at")
    for pk in list(due.values_list("pk", flat=True)[:1_000]):
        if time.monotonic() > deadline:
            break
        found += look_safely(pk)
    return found


def look_safely(pk: int) -> int:
    """Look at one search; what goes wrong with it holds up no other."""
    try:
        return look_at(pk)
    except Exception:
        logger.exception("Saved search %s could not be looked at.", pk)
        again = timezone.now() + PAUSE_AFTER_FAULT
        SavedSearch.objects.filter(pk=pk).update(next_look_at=again)
        return 0


@transaction.atomic
def look_at(pk: int) -> int:
    """Look at a due search, unless another worker does; return how many things were new."""
    now = timezone.now()
    due = SavedSearch.objects.select_for_update(skip_locked=True, of=("self",))
    search = due.filter(pk=pk, next_look_at__lte=now).select_related("user").first()
    if search is None:
        return 0
    vocabulary = Vocabulary.read(SearchKind(search.kind))
    question = question_of(search, vocabulary)
    is_due = search.user.is_active and question is not None
    search.next_look_at = next_look(search.rhythm, now)
    news = 0
    if is_due and question and is_worth_it(search, question, vocabulary):
        news = tell_news(search, question)
        search.looked_at = now
    search.save(update_fields=["looked_at", "next_look_at"])
    return news


def question_of(search: SavedSearch, vocabulary: Vocabulary) -> Question | None:
    """Return what a search asks today; None when nothing is left of it, which would find all."""
    question = read_stored(SearchKind(search.kind), search.query, vocabulary).question
    return question if query_of(question) or not search.query else None


def is_worth_it(search: SavedSearch, question: Question, vocabulary: Vocabulary) -> bool:
    """Tell whether a look can find something new; one query of a millisecond spares most looks."""
    if search.rhythm != Rhythm.INSTANT or search.looked_at < timezone.now() - FULL_LOOK_WITHIN:
        return True
    facets = QueryDict(query_of(replace(question, words="")))
    entries = facet_set(question.kind, facets, vocabulary).qs
    since = search.looked_at - EMBEDDED_WITHIN
    return bool(entries.filter(audience=audience_of(question), indexed_at__gte=since).exists())


def audience_of(question: Question) -> SearchAudience:
    """Return in whose entries a member finds things."""
    is_people = question.kind == SearchKind.PEOPLE
    return SearchAudience.MEMBER if is_people else SearchAudience.PUBLIC


def first_look(search: SavedSearch) -> None:
    """Note what a search finds when it is saved: all of that is known."""
    question = question_of(search, Vocabulary.read(SearchKind(search.kind)))
    if question:
        note_hits(search, found_by(search, question)[:MOST_KNOWN], is_news=False)
    now = timezone.now()
    search.looked_at, search.next_look_at = now, next_look(search.rhythm, now)
    search.save(update_fields=["looked_at", "next_look_at"])


def found_by(search: SavedSearch, question: Question) -> list[int]:
    """Return everything that the owner of a search finds at this moment, the newest first."""
    everything = replace(question, sort=Sort.NEWEST, page=1, page_size=MOST_COUNTED)
    with translation.override(search.user.language):
        return find(everything, reader=search.user, gives_reasons=False).ids


def tell_news(search: SavedSearch, question: Question) -> int:
    """Note what a search finds and did not know, tell its owner, and return how much it is."""
    thing = THINGS[question.kind]
    known = set(search.hits.values_list(thing, flat=True))
    unknown = [pk for pk in found_by(search, question) if pk not in known]
    new = new_ones(search, question, unknown, is_whole=len(known) < MOST_KNOWN)
    drifted = [pk for pk in unknown if pk not in new]
    if len(known) < MOST_KNOWN:
        note_hits(search, drifted, is_news=False)
    noted = note_hits(search, sorted(new), is_news=True)
    if noted:
        tell(search, noted)
    return len(noted)


def new_ones(
    search: SavedSearch, question: Question, unknown: Sequence[int], *, is_whole: bool
) -> set[int]:
    """Return those of the unknown things that changed since the last look.

    is_whole: whether the first look noted everything; else only what was published since is new.
    """
    thing = THINGS[question.kind]
    since = search.looked_at - NEWS_WITHIN
    entries = SearchEntry.objects.filter(**{f"{thing}__in": list(unknown)}, indexed_at__gte=since)
    entries = entries.filter(audience=audience_of(question))
    if not is_whole:
        entries = entries.filter(appeared_at__gte=search.created_at)
    return set(entries.values_list(thing, flat=True))


def note_hits(search: SavedSearch, ids: Sequence[int], *, is_news: bool) -> list[int]:
    """Write hits and return the numbers of those that were not there, which no other writer has."""
    if not ids:
        return []
    sql = NOTE_HITS.format(thing=THINGS[SearchKind(search.kind)])
    with connection.cursor() as cursor:
        cursor.execute(sql, [search.pk, is_news, list(ids)])
        return [row[0] for row in cursor.fetchall()]


def tell(search: SavedSearch, noted: Sequence[int]) -> None:
    """Tell the owner of a search that it found something: its name and a number, and nobody's."""
    notify(
        search.user,
        "saved_search",
        key=f"saved_search:{search.pk}:{max(noted)}",
        title=lambda: (
            ngettext(
                "%(number)s new result of your search “%(name)s”",
                "%(number)s new results of your search “%(name)s”",
                len(noted),
            )
            % {"number": len(noted), "name": search.name}
        ),
        address=reverse("matching:saved_search_open", args=[search.pk]),
        rhythm=Rhythm(search.rhythm),
    )
