"""One edited profile: its own list, and its place in the lists of others, in the live run.

A stored list is the exact beginning of the full ranking: `is_complete` says that it is all of
it. Somebody whose new score reaches the last stored place enters; somebody who falls below it
leaves, which shortens the beginning but keeps it exact. The reserve (64 kept, 50 shown) pays for
that until the next run.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection, transaction

from matching.models import MatchRun, SuggestionList
from matching.scoring import (
    KEEP,
    TERMS,
    PairRules,
    RankedList,
    Vectors,
    ranked_lists,
    score_parts,
    top_for_one,
)
from matching.services.population import Population, pair_rules

# The lists that a new score can change, without fetching their arrays.
AFFECTED = """
SELECT profile_id FROM matching_suggestionlist
JOIN unnest(%(others)s::bigint[], %(scores)s::int[], %(allowed)s::bool[])
  AS new (other_id, score, is_allowed) ON profile_id = new.other_id
WHERE match_run_id = %(run)s AND (
  partner_ids @> ARRAY[%(person)s]::bigint[]
  OR (is_allowed AND (is_complete OR scores[cardinality(scores)] <= new.score)))
"""


@dataclass(frozen=True)
class Entry:
    """One partner's place in a list."""

    partner_id: int
    score: int
    parts: tuple[int, ...]

    def key(self) -> tuple[int, int]:
        """Return what lists are sorted by: best first, ties by id."""
        return (-self.score, self.partner_id)


@dataclass(frozen=True)
class Change:
    """One person's new scores with everybody opposite, seen from those."""

    person_id: int
    entries: dict[int, Entry]
    allowed: frozenset[int]


@transaction.atomic
def refresh_profile(person_id: int, run: MatchRun, population: Population) -> None:
    """Bring one person's list, and the lists that they belong in, up to date in a run."""
    if person_id not in population.people:
        return
    side, opposite = population.side_of(person_id), population.opposite(person_id)
    person = side.of(np.flatnonzero(side.ids == person_id))
    rules = pair_rules(population.people, person_id=person_id)
    own = own_list(person, opposite, rules)
    change = change_of(person, opposite, rules)
    for row in affected_lists(change, run):
        place(row, change)
    store_own(own, run, population)


def own_list(person: Vectors, opposite: Vectors, rules: PairRules) -> RankedList:
    """Return the person's own list."""
    hidden = rules.hidden_from_left if person.position == "left" else rules.hidden_from_right
    worked = partners_in(person, rules.worked_together)
    found = top_for_one(
        person,
        opposite,
        excluded=partners_in(person, rules.forbidden, hidden),
        worked_together=worked,
    )
    pairs = np.stack([np.full(len(worked), person.ids[0]), worked], axis=1)
    (own,) = ranked_lists(person, opposite, found, pairs, KEEP)
    return own


def partners_in(person: Vectors, *pairs: np.ndarray) -> np.ndarray:
    """Return the ids that pairs (left, right) join with a person."""
    mine, other = (0, 1) if person.position == "left" else (1, 0)
    rows = np.concatenate(pairs)
    partners: np.ndarray = rows[rows[:, mine] == person.ids[0], other]
    return partners


def change_of(person: Vectors, opposite: Vectors, rules: PairRules) -> Change:
    """Return the person's score and terms as everybody opposite sees them."""
    worked = np.isin(opposite.ids, partners_in(person, rules.worked_together))
    parts = parts_seen_from_opposite(person, opposite, worked)
    scores = parts.sum(axis=1).tolist()
    rows = parts.tolist()
    hidden = rules.hidden_from_right if person.position == "left" else rules.hidden_from_left
    excluded = set(partners_in(person, rules.forbidden, hidden).tolist())
    others = opposite.ids.tolist()
    person_id = int(person.ids[0])
    return Change(
        person_id,
        {
            other: Entry(person_id, score, tuple(row))
            for other, score, row in zip(others, scores, rows, strict=True)
        },
        frozenset(other for other in others if other not in excluded),
    )


def parts_seen_from_opposite(
    person: Vectors, opposite: Vectors, worked: np.ndarray, portion: int = 512
) -> np.ndarray:
    """Return the weighted terms with everybody opposite, int64 (n, terms)."""
    portions = [
        score_parts(person, opposite.of(np.arange(start, min(start + portion, len(opposite)))),
                    worked[start : start + portion])
        for start in range(0, len(opposite), portion)
    ]  # fmt: skip
    parts = np.concatenate(portions) if portions else np.zeros((0, len(TERMS)), dtype=np.int64)
    return parts[:, SEEN_FROM_RIGHT] if person.position == "left" else parts


SEEN_FROM_RIGHT = [
    TERMS.index({"seeking": "offering", "offering": "seeking"}.get(term, term)) for term in TERMS
]


def affected_lists(change: Change, run: MatchRun) -> list[SuggestionList]:
    """Lock, in one order, the person's own list and those that the new scores can change.

    Return the others'.
    """
    others = list(change.entries)
    parameters: dict[str, Any] = {
        "run": run.pk,
        "person": change.person_id,
        "others": others,
        "scores": [change.entries[other].score for other in others],
        "allowed": [other in change.allowed for other in others],
    }
    with connection.cursor() as cursor:
        cursor.execute(AFFECTED, parameters)
        found = [change.person_id, *(row[0] for row in cursor.fetchall())]
    rows = SuggestionList.objects.filter(match_run=run, profile_id__in=found)
    locked = rows.select_for_update().order_by("pk")
    return [row for row in locked if row.profile_id != change.person_id]


def place(row: SuggestionList, change: Change) -> None:
    """Put the person where they belong in somebody's list, or take them out."""
    before = entries_of(row)
    entries = [entry for entry in before if entry.partner_id != change.person_id]
    new = change.entries[row.profile_id]
    belongs = row.is_complete or (entries and new.key() < entries[-1].key())
    if row.profile_id in change.allowed and belongs:
        entries = sorted([*entries, new], key=Entry.key)
    row.is_complete = row.is_complete and len(entries) < KEEP
    if entries != before:
        write_entries(row, entries[:KEEP])


def entries_of(row: SuggestionList) -> list[Entry]:
    """Return a stored list as entries."""
    width = len(TERMS)
    return [
        Entry(partner_id, row.scores[index], tuple(row.parts[index * width : (index + 1) * width]))
        for index, partner_id in enumerate(row.partner_ids)
    ]


def write_entries(row: SuggestionList, entries: list[Entry]) -> None:
    """Store entries as the arrays of a list."""
    row.partner_ids = [entry.partner_id for entry in entries]
    row.scores = [entry.score for entry in entries]
    row.parts = [part for entry in entries for part in entry.parts]
    row.save(update_fields=["partner_ids", "scores", "parts", "is_complete"])


def store_own(own: RankedList, run: MatchRun, population: Population) -> None:
    """Write the person's own list with the edit that it was made from."""
    SuggestionList.objects.update_or_create(
        match_run=run,
        profile_id=own.person_id,
        defaults={
            "partner_ids": own.partner_ids.tolist(),
            "scores": own.scores.tolist(),
            "parts": own.parts.ravel().tolist(),
            "is_complete": len(own.partner_ids) < KEEP,
            "built_from": population.people[own.person_id].built_from,
        },
    )
