"""Final lists of single people in a published run as it is now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matching.scoring import TERMS
from matching.scoring.definition import seen_parts
from matching.scoring.rescoring import Rescored, rescore
from matching.scoring.terms import PRODUCT_TERMS
from matching.services.list_rows import EVIDENCE, ListTable, microseconds
from matching.services.live_runs import Limits, LiveRun
from matching.services.live_sides import LiveSide
from matching.services.pools import Pool

Integers = NDArray[np.int64]
STORED_COLUMNS = (
    "profile_id", "partner_ids", "parts", "evidence", "pool_ids", "pool_scores", "is_complete",
    "demand", "built_from",
)  # fmt: skip


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

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> FinalList:
        """Return a stored row, of which STORED_COLUMNS were read."""
        return cls(
            person_id=row["profile_id"],
            partner_ids=numbers(row["partner_ids"]),
            parts=numbers(row["parts"]).reshape(-1, len(TERMS)),
            evidence=numbers(row["evidence"]).reshape(-1, EVIDENCE),
            pool=Pool(numbers(row["pool_ids"]), numbers(row["pool_scores"]), row["is_complete"]),
            demand=row["demand"],
            built_from=microseconds(row["built_from"]),
        )

    @property
    def scores(self) -> Integers:
        """The final scores, int64 (k,)."""
        return self.parts.sum(axis=1)

    def only(self, chosen: Sequence[bool] | NDArray[Any]) -> FinalList:
        """Return some of the list's partners only, by flags or by places."""
        places = np.asarray(chosen) if len(chosen) else np.zeros(0, dtype=np.int64)
        return replace(
            self,
            partner_ids=self.partner_ids[places],
            parts=self.parts[places],
            evidence=self.evidence[places],
        )

    def joined_by(self, some: Pool, live: LiveRun, side: LiveSide) -> FinalList:
        """Look at some of the pool, and return the list with them at its end."""
        if not len(some):
            return self
        looked = second_look(live, side, self.person_id, some)
        return replace(
            self,
            partner_ids=np.concatenate([self.partner_ids, some.ids]),
            parts=np.concatenate([self.parts, looked.parts]),
            evidence=np.concatenate([self.evidence, looked.evidence]),
        )

    def sorted(self, keep: int) -> FinalList:
        """Return the best, in order, ties by id."""
        return self.only(np.lexsort((self.partner_ids, -self.scores))[:keep])

    def ranks_before(self, stored: FinalList) -> NDArray[np.bool_]:
        """Tell who ranks no later than the last one of a stored list, bool (k,)."""
        last_score, last_id = int(stored.scores[-1]), int(stored.partner_ids[-1])
        scores = self.scores
        return (scores > last_score) | ((scores == last_score) & (self.partner_ids <= last_id))


def look_again(
    live: LiveRun, side: LiveSide, person_id: int, pool: Pool, built_from: int
) -> FinalList:
    """Score the best of a person's pool exactly and return their list."""
    first = pool.beginning(live.limits.rescored)
    looked = second_look(live, side, person_id, first)
    order = looked.order(first.ids)[: live.limits.keep]
    return FinalList(
        person_id=person_id,
        partner_ids=first.ids[order],
        parts=looked.parts[order],
        evidence=looked.evidence[order],
        pool=pool,
        demand=int(side.demand[side.place_of(person_id)]),
        built_from=built_from,
    )


def second_look(live: LiveRun, side: LiveSide, person_id: int, some: Pool) -> Rescored:
    """Score a person against some of their pool exactly."""
    place, others = side.places_of([person_id]), live.opposite(side.position)
    places = others.places_of(some.ids)
    products = seen_parts(side.vectors_of(place), others.vectors_of(places))
    return rescore(
        side.evidence_of(place),
        others.evidence_of(places),
        products[:, : len(PRODUCT_TERMS)],
        # A score in the pool differs from the product by the novelty term, or not at all: so it
        # says itself whether the two had worked together when it was made.
        some.scores != products.sum(axis=1),
        others.demand[places],
        live.snapshot.reference,
        side.position,
    )


def revise(
    live: LiveRun, side: LiveSide, before: FinalList, pool: Pool, edited_id: int
) -> FinalList:
    """Return a list after its pool has changed, looking only at whom it does not know.

    Whoever was looked at and not stored ranks behind the last one stored. So when enough of the
    stored and the new rank before that place, they are the list; else all are looked at.
    """
    limits = live.limits
    first, known = pool.beginning(limits.rescored), before.pool.beginning(limits.rescored)
    scores = dict(zip(known.ids.tolist(), known.scores.tolist(), strict=True))
    stays = {
        pk: scores.get(pk) == score and pk != edited_id
        for pk, score in zip(first.ids.tolist(), first.scores.tolist(), strict=True)
    }
    kept = before.only([stays.get(pk, False) for pk in before.partner_ids.tolist()])
    new = first.among([not stay for stay in stays.values()])
    found = kept.joined_by(new, live, side)
    if len(before.partner_ids) < len(known):
        found = found.only(found.ranks_before(before))
        if len(found.partner_ids) < limits.keep:
            rest = first.among(~np.isin(first.ids, kept.partner_ids))
            found = kept.joined_by(rest, live, side)
    return replace(found.sorted(limits.keep), pool=pool)


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
