"""Every list of small populations against brute force on integers: all ways to the same lists.

Two sizes, because the portal takes a shorter way for few people; four kinds of people, with
forbidden, hidden and known pairs; both filters; any block; one, two and four workers that each
know only their own blocks; one person at a time.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.speed import oracle, population
from bench.speed.contest import ONE_THREAD
from bench.speed.ours import as_vectors, count_wrong
from matching.scoring import PairRules, Ranked, top_for_one, top_pairs
from matching.scoring.blocks import Pass, plan_blocks
from matching.scoring.terms import NOVELTY_PENALTY

SIZES = ((600, 450), (3000, 2600))
BLOCKS, WORKERS, KEEP, ALONE = (64, 777), (1, 2, 4), 50, 25
Integers = NDArray[np.int64]
Proof = dict[str, Any]


def prove(dimension: int) -> list[Proof]:
    """Return the proofs, made in a process of its own.

    Raises:
        RuntimeError: the process failed; its message stands on standard error.
    """
    command = (sys.executable, "-m", "bench.speed.exactness", str(dimension))
    done = subprocess.run(
        command, env={**os.environ, **ONE_THREAD}, stdout=subprocess.PIPE, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError("the proofs of exactness could not be made")
    return json.loads(done.stdout)


def lines(proofs: list[Proof]) -> str:
    """Return a summary: how much was compared, and whatever was wrong."""
    if not proofs:
        return "exactness of small populations: not run"
    lists, wrong = (sum(proof[name] for proof in proofs) for name in ("lists", "wrong"))
    head = f"exactness: {len(proofs)} ways, {lists:,} lists compared in full, {wrong} wrong"
    bad = [f"  WRONG: {proof}" for proof in proofs if proof["wrong"]]
    eight = [proof for proof in proofs if proof["method"] == "int8"]
    back = sum(proof["found_by"] != "int8" for proof in eight)
    note = f"  {len(eight)} with the int8 filter asked for; {back} took the exact way instead"
    return "\n".join(filter(None, (head, note, *bad)))


class Scene:
    """Two small sides with rules, and the true lists of everybody on both."""

    def __init__(self, kind: str, sizes: tuple[int, int], dimension: int) -> None:
        self.kind, self.sizes = kind, sizes
        left, right = (
            population.make_side(size, dimension, seed=7, number=number, kind=kind)
            for number, size in enumerate(sizes)
        )
        # Far from those of the left: the generator numbers a side by its own size.
        right = population.Side(right.ids + 10**6, right.rows, right.areas)
        self.people = (left, right)
        self.rules = some_rules(left.ids, right.ids)
        self.groups: dict[str, NDArray[np.uint64]] = {}
        if kind == "masked":
            self.groups = {"left_groups": left.areas, "right_groups": right.areas}
        self.left, self.right = as_vectors(left, "left"), as_vectors(right, "right")
        self.truth = self.true_lists()

    def true_lists(self) -> list[tuple[Integers, Integers]]:
        """Return ids and scores of both sides' best, by brute force."""
        left, right = self.people
        scores = left.rows.astype(np.float64) @ oracle.as_doubles(right).T
        scores[places(self.rules.worked_together, left, right)] -= NOVELTY_PENALTY
        scores[places(self.rules.forbidden, left, right)] = -np.inf
        if self.kind == "masked":
            scores[(left.areas[:, None] & right.areas[None, :]) == 0] = -np.inf
        seen = [scores, scores.copy()]
        seen[0][places(self.rules.hidden_from_left, left, right)] = -np.inf
        seen[1][places(self.rules.hidden_from_right, left, right)] = -np.inf
        return [
            oracle.ranked(seen[0], right.ids, KEEP),
            oracle.ranked(seen[1].T, left.ids, KEEP),
        ]

    def proof(self, what: str, method: str, sides: tuple[Ranked, Ranked]) -> Proof:
        """Compare every list."""
        wrong = sum(
            count_wrong(ranked, side.ids, *truth)
            for ranked, side, truth in zip(sides, self.people, self.truth, strict=True)
        )
        return {
            "what": f"{self.kind}, {what}", "people": self.sizes, "method": method,
            "lists": sum(self.sizes), "wrong": wrong, "found_by": sides[0].found_by,
        }  # fmt: skip

    def whole(self, method: str, block: int) -> Proof:
        """Prove the pass in one process."""
        sides = top_pairs(self.left, self.right, rules=self.rules, keep=KEEP, block=block,
                          method=method, **self.groups)  # fmt: skip
        return self.proof(f"blocks of {block}", method, sides)

    def shared(self, method: str, workers: int, block: int) -> Proof:
        """Prove the pass done by workers that share nothing but the first block's thresholds."""
        passes = [
            Pass(self.left, self.right, self.rules, keep=KEEP, method=method, **self.groups)
            for _ in range(workers)
        ]
        first, *others = plan_blocks(len(self.left), block)
        done = [passes[0].score_block(first, None)]
        thresholds = done[0].thresholds
        for number, span in enumerate(reversed(others)):
            done.append(passes[number % workers].score_block(span, thresholds))
        columns = plan_blocks(len(self.right), block)
        survivors = [result.columns for result in done]
        merged = [passes[-1].merge(survivors, thresholds, span) for span in columns]
        sides = (put_together([result.rows for result in done]), put_together(merged))
        return self.proof(f"{workers} workers, blocks of {block}", method, sides)

    def alone(self) -> Proof:
        """Prove one person's own list, for some people of the left."""
        wrong, chosen = 0, oracle.sample(len(self.left), ALONE)
        for row in chosen:
            mine = self.left.ids[row]
            excluded = partners(mine, self.rules.forbidden, self.rules.hidden_from_left)
            if self.kind == "masked":
                apart = (self.people[1].areas & self.people[0].areas[row]) == 0
                excluded = np.concatenate([excluded, self.right.ids[apart]])
            ranked = top_for_one(
                self.left.of([row]), self.right, excluded=excluded, keep=KEEP,
                worked_together=partners(mine, self.rules.worked_together),
            )  # fmt: skip
            ids, scores = (part[[row]] for part in self.truth[0])
            wrong += count_wrong(ranked, np.array([mine]), ids, scores)
        return {
            "what": f"{self.kind}, one person at a time", "people": self.sizes,
            "method": "exact", "lists": len(chosen), "wrong": wrong, "found_by": "exact",
        }  # fmt: skip


def some_rules(left: Integers, right: Integers) -> PairRules:
    """Return rules about random pairs: two a person of each kind, and strangers."""
    chance = np.random.default_rng(11)
    kinds = []
    for _ in range(4):
        count = 2 * len(left)
        pairs = np.stack([chance.choice(left, count), chance.choice(right, count)], axis=1)
        kinds.append(np.concatenate([pairs, [[-5, -6]]]))
    return PairRules(*kinds)


def places(
    pairs: Integers, left: population.Side, right: population.Side
) -> tuple[Integers, Integers]:
    """Return row and column of each pair of people who are there, each once."""
    pairs = np.unique(pairs[pairs[:, 0] > 0], axis=0)
    return row_of(pairs[:, 0], left.ids), row_of(pairs[:, 1], right.ids)


def row_of(wanted: Integers, ids: Integers) -> Integers:
    """Return each id's row."""
    order = np.argsort(ids)
    return order[np.searchsorted(ids, wanted, sorter=order)]


def partners(person: int, *tables: Integers) -> Integers:
    """Return the right ids that tables of pairs join with a person of the left."""
    pairs = np.concatenate(tables)
    return pairs[pairs[:, 0] == person, 1]


def put_together(parts: list[Ranked]) -> Ranked:
    """Return the lists of several blocks as one."""
    names = ("person_ids", "partner_ids", "scores", "counts")
    arrays = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    return Ranked(**arrays, found_by=parts[-1].found_by)


def proofs(dimension: int) -> Iterator[Proof]:
    """Yield them all."""
    for sizes in SIZES:
        for kind in population.KINDS:
            scene = Scene(kind, sizes, dimension)
            yield scene.alone()
            for method in ("float32", "int8"):
                for block in BLOCKS:
                    yield scene.whole(method, block)
                for workers in WORKERS:
                    yield scene.shared(method, workers, BLOCKS[-1] // 2)


if __name__ == "__main__":
    print(json.dumps(list(proofs(int(sys.argv[1])))))
