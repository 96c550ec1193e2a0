"""What to give up where no assignment keeps every rule: the cheapest way out, as values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_matrix, hstack

from funding.assignment.model import Columns, Rows, pin_rows, rows_of, stacked
from funding.assignment.problem import NONE, Problem


class RelaxationCode(StrEnum):
    """A rule that somebody may give up. Conflicts and mutual pairs are not among them."""

    LEAST = "least"
    MOST = "most"
    GROUP = "group"
    PIN = "pin"
    DEMAND = "demand"


# What one unit of each costs: a smaller least load harms nobody, one reviewer fewer the applicant.
PENALTIES = {
    RelaxationCode.LEAST: 1.0,
    RelaxationCode.MOST: 2.0,
    RelaxationCode.GROUP: 4.0,
    RelaxationCode.PIN: 6.0,
    RelaxationCode.DEMAND: 10.0,
}


@dataclass(frozen=True)
class Relaxation:
    """One rule to give up, by how much, and whose it is."""

    code: RelaxationCode
    # Units: applications of a load, reviewers of a quota or a demand; 1 for a pin.
    by: int
    reviewer: int = NONE
    application: int = NONE
    # Of the group in the problem.
    number: int = NONE


@dataclass(frozen=True)
class _Slack:
    """How far one row may miss its limit: upwards or downwards, by how much at most."""

    relaxation: Relaxation
    row: int
    sign: int
    most: int


def relaxations(problem: Problem, *, seconds: float = 60.0) -> tuple[Relaxation, ...]:
    """Return the cheapest set of rules to give up, empty where an assignment keeps all.

    Costs are PENALTIES a unit. Raises TimeoutError where no cheapest way is found in time.
    """
    columns = Columns.of(~problem.forbidden)
    rows = stacked([*rows_of(problem, columns), pin_rows(problem, columns)])
    slacks = list(_slacks(problem))
    if not slacks:
        return ()
    pairs = len(columns.reviewers)
    found = milp(
        np.array([0.0] * pairs + [PENALTIES[slack.relaxation.code] for slack in slacks]),
        integrality=np.ones(pairs + len(slacks)),
        bounds=Bounds(0, np.array([1] * pairs + [slack.most for slack in slacks])),
        constraints=LinearConstraint(_with(rows, slacks), rows.low, rows.high),
        options={"time_limit": seconds, "mip_rel_gap": 0.0},
    )
    if found.status != 0:
        raise TimeoutError("no cheapest way out was found in time")
    amounts = np.rint(found.x[pairs:]).astype(int).tolist()
    return tuple(
        replace(slack.relaxation, by=amount)
        for slack, amount in zip(slacks, amounts, strict=True)
        if amount
    )


def _with(rows: Rows, slacks: list[_Slack]) -> csr_matrix:
    """Return the rows' matrix with a column for each slack."""
    places = ([slack.row for slack in slacks], list(range(len(slacks))))
    shape = (len(rows.low), len(slacks))
    signs = csr_matrix(([float(slack.sign) for slack in slacks], places), shape)
    return hstack((rows.matrix, signs), format="csr")


def _slacks(problem: Problem) -> Iterator[_Slack]:
    """Yield what may be given up, in the order of the rows."""
    applications, reviewers = len(problem.demand), len(problem.most)
    for number, count in enumerate(problem.demand.tolist()):
        yield _Slack(Relaxation(RelaxationCode.DEMAND, 0, application=number), number, 1, count)
    for number, count in enumerate(problem.least.tolist()):
        row = applications + number
        yield _Slack(Relaxation(RelaxationCode.LEAST, 0, number), row, 1, count)
        yield _Slack(Relaxation(RelaxationCode.MOST, 0, number), row, -1, applications)
    row = applications + reviewers
    for number, group in enumerate(problem.groups):
        for application, count in enumerate(group.wanted.tolist()):
            found = Relaxation(RelaxationCode.GROUP, 0, NONE, application, number)
            yield _Slack(found, row + application, 1, count)
        row += applications
    for number, pair in enumerate(sorted(set(problem.pinned))):
        found = Relaxation(RelaxationCode.PIN, 0, *pair)
        yield _Slack(found, row + len(problem.mutual) + number, 1, 1)


def relaxed(problem: Problem, given_up: tuple[Relaxation, ...]) -> Problem:
    """Return a problem without what is given up."""
    demand, least, most = problem.demand.copy(), problem.least.copy(), problem.most.copy()
    wanted = [group.wanted.copy() for group in problem.groups]
    for one in given_up:
        match one.code:
            case RelaxationCode.DEMAND:
                demand[one.application] -= one.by
            case RelaxationCode.LEAST:
                least[one.reviewer] -= one.by
            case RelaxationCode.MOST:
                most[one.reviewer] += one.by
            case RelaxationCode.GROUP:
                wanted[one.number][one.application] -= one.by
    lost = {(one.reviewer, one.application) for one in given_up if one.code == RelaxationCode.PIN}
    return replace(
        problem,
        demand=demand,
        least=least,
        most=most,
        groups=tuple(
            replace(group, wanted=own) for group, own in zip(problem.groups, wanted, strict=True)
        ),
        pinned=tuple(pair for pair in problem.pinned if pair not in lost),
    )
