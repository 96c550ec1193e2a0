"""What an assignment is made of, as arrays: reviewers, applications, and what must hold.

Reviewers and applications are numbered from 0 in the order of the arrays. The solvers reckon in
whole millionths of affinity, so that a sum has no order and a proof no rounding.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
# A reviewer and an application, by their numbers.
Pair = tuple[int, int]

# In values that name a reviewer, an application or a group: none.
NONE = -1
# Steps of affinity that the solvers tell apart, in 1.
STEPS = 1_000_000
# What a step is to a solver: its tolerances, about a millionth, are then a tenth of a step.
UNITS = 1e-5


class Objective(StrEnum):
    """Which aim comes first; the other one comes second, even loads third."""

    WORST = "worst"
    TOTAL = "total"


class Status(StrEnum):
    """How a run ended."""

    OPTIMAL = "optimal"
    # An assignment that keeps every rule; whether a better one exists is open.
    FEASIBLE = "feasible"
    # Proved: no assignment keeps every rule.
    INFEASIBLE = "infeasible"
    # Time was up, or somebody stopped the run, before there was an assignment or a proof.
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Group:
    """A quota: at least `wanted` members of the group review each application."""

    name: str
    # (reviewers,), or (reviewers, applications) where membership depends on the application.
    members: Flags
    # One number an application.
    wanted: Ints


@dataclass(frozen=True)
class Problem:
    """Everything that decides an assignment.

    Raises nothing: `faults_of_problem` tells what is wrong with one, as values.
    """

    # (reviewers, applications), 0 to 1.
    affinity: Floats
    # (reviewers, applications): hard conflicts of interest. Nothing lifts them.
    forbidden: Flags
    # (applications,): reviewers that each must have.
    demand: Ints
    # (reviewers,): fewest and most applications that each may have.
    least: Ints
    most: Ints
    # Pairs that an officer fixed.
    pinned: tuple[Pair, ...] = ()
    groups: tuple[Group, ...] = ()
    # Of each two pairs at most one: A reviews B and B reviews A. Nothing lifts this either.
    mutual: tuple[tuple[Pair, Pair], ...] = ()
    # Highest probability of any pair that is not pinned: then assignments are drawn by lot.
    cap: float | None = None
    seed: int = 1


@dataclass(frozen=True)
class Progress:
    """What a run has so far; `worst` and `total` are 0 before there is an assignment."""

    stage: str
    seconds: float
    total: float
    worst: float
    bound_total: float
    bound_worst: float


@dataclass(frozen=True)
class Result:
    """An assignment, what it is worth, and how much better another one could be at most."""

    # (reviewers, applications); all False where there is none.
    assigned: Flags
    # Sums of affinity: of all pairs, and of the application that has the smallest sum.
    total: float
    worst: float
    # No assignment has a higher worst-off sum; with the objective "total", none that has the
    # highest total. No assignment has a higher total; with the objective "worst", none whose
    # worst-off sum is at least `worst`. With a cap: of what is expected of the draw.
    bound_total: float
    bound_worst: float
    # One number a reviewer.
    loads: Ints
    # Both aims are proved; even loads are not part of it.
    is_optimal: bool
    seconds: float
    status: Status
    # (reviewers, applications): the probability of each pair, where there is a cap.
    chances: Floats | None = None


def members_of(problem: Problem, group: Group) -> Flags:
    """Return who belongs to a group for which application, (reviewers, applications)."""
    members = group.members if group.members.ndim == 2 else group.members[:, None]
    return np.broadcast_to(members, problem.affinity.shape)


def steps_of(problem: Problem) -> Ints:
    """Return affinities in whole steps, (reviewers, applications)."""
    return np.rint(problem.affinity * STEPS).astype(np.int64)


def worth_of(steps: Ints) -> Floats:
    """Return steps as the solvers take them."""
    return np.asarray(steps * UNITS, dtype=np.float64)


def nothing_found(problem: Problem, status: Status, seconds: float) -> Result:
    """Return the result of a run without an assignment."""
    return Result(
        assigned=np.zeros_like(problem.forbidden),
        total=0.0,
        worst=0.0,
        bound_total=0.0,
        bound_worst=0.0,
        loads=np.zeros(len(problem.most), dtype=np.int64),
        is_optimal=False,
        seconds=seconds,
        status=status,
    )


def pinned_pairs(problem: Problem) -> Flags:
    """Return which pairs are pinned, (reviewers, applications)."""
    pinned = np.zeros(problem.affinity.shape, dtype=np.bool_)
    for reviewer, application in problem.pinned:
        pinned[reviewer, application] = True
    return pinned


def worst_of(sums: Ints, demand: Ints) -> int:
    """Return the smallest sum of an application that wants reviewers, 0 if none does."""
    asked = sums[demand > 0]
    return int(asked.min()) if len(asked) else 0
