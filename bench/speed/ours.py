"""The portal's own pass as a contender, and what it is asked to prove."""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

from bench.speed import oracle, population
from bench.speed.contender import KEEP, Case, Contender, Integers
from matching.scoring import Vectors, top_pairs
from matching.scoring.ranking import RESERVE, Ranked

ROWS_CHECKED = 200


def as_vectors(side: population.Side, position: str) -> Vectors:
    """Return one side as the portal's pass takes it."""
    return Vectors(side.ids, side.rows, (0,), position)


class Ours(Contender):
    """Everybody's best on both sides from one product."""

    title = "KONNECT, float32 filter"
    kind = "plain"
    method = "float32"
    keep = KEEP

    def __init__(self, case: Case) -> None:
        super().__init__(case)
        self.result: tuple[Ranked, Ranked] | None = None

    def prepare(self) -> None:
        """Map both sides, and let numba compile on a few of them."""
        folder = self.case.of_kind(self.kind)
        self.left, self.right = (population.read(folder, name) for name in ("left", "right"))
        few = np.arange(min(3000, self.case.count))
        self.pairs(self.left.of(few), self.right.of(few))

    def pairs(self, left: population.Side, right: population.Side) -> tuple[Ranked, Ranked]:
        """Do the job."""
        groups: dict[str, NDArray[np.uint64]] = {}
        if self.kind == "masked":
            groups = {"left_groups": left.areas, "right_groups": right.areas}
        return top_pairs(
            as_vectors(left, "left"),
            as_vectors(right, "right"),
            keep=self.keep,
            method=self.method,
            **groups,
        )

    def run(self) -> float:
        """Do the whole job."""
        self.result = None
        self.result = self.pairs(self.left, self.right)
        return 1.0

    def find(self, rows: Integers) -> Integers:
        """Return the rows of the partners of some left people."""
        ranked = by_person(self.result[0])
        wanted = np.searchsorted(ranked.person_ids, self.left.ids[rows])
        order = np.argsort(self.right.ids)
        places = np.searchsorted(self.right.ids, ranked.partner_ids[wanted, :KEEP], sorter=order)
        return order[np.minimum(places, len(order) - 1)]

    def about(self) -> dict[str, object]:
        """Compare with the truth, and return a fingerprint of every list of both sides."""
        facts: dict[str, object] = {"lists": fingerprint(*self.result)}
        facts["found_by"] = self.result[0].found_by
        facts["wrong_lists"] = sum(self.wrong(number) for number in (0, 1))
        facts["checked_lists"] = 2 * min(ROWS_CHECKED, self.case.count)
        if self.kind == "masked":
            facts["allowed"] = round(population.allowed_share(self.left, self.right), 4)
        return facts

    def wrong(self, number: int) -> int:
        """Return how many sampled lists of a side differ from the truth, in ids or scores."""
        sides = (self.left, self.right) if number == 0 else (self.right, self.left)
        chosen = oracle.sample(len(sides[0]), ROWS_CHECKED)
        viewers = sides[0].of(chosen)
        masked = self.kind == "masked"
        ids, scores = oracle.best(viewers, sides[1], self.keep, masked=masked)
        return count_wrong(self.result[number], viewers.ids, ids, scores)


class OursPool(Ours):
    """The same with the pool that the portal really keeps."""

    title = f"KONNECT, float32 filter, best {RESERVE}"
    keep = RESERVE


class OursInt8(Ours):
    """The opt-in pass with an int8 filter, audited."""

    title = "KONNECT, int8 filter, audited"
    method = "int8"


class OursSorted(Ours):
    """People in the order of their areas."""

    title = "KONNECT, people sorted by area"
    kind = "sorted"
    has_recall = False


class OursMasked(Ours):
    """Only pairs with a common area."""

    title = "KONNECT, masked"
    kind = "masked"
    has_recall = False


def count_wrong(ranked: Ranked, people: Integers, ids: Integers, scores: Integers) -> int:
    """Return how many of these people's lists are not the ones given."""
    mine = by_person(ranked)
    rows = np.searchsorted(mine.person_ids, people)
    width = ids.shape[1]
    same = (mine.partner_ids[rows, :width] == ids).all(axis=1)
    there = ids >= 0
    same &= (np.where(there, mine.scores[rows, :width], -1) == scores).all(axis=1)
    same &= mine.counts[rows] == there.sum(axis=1)
    return int((~same).sum())


def by_person(ranked: Ranked) -> Ranked:
    """Return the lists in the order of the people's ids."""
    order = np.argsort(ranked.person_ids)
    return Ranked(
        ranked.person_ids[order],
        ranked.partner_ids[order],
        ranked.scores[order],
        ranked.counts[order],
    )


def fingerprint(*sides: Ranked) -> str:
    """Return a digest of all ids and scores, whatever order the people stand in."""
    digest = hashlib.sha256()
    for side in map(by_person, sides):
        there = side.partner_ids >= 0
        for array in (side.person_ids, side.partner_ids, np.where(there, side.scores, 0)):
            digest.update(np.ascontiguousarray(array, dtype=np.int64).tobytes())
    return digest.hexdigest()
