"""Rank proposals from votes, or measure the ranking: `python -m bench.ranking VOTES.csv --fund 20`.

The file has the columns panel, proposal, reviewer and score, in any order, with a header; an empty
score, or NA, is a vote that was not cast. Prints a table, and with --json one JSON object: the
expected rank of each proposal, its 50 and 90 per cent intervals, and its zone for --fund N, with and
without correction of severity. Bad files are named with their line; the process then ends with 2.

Without a file: 400 invented proposals with 3,000 votes, times, and how well the truth is found by
expected ranks, mean, median and trimmed mean. JSON goes to bench/results/ranking.json.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import numpy as np

from bench.ranking_made import CASES, Made, made
from bench.ranking_votes import BadVotesError, read_votes
from funding.ranking import Ranks, Votes, expected_ranks, flips, line, zones

RESULTS = Path(__file__).resolve().parent / "results" / "ranking.json"
BAD, SEED = 2, 2026
# Seconds of CPU: what other work on the machine takes is not ours.
LIMIT = 20.0
INTERVALS = (50, 90)


def main(arguments: list[str] | None = None) -> int:
    """Rank a file or measure; return how the process should end."""
    parser = argparse.ArgumentParser(prog="python -m bench.ranking", description=__doc__)
    parser.add_argument("path", nargs="?", type=Path, help="votes as CSV")
    parser.add_argument("--fund", type=_at_least_nothing, metavar="N", help="fundable proposals")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--draws", type=int, default=4000)
    parser.add_argument("--json", action="store_true", help="JSON only")
    asked = parser.parse_args(arguments)
    if asked.draws < 400:
        parser.error("at least 400 draws")
    return print_ranks(asked) if asked.path else measure(asked.seed, asked.draws)


def _at_least_nothing(text: str) -> int:
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError("must be at least 0")
    return number


def print_ranks(asked: argparse.Namespace) -> int:
    """Print the ranks of a file, also what is wrong with it."""
    try:
        votes, names, left_out = read_votes(asked.path)
    except BadVotesError as error:
        print(
            f"{asked.path}, line {error.line}: {error}" if error.line else f"{error}",
            file=sys.stderr,
        )
        return BAD
    raw, corrected = both(votes, asked.seed, asked.draws)
    fundable = len(names.proposals) // 4 if asked.fund is None else asked.fund
    report = report_of(raw, corrected, names.proposals, fundable)
    report |= {"votes": len(votes.score), "left_out": left_out, "seed": asked.seed}
    if not asked.json:
        print_table(report)
    print(json.dumps(report, ensure_ascii=False))
    return 0


def both(votes: Votes, seed: int, draws: int) -> tuple[Ranks, Ranks]:
    """Return ranks without and with correction of severity."""
    raw = expected_ranks(votes, seed=seed, draws=draws, correct_severity=False)
    return raw, expected_ranks(votes, seed=seed, draws=draws, correct_severity=True)


def report_of(
    raw: Ranks, corrected: Ranks, names: tuple[str, ...], fundable: int
) -> dict[str, Any]:
    """Return everything that is printed, best proposals first."""
    kinds = {"raw": raw, "corrected": corrected}
    rows = {kind: rows_of(ranks, fundable) for kind, ranks in kinds.items()}
    best = np.argsort(raw.expected, kind="stable")
    proposals = [
        {
            "proposal": names[place],
            "mean": round(float(raw.mean[place]), 3),
            "median": float(raw.median[place]),
            "spread": round(float(raw.spread[place]), 3),
            **{kind: rows[kind][place] for kind in kinds},
        }
        for place in best
    ]
    return {
        "fundable": fundable,
        "line": {kind: finite(line(ranks, fundable)) for kind, ranks in kinds.items()},
        "shares": {kind: asdict(ranks.shares) for kind, ranks in kinds.items()},
        "convergence": {kind: asdict(ranks.convergence) for kind, ranks in kinds.items()},
        "flips": [names[flip.proposal] for flip in flips(raw, corrected, fundable)],
        "proposals": proposals,
    }


def rows_of(ranks: Ranks, fundable: int) -> list[dict[str, Any]]:
    """Return expected rank, intervals and zones of each proposal."""
    both_zones = zip(*(zones(ranks, fundable, size) for size in INTERVALS), strict=True)
    bounds = zip(ranks.low50, ranks.high50, ranks.low90, ranks.high90, strict=True)
    return [
        {
            "expected_rank": round(float(expected), 3),
            "interval50": [int(low50), int(high50)],
            "interval90": [int(low90), int(high90)],
            "zone": str(zone50),
            "zone90": str(zone90),
        }
        for expected, (low50, high50, low90, high90), (zone50, zone90) in zip(
            ranks.expected, bounds, both_zones, strict=True
        )
    ]


def finite(number: float) -> float | None:
    """Return the number, or None for one that JSON does not have."""
    return round(number, 3) if np.isfinite(number) else None


def print_table(report: dict[str, Any]) -> None:
    """Print a line a proposal: without correction, then with."""
    width = max(8, *(len(row["proposal"]) for row in report["proposals"]))
    half = f"{'rank':>8} {'50 %':>9} {'90 %':>9} zone"
    print(f"{'proposal':{width}} {'mean':>6} {half} | corrected: {half}")
    for row in report["proposals"]:
        cells = " |           ".join(cells_of(row[kind]) for kind in ("raw", "corrected"))
        print(f"{row['proposal']:{width}} {row['mean']:6.2f} {cells}")
    shares = report["shares"]["corrected"]
    print("variance: " + ", ".join(f"{name} {share:.0%}" for name, share in shares.items()))
    print(f"zones that severity changes: {len(report['flips'])}")


def cells_of(row: dict[str, Any]) -> str:
    """Return one half of a line."""
    low50, low90 = ("{}–{}".format(*row[name]) for name in ("interval50", "interval90"))
    return f"{row['expected_rank']:8.2f} {low50:>9} {low90:>9} {row['zone']:4}"


def measure(seed: int, draws: int) -> int:
    """Measure invented cases, print a line each, write JSON; fail where it was too slow or worse."""
    print(f"load at the start: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores", flush=True)
    cases = [case_of(name, made(name, seed), seed, draws) for name in CASES]
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps({"load": os.getloadavg(), "cases": cases}, indent=1) + "\n")
    return int(any(one["cpu"] > LIMIT or not one["is_reached"] for one in cases))


def case_of(name: str, case: Made, seed: int, draws: int) -> dict[str, Any]:
    """Return times and agreement with the truth of one case."""
    started, used = perf_counter(), process_time()
    corrected = expected_ranks(case.votes, seed=seed, draws=draws, correct_severity=True)
    seconds, cpu = perf_counter() - started, process_time() - used
    raw = expected_ranks(case.votes, seed=seed, draws=draws, correct_severity=False)
    agreement = case.agreement(raw, corrected)
    found: dict[str, Any] = {
        "name": name,
        "proposals": case.votes.proposals,
        "votes": len(case.votes.score),
        "seconds": seconds,
        "cpu": cpu,
        "is_reached": corrected.convergence.is_reached and raw.convergence.is_reached,
        "convergence": asdict(corrected.convergence),
        "shares": asdict(corrected.shares),
        "inside90": case.covered(corrected),
        "agreement": agreement,
    }
    figures = ", ".join(f"{rule} {value:.3f}" for rule, value in agreement.items())
    print(
        f"ranking {name}: {found['proposals']} proposals, {found['votes']:,} votes, {cpu:.1f} s CPU, "
        f"{seconds:.1f} s, R-hat {corrected.convergence.r_hat:.3f}, effective "
        f"{corrected.convergence.effective:.0f}, inside 90 %: {found['inside90']:.3f}; rank "
        f"correlation with the truth: {figures}",
        flush=True,
    )
    return found


if __name__ == "__main__":
    sys.exit(main())
