"""The moves of a schedule, compiled by numba: hold, release, Kempe chains, and undoing them.

A Kempe chain swaps two slots for everybody who hangs together in them: all meetings of a chain
change sides, so nobody is double-booked. It is gathered with marks, so that a chain that closes
to a ring ends. What is done goes to a log that takes it back.
"""

from __future__ import annotations

from typing import NamedTuple

from events.scheduling.problem import Ints
from matching.scoring.kernels import compiled


class Table(NamedTuple):
    """What does not change: see `Options` for the shapes."""

    starts: Ints
    members: Ints
    pools: Ints
    allowed: Ints
    capacity: Ints
    parents: Ints
    # (wishes + 1,), (pairs,): wishes earlier than each, wishes later than each.
    earlier_starts: Ints
    earlier: Ints
    later_starts: Ints
    later: Ints
    weights: Ints
    limits: Ints
    needs: Ints
    # (people + 1,), wishes of each person.
    own_starts: Ints
    own: Ints


class Board(NamedTuple):
    """What changes: where everybody is."""

    # (people, slots): the wish that is held there, or -1.
    at: Ints
    # (wishes,): -1 where not held.
    slots: Ints
    variants: Ints
    # (pools, slots): meetings of each.
    load: Ints
    # (people,): meetings of each.
    counts: Ints
    # (wishes,): FIXED for meetings that stay where they are, KEPT for those that stay held.
    locked: Ints
    # (wishes,): room for a chain, and marks that are zero between calls.
    chain: Ints
    marks: Ints
    # (room, 3): wish, slot and variant before a step.
    log: Ints
    # By VALUE, BELOW (people below the floor) and LOGGED (entries of the log).
    totals: Ints
    # (1,): state of the generator of random numbers, 1 to 2 ** 31 - 2.
    random: Ints


VALUE, BELOW, LOGGED = 0, 1, 2
FIXED, KEPT = 1, 2
# Wishes of a chain beyond which a move is not worth its time.
LONGEST_CHAIN = 400


@compiled
def draw(board: Board, below: int) -> int:
    """Return a number from 0 to below - 1, by Lehmer's generator with Park and Miller's factor."""
    state = board.random[0] * 48_271 % 2_147_483_647
    board.random[0] = state
    return state % below


@compiled
def uniform(board: Board) -> float:
    """Return a number from 0 to 1."""
    return draw(board, 1 << 30) / (1 << 30)


@compiled
def variant_for(table: Table, board: Board, wish: int, slot: int, wanted: int) -> int:
    """Return a variant whose pools have room in a slot, the wanted one if it has; or -1."""
    found = -1
    for variant in range(table.pools.shape[1]):
        if (table.allowed[wish, slot] >> variant) & 1 == 0:
            continue
        pool = table.pools[wish, variant]
        parent = table.parents[pool]
        if board.load[pool, slot] >= table.capacity[pool, slot]:
            continue
        if parent >= 0 and board.load[parent, slot] >= table.capacity[parent, slot]:
            continue
        if variant == wanted:
            return variant
        if found < 0:
            found = variant
    return found


@compiled
def keeps_order(table: Table, board: Board, wish: int, slot: int) -> bool:
    """Tell whether a wish in a slot is after its earlier and before its later ones."""
    for place in range(table.earlier_starts[wish], table.earlier_starts[wish + 1]):
        other = board.slots[table.earlier[place]]
        if other >= 0 and other >= slot:
            return False
    for place in range(table.later_starts[wish], table.later_starts[wish + 1]):
        other = board.slots[table.later[place]]
        if other >= 0 and other <= slot:
            return False
    return True


@compiled
def put(table: Table, board: Board, wish: int, slot: int, variant: int) -> None:
    """Write a wish into a slot."""
    for place in range(table.starts[wish], table.starts[wish + 1]):
        board.at[table.members[place], slot] = wish
    pool = table.pools[wish, variant]
    board.load[pool, slot] += 1
    if table.parents[pool] >= 0:
        board.load[table.parents[pool], slot] += 1
    board.slots[wish], board.variants[wish] = slot, variant


@compiled
def lift(table: Table, board: Board, wish: int) -> None:
    """Take a wish out of its slot; others may have been written there already."""
    slot = board.slots[wish]
    for place in range(table.starts[wish], table.starts[wish + 1]):
        if board.at[table.members[place], slot] == wish:
            board.at[table.members[place], slot] = -1
    pool = table.pools[wish, board.variants[wish]]
    board.load[pool, slot] -= 1
    if table.parents[pool] >= 0:
        board.load[table.parents[pool], slot] -= 1
    board.slots[wish] = -1


@compiled
def count(table: Table, board: Board, wish: int, step: int) -> None:
    """Book a wish that is held now (step 1) or no more (step -1)."""
    board.totals[VALUE] += step * table.weights[wish]
    for place in range(table.starts[wish], table.starts[wish + 1]):
        person = table.members[place]
        board.totals[BELOW] -= board.counts[person] < table.needs[person]
        board.counts[person] += step
        board.totals[BELOW] += board.counts[person] < table.needs[person]


@compiled
def note(board: Board, wish: int) -> None:
    """Write down where a wish is, before it moves."""
    entry = board.totals[LOGGED]
    board.log[entry, 0] = wish
    board.log[entry, 1] = board.slots[wish]
    board.log[entry, 2] = board.variants[wish]
    board.totals[LOGGED] = entry + 1


@compiled
def hold(table: Table, board: Board, wish: int, slot: int, variant: int) -> None:
    """Hold a wish that was not held."""
    note(board, wish)
    put(table, board, wish, slot, variant)
    count(table, board, wish, 1)


@compiled
def hold_all(table: Table, board: Board, slots: Ints, variants: Ints) -> None:
    """Hold each wish where two columns say, on an empty board."""
    for wish in range(len(slots)):
        if slots[wish] >= 0:
            board.totals[LOGGED] = 0
            hold(table, board, wish, slots[wish], variants[wish])
    board.totals[LOGGED] = 0


@compiled
def release(table: Table, board: Board, wish: int) -> None:
    """Hold a wish no more."""
    note(board, wish)
    lift(table, board, wish)
    count(table, board, wish, -1)


@compiled
def undo(table: Table, board: Board, mark: int) -> None:
    """Take back everything since the log was `mark` entries long."""
    for entry in range(board.totals[LOGGED] - 1, mark - 1, -1):
        wish, slot = board.log[entry, 0], board.log[entry, 1]
        if board.slots[wish] >= 0:
            lift(table, board, wish)
            if slot < 0:
                count(table, board, wish, -1)
        elif slot >= 0:
            count(table, board, wish, 1)
        if slot >= 0:
            put(table, board, wish, slot, board.log[entry, 2])
    board.totals[LOGGED] = mark


@compiled
def gather(table: Table, board: Board, wish: int, other_slot: int) -> int:
    """Gather the chain of a wish between its slot and another; return its length, or -1.

    -1: somebody of the chain cannot be on the other side.
    """
    here = board.slots[wish]
    chain, marks = board.chain, board.marks
    chain[0], marks[wish] = wish, 1
    length, done, is_possible = 1, 0, True
    while done < length and is_possible:
        current = chain[done]
        done += 1
        target = other_slot if board.slots[current] == here else here
        if (
            board.locked[current] == FIXED
            or table.allowed[current, target] == 0
            or length > LONGEST_CHAIN
        ):
            is_possible = False
            break
        for place in range(table.starts[current], table.starts[current + 1]):
            neighbour = board.at[table.members[place], target]
            if neighbour >= 0 and marks[neighbour] == 0:
                chain[length], marks[neighbour] = neighbour, 1
                length += 1
    for place in range(length):
        marks[chain[place]] = 0
    return length if is_possible else -1


@compiled
def flip(table: Table, board: Board, length: int, one: int, other: int) -> bool:
    """Let a gathered chain change sides; undone at once if places or order forbid it."""
    mark, chain = board.totals[LOGGED], board.chain
    for place in range(length):
        note(board, chain[place])
        lift(table, board, chain[place])
    is_possible = True
    for place in range(length):
        wish = chain[place]
        target = one + other - board.log[mark + place, 1]
        variant = variant_for(table, board, wish, target, board.variants[wish])
        if variant < 0:
            is_possible = False
            break
        put(table, board, wish, target, variant)
    if is_possible and len(table.earlier):
        for place in range(length):
            if not keeps_order(table, board, chain[place], board.slots[chain[place]]):
                is_possible = False
                break
    if not is_possible:
        take_back_flip(table, board, mark)
    return is_possible


@compiled
def take_back_flip(table: Table, board: Board, mark: int) -> None:
    """Put the wishes of a broken flip back; their counts never changed."""
    for entry in range(board.totals[LOGGED] - 1, mark - 1, -1):
        wish = board.log[entry, 0]
        if board.slots[wish] >= 0:
            lift(table, board, wish)
        put(table, board, wish, board.log[entry, 1], board.log[entry, 2])
    board.totals[LOGGED] = mark


@compiled
def try_flip(table: Table, board: Board, wish: int, other: int) -> bool:
    """Swap the chain of a wish to another slot, if that is possible."""
    here = board.slots[wish]
    length = gather(table, board, wish, other)
    if length < 0 or board.totals[LOGGED] + length + 8 > board.log.shape[0]:
        return False
    return flip(table, board, length, here, other)
