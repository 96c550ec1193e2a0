"""From pools to lists: the second look at everybody's best, some people at a time."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from matching.scoring import KEEP, RESCORED, RESERVE, TERMS, Ranked
from matching.scoring.blocks import Method, Pass
from matching.scoring.definition import seen_parts
from matching.scoring.rescoring import Rescored, rescore
from matching.scoring.terms import PRODUCT_TERMS
from matching.scoring.vectors import Position
from matching.services.list_rows import EVIDENCE, SMALLEST, ListTable
from matching.services.snapshots import Snapshot, open_snapshot, opposite

Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Pools:
    """Whom the lists of n people are chosen from: the beginning of the order of retrieval.

    rows: int64 (n, RESERVE), rows of the other side, -1 beyond the count. scores: int64
    (n, RESERVE) in units of 2**-30. counts: int64 (n,).
    """

    rows: Integers
    scores: Integers
    counts: Integers

    @classmethod
    def of(cls, ranked: Ranked, snapshot: Snapshot, position: Position) -> Pools:
        """Turn the lists of people on one side into pools of rows."""
        facts = snapshot.facts(opposite(position))
        there = ranked.partner_ids >= 0
        rows = np.full(ranked.partner_ids.shape, -1, dtype=np.int64)
        rows[there] = facts.rows_of(ranked.partner_ids[there])
        return cls(rows, ranked.scores, ranked.counts)

    @classmethod
    def empty(cls, count: int) -> Pools:
        """Return the pools of people who have nobody opposite."""
        nobody = np.full((count, RESERVE), -1, dtype=np.int64)
        return cls(nobody, np.zeros_like(nobody), np.zeros(count, dtype=np.int64))


@dataclass(frozen=True)
class Prices:
    """What suggesting each person costs, int64 by row, in units of 2**-30, none above 0."""

    left: Integers
    right: Integers

    def of(self, position: Position) -> Integers:
        """Return one side's prices."""
        return self.left if position == "left" else self.right


@lru_cache(maxsize=1)
def pass_of(key: str) -> Pass:
    """Return the pass over all pairs of a run, its rules looked up, kept for its next block."""
    snapshot = open_snapshot(key)
    method: Method = "int8" if settings.MATCHING_FILTER == "int8" else "float32"
    return Pass(snapshot.left, snapshot.right, snapshot.rules, keep=RESERVE, method=method)


def forget_pass() -> None:
    """Give back the memory of a run that is over: up to four bytes a component of one side."""
    pass_of.cache_clear()


def final_lists(
    snapshot: Snapshot, position: Position, rows: Integers, pools: Pools, prices: Prices
) -> ListTable:
    """Return the lists of some people of one side, with the evidence and the pools."""
    count, facts, others = len(rows), snapshot.facts(position), snapshot.facts(opposite(position))
    partners = np.full((count, KEEP), -1, dtype=np.int64)
    parts = np.zeros((count, KEEP, len(TERMS)), dtype=np.int64)
    evidence = np.zeros((count, KEEP, EVIDENCE), dtype=np.int64)
    for place, row in enumerate(rows.tolist()):
        chosen = pools.rows[place, : min(int(pools.counts[place]), RESCORED)]
        looked = second_look(snapshot, position, row, chosen, prices)
        order = looked.order(others.ids[chosen])[:KEEP]
        partners[place, : len(order)] = others.ids[chosen[order]]
        parts[place, : len(order)] = looked.parts[order]
        evidence[place, : len(order)] = looked.evidence[order]
    is_complete = pools.counts < RESERVE
    return ListTable(
        person_ids=facts.ids[rows],
        counts=np.minimum(pools.counts, KEEP),
        partner_ids=partners,
        scores=parts.sum(axis=2),
        parts=parts,
        evidence=evidence,
        pool_ids=np.where(pools.rows >= 0, with_nobody(others.ids)[pools.rows], -1),
        pool_scores=pools.scores,
        pool_counts=pools.counts,
        pool_floor=np.where(is_complete, SMALLEST, pools.scores[:, -1]),
        demand=prices.of(position)[rows],
        is_complete=is_complete,
        built_from=facts.built_from[rows],
    )


def with_nobody(ids: Integers) -> Integers:
    """Return the ids and, at the end, where row -1 points, one that stands for nobody."""
    return np.concatenate([ids, [-1]])


def second_look(
    snapshot: Snapshot, position: Position, row: int, chosen: Integers, prices: Prices
) -> Rescored:
    """Score one person against some rows of the other side exactly."""
    other = opposite(position)
    person, candidates = snapshot.vectors(position).of([row]), snapshot.vectors(other).of(chosen)
    one = pass_of(snapshot.key)
    direction = one.forward if position == "left" else one.backward
    return rescore(
        snapshot.evidence(position).of([row]),
        snapshot.evidence(other).of(chosen),
        seen_parts(person, candidates)[:, : len(PRODUCT_TERMS)],
        direction.worked.has(np.full(len(chosen), row), chosen),
        prices.of(other)[chosen],
        snapshot.reference,
        position,
    )
