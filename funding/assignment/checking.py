"""Whether an assignment keeps every rule, in plain loops that no solver shares."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from funding.assignment.problem import NONE, Flags, Group, Pair, Problem


class FaultCode(StrEnum):
    """A rule that an assignment or a problem breaks."""

    CONFLICT = "conflict"
    DEMAND = "demand"
    LEAST = "least"
    MOST = "most"
    GROUP = "group"
    PIN = "pin"
    MUTUAL = "mutual"
    SHAPE = "shape"
    AFFINITY = "affinity"
    NEGATIVE = "negative"
    LIMITS = "limits"
    UNKNOWN_PAIR = "unknown_pair"
    CAP = "cap"


@dataclass(frozen=True)
class Fault:
    """One broken rule, with the numbers that it is about."""

    code: FaultCode
    reviewer: int = NONE
    application: int = NONE
    # Of the group or the mutual pair in the problem.
    number: int = NONE


def faults(problem: Problem, assigned: Flags) -> tuple[Fault, ...]:
    """Return every rule that an assignment breaks; (reviewers, applications)."""
    if assigned.shape != problem.affinity.shape:
        return (Fault(FaultCode.SHAPE),)
    table = assigned.tolist()
    return (
        *faults_of_pairs(problem, table),
        *faults_of_applications(problem, table),
        *faults_of_loads(problem, table),
        *faults_of_groups(problem, table),
    )


def faults_of_pairs(problem: Problem, table: list[list[bool]]) -> Iterator[Fault]:
    """Yield conflicts, pins that are not held, and mutual pairs that both are."""
    for reviewer, row in enumerate(table):
        for application, is_assigned in enumerate(row):
            if is_assigned and problem.forbidden[reviewer][application]:
                yield Fault(FaultCode.CONFLICT, reviewer, application)
    for reviewer, application in problem.pinned:
        if not table[reviewer][application]:
            yield Fault(FaultCode.PIN, reviewer, application)
    for number, (one, other) in enumerate(problem.mutual):
        if table[one[0]][one[1]] and table[other[0]][other[1]]:
            yield Fault(FaultCode.MUTUAL, number=number)


def faults_of_applications(problem: Problem, table: list[list[bool]]) -> Iterator[Fault]:
    """Yield applications with more or fewer reviewers than they need."""
    for application in range(len(problem.demand)):
        count = sum(row[application] for row in table)
        if count != problem.demand[application]:
            yield Fault(FaultCode.DEMAND, application=application)


def faults_of_loads(problem: Problem, table: list[list[bool]]) -> Iterator[Fault]:
    """Yield reviewers with too little or too much."""
    for reviewer, row in enumerate(table):
        if sum(row) < problem.least[reviewer]:
            yield Fault(FaultCode.LEAST, reviewer)
        if sum(row) > problem.most[reviewer]:
            yield Fault(FaultCode.MOST, reviewer)


def faults_of_groups(problem: Problem, table: list[list[bool]]) -> Iterator[Fault]:
    """Yield applications with too few reviewers of a group."""
    for number, group in enumerate(problem.groups):
        for application in range(len(problem.demand)):
            count = sum(
                row[application] and is_member(group, reviewer, application)
                for reviewer, row in enumerate(table)
            )
            if count < group.wanted[application]:
                yield Fault(FaultCode.GROUP, application=application, number=number)


def is_member(group: Group, reviewer: int, application: int) -> bool:
    """Return whether a reviewer belongs to a group, for an application."""
    found = group.members[reviewer]
    return bool(found[application] if group.members.ndim == 2 else found)


def faults_of_problem(problem: Problem) -> tuple[Fault, ...]:
    """Return what makes a problem unreadable; that nothing can satisfy it is for the solver."""
    found = tuple(faults_of_shapes(problem))
    return found or (*faults_of_numbers(problem), *faults_of_names(problem))


def faults_of_shapes(problem: Problem) -> Iterator[Fault]:
    """Yield arrays whose shapes do not agree."""
    shape = problem.affinity.shape
    if len(shape) != 2 or problem.forbidden.shape != shape:
        yield Fault(FaultCode.SHAPE)
        return
    reviewers, applications = shape
    loads = (problem.least.shape, problem.most.shape)
    if loads != ((reviewers,),) * 2 or problem.demand.shape != (applications,):
        yield Fault(FaultCode.SHAPE)
    for number, group in enumerate(problem.groups):
        fits = group.members.shape in ((reviewers,), shape)
        if not fits or group.wanted.shape != (applications,):
            yield Fault(FaultCode.SHAPE, number=number)


def faults_of_numbers(problem: Problem) -> Iterator[Fault]:
    """Yield affinities outside 0 to 1, negative counts, limits that contradict each other."""
    for reviewer, row in enumerate(problem.affinity.tolist()):
        for application, value in enumerate(row):
            # Not a number is neither below nor above.
            if not 0 <= value <= 1:
                yield Fault(FaultCode.AFFINITY, reviewer, application)
        if problem.least[reviewer] < 0 or problem.most[reviewer] < 0:
            yield Fault(FaultCode.NEGATIVE, reviewer)
        if problem.least[reviewer] > problem.most[reviewer]:
            yield Fault(FaultCode.LIMITS, reviewer)
    for application in np.flatnonzero(problem.demand < 0).tolist():
        yield Fault(FaultCode.NEGATIVE, application=application)
    if problem.cap is not None and not 0 < problem.cap <= 1:
        yield Fault(FaultCode.CAP)


def faults_of_names(problem: Problem) -> Iterator[Fault]:
    """Yield pairs of reviewers or applications that do not exist."""
    named = [*problem.pinned, *(pair for both in problem.mutual for pair in both)]
    for pair in named:
        if not is_known(problem, pair):
            yield Fault(FaultCode.UNKNOWN_PAIR, *pair)


def is_known(problem: Problem, pair: Pair) -> bool:
    """Return whether a pair names a reviewer and an application of the problem."""
    return all(
        0 <= number < size for number, size in zip(pair, problem.affinity.shape, strict=True)
    )
