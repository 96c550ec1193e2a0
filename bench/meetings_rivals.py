"""What others do with the same wishes: book in turn, by weight, slot by slot, or ask HiGHS for all.

All keep the same rules as the portal's solver. The first three know nothing of its code; HiGHS gets
its model whole. They handle meetings of two people at tables, as the invented problems have them,
and nobody smooths breaks.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_matrix

from events.scheduling.bounds import costs_of, wish_rows
from events.scheduling.model import model_of
from events.scheduling.problem import NONE, ON_SITE, Flags, Ints, Problem, Schedule

WHOLE = "HiGHS on the whole model"


class Desk:
    """A booking desk: who is busy, how many meetings each has, which tables are taken."""

    def __init__(self, problem: Problem) -> None:
        """Open with nothing booked."""
        self.problem = problem
        self.free: Flags = problem.modes & ON_SITE > 0
        self.left: Ints = problem.limits.copy()
        self.tables: Ints = problem.place_open[problem.place_modes == ON_SITE].sum(axis=0)
        self.slots: Ints = np.full(len(problem.wishes), NONE, dtype=np.int64)

    def book(self, number: int, slot: int) -> bool:
        """Book a wish into a slot, if its people and a table are free."""
        one, other = self.problem.wishes[number].people
        is_free = self.free[one, slot] and self.free[other, slot] and self.tables[slot] > 0
        if not is_free or min(self.left[one], self.left[other]) < 1:
            return False
        self.free[[one, other], slot] = False
        self.left[[one, other]] -= 1
        self.tables[slot] -= 1
        self.slots[number] = slot
        return True

    def schedule(self) -> Schedule:
        """Return what is booked; the tables of a slot are given out in turn."""
        places = np.full_like(self.slots, NONE)
        for slot in range(self.problem.modes.shape[1]):
            own = np.flatnonzero(self.slots == slot)
            places[own] = np.flatnonzero(self.problem.place_modes == ON_SITE)[: len(own)]
        return Schedule(self.slots, places)


def first_come_first_served(problem: Problem, seconds: float) -> Schedule:
    """Give each wish, in the order of asking, the first slot in which both are free."""
    return in_order(problem, np.arange(len(problem.wishes)))


def greedy_by_weight(problem: Problem, seconds: float) -> Schedule:
    """Give each wish, the heaviest first, the first slot in which both are free."""
    weights = np.array([wish.weight for wish in problem.wishes])
    return in_order(problem, np.argsort(-weights, kind="stable"))


def in_order(problem: Problem, order: Ints) -> Schedule:
    """Book wishes in an order, each in its first free slot."""
    desk = Desk(problem)
    for number in order.tolist():
        for slot in range(problem.modes.shape[1]):
            if desk.book(number, slot):
                break
    return desk.schedule()


def slot_by_slot(problem: Problem, seconds: float) -> Schedule:
    """Fill one slot after the other with the heaviest matching of who is free then.

    A matching is an integer program with a row a person; HiGHS solves it to the end, or stops after
    ten seconds. At most as many meetings as there are tables.
    """
    desk = Desk(problem)
    for slot in range(problem.modes.shape[1]):
        for number in heaviest_matching(desk, slot):
            desk.book(number, slot)
    return desk.schedule()


def heaviest_matching(desk: Desk, slot: int) -> list[int]:
    """Return the wishes of a heaviest matching in one slot, the heaviest first."""
    wishes = desk.problem.wishes
    able = desk.free[:, slot] & (desk.left > 0)
    open_wishes = [
        number
        for number in np.flatnonzero(desk.slots == NONE).tolist()
        if all(able[person] for person in wishes[number].people)
    ]
    if not open_wishes:
        return []
    weights = np.array([wishes[number].weight for number in open_wishes], dtype=np.float64)
    people = np.array([wishes[number].people for number in open_wishes]).ravel()
    columns = np.repeat(np.arange(len(open_wishes)), 2)
    rows = csr_matrix((np.ones(len(people)), (people, columns)))
    found = milp(
        -weights,
        integrality=np.ones(len(weights)),
        bounds=Bounds(0, 1),
        constraints=[
            LinearConstraint(rows, -np.inf, 1.0),
            LinearConstraint(np.ones((1, len(weights))), -np.inf, float(desk.tables[slot])),
        ],
        options={"time_limit": 10.0, "mip_rel_gap": 0.0},
    )
    chosen = np.flatnonzero(found.x > 0.5) if found.x is not None else np.zeros(0, dtype=np.int64)
    order = chosen[np.argsort(-weights[chosen], kind="stable")]
    return [open_wishes[number] for number in order.tolist()]


def mixed_integer(problem: Problem, seconds: float) -> Schedule:
    """Give the whole model to HiGHS: value, less ten times the largest weight a person without a meeting."""
    model = model_of(problem)
    columns = model.size + len(model.floored)
    found = milp(
        costs_of(model),
        integrality=np.ones(columns),
        bounds=Bounds(0, 1),
        constraints=[
            LinearConstraint(model.rows, -np.inf, model.limits),
            LinearConstraint(wish_rows(model), -np.inf, 1.0),
        ],
        options={"time_limit": seconds, "mip_rel_gap": 0.0},
    )
    desk = Desk(problem)
    for option in np.flatnonzero(found.x[: model.size] > 0.5) if found.x is not None else ():
        desk.book(int(model.wish[option]), int(model.slot[option]))
    return desk.schedule()


# Each takes a problem and so many seconds, which only the last one needs.
RIVALS: dict[str, Callable[[Problem, float], Schedule]] = {
    "first come, first served": first_come_first_served,
    "greedy by weight": greedy_by_weight,
    "slot-by-slot matching": slot_by_slot,
    WHOLE: mixed_integer,
}
