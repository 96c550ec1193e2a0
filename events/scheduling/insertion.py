"""Placing wishes one by one, making room by Kempe chains, compiled by numba."""

from __future__ import annotations

from events.scheduling.kernels import (
    BELOW,
    LOGGED,
    VALUE,
    Board,
    Table,
    draw,
    hold,
    keeps_order,
    release,
    try_flip,
    undo,
    variant_for,
)
from events.scheduling.problem import Ints
from matching.scoring.kernels import compiled


@compiled
def has_limit_left(table: Table, board: Board, wish: int) -> bool:
    """Tell whether everybody may have one meeting more."""
    for place in range(table.starts[wish], table.starts[wish + 1]):
        person = table.members[place]
        if board.counts[person] >= table.limits[person]:
            return False
    return True


@compiled
def first_busy(table: Table, board: Board, wish: int, slot: int) -> int:
    """Return somebody of a wish who has another meeting in a slot, or -1."""
    for place in range(table.starts[wish], table.starts[wish + 1]):
        if board.at[table.members[place], slot] >= 0:
            return table.members[place]
    return -1


@compiled
def place_free(table: Table, board: Board, wish: int) -> bool:
    """Hold a wish where all are free, in the slot with most places left."""
    best, best_slot, best_variant = -1, -1, -1
    slots = table.allowed.shape[1]
    offset = draw(board, slots)
    for step in range(slots):
        slot = (step + offset) % slots
        if table.allowed[wish, slot] == 0 or first_busy(table, board, wish, slot) >= 0:
            continue
        variant = variant_for(table, board, wish, slot, -1)
        if variant < 0 or not keeps_order(table, board, wish, slot):
            continue
        pool = table.pools[wish, variant]
        left = table.capacity[pool, slot] - board.load[pool, slot]
        if left > best:
            best, best_slot, best_variant = left, slot, variant
    if best_slot < 0:
        return False
    hold(table, board, wish, best_slot, best_variant)
    return True


@compiled
def hold_if_open(table: Table, board: Board, wish: int, slot: int) -> bool:
    """Hold a wish in a slot where everybody is free, if there is a place."""
    variant = variant_for(table, board, wish, slot, -1)
    if variant < 0 or not keeps_order(table, board, wish, slot):
        return False
    hold(table, board, wish, slot, variant)
    return True


@compiled
def relieve(table: Table, board: Board, wish: int, slot: int) -> bool:
    """Move one meeting out of a full slot, and hold the wish there."""
    people, slots = board.at.shape
    first = draw(board, people)
    tries = 0
    for step in range(people):
        other = board.at[(first + step) % people, slot]
        if other < 0:
            continue
        target = draw(board, slots)
        if target == slot or tries > 8:
            continue
        tries += 1
        mark = board.totals[LOGGED]
        if not try_flip(table, board, other, target):
            continue
        if first_busy(table, board, wish, slot) < 0 and hold_if_open(table, board, wish, slot):
            return True
        undo(table, board, mark)
    return False


@compiled
def clear(table: Table, board: Board, wish: int, slot: int) -> bool:
    """Swap away what keeps people of a wish busy in a slot, then hold it there.

    One person by any other slot of hers that is free; the next ones by one drawn slot each.
    """
    slots = table.allowed.shape[1]
    begin, offset = board.totals[LOGGED], draw(board, slots)
    busy = first_busy(table, board, wish, slot)
    for step in range(slots):
        other = (step + offset) % slots
        if other == slot or board.at[busy, other] >= 0:
            continue
        if not try_flip(table, board, board.at[busy, slot], other):
            continue
        if clear_rest(table, board, wish, slot) and hold_if_open(table, board, wish, slot):
            return True
        undo(table, board, begin)
    return False


@compiled
def clear_rest(table: Table, board: Board, wish: int, slot: int) -> bool:
    """Swap away the meetings of everybody else of a wish, each to one drawn free slot."""
    slots = table.allowed.shape[1]
    for _person in range(table.starts[wish + 1] - table.starts[wish]):
        busy = first_busy(table, board, wish, slot)
        if busy < 0:
            return True
        offset, is_moved = draw(board, slots), False
        for step in range(slots):
            other = (step + offset) % slots
            if other != slot and board.at[busy, other] < 0:
                is_moved = try_flip(table, board, board.at[busy, slot], other)
                if is_moved:
                    break
        if not is_moved:
            return False
    return first_busy(table, board, wish, slot) < 0


@compiled
def insert(table: Table, board: Board, wish: int) -> bool:
    """Hold a wish, making room by Kempe chains where needed; nothing changes if it cannot be."""
    if not has_limit_left(table, board, wish):
        return False
    if place_free(table, board, wish):
        return True
    slots = table.allowed.shape[1]
    offset = draw(board, slots)
    for step in range(slots):
        slot = (step + offset) % slots
        if table.allowed[wish, slot] == 0:
            continue
        if first_busy(table, board, wish, slot) >= 0:
            if clear(table, board, wish, slot):
                return True
        elif relieve(table, board, wish, slot):
            return True
    return False


@compiled
def insert_all(table: Table, board: Board, order: Ints) -> int:
    """Hold wishes in an order, each if it can be; return how many were."""
    done = 0
    for wish in order:
        board.totals[LOGGED] = 0
        if board.slots[wish] < 0 and insert(table, board, wish):
            done += 1
    board.totals[LOGGED] = 0
    return done


@compiled
def make_way(table: Table, board: Board, wish: int, slot: int) -> int:
    """Release what stands against a wish in a slot; return what that costs, or -1."""
    lost = 0
    for place in range(table.starts[wish], table.starts[wish + 1]):
        person = table.members[place]
        other = board.at[person, slot]
        if other < 0 and board.counts[person] >= table.limits[person]:
            other = lightest_of(table, board, person)
        if other >= 0:
            if board.locked[other]:
                return -1
            lost += table.weights[other]
            release(table, board, other)
    if variant_for(table, board, wish, slot, -1) < 0:
        other = lightest_at(table, board, slot)
        if other < 0:
            return -1
        lost += table.weights[other]
        release(table, board, other)
    return lost


@compiled
def lightest_of(table: Table, board: Board, person: int) -> int:
    """Return one of a person's lightest meetings that may be released."""
    found = -1
    for slot in range(board.at.shape[1]):
        wish = board.at[person, slot]
        if wish >= 0 and not board.locked[wish]:
            is_lighter = found < 0 or table.weights[wish] < table.weights[found]
            if is_lighter:
                found = wish
    return found


@compiled
def lightest_at(table: Table, board: Board, slot: int) -> int:
    """Return the lightest of a few drawn meetings of a slot."""
    found, people = -1, board.at.shape[0]
    for _draw in range(20):
        wish = board.at[draw(board, people), slot]
        if wish >= 0 and not board.locked[wish]:
            is_lighter = found < 0 or table.weights[wish] < table.weights[found]
            if is_lighter:
                found = wish
    return found


@compiled
def exchange(table: Table, board: Board, wish: int, slot: int, penalty: int, slack: float) -> bool:
    """Force a wish into a slot and place anew what gave way; kept unless it costs over `slack`."""
    mark = board.totals[LOGGED]
    before = board.totals[VALUE] - penalty * board.totals[BELOW]
    is_kept = (
        make_way(table, board, wish, slot) >= 0
        and has_limit_left(table, board, wish)
        and hold_if_open(table, board, wish, slot)
    )
    if is_kept:
        end = board.totals[LOGGED]
        for entry in range(mark, end):
            other = board.log[entry, 0]
            if other != wish and board.slots[other] < 0:
                insert(table, board, other)
        is_kept = board.totals[VALUE] - penalty * board.totals[BELOW] >= before - slack
    if not is_kept:
        undo(table, board, mark)
    return is_kept


@compiled
def improve(
    table: Table, board: Board, waiting: Ints, rounds: int, penalty: int, slack: float
) -> None:
    """Try `rounds` times to hold a drawn waiting wish, giving up others that weigh less.

    waiting: wishes that may be held; slack: what one exchange may cost at most, on average.
    """
    slots = table.allowed.shape[1]
    for _round in range(rounds):
        board.totals[LOGGED] = 0
        wish = waiting[draw(board, len(waiting))]
        if board.slots[wish] >= 0:
            continue
        if insert(table, board, wish):
            continue
        offset = draw(board, slots)
        for step in range(slots):
            slot = (step + offset) % slots
            if table.allowed[wish, slot]:
                board.totals[LOGGED] = 0
                if exchange(table, board, wish, slot, penalty, slack * draw(board, 100) / 100):
                    break
    board.totals[LOGGED] = 0


@compiled
def serve(table: Table, board: Board, order: Ints) -> None:
    """Give each wish of an order its first free slot, and move nobody."""
    for wish in order:
        if board.slots[wish] >= 0 or not has_limit_left(table, board, wish):
            continue
        for slot in range(table.allowed.shape[1]):
            if table.allowed[wish, slot] == 0 or first_busy(table, board, wish, slot) >= 0:
                continue
            if hold_if_open(table, board, wish, slot):
                break
    board.totals[LOGGED] = 0


@compiled
def insert_free(table: Table, board: Board, order: Ints) -> None:
    """Hold wishes of an order where all are free, and move nobody."""
    for wish in order:
        board.totals[LOGGED] = 0
        if board.slots[wish] < 0 and has_limit_left(table, board, wish):
            place_free(table, board, wish)
    board.totals[LOGGED] = 0


@compiled
def keep_live(table: Table, board: Board, slots: Ints, variants: Ints) -> None:
    """Hold wishes in their published slots as far as that is possible still."""
    for wish in range(len(slots)):
        slot = slots[wish]
        if slot < 0 or board.slots[wish] >= 0 or table.allowed[wish, slot] == 0:
            continue
        if not has_limit_left(table, board, wish) or first_busy(table, board, wish, slot) >= 0:
            continue
        variant = variant_for(table, board, wish, slot, variants[wish])
        if variant >= 0 and keeps_order(table, board, wish, slot):
            board.totals[LOGGED] = 0
            hold(table, board, wish, slot, variant)
    board.totals[LOGGED] = 0


@compiled
def return_home(table: Table, board: Board, wish: int, slot: int) -> bool:
    """Move a held wish to a slot if all are free there; others stay."""
    if first_busy(table, board, wish, slot) >= 0:
        return False
    return try_flip(table, board, wish, slot)
