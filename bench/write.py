"""Writing a run and switching to it, while somebody reads: `python -m bench.write`.

Rows are suggestions. Ours are written as the portal writes them, one array row a person with
parts, evidence and pool; the peer is Django's `bulk_create` of one row a suggestion, once with
the same content and once with nothing but partner and score. CPU is this process's and that of
the backend which serves it. A reader in another process asks for one person's list all the time.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from django.contrib.postgres.fields import ArrayField
from django.db import connection, models

from bench import crowd
from bench.servers import RESULTS
from bench.speed.contest import ONE_THREAD
from bench.speed.dimension import portal_dimension
from bench.speed.machine import description
from bench.speed.postgres import backend_cpu
from bench.speed.table import target_table
from bench.speed.targets import Target
from bench.table_rows import forget_runs, run_sql, table_of
from matching.models import MatchRun, Profile
from matching.scoring import TERMS
from matching.services.list_rows import EVIDENCE, ListTable, copy_lists
from matching.services.run_states import prune_runs, publish_run

SHOWN, POOL, PORTION = 50, 128, 4096
# Of one round: enough work to measure, little enough to take turns.
OUR_LISTS, PLAIN_LISTS, BATCH = 2000, 400, 5000
REST = 1.0
Row = dict[str, Any]


def main() -> None:
    """Measure, print, record."""
    parser = argparse.ArgumentParser(prog="python -m bench.write", description=__doc__)
    parser.add_argument("--lists", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    with crowd.gathered(asked.lists // 2, with_vectors=False):
        result = measure(asked.lists, asked.rounds)
    report(result)


def measure(lists: int, rounds: int) -> Row:
    """Return all figures."""
    ids = people()
    forget_runs()
    return {
        "lists": lists, "machine": description(), "writers": writers(ids, rounds),
        **switch(ids), "scoring_cpu": scoring_cpu(lists // 2),
    }  # fmt: skip


def people() -> np.ndarray:
    """Return everybody's id."""
    return np.array(Profile.objects.order_by("pk").values_list("pk", flat=True), dtype=np.int64)


def new_run() -> Any:
    """Begin a run as the portal does."""
    return MatchRun.objects.create(embedder="bench", weights_version="bench", profile_count=1)


def lists_of(ids: np.ndarray, seed: int) -> Any:
    """Return random lists of 50 for some people, with all that is stored beside them."""
    chance, count = np.random.default_rng(seed), len(ids)
    parts = chance.integers(-(2**24), 2**26, (count, SHOWN, len(TERMS)))
    pool = np.sort(chance.integers(2**28, 2**30, (count, POOL)))[:, ::-1]
    return ListTable(
        person_ids=ids, counts=np.full(count, SHOWN),
        partner_ids=chance.choice(ids, (count, SHOWN)), scores=parts.sum(axis=2), parts=parts,
        evidence=chance.choice(ids, (count, SHOWN, EVIDENCE)),
        pool_ids=chance.choice(ids, (count, POOL)), pool_scores=pool,
        pool_counts=np.full(count, POOL), pool_floor=pool[:, -1],
        demand=np.zeros(count, dtype=np.int64), is_complete=np.zeros(count, dtype=np.bool_),
        built_from=np.full(count, 848_000_000_000_000),
    )  # fmt: skip


# --- Rows a CPU second ---------------------------------------------------------------------------


def cpu() -> float:
    """Return the CPU so far of this process and of its backend."""
    return time.process_time() + backend_cpu(connection.connection.get_backend_pid())


def writers(ids: np.ndarray, rounds: int) -> dict[str, Row]:
    """Return the suggestions a CPU second of each writer, all taking turns."""
    run = new_run()
    ways = {"KONNECT, COPY of arrays": our_way(run, ids)}
    plain = plain_models()
    for title, model in plain.items():
        ways[f"bulk_create, {title}"] = plain_way(model, run, ids)
    rates: dict[str, list[float]] = {title: [] for title in ways}
    for _ in range(rounds):
        for title, (write, count) in ways.items():
            before = cpu()
            write()
            rates[title].append(count / (cpu() - before))
            clear(run, plain.values())
    run.delete()
    for model in plain.values():
        drop(model)
    return {
        title: {"per_cpu_second": statistics.median(found), "rounds": found}
        for title, found in rates.items()
    }


def our_way(run: Any, ids: np.ndarray) -> tuple[Callable[[], None], int]:
    """Return the portal's writer and how many suggestions it writes a call."""
    table = lists_of(ids[:OUR_LISTS], seed=1)
    return (lambda: copy_lists(run.pk, table)), len(table) * SHOWN


def plain_models() -> dict[str, Any]:
    """Make tables of one row a suggestion, as a Django application would have them."""

    def fields() -> Row:
        return {
            "match_run": models.ForeignKey("matching.MatchRun", models.CASCADE, "+"),
            "profile": models.ForeignKey("matching.Profile", models.CASCADE, "+"),
            "partner": models.ForeignKey("matching.Profile", models.CASCADE, "+"),
            "score": models.IntegerField(),
            "__module__": __name__,
        }

    whole = {
        "parts": ArrayField(models.IntegerField()),
        "evidence": ArrayField(models.BigIntegerField()),
    }
    made = {}
    for title, name, more in (("the same content", "Whole", whole),
                              ("partner and score alone", "Lean", {})):  # fmt: skip
        unique = models.UniqueConstraint(
            fields=["match_run", "profile", "partner"], name=f"bench_{name.lower()}_once"
        )
        meta = type("Meta", (), {"app_label": "bench", "constraints": [unique]})
        made[title] = type(f"Plain{name}", (models.Model,), {**fields(), **more, "Meta": meta})
        run_sql(f'DROP TABLE IF EXISTS "{table_of(made[title])}"')
        with connection.schema_editor() as editor:
            editor.create_model(made[title])
    return made


def drop(model: Any) -> None:
    """Drop a plain table."""
    with connection.schema_editor() as editor:
        editor.delete_model(model)


def plain_way(model: Any, run: Any, ids: np.ndarray) -> tuple[Callable[[], None], int]:
    """Return a writer of one row a suggestion; making the objects is part of it, as it is."""
    table = lists_of(ids[:PLAIN_LISTS], seed=2)
    # Nobody twice in one list: the table has a constraint.
    partners = np.stack([np.random.default_rng(row).permutation(ids)[:SHOWN]
                         for row in range(PLAIN_LISTS)])  # fmt: skip
    people, scores = table.person_ids.tolist(), table.scores.tolist()
    columns = {"parts": table.parts.tolist(), "evidence": table.evidence.tolist()}
    there = {name: rows for name, rows in columns.items() if hasattr(model, name)}
    partner_ids = partners.tolist()

    def write() -> None:
        model.objects.bulk_create(
            [
                model(match_run_id=run.pk, profile_id=person, partner_id=partner_ids[row][place],
                      score=scores[row][place],
                      **{name: rows[row][place] for name, rows in there.items()})
                for row, person in enumerate(people) for place in range(SHOWN)
            ],
            BATCH,
        )  # fmt: skip

    return write, PLAIN_LISTS * SHOWN


def clear(run: Any, models: Any) -> None:
    """Empty the tables, so that each call meets the same."""
    run.lists.all().delete()
    for model in models:
        run_sql(f'TRUNCATE "{table_of(model)}"')


# --- The switch ------------------------------------------------------------------------------------


def switch(ids: np.ndarray) -> Row:
    """Write and publish runs while somebody reads; return what each phase did to the reader."""
    write_run(ids, 11)
    reader = Reader(ids)
    marks: dict[str, list[tuple[float, float]]] = {"before": [rest()]}
    runs = []
    # The third run is the first after which the lists of an old one are dropped.
    for seed in (12, 13):
        run = write_run(ids, seed)
        for phase in ("writing", "publishing", "pruning"):
            marks.setdefault(phase, []).append(run.pop(phase))
        marks.setdefault("after", []).append(rest())
        runs.append(run)
    reads = reader.stop()
    return {
        "runs": runs,
        "reads": {phase: read_row(reads, spans) for phase, spans in marks.items()},
    }


def rest() -> tuple[float, float]:
    """Let the reader read undisturbed; return when."""
    began = time.monotonic()
    time.sleep(REST)
    return began, time.monotonic()


def write_run(ids: np.ndarray, seed: int) -> Row:
    """Write a whole run, publish it, drop what is old; return CPU, seconds and times."""
    run, spent = new_run(), 0.0
    began = time.monotonic()
    for start in range(0, len(ids), PORTION):
        table = lists_of(ids[start : start + PORTION], seed * 1000 + start)
        before = cpu()
        copy_lists(run.pk, table)
        spent += cpu() - before
    written, before = time.monotonic(), cpu()
    publish_run(run)
    published, between = time.monotonic(), cpu()
    while not prune_runs():
        pass
    pruned = time.monotonic()
    return {
        "cpu_writing": spent, "cpu_publishing": between - before, "cpu_pruning": cpu() - between,
        "seconds_publishing": published - written, "seconds_pruning": pruned - published,
        "writing": (began, written), "publishing": (written, published),
        "pruning": (published, pruned),
    }  # fmt: skip


class Reader:
    """A process that reads lists of random people one after the other."""

    def __init__(self, ids: np.ndarray) -> None:
        command = (sys.executable, "-m", "bench.write_reader", str(ids.min()), str(ids.max()))
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment()
        )
        self.process.stdout.readline()

    def stop(self) -> list[Row]:
        """Return what it saw: when, milliseconds, whether there was a list."""
        out, _ = self.process.communicate("stop\n")
        return json.loads(out)


def environment() -> dict[str, str]:
    """Return the reader's environment: where the database is."""
    settings = connection.settings_dict
    address = f"host={settings['HOST']} user={settings['USER']} dbname={settings['NAME']}"
    return {**os.environ, **ONE_THREAD, "KONNECT_BENCH_DATABASE": address}


def read_row(reads: list[Row], spans: list[tuple[float, float]]) -> Row:
    """Return the reads of a phase: how many, percentiles in milliseconds, how many found none."""
    mine = [read for read in reads if any(first <= read["at"] < last for first, last in spans)]
    times = [read["ms"] for read in mine]
    found = np.percentile(times, (50, 95, 99)).round(3).tolist() if times else [None] * 3
    return {
        "reads": len(mine), "empty": sum(not read["found"] for read in mine),
        **dict(zip(("p50_ms", "p95_ms", "p99_ms"), found, strict=True)),
    }  # fmt: skip


# --- The report ------------------------------------------------------------------------------------


def scoring_cpu(a_side: int) -> float | None:
    """Return the seconds of CPU that `bench.speed` measured for scoring these, or None."""
    path = RESULTS / f"speed-{a_side}-{portal_dimension()}.json"
    if not path.exists():
        return None
    return json.loads(path.read_text())["results"].get("ours", {}).get("cpu")


def targets(result: Row) -> list[Target]:
    """Return the targets of writing and reading."""
    lists, dimension = result["lists"], portal_dimension()
    rates = [row["per_cpu_second"] for row in result["writers"].values()]
    scoring = result["scoring_cpu"]
    writing = statistics.median(run["cpu_writing"] for run in result["runs"])
    found = [
        Target("writing, times bulk_create of the same content", lists, dimension,
               rates[0] / rates[1], 25),
        Target("writing a run, share of scoring it", lists, dimension,
               writing / scoring if scoring else None, 0.05, at_most=True),
        Target("reads that found no list", lists, dimension,
               sum(row["empty"] for row in result["reads"].values()), 0, at_most=True),
    ]  # fmt: skip
    return found + [
        Target(f"reading one list, p95 ms, {phase}", lists, dimension, row["p95_ms"], 1,
               at_most=True)
        for phase, row in result["reads"].items()
    ]  # fmt: skip


def report(result: Row) -> None:
    """Print tables and write the JSON."""
    for title, row in result["writers"].items():
        print(f"{title:44}{row['per_cpu_second']:>12,.0f} suggestions a CPU second")
    for run in result["runs"]:
        print("a run: " + ", ".join(f"{name} {value:.2f}" for name, value in run.items()))
    for phase, row in result["reads"].items():
        print(f"reading while {phase:12}" + ", ".join(f"{k} {v}" for k, v in row.items()))
    found = targets(result)
    print(target_table(found))
    result["targets"] = [{**vars(each), "verdict": each.verdict} for each in found]
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / "write.json").write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
