"""What large problems go through, on small ones: CP-SAT on the relaxation's set, parts solved anew."""

import itertools
import threading
from concurrent.futures import ThreadPoolExecutor
from time import monotonic

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings

from events.scheduling import placing, repairing
from events.scheduling.annealing import Annealer
from events.scheduling.insertion import insert_all
from events.scheduling.mending import Mender
from events.scheduling.placing import begin, relax
from events.scheduling.problem import NONE, Wish
from events.scheduling.repairing import encode, end, repair, solver_of
from events.scheduling.runs import Run
from events.scheduling.solving import solve
from tests.events.scheduling.problems import broken_rules, problem_of, problems

FEW = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
SECONDS = 120


def begun(problem, workers):
    """Return a run that holds nothing but its pins, and the shares of its relaxation."""
    run = Run(problem, SECONDS, workers)
    begin(run, run.board)
    return run, relax(run)


@pytest.mark.parametrize("workers", (1, 2))
@FEW
@given(problem=problems(most_people=6, most_slots=4, most_wishes=10))
def test_repaired_schedule_keeps_rules_and_pins(problem, workers):
    run, shares = begun(problem, workers)
    before = run.score(run.board)

    repair(run, shares)

    schedule = run.schedule()
    assert broken_rules(problem, schedule) == []
    assert schedule.held[run.pins.held].all()
    assert run.score(run.board) >= before


@FEW
@given(problems(most_people=6, most_slots=4, most_wishes=10))
def test_repair_of_everything_is_as_good_as_the_best(problem):
    run, shares = begun(problem, 1)
    # Among pins that exclude each other it is not repairing that chooses.
    assume(run.pins.are_best)
    best = solve(problem, seconds=SECONDS)

    # As if the relaxation held every wish by half: all of them are free.
    repair(run, np.full_like(shares, 0.5))

    assert run.score(run.board) == (-best.measures.below_floor, best.measures.value)


def test_set_that_cannot_be_held_whole_is_softened():
    wishes = [Wish((0, 1), weight=3), Wish((1, 2), weight=4), Wish((0, 2), weight=5)]
    run, shares = begun(problem_of(wishes, slots=1), 1)

    repair(run, np.ones_like(shares))

    assert run.board.slots.tolist() == [NONE, NONE, 0]


@FEW
@given(problems(most_people=6, most_slots=4, most_wishes=10))
def test_parts_mend_and_never_make_worse(problem):
    run, shares = begun(problem, 1)
    assume(run.pins.are_best)
    solved = solve(problem, seconds=SECONDS).measures
    best = (-solved.below_floor, solved.value)
    mender, scores = Mender(run, np.ones_like(shares)), [run.score(run.board)]

    while scores[-1] < best and mender.mend():
        scores.append(run.score(run.board))

    assert scores == sorted(scores)
    assert scores[-1] <= best
    assert broken_rules(problem, run.schedule()) == []
    assert run.schedule().held[run.pins.held].all()


@FEW
@given(problems(most_people=6, most_slots=4, most_wishes=10))
def test_annealing_keeps_the_best_and_every_rule(problem):
    run, shares = begun(problem, 1)
    annealer, scores = Annealer(run, np.ones_like(shares), 0.2), [run.score(run.board)]

    while annealer.mend():
        scores.append(run.score(run.board))
        walked = run.schedule(annealer.board)
        assert broken_rules(problem, walked) == []
        assert walked.held[run.pins.held].all()

    assert scores == sorted(scores)
    assert broken_rules(problem, run.schedule()) == []


def test_annealing_gives_up_one_for_two_that_weigh_more():
    wishes = [Wish((0, 1), weight=9), Wish((1, 2), weight=10), Wish((2, 3), weight=9)]
    run, shares = begun(problem_of(wishes, slots=1), 1)
    insert_all(run.table, run.board, np.array([1]))
    annealer = Annealer(run, np.ones_like(shares), SECONDS)

    while run.score(run.board) < (0, 18):
        assert annealer.mend()

    assert run.board.slots.tolist() == [0, NONE, 0]


@FEW
@given(problem=problems(most_people=6, most_slots=4, most_wishes=10))
def test_the_way_of_large_problems_is_as_good_as_the_best(problem):
    best = solve(problem, seconds=SECONDS)
    with pytest.MonkeyPatch.context() as patch:
        for module in (placing, repairing):
            patch.setattr(module, "MANY_OPTIONS", 0)
        patch.setattr(placing, "SMALL", 0)
        found = solve(problem, seconds=2)

    assert broken_rules(problem, found.schedule) == []
    assert found.measures.value <= best.measures.value or best.measures.below_floor
    assert found.bound >= best.measures.value or found.measures.below_floor


def test_part_as_large_as_the_problem_mends_it_whole():
    # A chain of people in one slot: 3 and 3 are more than 5, and one is in the way of both.
    wishes = [Wish((0, 1), weight=3), Wish((1, 2), weight=5), Wish((2, 3), weight=3)]
    run, shares = begun(problem_of(wishes, slots=1), 1)
    insert_all(run.table, run.board, np.array([1]))
    assert run.score(run.board) == (0, 5)

    assert Mender(run, np.ones_like(shares)).mend()

    assert run.score(run.board) == (0, 6)
    assert run.board.slots.tolist() == [0, NONE, 0]


def busy_problem():
    """Return a problem that CP-SAT does not decide within seconds."""
    pairs = [pair for pair in itertools.combinations(range(60), 2) if sum(pair) % 3]
    wishes = [Wish(pair, weight=1 + sum(pair) % 7) for pair in pairs]
    return problem_of(wishes, slots=11, places=23)


def test_search_that_begins_after_it_was_told_to_end_ends():
    run, _shares = begun(busy_problem(), 1)
    everything = np.ones(len(run.problem.wishes), dtype=np.bool_)
    encoded, solver = encode(run, everything, run.pins.held), solver_of(1, SECONDS)
    is_told = threading.Event()

    def begin_late():
        is_told.wait(SECONDS)
        return solver.solve(encoded.model)

    started = monotonic()
    with ThreadPoolExecutor(1) as threads:
        future = threads.submit(begin_late)
        threading.Timer(0.3, is_told.set).start()
        end([solver], [future])

    assert future.done()
    assert monotonic() - started < SECONDS / 3


@pytest.mark.parametrize("workers", (1, 3))
def test_stop_before_solvers_have_begun_ends_them_soon(workers):
    run, shares = begun(busy_problem(), workers)
    run.should_stop = lambda: True
    started = monotonic()

    repair(run, np.full_like(shares, 0.5))

    assert run.was_stopped
    assert monotonic() - started < SECONDS / 3


def test_error_while_others_solve_leaves_no_solver_running():
    run, shares = begun(busy_problem(), 2)

    def report(progress):
        raise ConnectionError("the page is gone")

    run.report = report
    started = monotonic()

    with pytest.raises(ConnectionError):
        repair(run, np.full_like(shares, 0.5))

    assert monotonic() - started < SECONDS / 3
    assert [one.name for one in threading.enumerate() if "ThreadPool" in one.name] == []


def test_one_part_brings_the_missing_wish():
    wishes = [Wish((0, 1), weight=2), Wish((0, 2), weight=9)]
    run, shares = begun(problem_of(wishes, slots=1), 1)

    assert Mender(run, np.ones_like(shares)).mend()
    assert run.board.slots.tolist() == [NONE, 0]
