"""Runs by real Celery workers: undisturbed, killed in the middle, shared by two; then edits.

    python -m bench.large_run --n 20000

Every run starts from an empty table of runs, so that all have the same input, and must end with
the same lists, byte for byte: partners, scores, parts, evidence and pools. CPU is that of the
workers' processes and of PostgreSQL's; elapsed seconds depend on what else the machine does.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import statistics
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from bench import crowd
from bench.servers import RESULTS
from bench.speed.machine import description
from bench.speed.postgres import backend_cpu
from bench.speed.table import target_table
from bench.speed.targets import Target
from bench.table_rows import forget_runs
from bench.workers import LOOK, Team, postgres_cpu
from konnect.accounts.doorbell import ring
from matching.models import MatchBlock, MatchRun, Profile, ProfileVectors, SuggestionList
from matching.services.live_runs import open_live_run
from matching.services.refresh import refresh_profile

LONGEST_RUN = 7200.0
EDIT_LIMIT = 2.0
LISTS = (
    "SELECT profile_id, partner_ids, scores, parts, evidence, pool_ids, pool_scores, pool_floor,"
    " demand, is_complete FROM matching_suggestionlist WHERE match_run_id = %s ORDER BY profile_id"
)
Row = dict[str, Any]


def main() -> None:
    """Measure, print, record."""
    parser = argparse.ArgumentParser(prog="python -m bench.large_run", description=__doc__)
    parser.add_argument("--n", type=int, default=20_000, help="people a side")
    parser.add_argument("--edits", type=int, default=10)
    parser.add_argument("--only-edits", action="store_true", help="one run, then the edits")
    asked = parser.parse_args()
    with crowd.gathered(asked.n, with_vectors=True):
        result = measure(asked)
    report(result)


def measure(asked: argparse.Namespace) -> Row:
    """Return all runs, and the edits after the last."""
    runs: dict[str, Row] = {}
    if not asked.only_edits:
        runs["one worker, killed in the middle"] = run_once(1, is_killed=True)
        runs["two workers"] = run_once(2)
    # Last, so that the edits meet the worker that made the run.
    team = Team(1)
    try:
        runs["one worker"] = run_with(team)
        edits = [edit_once(number) for number in range(asked.edits)]
    finally:
        team.stop()
    here = [edit_here(asked.edits + number) for number in range(asked.edits + 1)]
    return {"people": asked.n, "machine": description(), "runs": runs, "edits": edits,
            "edits_here": here}  # fmt: skip


# --- Runs ------------------------------------------------------------------------------------------


def run_once(workers: int, *, is_killed: bool = False) -> Row:
    """Let fresh workers do one run from nothing."""
    team = Team(workers)
    try:
        return run_with(team, is_killed=is_killed)
    finally:
        team.stop()


def run_with(team: Team, *, is_killed: bool = False) -> Row:
    """Let a team do one run; kill its first worker while blocks are half done, if asked."""
    forget_runs()
    spent, postgres, began = team.cpu(), postgres_cpu(), time.monotonic()
    ring("matching.tasks.run_due_matching")
    if is_killed:
        wait_until(half_scored, "half of the scores")
        team.kill()
        wait_until(half_ranked, "half of the lists")
        team.kill()
    run = wait_until(published, "the end of the run")
    print(f"run {run.pk} published after {time.monotonic() - began:.1f} s", flush=True)
    return {
        "elapsed": time.monotonic() - began,
        "cpu_workers": team.cpu() - spent,
        "cpu_postgres": postgres_cpu() - postgres,
        **facts_of(run),
    }


def wait_until(condition: Callable[[], Any], what: str) -> Any:
    """Look again and again until something is so.

    Raises:
        RuntimeError: it took too long, or the run was given up.
    """
    deadline = time.monotonic() + LONGEST_RUN
    while not (found := condition()):
        if MatchRun.objects.filter(state__in=("failed", "cancelled")).exists():
            raise RuntimeError(f"the run failed while waiting for {what}; see the worker's log")
        if time.monotonic() > deadline:
            raise RuntimeError(f"waited too long for {what}")
        time.sleep(LOOK)
    return found


def half_scored() -> bool:
    """Whether half of the blocks of scores are done."""
    return done_share("score") >= 0.5


def half_ranked() -> bool:
    """Whether half of the blocks of lists are done."""
    return done_share("rank") >= 0.5


def done_share(kind: str) -> float:
    """Return which part of the running run's blocks of a kind is done."""
    blocks = MatchBlock.objects.filter(kind=kind)
    done = blocks.exclude(finished_at=None).count()
    return done / max(blocks.count(), 1)


def published() -> Any:
    """Return the published run, if there is one."""
    return MatchRun.objects.current()


def facts_of(run: Any) -> Row:
    """Return what a run was: blocks, tries, workers, and the digest of all its lists."""
    blocks = MatchBlock.objects.filter(match_run=run)
    columns = ("kind", "tries", "worker", "cpu_seconds")
    rows = list(blocks.values_list(*columns))
    return {
        "input": run.snapshot_hash,
        "lists": fingerprint(run.pk),
        "blocks": len(rows),
        "blocks_begun_again": sum(tries > 1 for _kind, tries, _worker, _cpu in rows),
        "blocks_by_worker": {
            name: sum(worker == name for _kind, _tries, worker, _cpu in rows)
            for name in sorted({worker for _kind, _tries, worker, _cpu in rows})
        },
        "cpu_by_kind": {
            kind: round(sum(cpu for each, _tries, _worker, cpu in rows if each == kind), 2)
            for kind in ("score", "price", "rank")
        },
    }


def fingerprint(run_id: int) -> str:
    """Return a digest of everything in a run's lists."""
    digest = hashlib.sha256()
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(LISTS, [run_id])
        count = 0
        while rows := cursor.fetchmany(1000):
            digest.update(repr(rows).encode())
            count += len(rows)
    return f"{count} lists {digest.hexdigest()}"


# --- Edits -----------------------------------------------------------------------------------------


def edit_once(number: int) -> Row:
    """Edit one person; return how long the worker took until all lists were refreshed."""
    edited, now = change_vectors(number)
    before, began = lists_with(edited), time.monotonic()
    ring("matching.tasks.refresh_stale_suggestions")
    mine = SuggestionList.objects.filter(match_run__state="published", profile_id=edited)
    while not mine.filter(built_from__gte=now).exists():
        if time.monotonic() - began > LONGEST_RUN:
            raise RuntimeError("the worker did not refresh")
        time.sleep(0.01)
    return {"seconds": time.monotonic() - began, "in_pools_before": before,
            "in_pools_after": lists_with(edited)}  # fmt: skip


def edit_here(number: int) -> Row:
    """Edit one person and refresh in this process; return the CPU of both sides, by step."""
    edited, _now = change_vectors(number)
    marks = [(time.monotonic(), cpu_here())]
    live = open_live_run(MatchRun.objects.current())
    marks.append((time.monotonic(), cpu_here()))
    refresh_profile(edited, live)
    marks.append((time.monotonic(), cpu_here()))
    (_, first), (_, second), (_, third) = marks
    return {"seconds": marks[2][0] - marks[0][0], "cpu_open": second - first,
            "cpu_refresh": third - second}  # fmt: skip


def cpu_here() -> float:
    """Return the CPU so far of this process and of its backend."""
    connection.ensure_connection()
    return time.process_time() + backend_cpu(connection.connection.get_backend_pid())


def change_vectors(number: int) -> tuple[int, datetime]:
    """Give one person the vectors of another, as an edit of their texts would; who, and when."""
    people, now = Profile.objects.order_by("pk"), timezone.now()
    # Each measurement, also of people kept from an earlier one, takes others' vectors.
    other = people[(57 * number + int(now.timestamp())) % people.count()].pk
    edited = people[17 + 31 * number].pk
    columns = ("topic", "offers", "seeks", "work_items", "offer_items", "seek_items",
               "english_items", "words")  # fmt: skip
    [vectors] = ProfileVectors.objects.filter(pk=other).values(*columns)
    Profile.objects.filter(pk=edited).update(matching_changed_at=now)
    ProfileVectors.objects.filter(pk=edited).update(**vectors, built_from=now, built_at=now)
    return edited, now


def lists_with(person: int) -> int:
    """Return in how many pools somebody stands."""
    lists = SuggestionList.objects.filter(match_run__state="published")
    return lists.filter(pool_ids__contains=[person]).count()


# --- The report ------------------------------------------------------------------------------------


def targets(result: Row) -> list[Target]:
    """Return what must hold."""
    runs, size = result["runs"], (result["people"], 0)
    calm = runs["one worker"]
    found = []
    for name, run in runs.items():
        if run is not calm:
            same = run["lists"] == calm["lists"] and run["input"] == calm["input"]
            what = f"{name}: lists other than one calm worker's"
            found.append(Target(what, *size, 0 if same else 1, 0, at_most=True))
    if "two workers" in runs:
        faster = runs["two workers"]["elapsed"] / calm["elapsed"]
        found.append(Target("two workers, elapsed times one's", *size, faster, 0.99, at_most=True))
    if result["edits"]:
        # The first one opens the run in the worker's memory.
        slowest = max(edit["seconds"] for edit in result["edits"])
        found.append(Target("slowest edit until all lists are right, seconds", *size, slowest,
                            EDIT_LIMIT, at_most=True))  # fmt: skip
    return found


def report(result: Row) -> None:
    """Print and write the JSON."""
    for name, run in result["runs"].items():
        print(
            f"{name:36}{run['elapsed']:>8.1f} s elapsed, CPU {run['cpu_workers']:.1f} workers +"
            f" {run['cpu_postgres']:.1f} PostgreSQL, {run['blocks']} blocks,"
            f" {run['blocks_begun_again']} begun again, by kind {run['cpu_by_kind']},"
            f" by worker {list(run['blocks_by_worker'].values())}"
        )
    times = [edit["seconds"] for edit in result["edits"]]
    if times:
        print(f"edits: first {times[0]:.2f} s, median {statistics.median(times):.2f} s")
    if result["edits_here"]:
        # The first one opens the run in this process's memory.
        first, *others = result["edits_here"]
        print(f"edits in one process: first {first}; then, medians: " + ", ".join(
            f"{name} {statistics.median(edit[name] for edit in others):.3f}" for name in first
        ))  # fmt: skip
    found = targets(result)
    print(target_table(found))
    result["targets"] = [{**vars(each), "verdict": each.verdict} for each in found]
    RESULTS.mkdir(parents=True, exist_ok=True)
    path = RESULTS / f"large_run-{result['people']}.json"
    path.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
