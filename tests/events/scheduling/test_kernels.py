"""Kempe chains: what hangs together changes sides together, and rings end."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from events.scheduling.boards import board_of, copy_of, table_of
from events.scheduling.insertion import improve, insert, insert_all
from events.scheduling.kernels import FIXED, hold, try_flip, undo
from events.scheduling.measuring import measure
from events.scheduling.options import needs_of, options_of
from events.scheduling.places import places_of
from events.scheduling.polishing import anneal
from events.scheduling.problem import NONE, ON_SITE, Schedule, Wish
from events.scheduling.smoothing import session_bounds
from tests.events.scheduling.problems import broken_rules, problem_of, problems

RELAXED = settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
NAMES = ("at", "slots", "load", "counts", "totals")


def board_for(problem):
    options = options_of(problem)
    table = table_of(problem, options, needs_of(problem, options))
    return options, table, board_of(table, problem.seed)


def ring():
    """Return four people who meet round a table in two slots: a cycle of two colours."""
    problem = problem_of([Wish((0, 1)), Wish((1, 2)), Wish((2, 3)), Wish((3, 0))], slots=2)
    _options, table, board = board_for(problem)
    for wish in range(4):
        hold(table, board, wish, wish % 2, 0)
    return table, board


def test_ring_of_two_colours_is_swapped_once_and_does_not_loop():
    table, board = ring()

    assert try_flip(table, board, 0, 1)
    assert board.slots.tolist() == [1, 0, 1, 0]
    assert board.load[0].tolist() == [2, 2]


def test_chain_with_a_fixed_meeting_stays():
    table, board = ring()
    board.locked[2] = FIXED

    assert not try_flip(table, board, 0, 1)
    assert board.slots.tolist() == [0, 1, 0, 1]


def test_chain_stays_where_places_would_be_overfull():
    problem = problem_of([Wish((0, 1)), Wish((2, 3))], slots=2, place_open=[[1, 1], [1, 0]])
    _options, table, board = board_for(problem)
    hold(table, board, 0, 0, 0)
    hold(table, board, 1, 1, 0)

    assert not try_flip(table, board, 0, 1)
    assert board.slots.tolist() == [0, 1]


def test_wish_is_inserted_by_a_chain_where_no_slot_is_free():
    modes = [[1, 1], [1, 1], [1, 0]]
    _options, table, board = board_for(
        problem_of([Wish((0, 1)), Wish((0, 2))], modes=modes, slots=2)
    )
    hold(table, board, 0, 0, 0)

    assert insert(table, board, 1)
    assert board.slots.tolist() == [1, 0]


@RELAXED
@given(problems(with_pins=False), st.integers(1, 1000))
def test_everything_done_can_be_taken_back(problem, seed):
    if not problem.wishes:
        return
    _options, table, board = board_for(problem)
    everything = np.arange(len(problem.wishes))
    insert_all(table, board, everything)
    before = copy_of(board)
    board.random[0] = seed
    for wish in everything.tolist():
        if board.slots[wish] == NONE:
            insert(table, board, wish)
        else:
            try_flip(table, board, wish, int(seed % problem.modes.shape[1]))

    undo(table, board, 0)

    for name in NAMES:
        assert getattr(board, name).tolist() == getattr(before, name).tolist()


@RELAXED
@given(problems(most_people=8, most_slots=6, most_wishes=16, with_pins=False))
def test_board_keeps_the_rules_and_its_books_through_exchanges(problem):
    if not problem.wishes:
        return
    options, table, board = board_for(problem)
    everything = np.arange(len(problem.wishes))
    insert_all(table, board, everything)
    improve(table, board, everything, 50, 90, 3.0)

    places = places_of(problem, options, board.slots, board.variants)
    schedule = Schedule(board.slots, places)
    measures = measure(problem, schedule)
    assert broken_rules(problem, schedule) == []
    assert (board.totals[0], board.totals[1]) == (measures.value, measures.below_floor)


@RELAXED
@given(problems(most_people=8, most_slots=6, most_wishes=16, with_pins=False))
def test_annealing_counts_what_it_changes(problem):
    if not problem.wishes:
        return
    _options, table, board = board_for(problem)
    insert_all(table, board, np.arange(len(problem.wishes)))
    held = np.flatnonzero(board.slots != NONE)
    if not len(held):
        return
    start = worth(problem, board.slots)
    state = np.array([*start, *start], dtype=np.int64)
    best = np.vstack((board.slots, board.variants))

    anneal(
        table, board, held, session_bounds(problem.sessions), problem.discomfort,
        state, best, np.array([1.0, 0.999, 0.1]), 400,
    )  # fmt: skip

    assert worth(problem, board.slots) == tuple(state[:2])
    assert worth(problem, best[0]) == tuple(state[2:]) <= start


def worth(problem, slots):
    measures = measure(problem, Schedule(slots, np.full_like(slots, NONE)))
    return measures.breaks, measures.discomfort


@pytest.mark.parametrize(
    ("sessions", "bounds"),
    (
        ([0, 0, 1], [[0, 2], [0, 2], [2, 3]]),
        ([7, 3, 3], [[0, 1], [1, 3], [1, 3]]),
        ([5], [[0, 1]]),
    ),
)
def test_sessions_are_told_by_where_they_change(sessions, bounds):
    assert session_bounds(np.array(sessions)).tolist() == bounds


def test_kernels_know_modes():
    _options, table, board = board_for(
        problem_of([Wish((0, 1), modes=2)], modes=[[ON_SITE] * 3] * 2)
    )

    assert not insert(table, board, 0)
