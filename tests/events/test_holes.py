"""The fewest holes with a proof: against every schedule there is, and what a race leaves behind."""

import itertools
import os
import signal
import subprocess
import sys
import threading

import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events.scheduling.holes import cadical_process, likeness, race
from events.scheduling.holes.bounds import fewest_holes
from events.scheduling.holes.cadical_process import PROGRAM, CadicalProcess
from events.scheduling.holes.clauses import Clauses
from events.scheduling.holes.climbing import SolverGoneError
from events.scheduling.holes.domains import narrowed
from events.scheduling.holes.formula import Formula
from events.scheduling.holes.problem import HolesProblem, Status, holes_of
from events.scheduling.holes.solving import solve
from events.scheduling.own_slots import matched

SECONDS = 120


@st.composite
def problems(draw):
    people, slots = draw(st.integers(2, 4)), draw(st.integers(1, 4))
    pairs = list(itertools.combinations(range(people), 2))
    meetings = draw(st.lists(st.sampled_from(pairs), max_size=5))
    every = frozenset(range(slots))
    some = st.frozensets(st.integers(0, slots - 1), min_size=1)
    return HolesProblem(
        people=people,
        slots=slots,
        tables=draw(st.integers(1, 3)),
        meetings=tuple(meetings),
        allowed=tuple(draw(st.one_of(st.just(every), some)) for _ in meetings),
        before=tuple(
            tuple(draw(st.frozensets(st.integers(0, n - 1), max_size=1))) if n else ()
            for n, _ in enumerate(meetings)
        ),
    )


def holds(problem, schedule, fairness):
    """Say whether a schedule keeps every rule, written down anew."""
    busy = [
        (p, slot) for people, slot in zip(problem.meetings, schedule, strict=True) for p in people
    ]
    holes = holes_of(problem, schedule)
    return (
        len(busy) == len(set(busy))
        and all(slot in may for slot, may in zip(schedule, problem.allowed, strict=True))
        and all(schedule.count(slot) <= problem.tables for slot in schedule)
        and all(
            schedule[one] < schedule[later]
            for later, earlier in enumerate(problem.before)
            for one in earlier
        )
        and max(holes) - min(holes) <= fairness
    )


def fewest(problem, fairness):
    """Return the fewest holes among all schedules, nothing if there is none."""
    every = itertools.product(range(problem.slots), repeat=len(problem.meetings))
    return min(
        (sum(holes_of(problem, one)) for one in every if holds(problem, one, fairness)),
        default=None,
    )


def meeting_all(pairs, *, slots, tables=9, people=None, before=None, allowed=None):
    return HolesProblem(
        people=people or 1 + max(map(max, pairs)),
        slots=slots,
        tables=tables,
        meetings=tuple(pairs),
        allowed=tuple(
            frozenset(range(slots) if allowed is None else allowed[n]) for n, _ in enumerate(pairs)
        ),
        before=before or ((),) * len(pairs),
    )


def hard():
    """Return a problem that neither solver decides at once."""
    pairs = [(a, b) for a in range(14) for b in range(14, 28) if (a * b + a) % 3]
    return meeting_all(pairs, slots=18, tables=6)


@settings(max_examples=150, deadline=None)
@given(problem=problems(), fairness=st.integers(0, 2))
def test_equals_the_best_of_all_schedules(problem, fairness):
    best = fewest(problem, fairness)

    result = solve(problem, fairness=fairness, seconds=SECONDS)

    assert result.status == (Status.INFEASIBLE if best is None else Status.OPTIMAL)
    assert result.holes == best
    if best is not None:
        assert result.bound == best
        assert holds(problem, result.schedule, fairness)


NEVER = 10 * SECONDS


@pytest.mark.parametrize("alone", ("BY_CORES", "CP_SAT_AFTER", "CADICAL_AFTER"))
@settings(max_examples=15, deadline=None)
@given(problem=problems(), fairness=st.integers(0, 2))
def test_each_contender_alone_says_the_same(alone, problem, fairness):
    class Idle(race.ByCores):
        def search(self):
            pass

    best = fewest(problem, fairness)

    with pytest.MonkeyPatch.context() as patch:
        for after in ("CP_SAT_AFTER", "CADICAL_AFTER"):
            patch.setattr(race, after, 0 if after == alone else NEVER)
        if alone != "BY_CORES":
            patch.setattr(race, "ByCores", Idle)
        result = solve(problem, fairness=fairness, seconds=SECONDS)

    assert result.status == (Status.INFEASIBLE if best is None else Status.OPTIMAL)
    assert result.holes == best


@given(st.lists(st.integers(1, 63), min_size=1, max_size=5))
def test_forced_holes_are_the_fewest_of_one_person(masks):
    chosen = [
        slots
        for slots in itertools.product(range(6), repeat=len(masks))
        if len(set(slots)) == len(slots)
        and all(m >> s & 1 for m, s in zip(masks, slots, strict=True))
    ]
    if not chosen:
        assert matched(masks) is None
        return

    problem = meeting_all([(0, 1 + n) for n, _ in enumerate(masks)], slots=6)
    least = min(holes_of(problem, slots)[0] for slots in chosen)

    assert fewest_holes(masks, 6) == least


@settings(deadline=None)
@given(problem=problems())
def test_slots_that_are_cut_serve_no_schedule(problem):
    every = itertools.product(range(problem.slots), repeat=len(problem.meetings))
    fine = [one for one in every if holds(problem, one, fairness=99)]

    masks = narrowed(problem)

    if masks is None:
        assert not fine
    else:
        assert all(masks[n] >> slot & 1 for one in fine for n, slot in enumerate(one))


def test_fairness_costs_holes():
    # Person 0 is tied to both ends of the day and to its middle; the others can avoid holes.
    pairs = [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3)]
    ends = [{0}, {2}, {4}, {0, 1, 2, 3, 4}, {0, 1, 2, 3, 4}]
    problem = meeting_all(pairs, slots=5, allowed=ends, people=4)

    free, fair = (solve(problem, fairness=gap, seconds=SECONDS) for gap in (2, 1))

    assert free.status is Status.OPTIMAL
    assert max(holes_of(problem, free.schedule)) == 2
    assert fair.holes == fewest(problem, 1)
    assert fair.holes is None or fair.holes > free.holes


def test_a_precedence_circle_is_infeasible():
    problem = meeting_all([(0, 1), (2, 3)], slots=4, before=((1,), (0,)))

    assert solve(problem, fairness=2, seconds=SECONDS).status is Status.INFEASIBLE


def test_more_meetings_than_tables_and_slots_are_infeasible():
    problem = meeting_all([(0, 1), (2, 3), (4, 5)], slots=1, tables=2)

    assert solve(problem, fairness=2, seconds=SECONDS).status is Status.INFEASIBLE


def test_nothing_to_hold_has_no_holes():
    nothing = HolesProblem(people=0, slots=0, tables=0, meetings=(), allowed=(), before=())

    assert solve(nothing, fairness=0, seconds=SECONDS).holes == 0


def test_like_meetings_are_put_in_order_and_nothing_else_is():
    pairs = [(0, 1), (0, 2), (0, 3), (0, 4), (4, 5), (4, 5), (6, 7), (8, 9), (0, 10)]
    allowed = [range(6)] * 9
    allowed[2] = range(5)
    before = ((),) * 8 + ((4,),)
    problem = meeting_all(pairs, slots=6, allowed=allowed, before=before)

    found = likeness.ordered(problem).before

    # Guests 1 and 2 of host 0; not the two meetings of 4 and 5, as another waits for one of them.
    assert found == ((), (0,), (), (), (), (), (), (), (4,))


@pytest.mark.parametrize("guests", (2, 3))
def test_guests_of_one_host_in_any_order_are_the_same(guests):
    pairs = [*((0, 1 + n) for n in range(guests)), (0, 4), (0, 4), (4, 5)]
    problem = meeting_all(pairs, slots=guests + 3, tables=1)

    result = solve(problem, fairness=2, seconds=SECONDS)

    assert len([one for one in likeness.ordered(problem).before if one]) == guests
    assert result.holes == fewest(problem, 2)
    assert holds(problem, result.schedule, 2)


def test_meetings_of_three_count_for_each():
    problem = meeting_all([(0, 1, 2), (0, 3), (1, 3)], slots=4)

    result = solve(problem, fairness=2, seconds=SECONDS)

    assert result.holes == fewest(problem, 2)
    assert holds(problem, result.schedule, 2)


def at_once(monkeypatch):
    monkeypatch.setattr(race, "CP_SAT_AFTER", 0)
    monkeypatch.setattr(race, "CADICAL_AFTER", 0)


def test_stopped_at_once_it_says_what_it_knows_and_leaves_nothing_behind(monkeypatch):
    at_once(monkeypatch)

    result = solve(hard(), fairness=2, seconds=SECONDS, should_stop=lambda: True)

    assert result.status in (Status.UNKNOWN, Status.FEASIBLE)
    assert own_solvers() == []


def test_out_of_time_it_leaves_nothing_behind(monkeypatch):
    at_once(monkeypatch)
    threads = set(threading.enumerate())

    result = solve(hard(), fairness=0, seconds=0.5)

    assert result.bound <= (result.holes if result.holes is not None else result.bound)
    assert own_solvers() == []
    assert set(threading.enumerate()) <= threads


def own_solvers():
    children = psutil.Process().children(recursive=True)
    return [child for child in children if str(PROGRAM) in child.cmdline()]


def test_a_solver_that_is_killed_from_outside_costs_no_answer(monkeypatch):
    killed = threading.Event()

    class Victim(race.CadicalProcess):
        """The real one, killed before it can answer its first question."""

        def ask(self, most):
            os.kill(self.process.pid, signal.SIGKILL)
            killed.set()
            return super().ask(most)

    class Patient(race.ByCores):
        """The real one, which lets the other be killed first."""

        def search(self):
            killed.wait(SECONDS)
            super().search()

    monkeypatch.setattr(race, "CP_SAT_AFTER", NEVER)
    monkeypatch.setattr(race, "CADICAL_AFTER", 0)
    monkeypatch.setattr(race, "CadicalProcess", Victim)
    monkeypatch.setattr(race, "ByCores", Patient)
    problem = meeting_all([(a, b) for a in range(8) for b in range(8, 16)], slots=9)
    result = solve(problem, fairness=2, seconds=SECONDS)

    assert killed.is_set()
    assert result.status is Status.OPTIMAL
    assert own_solvers() == []


def clauses_of(listed):
    formula = Formula(variables=1)
    for clause in listed:
        formula.need(*clause)
    return Clauses(formula)


def test_a_process_answers_yes_no_and_that_it_is_gone():
    with CadicalProcess(clauses_of([[1]]).packed()) as process:
        assert process.ask(None) == {1}
        assert process.ask_assuming([-1]) is None
        process.kill()
        with pytest.raises(SolverGoneError):
            process.ask(None)
    assert own_solvers() == []


@pytest.mark.parametrize("said", ("yes 1 2", "yes", "no", "ye", "", "maybe\n", "\n"))
def test_half_an_answer_or_another_word_is_none(said, tmp_path, monkeypatch):
    program = tmp_path / "dying.py"
    program.write_text(f"import sys; sys.stdin.readline(); sys.stdout.write({said!r})")
    monkeypatch.setattr(cadical_process, "PROGRAM", program)

    with CadicalProcess(b"") as process, pytest.raises(SolverGoneError):
        process.ask(None)


ORPHAN = """
import os, sys, time
from events.scheduling.holes.cadical_process import CadicalProcess
process = CadicalProcess(b"")
process.ask(None)
print(process.process.pid, flush=True)
time.sleep(600)
"""


@pytest.mark.parametrize("ending", (signal.SIGKILL, signal.SIGTERM))
def test_a_solver_does_not_outlive_whoever_asked(ending):
    command = (sys.executable, "-c", ORPHAN)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as asker:
        solver = psutil.Process(int(asker.stdout.readline()))
        os.kill(asker.pid, ending)
        asker.wait()
        gone, alive = psutil.wait_procs([solver], timeout=SECONDS)

    assert alive == []
    assert gone == [solver]


@given(
    literals=st.lists(st.integers(1, 6), unique=True, max_size=6),
    fewest_true=st.integers(0, 7),
    most_true=st.integers(0, 7),
)
@settings(max_examples=15, deadline=None)
def test_counts_in_clauses_say_what_counts_say(literals, fewest_true, most_true):
    formula = Formula(variables=6)
    formula.count(literals, fewest_true, most_true)
    packed = Clauses(formula).packed()

    with CadicalProcess(packed) as process:
        for values in itertools.product((1, -1), repeat=len(literals)):
            assumed = [sign * literal for sign, literal in zip(values, literals, strict=True)]
            expected = fewest_true <= values.count(1) <= most_true
            assert (process.ask_assuming(assumed) is not None) == expected
