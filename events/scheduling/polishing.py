"""Fewer breaks and better hours for the same meetings: Kempe annealing, compiled by numba.

Only people who meet in one of a chain's two slots, and not in both, change their day; so what a
move is worth is known before anything moves.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from events.scheduling.kernels import FIXED, LOGGED, Board, Table, draw, flip, gather, uniform
from events.scheduling.problem import Ints
from matching.scoring.kernels import compiled


@compiled
def breaks_of(board: Board, person: int, first: int, end: int, one: int, other: int) -> int:
    """Count the breaks of a person in slots first to end, as if `one` and `other` were swapped.

    -1 for both counts them as they are.
    """
    found, last = 0, -1
    for slot in range(first, end):
        source = slot
        if slot == one:
            source = other
        elif slot == other:
            source = one
        if board.at[person, source] >= 0:
            found += last >= 0 and slot > last + 1
            last = slot
    return found


@compiled
def breaks_in_two(board: Board, bounds: Ints, person: int, one: int, other: int, swap: int) -> int:
    """Count the breaks of a person in the sessions of two slots, swapped or not."""
    left, right = (one, other) if swap else (-1, -1)
    found = breaks_of(board, person, bounds[one, 0], bounds[one, 1], left, right)
    if bounds[one, 0] != bounds[other, 0]:
        found += breaks_of(board, person, bounds[other, 0], bounds[other, 1], left, right)
    return found


@compiled
def worth(
    table: Table, board: Board, bounds: Ints, discomfort: Ints, length: int, here: int, other: int
) -> tuple[int, int]:
    """Return by how much breaks and discomfort would change if a gathered chain changed sides."""
    breaks, uneasy = 0, 0
    for place in range(length):
        wish = board.chain[place]
        slot = board.slots[wish]
        target = here + other - slot
        for member in range(table.starts[wish], table.starts[wish + 1]):
            person = table.members[member]
            if board.at[person, target] >= 0:
                continue
            breaks += breaks_in_two(board, bounds, person, here, other, 1)
            breaks -= breaks_in_two(board, bounds, person, here, other, 0)
            uneasy += discomfort[person, target] - discomfort[person, slot]
    return breaks, uneasy


@compiled
def anneal(
    table: Table, board: Board, held: Ints, bounds: Ints, discomfort: Ints,
    state: Ints, best: Ints, plan: NDArray[np.float64], rounds: int,
) -> None:  # fmt: skip
    """Move held meetings for `rounds` rounds, while it gets colder.

    bounds: (slots, 2) first slot and end of each slot's session. state: breaks and discomfort
    now, breaks and discomfort at best. best: (2, wishes) slots and variants at best.
    plan: temperature, its factor a round, and what one unit of discomfort weighs against a break.
    """
    slots = table.allowed.shape[1]
    heat, cooling, comfort = plan[0], plan[1], plan[2]
    for _round in range(rounds):
        heat *= cooling
        wish = held[draw(board, len(held))]
        here, other = board.slots[wish], draw(board, slots)
        if other == here or board.locked[wish] == FIXED or table.allowed[wish, other] == 0:
            continue
        length = gather(table, board, wish, other)
        if length < 0:
            continue
        breaks, uneasy = worth(table, board, bounds, discomfort, length, here, other)
        cost = breaks + comfort * uneasy
        if cost > 0 and uniform(board) >= np.exp(-cost / heat):
            continue
        board.totals[LOGGED] = 0
        if flip(table, board, length, here, other):
            state[0] += breaks
            state[1] += uneasy
            is_better = state[0] < state[2] or (state[0] == state[2] and state[1] < state[3])
            if is_better:
                state[2], state[3] = state[0], state[1]
                best[0, :] = board.slots
                best[1, :] = board.variants
    board.totals[LOGGED] = 0
    plan[0] = heat
