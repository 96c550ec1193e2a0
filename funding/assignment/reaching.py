"""What a least sum for each application leaves possible: pairs that cannot be, and that must be.

An application whose three best reach the sum only just needs exactly these three. A linear
program does not see that, and its bound is the worse for it.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from funding.assignment.model import open_pairs
from funding.assignment.problem import STEPS, Flags, Ints, Pair, Problem, pinned_pairs

# How often what is open is halved.
HALVES = 8
# Below any sum of affinities.
NOTHING = -(10**12)


def reachable(problem: Problem, steps: Ints) -> Ints:
    """Return the highest sum that each application could have alone, (applications,).

    Steps; below 0 where an application cannot have as many reviewers as it needs.
    """
    return _best(problem, steps)[0]


def narrowed(problem: Problem, steps: Ints, floor: int) -> Problem | None:
    """Return the problem with what `floor` forbids and demands, None if nothing reaches it."""
    while True:
        sums, losses, taken = _best(problem, steps)
        asked = problem.demand > 0
        pinned = pinned_pairs(problem)
        if (sums[asked] < floor).any() or (pinned.sum(axis=1) > problem.most).any():
            return None
        free = open_pairs(problem) & ~pinned
        falls = free & (sums[None, :] - losses < floor)
        must, never = falls & taken, falls & ~taken
        full = pinned.sum(axis=1) + must.sum(axis=1) >= problem.most
        never |= free & ~must & full[:, None]
        if not (must | never).any():
            return problem
        problem = replace(
            problem,
            forbidden=problem.forbidden | never,
            pinned=(*problem.pinned, *pairs_of(must)),
        )


def highest_floor(problem: Problem, steps: Ints, low: int) -> int:
    """Return a sum that no worst-off application exceeds, from what each could have alone.

    `low` steps can be reached. The answer may be higher than the best by a part of what is open.
    """
    asked = problem.demand > 0
    high = max(low, int(reachable(problem, steps)[asked].min(initial=STEPS * len(steps))))
    if not asked.any() or narrowed(problem, steps, high) is not None:
        return high if asked.any() else low
    for _turn in range(HALVES):
        middle = (low + high + 1) // 2
        if narrowed(problem, steps, middle) is None:
            high = max(low, middle - 1)
        else:
            low = middle
    return high


def pairs_of(flags: Flags) -> list[Pair]:
    """Return the pairs that a table names."""
    reviewers, applications = np.nonzero(flags)
    return list(zip(reviewers.tolist(), applications.tolist(), strict=True))


def _best(problem: Problem, steps: Ints) -> tuple[Ints, Ints, Flags]:
    """Return each application's best sum, what it loses by a pair, and which pairs make it.

    By one of those that make it, it loses when it lacks them; by another one, when it has them.
    """
    pinned = pinned_pairs(problem)
    free = open_pairs(problem) & ~pinned
    shown = np.where(free, steps, NOTHING)
    order = np.argsort(-shown, axis=0, kind="stable")
    ranked = np.vstack(
        (np.take_along_axis(shown, order, axis=0), np.full(shown.shape[1], NOTHING))
    )
    missing = np.clip(problem.demand - pinned.sum(axis=0), 0, len(shown))
    is_taken: Flags = np.arange(len(ranked))[:, None] < missing[None, :]
    sums = np.where(pinned, steps, 0).sum(axis=0) + np.where(is_taken, ranked, 0).sum(axis=0)
    columns = np.arange(shown.shape[1])
    following = ranked[missing, columns]
    last = np.where(missing > 0, ranked[missing - 1, columns], -NOTHING)
    taken = np.zeros_like(pinned)
    np.put_along_axis(taken, order, is_taken[:-1], axis=0)
    losses = np.where(taken, shown - following, last - shown)
    return sums.astype(np.int64), losses.astype(np.int64), taken
