"""Suggesting organisations to each other, whenever a matching run is published.

Found by query: a published run that is younger than the suggestions, or, once an hour, people who
changed, left or withdrew since. One worker at a time writes all rows anew in one transaction.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone

from matching.models import (
    Area,
    ContactRequest,
    ContactRequestState,
    Erasure,
    MatchRun,
    Profile,
    Side,
    TwinningSuggestion,
)
from matching.scoring.twinning import Proposal, best_pairs, propose
from matching.services.twinning_members import Body, Vectors, bodies_of, dimension_of, read_side

logger = logging.getLogger(__name__)

LOCK = 5_307
REST = timedelta(hours=1)
TOPICS_SHOWN = 5
# Texts that are less alike are no reason that anybody would see.
ALIKE = 0.3
BATCH = 2000


def refresh_twinning_suggestions() -> int:
    """Suggest organisations anew when that is due; return how many rows were written."""
    run = MatchRun.objects.current()
    if run is None or not is_due(run):
        return 0
    with transaction.atomic():
        if not is_first():
            return 0
        return write_suggestions(run.embedder)


def is_due(run: MatchRun) -> bool:
    """Tell whether the run, or people, are newer than the suggestions."""
    computed_at = TwinningSuggestion.objects.aggregate(newest=Max("computed_at"))["newest"]
    if computed_at is None or (run.published_at and run.published_at > computed_at):
        return True
    if timezone.now() - computed_at < REST:
        return False
    changed = Profile.objects.filter(matching_changed_at__gt=computed_at).exists()
    return changed or Erasure.objects.filter(erased_at__gt=computed_at).exists()


def is_first() -> bool:
    """Take the lock of this work; it goes with the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, 0)", [LOCK])
        return bool(cursor.fetchone()[0])


def write_suggestions(embedder: str) -> int:
    """Compute everything from what is published now, and replace what there was."""
    europe, korea = read_side(Side.EUROPE, embedder), read_side(Side.KOREA, embedder)
    bodies = {**europe, **korea}
    proposals = proposals_between(europe, korea)
    contacts = count_contacts()
    now = timezone.now()
    TwinningSuggestion.objects.all().delete()
    rows = [
        TwinningSuggestion(
            organisation_id=proposal.organisation, partner_id=proposal.partner,
            score=proposal.score, parts=list(proposal.parts),
            evidence=evidence_of(proposal, bodies, contacts), computed_at=now,
        )
        for proposal in proposals
    ]  # fmt: skip
    TwinningSuggestion.objects.bulk_create(rows, batch_size=BATCH)
    logger.info("Suggested %s twinnings among %s organisations.", len(rows), len(bodies))
    return len(rows)


def proposals_between(europe: dict[int, Body], korea: dict[int, Body]) -> list[Proposal]:
    """Return the best partners of every organisation of both sides."""
    areas = list(
        Area.objects.filter(version=Area.CURRENT_VERSION)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    dimension = dimension_of([*europe.values(), *korea.values()])
    return propose(bodies_of(europe, areas, dimension), bodies_of(korea, areas, dimension))


def count_contacts() -> Counter[tuple[int, int]]:
    """Return how many accepted contacts there are between two organisations, lower id first."""
    accepted = ContactRequest.objects.filter(
        state=ContactRequestState.ACCEPTED,
        sender__organisation__isnull=False,
        recipient__organisation__isnull=False,
    )
    pairs = accepted.values_list("sender__organisation_id", "recipient__organisation_id")
    return Counter((min(pair), max(pair)) for pair in pairs.iterator(chunk_size=BATCH))


def evidence_of(
    proposal: Proposal, bodies: dict[int, Body], contacts: Counter[tuple[int, int]]
) -> dict[str, Any]:
    """Return by which ids a page can say why: names are looked up for each reader."""
    mine, theirs = bodies[proposal.organisation], bodies[proposal.partner]
    pair = sorted((proposal.organisation, proposal.partner))
    return {
        "people": pairs(mine.people, theirs.people),
        "seeking": pairs(mine.seeks, theirs.offers),
        "offering": pairs(mine.offers, theirs.seeks),
        "topics": shared(mine.topics, theirs.topics),
        "areas": shared(mine.areas, theirs.areas),
        "contacts": contacts[pair[0], pair[1]],
    }


def pairs(mine: Vectors, theirs: Vectors) -> list[list[int]]:
    """Return the closest pairs by key: [mine, theirs, per cent]."""
    found = best_pairs(mine.stacked(), theirs.stacked())
    return [
        [mine.keys[row], theirs.keys[column], round(cosine * 100)]
        for row, column, cosine in found
        if cosine >= ALIKE
    ]


def shared(mine: Counter[int], theirs: Counter[int]) -> list[int]:
    """Return the tags that both have, those that most people have on either side first."""
    both = [tag for tag in mine if mine[tag] > 0 and theirs[tag] > 0]
    return sorted(both, key=lambda tag: (-min(mine[tag], theirs[tag]), tag))[:TOPICS_SHOWN]


def ids_in(suggestions: Iterable[TwinningSuggestion], *names: str) -> Iterator[int]:
    """Yield the ids that the evidence of some suggestions has under these names."""
    for suggestion in suggestions:
        for name in names:
            for entry in suggestion.evidence.get(name, []):
                yield from entry[:2]
