"""Time of the pieces of a run, and of one edited profile, at 5,000 people a side."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from bench import stage
from matching.models import MatchRun, Profile
from matching.services import live_runs, matching, refresh, snapshots
from matching.services.embeddings import refresh_stale_embeddings
from matching.services.profiles import mark_matching_changed

T = TypeVar("T")


def main() -> None:
    """Measure and record."""
    with stage.prepared():
        stage.record("matching", measure(), ("cpu_s", "elapsed_s"))


def measure() -> dict[str, object]:
    """Return seconds of CPU and of waiting, piece by piece."""
    rows: dict[str, dict[str, float]] = {}
    timed(rows, "whole run", matching.run_matching)
    run = MatchRun.objects.current()
    if run is None:
        raise SystemExit("The run was not published.")
    snapshot = timed(rows, "open the frozen input", lambda: snapshots.snapshot_of(run))
    edited = Profile.objects.order_by("pk")[11]
    mark_matching_changed(edited)
    timed(rows, "embed one edit", refresh_stale_embeddings)
    timed(rows, "refresh one edit", matching.refresh_stale_suggestions)
    live = timed(rows, "open the run again", lambda: live_runs.open_live_run(run))
    timed(rows, "place one edit", lambda: refresh.refresh_profile(edited.pk, live))
    return {
        "people": Profile.objects.suggestible().count(),
        "dimension": snapshot.left.rows.shape[1],
        "rows": rows,
    }


def timed(rows: dict[str, dict[str, float]], name: str, call: Callable[[], T]) -> T:
    """Call and note CPU and elapsed seconds."""
    start, cpu = time.perf_counter(), time.process_time()
    value = call()
    rows[name] = {
        "cpu_s": round(time.process_time() - cpu, 3),
        "elapsed_s": round(time.perf_counter() - start, 3),
    }
    return value


if __name__ == "__main__":
    main()
