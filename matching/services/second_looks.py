"""Final lists of single people in a published run as it is now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching.scoring import TERMS
from matching.scoring.definition import coordinate_parts, seen_from_right
from matching.scoring.rescoring import rescore
from matching.scoring.terms import PRODUCT_TERMS
from matching.services.list_rows import EVIDENCE, ListTable
from matching.services.live_runs import Limits, LiveRun
from matching.services.live_sides import LiveSide
from matching.services.pools import Pool

Integers = NDArray[np.int64]


@dataclass(frozen=True)
class FinalList:
    """One person's list as it is stored.

    partner_ids: int64 (k,); parts: int64 (k, TERMS); evidence: int64 (k, 6); built_from:
    microseconds since 2000; demand: the person's own price.
    """

    person_id: int
    partner_ids: Integers
    parts: Integers
    evidence: Integers
    pool: Pool
    demand: int
    built_from: int


def look_again(
    live: LiveRun, side: LiveSide, person_id: int, pool: Pool, built_from: int
) -> FinalList:
    """Score the best of a person's pool exactly and return their list."""
    place = side.places_of([person_id])
    others = live.opposite(side.position)
    first = pool.ids[: live.limits.rescored]
    places = others.places_of(first)
    me, them = side.vectors_of(place), others.vectors_of(places)
    if side.position == "left":
        products = coordinate_parts(me, them)
    else:
        products = seen_from_right(coordinate_parts(them, me))
    # A score in the pool differs from the product by the novelty term, or not at all: so it says
    # itself whether the two had worked together when it was made.
    worked = pool.scores[: live.limits.rescored] != products.sum(axis=1)
    looked = rescore(
        side.evidence_of(place),
        others.evidence_of(places),
        products[:, : len(PRODUCT_TERMS)],
        worked,
        others.demand[places],
        live.snapshot.reference,
        side.position,
    )
    order = looked.order(first)[: live.limits.keep]
    return FinalList(
        person_id=person_id,
        partner_ids=first[order],
        parts=looked.parts[order],
        evidence=looked.evidence[order],
        pool=pool,
        demand=int(side.demand[place[0]]),
        built_from=built_from,
    )


def table_of_lists(lists: Sequence[FinalList], limits: Limits) -> ListTable:
    """Return single lists as a table."""
    count = len(lists)
    parts = padded([each.parts for each in lists], (limits.keep, len(TERMS)), 0)
    pools = [each.pool for each in lists]
    return ListTable(
        person_ids=numbers([each.person_id for each in lists]),
        counts=numbers([len(each.partner_ids) for each in lists]),
        partner_ids=padded([each.partner_ids for each in lists], (limits.keep,), -1),
        scores=parts.sum(axis=2),
        parts=parts,
        evidence=padded([each.evidence for each in lists], (limits.keep, EVIDENCE), 0),
        pool_ids=padded([pool.ids for pool in pools], (limits.reserve,), -1),
        pool_scores=padded([pool.scores for pool in pools], (limits.reserve,), 0),
        pool_counts=numbers([len(pool) for pool in pools]),
        pool_floor=numbers([pool.floor for pool in pools]),
        demand=numbers([each.demand for each in lists]),
        is_complete=np.array([pool.is_complete for pool in pools], dtype=np.bool_).reshape(count),
        built_from=numbers([each.built_from for each in lists]),
    )


def numbers(values: Sequence[int]) -> Integers:
    """Return a column of a table."""
    return np.array(values, dtype=np.int64)


def padded(rows: Sequence[Integers], shape: tuple[int, ...], filling: int) -> Integers:
    """Return rows of different lengths as one array."""
    table = np.full((len(rows), *shape), filling, dtype=np.int64)
    for target, row in zip(table, rows, strict=True):
        target[: len(row)] = row
    return table
