"""The second look at a viewer's best hundred: what is stored, shown and explained.

Retrieval compares one mean vector a person. Here single texts meet: each thing sought the best
thing offered, the three best pairs of English texts, rare words. Likeness of work is told in
deviations from the viewer's own average to candidates of the same kind, so that an English-only
channel cannot push Korean texts aside. Terms stay additive: they sum to the score exactly.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching.scoring.evidence import Evidence, Integers, Items, sums
from matching.scoring.likeness import (
    COSINE,
    Compared,
    Floats,
    Meetings,
    best_meetings,
    by_owner,
    products,
    shortened,
)
from matching.scoring.reference import Reference, reference_of, topic_scores
from matching.scoring.terms import NOVELTY_PENALTY, PRODUCT_TERMS, TERMS, UNIT, WEIGHTS
from matching.scoring.vectors import Position

__all__ = ["EVIDENCE", "Reference", "Rescored", "reference_of", "rescore"]

OPPOSITE: dict[Position, Position] = {"left": "right", "right": "left"}
# Deviations above the average at which likeness of work counts fully. Beyond it still counts, ever
# less, up to half as much again: twins come first without drowning the other terms.
Z_FULL, BEYOND = 4.0, 0.5
# Below this cosine two texts merely share a language or a field.
WORTH_NAMING = 0.35
EVIDENCE = ("my work", "their work", "my seek", "their offer", "my offer", "their seek")


@dataclass(frozen=True)
class Rescored:
    """The second look at n candidates.

    parts: int64 (n, terms) in units of 2**-30, in the order of TERMS, seen from the viewer; they
    add up to the score. evidence: int64 (n, 6), the keys of the texts that met best, in the order
    of EVIDENCE, 0 where none is worth naming.
    """

    parts: Integers
    evidence: Integers

    @property
    def scores(self) -> Integers:
        """The scores in units of 2**-30, int64 (n,)."""
        return self.parts.sum(axis=1)

    def order(self, ids: Integers) -> Integers:
        """Return the candidates' rows, best first, ties by id."""
        return np.lexsort((ids, -self.scores))


def rescore(
    viewer: Evidence,
    candidates: Evidence,
    retrieval_parts: Integers,
    worked: NDArray[np.bool_],
    demand: Integers,
    reference: Reference,
    viewer_side: Position,
) -> Rescored:
    """Score a viewer's candidates exactly.

    viewer: one row; retrieval_parts: int64 (n, product terms) seen from the viewer; worked: bool
    (n,), who have worked together; demand: int64 (n,), the candidates' prices, none above 0.

    Raises:
        ValueError: there is not one viewer, or the arrays do not have one row a candidate.
    """
    check_shapes(viewer, candidates, retrieval_parts, worked, demand)
    me, others = (Compared.of(people, reference.weights) for people in (viewer, candidates))
    english = products(others.english, me.english)
    terms = dict(zip(PRODUCT_TERMS, retrieval_parts.T.astype(np.int64), strict=False))
    scores = topic_scores(me, others, reference, OPPOSITE[viewer_side], english)
    terms["topic"] = np.rint(levelled(scores) * (WEIGHTS["topic"] * UNIT)).astype(np.int64)
    seeking = exchange(viewer.seeks, candidates.offers)
    offering = exchange(viewer.offers, candidates.seeks)
    terms["seeking"] = coverage_of_mine(seeking, candidates.offers)
    terms["offering"] = coverage_of_theirs(offering, candidates.seeks)
    terms["novelty"] = np.where(worked, -NOVELTY_PENALTY, 0).astype(np.int64)
    both_seek = (candidates.seeks.counts > 0) & bool(len(viewer.seeks.vectors))
    terms["balance"] = np.where(both_seek, balance(terms), 0)
    terms["demand"] = demand.astype(np.int64)
    meetings = (
        work_meetings(me, others, english),
        best_meetings(seeking, viewer.seeks, candidates.offers, WORTH_NAMING),
        best_meetings(offering, viewer.offers, candidates.seeks, WORTH_NAMING),
    )
    found = [column for meeting in meetings for column in (meeting.mine, meeting.theirs)]
    return Rescored(np.stack([terms[term] for term in TERMS], axis=1), np.stack(found, axis=1))


def levelled(deviations: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return deviations as shares of the topic term's weight, rising throughout, float64 (n,)."""
    shares = deviations / Z_FULL
    above = np.maximum(shares - 1, 0)
    found: NDArray[np.float64] = np.minimum(shares, 1) + BEYOND * above / (above + 2)
    return found


def check_shapes(
    viewer: Evidence,
    candidates: Evidence,
    retrieval_parts: Integers,
    worked: NDArray[np.bool_],
    demand: Integers,
) -> None:
    """Refuse arrays that do not have one row a candidate.

    Raises:
        ValueError: they do not.
    """
    if len(viewer) != 1:
        raise ValueError(f"There must be one viewer, not {len(viewer)}")
    lengths = {len(candidates), len(retrieval_parts), len(worked), len(demand)}
    if len(lengths) != 1 or retrieval_parts.shape[1] != len(PRODUCT_TERMS):
        raise ValueError(f"Candidates' arrays do not fit: {lengths}, {retrieval_parts.shape}")


def exchange(mine: Items, theirs: Items) -> Floats:
    """Return the products of each of their texts with each of mine."""
    return products(shortened(theirs.vectors), shortened(mine.vectors))


def coverage_of_mine(pairs: Floats, theirs: Items) -> Integers:
    """Return the seeking term: the mean, over what I seek, of the best that they offer.

    pairs: (their offers, my seeks). int64 (n,) in units of 2**-30; nothing sought or offered: 0.
    """
    if not pairs.size:
        return np.zeros(len(theirs), dtype=np.int64)
    best = np.maximum(by_owner(pairs, theirs).max(axis=1, initial=0), 0)
    total = best.astype(np.float64).sum(axis=1)
    return covered(total / pairs.shape[1], "seeking")


def coverage_of_theirs(pairs: Floats, theirs: Items) -> Integers:
    """Return the offering term: the mean, over what they seek, of the best that I offer.

    pairs: (their seeks, my offers). int64 (n,) in units of 2**-30; nothing sought or offered: 0.
    """
    if not pairs.size:
        return np.zeros(len(theirs), dtype=np.int64)
    best = np.maximum(pairs.max(axis=1), 0).astype(np.int64)
    total = sums(best, theirs.owners_start).astype(np.float64)
    return covered(total / np.maximum(theirs.counts, 1), "offering")


def covered(mean: NDArray[np.float64], term: str) -> Integers:
    """Return a mean product of shortened vectors as a weighted term."""
    return np.rint(mean * (WEIGHTS[term] * UNIT / COSINE)).astype(np.int64)


def balance(terms: dict[str, Integers]) -> Integers:
    """Return what a one-sided exchange takes off, int64 (n,), none above 0.

    With the common ground b = max(0, topic + area) and what either side gains, p = b + 2 seeking
    and q = b + 2 offering, the harmonic mean of p and q (RECON, Pizzato et al. 2010) is their
    arithmetic mean less (p - q)**2 / (2 (p + q)): this part, rounded up to the next unit.
    """
    base = np.maximum(terms["topic"] + terms["area"], 0)
    gap = 2 * (terms["seeking"] - terms["offering"])
    whole = 2 * base + 2 * (terms["seeking"] + terms["offering"])
    return -(gap * gap // np.maximum(2 * whole, 1))


def work_meetings(me: Compared, others: Compared, pairs: Floats) -> Meetings:
    """Return the best pair of works: in English where both write it, else across languages.

    pairs: the products of their English texts with mine.
    """
    theirs = others.evidence.english
    english = best_meetings(pairs, me.evidence.english, theirs, WORTH_NAMING)
    rest = np.flatnonzero(~others.evidence.writes_english | (len(me.english) == 0))
    if not len(rest):
        return english
    works = others.evidence.works.of(rest)
    across = best_meetings(
        exchange(me.evidence.works, works), me.evidence.works, works, WORTH_NAMING
    )
    english.mine[rest], english.theirs[rest] = across.mine, across.theirs
    return english
