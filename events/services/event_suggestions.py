"""Whom a participant should meet: matching's score, among the people of one event.

Everybody who may be met is compared with the reader: mean vectors first, then single texts, as in
the suggestions of the portal, but with any pair that the event allows, also of one side. What is
measured against are the participants themselves. Nothing is stored: the arrays of an event stay in
the memory of the process until somebody comes, goes or changes their profile.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from events.models import Event, MeetingRequest, Registration
from events.services.participants import participants_for
from matching.embedding import get_embedder, get_english_embedder
from matching.models import Profile
from matching.scoring import Vectors, left_vectors, right_vectors, tag_weights
from matching.scoring.definition import seen_parts
from matching.scoring.evidence import Evidence
from matching.scoring.reference import Reference, reference_of
from matching.scoring.rescoring import Rescored, rescore
from matching.scoring.terms import PRODUCT_TERMS
from matching.services.members import Shape, basis_for, count_tags, read_members
from matching.services.pairs import pair_rules
from matching.services.snapshots import embedders
from matching.services.suggestions import Entry, Suggestion, as_shares, suggestions_of

if TYPE_CHECKING:
    from konnect.accounts.models import User

# Who gets the second look: the beginning of the order of the first one.
LOOKED_AT = 200
MOST_SUGGESTED = 50
# Events whose arrays stay in memory: some 40 MB each with 1,500 people.
EVENTS_IN_MEMORY = 2
Known = tuple[tuple[int, datetime], ...]


@dataclass(frozen=True)
class Company:
    """The people of one event as the score reads them; row n is the same person everywhere."""

    ids: NDArray[np.int64]
    left: Vectors
    right: Vectors
    evidence: Evidence
    reference: Reference


@dataclass(frozen=True)
class Recommended:
    """One suggestion, and as whom the person takes part."""

    suggestion: Suggestion
    registration_id: int


def recommended(event: Event, own: Registration, reader: User) -> list[Recommended]:
    """Return whom a participant should meet, best first; who was asked already is left out."""
    candidates = candidates_for(event, own, reader)
    # Everybody's, so that all readers of an event share one company.
    everybody = Registration.objects.listed().filter(event=event, wants_meetings=True)
    people = {own.profile_id, *candidates, *everybody.values_list("profile_id", flat=True)}
    company = company_of(tuple(sorted(known_vectors(list(people)))))
    entries = ranked(company, own.profile_id, list(candidates))
    found = suggestions_of(own.profile, entries, embedders()["embedder"])
    return [Recommended(each, candidates[each.partner.pk]) for each in found]


def candidates_for(event: Event, own: Registration, reader: User) -> dict[int, int]:
    """Return whom one may ask for a meeting here: the numbers of registrations by person."""
    asked = MeetingRequest.objects.live().filter(event=event)
    pairs = asked.filter(sender=own).values_list("recipient_id", flat=True)
    others = asked.filter(recipient=own).values_list("sender_id", flat=True)
    rows = participants_for(event, reader).filter(wants_meetings=True, is_listed=True)
    rows = rows.exclude(pk=own.pk).exclude(pk__in=[*pairs, *others])
    rows = rows.filter(profile__in=Profile.objects.published().not_blocked_for(reader))
    if own.profile.organisation_id:
        rows = rows.exclude(profile__organisation=own.profile.organisation_id)
    if not event.allows_same_side:
        rows = rows.exclude(profile__side=own.profile.side)
    return dict(rows.values_list("profile_id", "pk"))


def known_vectors(people: Sequence[int]) -> Known:
    """Return of whom there are vectors, and from which edit: what the arrays depend on."""
    rows = Profile.objects.filter(pk__in=people, vectors__embedder=embedders()["embedder"])
    return tuple(rows.values_list("pk", "vectors__built_from"))


@lru_cache(maxsize=EVENTS_IN_MEMORY)
def company_of(known: Known) -> Company:
    """Read the people of an event as arrays; three statements, whatever their number."""
    ids = np.array([pk for pk, _built_from in known], dtype=np.int64)
    members = read_members(ids.tolist(), shape_of(ids))
    return Company(
        ids=members.people.ids,
        left=left_vectors(members.people),
        right=right_vectors(members.people),
        evidence=members.evidence,
        reference=reference_of(members.evidence, members.evidence),
    )


def shape_of(ids: NDArray[np.int64]) -> Shape:
    """Return what the arrays of these people have in common."""
    english, dimension = get_english_embedder(), get_embedder().dimension
    names = embedders()
    return Shape(
        embedder=names["embedder"],
        english_embedder=names["english_embedder"],
        tag_weights=tag_weights(count_tags(ids), len(ids)),
        dimension=dimension,
        english_dimension=english.dimension if english else 1,
        basis=basis_for(ids, names["embedder"], dimension),
    )


def ranked(company: Company, person_id: int, candidates: Sequence[int]) -> list[Entry]:
    """Return the best of the candidates for a person, with the parts of their scores."""
    [mine] = np.flatnonzero(company.ids == person_id).tolist() or [-1]
    rows = np.flatnonzero(np.isin(company.ids, np.array(candidates, dtype=np.int64)))
    if mine < 0 or not len(rows):
        return []
    products = seen_parts(company.left.of([mine]), company.right.of(rows))
    first = np.lexsort((company.ids[rows], -products.sum(axis=1)))[:LOOKED_AT]
    rows, products = rows[first], products[first]
    looked = second_look(company, person_id, mine, rows, products)
    order = looked.order(company.ids[rows])[:MOST_SUGGESTED]
    return [
        entry_of(company, looked, rows, each, rank) for rank, each in enumerate(order.tolist(), 1)
    ]


def second_look(
    company: Company,
    person_id: int,
    mine: int,
    rows: NDArray[np.int64],
    products: NDArray[np.int64],
) -> Rescored:
    """Score a person's first ones exactly; nobody costs anything for being in demand."""
    together = pair_rules(person_id=person_id).worked_together
    worked = np.isin(company.ids[rows], together[together[:, 0] == person_id, 1])
    return rescore(
        company.evidence.of([mine]),
        company.evidence.of(rows),
        products[:, : len(PRODUCT_TERMS)],
        worked,
        np.zeros(len(rows), dtype=np.int64),
        company.reference,
        "left",
    )


def entry_of(
    company: Company, looked: Rescored, rows: NDArray[np.int64], each: int, rank: int
) -> Entry:
    """Return one partner as the lists of matching have them."""
    parts = as_shares(looked.parts[each].tolist())
    return Entry(
        partner_id=int(company.ids[rows[each]]),
        rank=rank,
        score=sum(parts),
        parts=parts,
        evidence=tuple(looked.evidence[each].tolist()),
        answer="",
        stamp="",
    )
