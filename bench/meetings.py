"""Measure schedules of meetings against rivals: `python -m bench.meetings --sizes S M L --seeds 3`.

Invented events of three sizes, everybody free all the time ("full") or in two zones ("tz"). The
rivals and the portal's solver take the same problems in the same run; every schedule is checked
by the plain checker, every value is a share of the solver's proved bound. Breaks of rivals are as
they came: none of them smooths. HiGHS gets as many seconds as the solver. The kernels are warm:
compiling takes half a minute once on a machine. JSON goes to bench/results/meetings.json.
"""

from __future__ import annotations

import argparse
import json
import os
from dataclasses import asdict, replace
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import numpy as np

from bench.meetings_made import KINDS, SIZES, made
from bench.meetings_rivals import RIVALS, WHOLE
from events.scheduling.checking import faults
from events.scheduling.measuring import measure
from events.scheduling.options import needs_of, options_of
from events.scheduling.problem import NONE, Measures, Problem, Progress, Result, Schedule
from events.scheduling.replanning import replan
from events.scheduling.solving import solve
from events.scheduling.warming import warm

RESULTS = Path(__file__).resolve().parent / "results" / "meetings.json"
# Seconds a run, by size; and which share of the bound "nearly best" is.
SECONDS = {"S": 10.0, "M": 30.0, "L": 120.0}
NEARLY = 0.003
REPLAN_SECONDS = 30.0


def options() -> argparse.Namespace:
    """Return what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m bench.meetings", description=__doc__)
    parser.add_argument("--sizes", nargs="+", default=list(SIZES), choices=list(SIZES))
    parser.add_argument("--kinds", nargs="+", default=list(KINDS), choices=KINDS)
    parser.add_argument("--seeds", type=int, default=3, help="problems a kind; one of size L")
    parser.add_argument("--seconds", type=float, help="for every run, instead of by size")
    return parser.parse_args()


def main() -> None:
    """Measure every case, print a table, write JSON, and fail if a rival was better."""
    asked = options()
    warm()
    print(f"load at the start: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores", flush=True)
    cases = []
    for size in asked.sizes:
        for kind in asked.kinds:
            for seed in range(1, 2 if size == "L" else asked.seeds + 1):
                cases.append(case_of(size, kind, seed, asked.seconds or SECONDS[size]))
                print(lines_of(cases[-1]), flush=True)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps({"load": os.getloadavg(), "cases": cases}, indent=1) + "\n")
    if any(rank(rival) < rank(case["ours"]) for case in cases for rival in case["rivals"]):
        raise SystemExit("a rival was better")


def rank(measures: dict[str, Any]) -> tuple[int, int]:
    """Return what schedules are compared by, the smaller the better: people without, then value."""
    return measures["below_floor"], -measures["value"]


def case_of(size: str, kind: str, seed: int, seconds: float) -> dict[str, Any]:
    """Measure rivals, solver and a new plan on one problem."""
    problem = made(size, kind, seed)
    told: list[Progress] = []
    wall, used = perf_counter(), process_time()
    result = solve(problem, seconds=seconds, report=told.append)
    wall, used = perf_counter() - wall, process_time() - used
    must_hold(problem, result.schedule)
    return {
        "size": size,
        "kind": kind,
        "seed": seed,
        "wished": sum(wish.weight for wish in problem.wishes),
        "bound": result.bound,
        "rivals": [
            rival_of(name, problem, seconds) for name in RIVALS if size != "L" or name != WHOLE
        ],
        "ours": {
            **numbers_of(result.measures),
            "wall": wall,
            "cpu": used,
            **times_of(result, told),
        },
        "replan": replanned(problem, result),
        "load": os.getloadavg()[0],
    }


def numbers_of(measures: Measures) -> dict[str, int]:
    """Return measures as plain numbers."""
    return {name: int(value) for name, value in asdict(measures).items()}


def times_of(result: Result, told: list[Progress]) -> dict[str, Any]:
    """Return when a run was nearly best and proved, and its breaks before they were smoothed."""
    near = [one.seconds for one in told if one.value >= (1 - NEARLY) * result.bound]
    proof = [one.seconds for one in told if one.value == one.bound]
    before = [one.breaks for one in result.stages if one.stage != "breaks"]
    return {
        "gap": result.gap,
        "is_optimal": result.is_optimal,
        "to_nearly": min(near, default=None),
        "to_proof": min(proof, default=None) if result.is_optimal else None,
        "breaks_before": before[-1] if before else None,
        "stages": [asdict(one) for one in result.stages],
    }


def rival_of(name: str, problem: Problem, seconds: float) -> dict[str, Any]:
    """Return what a rival makes of a problem."""
    wall, used = perf_counter(), process_time()
    schedule = RIVALS[name](problem, seconds)
    wall, used = perf_counter() - wall, process_time() - used
    must_hold(problem, schedule)
    needs = needs_of(problem, options_of(problem))
    return {
        "name": name,
        **numbers_of(measure(problem, schedule, needs)),
        "wall": wall,
        "cpu": used,
    }


def replanned(problem: Problem, result: Result) -> dict[str, Any]:
    """Return what one cancellation costs: somebody with a full day leaves."""
    schedule = result.schedule
    wishes = tuple(
        replace(
            wish, live_slot=int(schedule.slots[number]), live_place=int(schedule.places[number])
        )
        for number, wish in enumerate(problem.wishes)
    )
    modes = problem.modes.copy()
    held = [wish for wish in wishes if wish.live_slot != NONE]
    leaver = int(np.bincount([person for wish in held for person in wish.people]).argmax())
    modes[leaver] = 0
    changed = replace(problem, modes=modes, wishes=wishes)
    wall, used = perf_counter(), process_time()
    again = replan(changed, seconds=REPLAN_SECONDS)
    wall, used = perf_counter() - wall, process_time() - used
    must_hold(changed, again.schedule)
    lost = sum(leaver in wish.people for wish in held)
    return {
        **numbers_of(again.measures), "gap": again.gap, "wall": wall, "cpu": used,
        "lost": lost, "gained": again.measures.meetings - len(held) + lost,
        "moved_besides": again.measures.meetings_moved - lost,
    }  # fmt: skip


def must_hold(problem: Problem, schedule: Schedule) -> None:
    """Fail if a schedule breaks a rule."""
    found = faults(problem, schedule)
    if found:
        raise SystemExit(f"broken rules: {found[:3]}")


def lines_of(case: dict[str, Any]) -> str:
    """Return a case as a few lines of text."""
    bound, ours, again = case["bound"], case["ours"], case["replan"]
    rows = [
        f"{case['size']} {case['kind']:4} seed {case['seed']}  bound {bound:,}"
        f" of {case['wished']:,} wished  load {case['load']:.1f}"
    ]
    rows += [
        f"  {rival['name']:26} {100 * rival['value'] / bound:8.3f} %  breaks"
        f" {rival['breaks']:5,}  without a meeting {rival['below_floor']:3}"
        f"  {rival['wall']:7.2f} s"
        for rival in case["rivals"]
    ]
    proof = "not proved" if ours["to_proof"] is None else f"proved at {ours['to_proof']:.2f} s"
    near = "never" if ours["to_nearly"] is None else f"{ours['to_nearly']:.2f} s"
    rows.append(
        f"  {'ours':26} {100 * ours['value'] / bound:8.3f} %  breaks {ours['breaks_before']:,} to"
        f" {ours['breaks']:,}  without a meeting {ours['below_floor']}  within .3 % at {near},"
        f" {proof}, all {ours['wall']:.1f} s, {ours['cpu']:.1f} s CPU"
    )
    rows.append(
        f"  one leaves: {again['lost']} meetings lost, {again['gained']} gained,"
        f" {again['moved_besides']} others moved, {again['people_told']} people told,"
        f" {again['wall']:.2f} s, {again['cpu']:.2f} s CPU"
    )
    return "\n".join(rows)


if __name__ == "__main__":
    main()
