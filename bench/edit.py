"""One edited profile among 100,000 + 100,000: `python -m bench.edit`.

Its own list, found by reading everybody's vectors once from a mapped file, against the speed at
which this machine reads that much memory (the sum of the same bytes, in the same rounds), and
against pgvector's exact search of the same people.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from bench.speed import population
from bench.speed.__main__ import RESULTS, SEED, postgres, work_folder
from bench.speed.contender import Case
from bench.speed.dimension import portal_dimension
from bench.speed.machine import description
from bench.speed.oracle import best
from bench.speed.ours import as_vectors, count_wrong
from bench.speed.postgres import Database, backend_cpu
from bench.speed.table import target_table
from bench.speed.targets import Target
from matching.scoring import RESERVE, top_for_one

READING, OURS, PEER = "reading the vectors once", "KONNECT, own list", "pgvector exact"
NOBODY = np.zeros(0, dtype=np.int64)
Row = dict[str, Any]


def main() -> None:
    """Measure, print, record."""
    parser = argparse.ArgumentParser(prog="python -m bench.edit", description=__doc__)
    parser.add_argument("--n", type=int, default=100_000, help="people opposite")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--without-pgvector", action="store_true")
    asked = parser.parse_args()
    asked.peers = "ours" if asked.without_pgvector else ""
    folder = work_folder() / f"{asked.n}-{portal_dimension()}"
    population.write(folder / "plain", asked.n, portal_dimension(), seed=SEED, kind="plain")
    with postgres(asked):
        result = measure(folder, asked)
    report(result)


def measure(folder: Path, asked: argparse.Namespace) -> Row:
    """Return the CPU of each way, all taking turns."""
    case = Case(folder, asked.n, portal_dimension(), 0.0)
    left, right = (population.read(case.of_kind("plain"), name) for name in ("left", "right"))
    ways = {READING: reading(right.rows), OURS: own_list(left, right)}
    if not asked.without_pgvector:
        ways[PEER] = pgvector(case)
    spent: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(asked.rounds):
        for name, call in ways.items():
            spent[name].append(call(number))
    return {
        "people": asked.n, "dimension": case.dimension, "bytes": right.rows.nbytes,
        "machine": description(), "wrong": wrong_lists(left, right),
        "rows": {
            name: {"cpu_ms": 1000 * statistics.median(times), "rounds": times}
            for name, times in spent.items()
        },
    }  # fmt: skip


def reading(rows: NDArray[np.int16]) -> Callable[[int], float]:
    """Return a call that adds up all bytes, eight at a time, and says what CPU that took."""

    @njit
    def total(words: NDArray[np.int64]) -> int:
        found = 0
        for word in words:
            found += word
        return found

    whole = rows.reshape(-1)
    words = whole[: len(whole) // 4 * 4].view(np.int64)
    total(words)

    def call(_number: int) -> float:
        began = time.process_time()
        total(words)
        return time.process_time() - began

    return call


def own_list(left: population.Side, right: population.Side) -> Callable[[int], float]:
    """Return a call that finds one person's pool, and says what CPU that took."""
    people, others = as_vectors(left, "left"), as_vectors(right, "right")
    top_for_one(people.of([0]), others, excluded=NOBODY, worked_together=NOBODY, keep=RESERVE)

    def call(number: int) -> float:
        person, began = people.of([number % len(people)]), time.process_time()
        top_for_one(person, others, excluded=NOBODY, worked_together=NOBODY, keep=RESERVE)
        return time.process_time() - began

    return call


def pgvector(case: Case) -> Callable[[int], float]:
    """Return a call that lets pgvector find one person's best 50, client and backend CPU."""
    plain = case.of_kind("plain")
    database = Database(case)
    queries = database.load("left", population.read_floats(plain, "left")[:1000])
    base = database.load("right", population.read_floats(plain, "right"))
    database.search(base, queries, [0])

    def call(number: int) -> float:
        began = time.process_time() + backend_cpu(database.pid)
        database.search(base, queries, [number % 1000])
        return time.process_time() + backend_cpu(database.pid) - began

    return call


def wrong_lists(left: population.Side, right: population.Side, count: int = 5) -> int:
    """Return how many of some lists are not those of brute force on integers."""
    people, others, wrong = as_vectors(left, "left"), as_vectors(right, "right"), 0
    ids, scores = best(left.of(np.arange(count)), right, RESERVE)
    for row in range(count):
        ranked = top_for_one(
            people.of([row]), others, excluded=NOBODY, worked_together=NOBODY, keep=RESERVE
        )
        wrong += count_wrong(ranked, left.ids[[row]], ids[[row]], scores[[row]])
    return wrong


def targets(result: Row) -> list[Target]:
    """Return the targets of one edit's own list."""
    rows, size = result["rows"], (result["people"], result["dimension"])
    mine = rows[OURS]["cpu_ms"]
    peer = rows.get(PEER, {}).get("cpu_ms")
    return [
        Target("own list, share of the speed of reading memory", *size,
               rows[READING]["cpu_ms"] / mine, 0.5),
        Target("own list, against pgvector exact", *size, peer and peer / mine, 10),
        Target("own lists that are not brute force's", *size, result["wrong"], 0, at_most=True),
    ]  # fmt: skip


def report(result: Row) -> None:
    """Print and write the JSON."""
    for name, row in result["rows"].items():
        speed = result["bytes"] / row["cpu_ms"] / 1e6
        print(f"{name:28}{row['cpu_ms']:>10.2f} ms CPU{speed:>10.1f} GB/s")
    found = targets(result)
    print(target_table(found))
    result["targets"] = [{**vars(each), "verdict": each.verdict} for each in found]
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / "edit.json").write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
