"""Who is never suggested to whom, and who have worked together: pairs of people, read at once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from django.db import connection
from django.db.models import Q
from django.utils import timezone
from numpy.typing import NDArray

from matching.models import Answer, Block, ContactRequest, SuggestionAnswer
from matching.scoring import PairRules
from matching.visibility import FIELDS, OPEN_TO, Audience

Integers = NDArray[np.int64]
YEARS_OF_NOVELTY = 5
OPEN_TO_MEMBERS: dict[str, Any] = {
    "open": [choice.value for choice in OPEN_TO[Audience.MEMBER]],
    "works": FIELDS["works"].default.value,
    "projects": FIELDS["projects"].default.value,
}
# Not materialised: for one person, the indexes by person and by number are used and nothing else.
# What one of the two hides from members tells the other nothing: anybody can claim a DOI or a
# grant number, and would learn who else has it.
SAME_WORK = """
WITH open_works AS NOT MATERIALIZED (
  SELECT work.* FROM matching_work work JOIN matching_profile owner ON owner.id = work.profile_id
  WHERE coalesce(owner.visibility ->> 'works', %(works)s) = ANY (%(open)s)
), open_projects AS NOT MATERIALIZED (
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
# Hardly an organisation has people of both sides: named in the join, sides meet nobody of their own.
COLLEAGUES = """
SELECT one.id, other.id FROM matching_profile one
JOIN matching_profile other ON other.organisation_id = one.organisation_id
  AND one.side = 'europe' AND other.side = 'korea'
"""
COLLEAGUES_OF = """
SELECT one.id, other.id FROM matching_profile one
JOIN matching_profile other ON other.organisation_id = one.organisation_id
WHERE one.id = %(person)s AND (one.side, other.side) IN (('europe', 'korea'), ('korea', 'europe'))
"""


def pair_rules(*, person_id: int | None = None) -> PairRules:
    """Read who is never suggested to whom, and who have worked together, in a fixed order.

    With `person_id`, only the pairs with that person. Pairs with people who are not in a run are
    read too: the score leaves strangers out.
    """
    dismissals = as_pairs(dismissed_pairs(person_id))
    forbidden = [*blocked_pairs(person_id), *contact_pairs(person_id)]
    colleagues = COLLEAGUES if person_id is None else COLLEAGUES_OF
    forbidden += read_pairs(colleagues, {"person": person_id})
    return PairRules(
        forbidden=both_ways(as_pairs(forbidden)),
        hidden_from_left=dismissals,
        hidden_from_right=dismissals[:, ::-1],
        worked_together=both_ways(as_pairs(worked_together_pairs(person_id))),
    )


def as_pairs(pairs: Iterable[tuple[int, int]]) -> Integers:
    """Return pairs as an array in order, each once, (n, 2)."""
    return np.unique(np.array(list(pairs), dtype=np.int64).reshape(-1, 2), axis=0)


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
    """Return who is in contact or has asked for it; a contact may outlive one of its sides."""
    requests = ContactRequest.objects.live().exclude(sender=None).exclude(recipient=None)
    mine = requests.filter(with_person(person_id, "sender_id", "recipient_id"))
    return mine.values_list("sender_id", "recipient_id")


def worked_together_pairs(person_id: int | None) -> list[tuple[int, int]]:
    """Return who share a work or a project of the last years."""
    since = timezone.now().year - YEARS_OF_NOVELTY
    return read_pairs(SAME_WORK, {"since": since, "person": person_id, **OPEN_TO_MEMBERS})


def read_pairs(statement: str, parameters: dict[str, Any]) -> list[tuple[int, int]]:
    """Run a statement that returns pairs of people."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        rows: list[tuple[int, int]] = cursor.fetchall()
    return rows
