"""Published examples and invented calls: the portal's solver against rivals, in one run."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import numpy as np

from bench.assignment_made import made
from bench.assignment_rivals import RIVALS
from funding.assignment import FaultCode, Flags, Objective, Problem, faults, solve

RESULTS = Path(__file__).resolve().parent / "results" / "assignment.json"
# How the process ends when an assignment breaks a rule or a rival is better.
BROKEN = 1
# The examples in the code of PeerReview4All: fairness 0.24, (2/3 in plain sums), 0.01.
EXAMPLES = {
    "fairness 0.24": ([[1, 1, 1], [0, 0, 0.24], [0.25, 0.25, 0.5]], 1),
    "two reviewers each": (
        [[1, 1, 1, 1, 0, 0], *[[0, 0, 0, 0, 1 / 3, 1 / 3]] * 3, *[[1 / 2] * 6] * 2],
        2,
    ),
    "fairness 0.01": ([[0, 0.04, 0.10], [0.01, 0.05, 0], [0, 0.10, 1]], 1),
}
CALLS = ((118, 177), (400, 1000))
# Rules that rivals know nothing of; of a least load only some of them do.
BEYOND = (FaultCode.GROUP, FaultCode.MUTUAL, FaultCode.LEAST)


def compare(seconds: float, seed: int) -> int:
    """Measure every case, print a table, write it down; nonzero if a rule is broken."""
    print(f"load at the start: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores", flush=True)
    cases = []
    for name, problem in problems(seed):
        cases.append({"case": name, "rows": rows_of(problem, seconds)})
        print(lines_of(cases[-1]), flush=True)
    machine = f"{platform.machine()}, {os.cpu_count()} CPUs, Python {platform.python_version()}"
    RESULTS.parent.mkdir(exist_ok=True)
    report = {"machine": machine, "load": os.getloadavg(), "seed": seed, "cases": cases}
    RESULTS.write_text(json.dumps(report, indent=1) + "\n")
    return BROKEN if any(is_broken(case) for case in cases) else 0


def problems(seed: int) -> Iterator[tuple[str, Problem]]:
    """Yield the cases: three published ones, and calls without and with quotas and mutual pairs."""
    for name, (rows, load) in EXAMPLES.items():
        affinity = np.array(rows, dtype=np.float64)
        size = len(affinity)
        yield (
            name,
            Problem(
                affinity=affinity,
                forbidden=np.zeros(affinity.shape, dtype=np.bool_),
                demand=np.full(affinity.shape[1], load),
                least=np.zeros(size, dtype=np.int64),
                most=np.full(size, load),
            ),
        )
    for reviewers, applications in CALLS:
        yield (
            f"{applications} applications, {reviewers} reviewers",
            made(reviewers, applications, seed),
        )


def rows_of(problem: Problem, seconds: float) -> list[dict[str, Any]]:
    """Return what rivals and solver make of one problem."""
    rows = [rival_row(name, problem) for name in RIVALS]
    return rows + [own_row(problem, objective, seconds) for objective in Objective]


def rival_row(name: str, problem: Problem) -> dict[str, Any]:
    """Measure a rival."""
    wall, used = perf_counter(), process_time()
    assigned = RIVALS[name](problem)
    wall, used = perf_counter() - wall, process_time() - used
    return {"name": name, **numbers_of(problem, assigned), "wall": wall, "cpu": used}


def own_row(problem: Problem, objective: Objective, seconds: float) -> dict[str, Any]:
    """Measure the portal's solver with one objective."""
    wall, used = perf_counter(), process_time()
    result = solve(problem, objective=objective, seconds=seconds)
    wall, used = perf_counter() - wall, process_time() - used
    return {
        "name": f"ours, {objective} first",
        **numbers_of(problem, result.assigned),
        "wall": wall,
        "cpu": used,
        "bound_total": result.bound_total,
        "bound_worst": result.bound_worst,
        "is_optimal": result.is_optimal,
    }


def numbers_of(problem: Problem, assigned: Flags) -> dict[str, Any]:
    """Return what an assignment is worth, and the rules that it breaks."""
    sums = np.where(assigned, problem.affinity, 0.0).sum(axis=0)
    loads = assigned.sum(axis=1)
    found = faults(problem, assigned)
    beyond = [fault for fault in found if fault.code in BEYOND]
    return {
        "total": float(sums.sum()),
        "worst": float(sums.min()),
        "loads": [int(loads.min()), int(loads.max())],
        "beyond": len(beyond),
        "faults": [asdict(one) for one in found if one not in beyond][:3],
    }


def is_broken(case: dict[str, Any]) -> bool:
    """Return whether a rule is broken, or a rival that keeps all is better than a proved result."""
    *rivals, fair, total = case["rows"]
    is_wrong = any(row["faults"] for row in case["rows"]) or fair["beyond"] or total["beyond"]
    kept = [row for row in rivals if not row["beyond"]]
    return bool(is_wrong) or any(
        row["worst"] > fair["bound_worst"] or row["total"] > total["bound_total"] for row in kept
    )


def lines_of(case: dict[str, Any]) -> str:
    """Return a case as a few lines of text."""
    lines = [f"{case['case']}  load {os.getloadavg()[0]:.1f}"]
    for row in case["rows"]:
        line = (
            f"  {row['name']:26} total {row['total']:10.4f}  worst-off {row['worst']:8.6f}"
            f"  loads {row['loads'][0]}-{row['loads'][1]}  rules broken"
            f" {row['beyond']:4}  {row['wall']:6.2f} s, {row['cpu']:6.2f} s CPU"
        )
        if "is_optimal" in row:
            gap = 1 - row["total"] / row["bound_total"] if row["bound_total"] else 0.0
            proof = (
                "proved" if row["is_optimal"] else f"worst-off at most {row['bound_worst']:.6f}"
            )
            line += f"  {proof}, total within {100 * gap:.4f} %"
        lines.append(line)
    return "\n".join(lines)
