"""The best partners of everybody, and of one person, exactly.

A product of blocks in float32 (or int8) only *filters*; see `tiles` for why nobody is lost. The
few that pass are scored again on integers, and ties go to the smaller id. Block size, workers,
BLAS and filter cannot change a list.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matching.scoring.blocks import BLOCK, Method, Pass, Progress, plan_blocks
from matching.scoring.definition import exact_scores, score_parts, seen_from_right
from matching.scoring.lists import NOBODY, Ranked, best_keys, bits_for, keys_of, ranked_of
from matching.scoring.rules import Groups, PairRules
from matching.scoring.terms import NOVELTY_PENALTY
from matching.scoring.vectors import Integers, Vectors

__all__ = [
    "KEEP",
    "RESCORED",
    "RESERVE",
    "Ranked",
    "RankedList",
    "ranked_lists",
    "top_for_one",
    "top_pairs",
]  # fmt: skip

# Partners that a pass finds for everybody; those of them that are scored anew; those stored.
RESERVE, RESCORED, KEEP = 128, 100, 64


def top_pairs(
    left: Vectors,
    right: Vectors,
    *,
    rules: PairRules | None = None,
    left_groups: Groups | None = None,
    right_groups: Groups | None = None,
    keep: int = RESERVE,
    block: int = BLOCK,
    method: Method = "float32",
    progress: Progress | None = None,
) -> tuple[Ranked, Ranked]:
    """Return everybody's best `keep` partners on the other side, in the order of the rows given.

    A pair is allowed when the groups of the two (uint64, one a row) share a bit, and when no rule
    forbids it. progress: called with the blocks done and their number.

    Raises:
        ValueError: an id stands twice on a side; `keep` or `block` is below 1.
    """
    one = Pass(left, right, rules, left_groups=left_groups, right_groups=right_groups,
               keep=keep, method=method)  # fmt: skip
    return one.all_lists(plan_blocks(len(left), block), progress)


def top_for_one(
    person: Vectors,
    others: Vectors,
    *,
    excluded: Integers,
    worked_together: Integers,
    keep: int = RESERVE,
) -> Ranked:
    """Return one person's list, bit for bit what `top_pairs` gives.

    person: one row; excluded, worked_together: ids of others, int64.
    """
    ids = others.ids
    by_id = np.arange(len(ids)) if (ids[1:] > ids[:-1]).all() else np.argsort(ids, kind="stable")
    ranks = np.empty_like(by_id)
    ranks[by_id] = np.arange(len(by_id))
    sorted_ids, bits = ids[by_id], bits_for(len(ids))
    scores = exact_scores(person, others)
    scores[by_id[places_in(sorted_ids, worked_together)]] -= NOVELTY_PENALTY
    keys = keys_of(scores, ranks, bits)
    keys[by_id[places_in(sorted_ids, excluded)]] = NOBODY
    return ranked_of(person.ids, best_keys(keys[None, :], keep), sorted_ids, bits)


def places_in(sorted_ids: Integers, wanted: Integers) -> Integers:
    """Return where some ids stand, each once; strangers are left out."""
    wanted = np.unique(wanted)
    places = np.searchsorted(sorted_ids, wanted)
    there = places < len(sorted_ids)
    there[there] = sorted_ids[places[there]] == wanted[there]
    return places[there]


@dataclass(frozen=True)
class RankedList:
    """One person's partners with the terms of their scores, best first.

    partner_ids: int64 (k,); parts: int64 (k, terms) in units of 2**-30, in the order of TERMS,
    seen from the person; they add up to the score.
    """

    person_id: int
    partner_ids: Integers
    parts: Integers

    @property
    def scores(self) -> Integers:
        """The scores in units of 2**-30, int64 (k,)."""
        return self.parts.sum(axis=1)


def ranked_lists(
    people: Vectors, others: Vectors, ranked: Ranked, worked: Integers, keep: int = KEEP
) -> list[RankedList]:
    """Return lists with their terms. worked: (id of people, id of others) who worked together."""
    rows = {int(one): row for row, one in enumerate(others.ids)}
    known = set(map(tuple, worked.tolist()))
    lists = []
    for index, person_id in enumerate(ranked.person_ids.tolist()):
        ids = ranked.partner_ids[index, : min(int(ranked.counts[index]), keep)]
        chosen = others.of([rows[other] for other in ids.tolist()])
        together = np.array([(person_id, other) in known for other in ids.tolist()], np.bool_)
        person = people.of(np.flatnonzero(people.ids == person_id))
        parts = score_parts(person, chosen, together)
        seen = parts if people.position == "left" else seen_from_right(parts)
        lists.append(RankedList(person_id, ids, seen))
    return lists
