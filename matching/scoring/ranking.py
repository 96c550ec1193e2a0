"""The best partners of everybody, and of one person, exactly.

A product of blocks in float32 (or int8) only *filters*; see `tiles` for why nobody is lost. The
few that pass are scored again on integers, and ties go to the smaller id. Block size, workers,
BLAS and filter cannot change a list.
"""

from __future__ import annotations

import numpy as np

from matching.scoring.blocks import BLOCK, Method, Pass, Progress, plan_blocks
from matching.scoring.definition import exact_scores
from matching.scoring.lists import NOBODY, Ranked, best_keys, bits_for, keys_of, ranked_of
from matching.scoring.rules import Groups, PairRules
from matching.scoring.terms import NOVELTY_PENALTY
from matching.scoring.vectors import Integers, Vectors

__all__ = [
    "KEEP",
    "RESCORED",
    "RESERVE",
    "Ranked",
    "top_for_one",
    "top_pairs",
]

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
