"""Solve a problem of meetings: the best schedule that there is time for, and its bound.

Small problems are solved to the end at once. Large ones go by the linear relaxation: wishes that it
holds are placed one after the other with Kempe chains, exchanged while that gains, and repaired
by CP-SAT; then the same meetings are moved until breaks are few and hours good, and get places.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version

import numpy as np

from events.scheduling.bounds import least_below_floor
from events.scheduling.measuring import measure
from events.scheduling.placing import fill
from events.scheduling.problem import Problem, Progress, Result
from events.scheduling.runs import Run, checked
from events.scheduling.smoothing import smooth

PACKAGES = ("numpy", "scipy", "ortools", "numba")


def solve(
    problem: Problem,
    *,
    seconds: float,
    workers: int = 2,
    report: Callable[[Progress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Result:
    """Return the best schedule found in so many seconds, at least a valid one.

    workers: threads. report: called with what the run has so far, from this thread.
    should_stop: asked several times a second; the best so far is returned soon after. The same
    problem, seed and workers give the same schedule unless the clock decides when a stage ends, or
    which of several solvers answers first. Raises ArithmeticError if a proof turns out to be none.
    """
    run = Run(problem, seconds, workers, report, should_stop)
    fill(run)
    smooth(run)
    return finish(run)


def finish(run: Run) -> Result:
    """Return the result of a run: places, measures and proof."""
    schedule = run.schedule()
    measures = measure(run.problem, schedule, run.needs)
    bound = checked(run.bound(measures.below_floor), measures.value)
    is_best = measures.value == bound and run.pins.are_proved
    if is_best and measures.below_floor and not run.is_proved_exactly:
        is_best = least_below_floor(run.proof_model) == measures.below_floor
    return Result(
        schedule=schedule,
        measures=measures,
        bound=bound,
        is_optimal=is_best,
        was_stopped=run.was_stopped,
        seconds=run.elapsed,
        infeasible_pins=tuple(np.flatnonzero(run.pins.impossible).tolist()),
        stages=tuple(run.stages),
        solver_versions={name: version(name) for name in PACKAGES},
    )
