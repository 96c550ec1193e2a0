"""Measure all-pairs matching against other libraries; print tables, write JSON and a chart.

A full run at 20,000 takes about a quarter of an hour. Results go to bench/results/: a file a
case, written when the case is done, so that `--keep` goes on where a run was stopped.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from bench.speed import chart, contest, exactness, machine, oracle, population, table, targets
from bench.speed.child import CONTENDERS
from bench.speed.contender import KEEP, Case
from bench.speed.dimension import portal_dimension
from konnect import embedded

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "bench" / "results"
SIZES, SEED, ROWS_CHECKED = "5000,20000,50000", 20, 400
# Our own variants are compared at the portal's dimension, and not beyond this size unless asked.
VARIANTS, MOST_VARIANTS = ("ours-pool", "ours-sorted", "ours-masked"), 20_000
# Rows that every contender can be asked for: pgvector's table of queries holds no more.
ASKED = 20_000


def options() -> argparse.Namespace:
    """Return what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m bench.speed", description=__doc__)
    parser.add_argument("--n", default=SIZES, help=f"people a side (default {SIZES})")
    parser.add_argument("--dim", help="dimensions (default: 384 and the portal's own)")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--peers", help=f"some of {','.join(CONTENDERS)}")
    parser.add_argument("--seconds", type=float, default=2.0, help="CPU a round of slow peers")
    parser.add_argument("--variants", action="store_true", help="sorted and masked at any size")
    parser.add_argument("--without-proofs", action="store_true", help="only times")
    parser.add_argument("--keep", action="store_true", help="keep the cases done before")
    parser.add_argument("--quick", action="store_true", help="5,000 people, two short rounds")
    asked = parser.parse_args()
    if asked.quick:
        asked.n, asked.rounds, asked.seconds = "5000", min(asked.rounds, 2), 0.5
    return asked


def main() -> None:
    """Measure every case, and say which targets hold."""
    asked, real = options(), portal_dimension()
    about = {"machine": machine.description(), "kernels": machine.best_kernels()}
    print(table.machine_lines(about["machine"], about["kernels"]), flush=True)
    proofs = [] if asked.without_proofs else exactness.prove(real)
    print(exactness.lines(proofs), flush=True)
    sizes = [int(size) for size in asked.n.split(",")]
    dimensions = [int(size) for size in asked.dim.split(",")] if asked.dim else [384, real]
    cases = []
    with postgres(asked):
        for count in sizes:
            for dimension in dimensions:
                cases.append(case_of(asked, count, dimension, real, about))
                print(table.case_table(cases[-1]), flush=True)
    finish(cases, about, proofs, real)


def case_of(
    asked: argparse.Namespace, count: int, dimension: int, real: int, about: dict[str, Any]
) -> dict[str, Any]:
    """Return one case's results, measured or kept."""
    path = RESULTS / f"speed-{count}-{dimension}.json"
    if asked.keep and path.exists():
        return json.loads(path.read_text())
    names = names_of(asked, count, is_real=dimension == real)
    case = Case(work_folder() / f"{count}-{dimension}", count, dimension, asked.seconds)
    print(f"\n{count:,} people a side, {dimension} dimensions", flush=True)
    write_people(case, names)
    kernels = {name: found["chosen"] for name, found in about["kernels"].items()}
    results = contest.measure(names, case, asked.rounds, kernels)
    done = {"count": count, "dimension": dimension, "rounds": asked.rounds, "results": results}
    done["load"] = os.getloadavg()
    RESULTS.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(done, indent=1) + "\n")
    return done


def names_of(asked: argparse.Namespace, count: int, *, is_real: bool) -> list[str]:
    """Return who takes part."""
    if asked.peers:
        return [name for name in asked.peers.split(",") if name in CONTENDERS]
    with_variants = is_real and (asked.variants or count <= MOST_VARIANTS)
    return [name for name in CONTENDERS if with_variants or name not in VARIANTS]


def write_people(case: Case, names: list[str]) -> None:
    """Write the people, and the truth about some of them."""
    kinds = {"plain"} | ({"sorted"} if "ours-sorted" in names else set())
    for kind in kinds:
        population.write(case.of_kind(kind), case.count, case.dimension, seed=SEED, kind=kind)
    left, right = (population.read(case.of_kind("plain"), name) for name in ("left", "right"))
    rows = oracle.sample(min(case.count, ASKED), ROWS_CHECKED)
    ids, _ = oracle.best(left.of(rows), right, KEEP)
    np.save(case.folder / "rows.npy", rows)
    np.save(case.folder / "truth.npy", np.searchsorted(right.ids, ids))


def work_folder() -> Path:
    """Return where people and the database lie: kept between runs, never in the repository."""
    return Path(os.environ.get("KONNECT_BENCH_DIR", ROOT / "var" / "bench")) / "speed"


@contextmanager
def postgres(asked: argparse.Namespace) -> Iterator[None]:
    """Run a PostgreSQL of our own while pgvector is asked for; without one it is not run."""
    if asked.peers and "pgvector" not in asked.peers:
        yield
        return
    os.environ["KONNECT_DATA_DIR"] = str(work_folder())
    # The last word counts: tables and indexes of 100,000 people stay in memory.
    embedded.POSTGRES_OPTIONS += " -c shared_buffers=3GB -c autovacuum=off -c max_wal_size=8GB"
    embedded.data_directory().mkdir(parents=True, exist_ok=True)
    embedded.prepare_socket_directory()
    embedded.start_postgres()
    host = embedded.socket_directory()
    os.environ["KONNECT_BENCH_DATABASE"] = f"host={host} user=postgres dbname=konnect"
    try:
        yield
    finally:
        embedded.stop_postgres()


def finish(
    cases: list[dict[str, Any]], about: dict[str, Any], proofs: list[dict[str, Any]], real: int
) -> None:
    """Print the targets, write everything."""
    found = targets.targets(cases, real)
    print(table.target_table(found))
    record = {
        **about, "portal_dimension": real, "exactness": proofs, "cases": cases,
        "targets": [{**asdict(each), "verdict": each.verdict} for each in found],
    }  # fmt: skip
    (RESULTS / "speed.json").write_text(json.dumps(record, indent=1) + "\n")
    (RESULTS / "speed.svg").write_text(chart.chart(cases))
    print(f"\nWritten: {RESULTS / 'speed.json'} and {RESULTS / 'speed.svg'}")


if __name__ == "__main__":
    main()
