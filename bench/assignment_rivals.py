"""What others do with the same call: by lot, best pair first, highest total, PeerReview4All.

All of them keep conflicts, demands and most loads, flows the least ones too. Quotas and mutual
pairs are beyond them, so they have an easier problem; the table says how many rules they break.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from ortools.graph.python.max_flow import SimpleMaxFlow
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

from funding.assignment import Flags, Floats, Ints, Problem

# Costs of the flow are whole numbers.
STEPS = 1_000_000


def by_lot(problem: Problem) -> Flags:
    """Give each application reviewers by lot, who have room for it."""
    random = np.random.default_rng(problem.seed)
    return in_order(problem, random.random(problem.affinity.shape))


def best_pair_first(problem: Problem) -> Flags:
    """Make the best pair that is still possible, and again."""
    return in_order(problem, problem.affinity)


def in_order(problem: Problem, order: Floats) -> Flags:
    """Make pairs in falling order while there is room; finish what is left by a flow."""
    assigned = np.zeros_like(problem.forbidden)
    room, needs = problem.most.copy(), problem.demand.copy()
    for place in np.argsort(-order, axis=None, kind="stable").tolist():
        reviewer, application = divmod(place, problem.affinity.shape[1])
        if room[reviewer] and needs[application] and not problem.forbidden[reviewer, application]:
            assigned[reviewer, application] = True
            room[reviewer] -= 1
            needs[application] -= 1
    # Kept pairs are worth more than all others: only as many move as must.
    return assigned if not needs.any() else flowing(problem, assigned * 1.0)


def highest_total(problem: Problem) -> Flags:
    """Return the highest total, as the Toronto Paper Matching System does."""
    return flowing(problem, problem.affinity)


def flowing(problem: Problem, worth: Floats) -> Flags:
    """Return the assignment of the highest worth, by a flow of the lowest cost."""
    pairs = np.nonzero(~problem.forbidden)
    reviewers, applications = worth.shape
    source, sink = reviewers + applications, reviewers + applications + 1
    flow = SimpleMinCostFlow()
    costs = -np.rint(worth[pairs] * STEPS).astype(np.int64)
    links = flow.add_arcs_with_capacity_and_unit_cost(
        pairs[0], pairs[1] + reviewers, np.ones(len(costs), dtype=np.int64), costs
    )
    # What a reviewer must have at least pays for itself.
    for reviewer in range(reviewers):
        least, most = int(problem.least[reviewer]), int(problem.most[reviewer])
        flow.add_arc_with_capacity_and_unit_cost(source, reviewer, least, -STEPS * 1000)
        flow.add_arc_with_capacity_and_unit_cost(source, reviewer, most - least, 0)
    for application, count in enumerate(problem.demand.tolist()):
        flow.add_arc_with_capacity_and_unit_cost(reviewers + application, sink, count, 0)
    flow.set_node_supply(source, int(problem.demand.sum()))
    flow.set_node_supply(sink, -int(problem.demand.sum()))
    if flow.solve() != flow.OPTIMAL:
        raise SystemExit("no flow serves every application")
    assigned = np.zeros_like(problem.forbidden)
    assigned[pairs] = flow.flows(links) > 0
    return assigned


def peer_review_4_all(problem: Problem) -> Flags:
    """Return what the first round of PeerReview4All makes (Stelmakh, Shah and Singh 2021).

    For each number k of reviewers, the highest affinity that k pairs of every application can
    reach at once, the rest of its reviewers as they come; the fairest of these. (Its further
    rounds improve other applications, not the worst-off one; here the total is improved.)
    """
    best, found = -1.0, highest_total(problem)
    for count in range(1, int(problem.demand.max()) + 1):
        level = highest_level(problem, count)
        bonus = np.where(problem.affinity >= level, 4.0, 0.0)
        assigned = flowing(problem, problem.affinity + bonus)
        worst = float(np.where(assigned, problem.affinity, 0.0).sum(axis=0).min())
        if worst > best:
            best, found = worst, assigned
    return found


def highest_level(problem: Problem, count: int) -> float:
    """Return the highest affinity that `count` pairs of every application can have."""
    levels = np.unique(problem.affinity[~problem.forbidden])
    low, high = 0, len(levels) - 1
    while low < high:
        middle = (low + high + 1) // 2
        if can_have(problem, count, float(levels[middle])):
            low = middle
        else:
            high = middle - 1
    return float(levels[low])


def can_have(problem: Problem, count: int, level: float) -> bool:
    """Return whether every application can have `count` pairs of an affinity, loads kept."""
    pairs = np.nonzero(~problem.forbidden & (problem.affinity >= level))
    reviewers, applications = problem.affinity.shape
    source, sink = reviewers + applications, reviewers + applications + 1
    flow = SimpleMaxFlow()
    everyone, all_of_them = np.arange(reviewers), np.arange(reviewers, source)
    flow.add_arcs_with_capacity(pairs[0], pairs[1] + reviewers, np.ones_like(pairs[0]))
    flow.add_arcs_with_capacity(np.full_like(everyone, source), everyone, problem.most)
    needs: Ints = np.minimum(problem.demand, count)
    flow.add_arcs_with_capacity(all_of_them, np.full_like(all_of_them, sink), needs)
    flow.solve(source, sink)
    return bool(flow.optimal_flow() == needs.sum())


RIVALS: dict[str, Callable[[Problem], Flags]] = {
    "by lot": by_lot,
    "best pair first": best_pair_first,
    "highest total (TPMS)": highest_total,
    "PeerReview4All, one round": peer_review_4_all,
}
