"""A folder of published instances against the optima that the papers proved."""

from __future__ import annotations

import json
import os
import platform
import statistics
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench.schedule_solved import ROOT, solved_file

RESULT = ROOT / "bench" / "results" / "schedule.json"

# How a process ends that found something wrong.
BROKEN = 1


def compare(folder: Path, seconds: float) -> int:
    """Solve every published cell, print a table, write it down; nonzero if any is contradicted."""
    if not (folder / "published.json").is_file():
        print(f"No instances in {folder}: nothing measured. KONNECT_B2B names another folder.")
        return 0
    published = json.loads((folder / "published.json").read_text(encoding="utf-8"))
    print(
        f"{'instance':34}{'gap':>4}{'published':>11}{'ours':>12}{'s':>8}{'CPU s':>8}{'papers s':>10}"
    )
    rows = [_row(folder, cell, seconds) for cell in published]
    report = {**_summary(rows), "rows": rows}
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(report, indent=1))
    print(
        f"\n{report['equal']} of {report['cells']} as published and proved; "
        f"median {report['median']:.2f} s, worst {report['worst']:.2f} s, in all "
        f"{report['seconds']:.1f} s ({report['cpu_seconds']:.1f} CPU s); load {report['load']}"
    )
    return BROKEN if report["contradicted"] else 0


def _row(folder: Path, cell: dict[str, Any], seconds: float) -> dict[str, Any]:
    """Solve and print one cell: one instance with one setting."""
    gap = int(cell["setting"].removeprefix("d"))
    before = _cpu_seconds()
    solved = solved_file(folder / f"{cell['instance']}.dzn", gap, seconds)
    row = {
        **{name: value for name, value in asdict(solved).items() if name != "schedule"},
        "published": "infeasible" if cell["infeasible"] else cell["optimum"],
        "published_seconds": cell["published_seconds"],
        "cpu_seconds": round(_cpu_seconds() - before, 2),
    }
    row["ours"] = solved.objective if solved.status == "optimal" else solved.status
    print(
        f"{row['instance']:34}{gap:4}{row['published']:>11}{row['ours']:>12}{row['seconds']:8.2f}"
        f"{row['cpu_seconds']:8.2f}{row['published_seconds']:10.1f}"
        f"{'' if row['ours'] == row['published'] else '  differs'}"
        f"{'  ' + '; '.join(solved.violations) if solved.violations else ''}",
        flush=True,
    )
    return row


def _summary(rows: list[dict[str, Any]]) -> dict[str, Any]:
    seconds = [row["seconds"] for row in rows]
    equal = [row["ours"] == row["published"] and not row["violations"] for row in rows]
    decided = [row["status"] in ("optimal", "infeasible") for row in rows]
    return {
        "machine": f"{platform.machine()}, {os.cpu_count()} CPUs, Python {platform.python_version()}",
        "load": round(os.getloadavg()[0], 1),
        "cells": len(rows),
        "equal": sum(equal),
        # Proved, and not what is published; or a schedule that breaks a rule.
        "contradicted": sum(
            bool(row["violations"]) or (known and not same)
            for row, known, same in zip(rows, decided, equal, strict=True)
        ),
        "median": statistics.median(seconds),
        "worst": max(seconds),
        "seconds": round(sum(seconds), 2),
        "cpu_seconds": round(sum(row["cpu_seconds"] for row in rows), 2),
    }


def _cpu_seconds() -> float:
    """Return the CPU time of this process and of those that it has taken in."""
    return sum(os.times()[:4])
