"""Assign reviewers to applications, with proof.

`python -m bench.assignment AFFINITY.csv --demand 3 --max-load 4 [--min-load 2]
[--objective total|worst]` prints one JSON object. Rows are reviewers, columns applications, -1 or
an empty cell is a conflict of interest; names above and beside are recognised.
`python -m bench.assignment` alone compares published examples and invented calls with rivals,
prints a table and writes `bench/results/assignment.json`.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from bench.assignment_compared import compare
from bench.assignment_table import BadTableError, Table, read_table
from funding.assignment import Objective, Problem, Relaxation, Result, Status, relaxations, solve

SECONDS = 60.0
# How the process ends when it was asked for something that cannot be read, or cannot be done.
BAD, IMPOSSIBLE = 2, 1


def main(arguments: list[str] | None = None) -> int:
    """Assign by a file or compare with rivals; return how the process should end."""
    parser = argparse.ArgumentParser(prog="bench.assignment", description=__doc__)
    parser.add_argument("path", nargs="?", type=Path, help="a table of affinities")
    parser.add_argument("--demand", type=_count, help="reviewers for each application")
    parser.add_argument("--max-load", type=_count, help="most applications a reviewer")
    parser.add_argument(
        "--min-load", type=_count, default=0, help="fewest applications a reviewer"
    )
    parser.add_argument("--objective", choices=[str(one) for one in Objective], default="worst")
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--seed", type=int, default=1, help="of the invented calls")
    options = parser.parse_args(arguments)
    if options.path is None:
        return compare(options.seconds, options.seed)
    if options.demand is None or options.max_load is None:
        parser.error("a table needs --demand and --max-load")
    if options.min_load > options.max_load:
        parser.error("--min-load is above --max-load")
    return print_assigned(options)


def _count(text: str) -> int:
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError("must be at least 0")
    return number


def print_assigned(options: argparse.Namespace) -> int:
    """Print an assignment as JSON, or what is wrong with the table, or what to give up."""
    try:
        table = read_table(options.path)
    except BadTableError as error:
        print(json.dumps({"error": str(error), "line": error.line, "column": error.column}))
        print(f"{options.path}: {error}", file=sys.stderr)
        return BAD
    problem = problem_of(table, options.demand, options.min_load, options.max_load)
    result = solve(problem, objective=options.objective, seconds=options.seconds)
    print(json.dumps(answer_of(table, problem, result, options.objective)))
    return 0 if result.assigned.any() or result.status == Status.OPTIMAL else IMPOSSIBLE


def problem_of(table: Table, demand: int, least: int, most: int) -> Problem:
    """Return the problem that a table and three numbers make."""
    reviewers, applications = table.affinity.shape
    return Problem(
        affinity=table.affinity,
        forbidden=table.forbidden,
        demand=np.full(applications, demand),
        least=np.full(reviewers, least),
        most=np.full(reviewers, most),
    )


def answer_of(table: Table, problem: Problem, result: Result, objective: str) -> dict[str, Any]:
    """Return what is printed: the bound is the one of the aim that comes first."""
    answer: dict[str, Any] = {
        "status": result.status,
        "objective": objective,
        "total": round(result.total, 6),
        "worst": round(result.worst, 6),
        "bound": round(result.bound_worst if objective == "worst" else result.bound_total, 6),
        "bound_total": round(result.bound_total, 6),
        "bound_worst": round(result.bound_worst, 6),
        "is_optimal": result.is_optimal,
        "loads": result.loads.tolist(),
        "seconds": round(result.seconds, 3),
    }
    if result.status == Status.INFEASIBLE:
        return {**answer, "relaxations": [_named(one) for one in relaxations(problem)]}
    answer["assigned"] = [np.flatnonzero(column).tolist() for column in result.assigned.T]
    if table.reviewers:
        answer["reviewers"] = table.reviewers
    if table.applications:
        answer["applications"] = table.applications
    return answer


def _named(relaxation: Relaxation) -> dict[str, Any]:
    """Return a rule to give up, without what it is not about."""
    return {name: value for name, value in vars(relaxation).items() if value != -1}


if __name__ == "__main__":
    sys.exit(main())
