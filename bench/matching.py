"""Time of the pieces of a run, and of one edited profile, at 5,000 people a side."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from bench import stage

T = TypeVar("T")


def main() -> None:
    """Measure and record."""
    started = stage.prepare()
    try:
        stage.record("matching", measure(), ("cpu_s", "elapsed_s"))
    finally:
        if started:
            stage.embedded.stop()


def measure() -> dict[str, object]:
    """Return seconds of CPU and of waiting, piece by piece."""
    from matching.embedding import get_embedder, identity  # noqa: PLC0415 - needs django.setup
    from matching.models import MatchRun, Profile  # noqa: PLC0415
    from matching.scoring import top_pairs  # noqa: PLC0415
    from matching.services import matching, population, refresh  # noqa: PLC0415
    from matching.services.embeddings import refresh_stale_embeddings  # noqa: PLC0415
    from matching.services.profiles import mark_matching_changed  # noqa: PLC0415

    name = identity(get_embedder())
    rows: dict[str, dict[str, float]] = {}
    weights = timed(rows, "tag weights", lambda: population.current_tag_weights(name))
    people = timed(rows, "load first", lambda: population.load_population(name, weights))
    people = timed(rows, "load again", lambda: population.load_population(name, weights))
    rules = timed(rows, "pair rules", lambda: population.pair_rules(people.people))
    timed(rows, "top pairs", lambda: top_pairs(people.left, people.right, rules=rules))
    timed(rows, "whole run", matching.run_matching)
    run = MatchRun.objects.current()
    edited = Profile.objects.order_by("pk")[11]
    mark_matching_changed(edited)
    timed(rows, "embed one edit", refresh_stale_embeddings)
    timed(rows, "refresh one edit", matching.refresh_stale_suggestions)
    timed(rows, "place one edit", lambda: refresh.refresh_profile(edited.pk, run, people))
    return {
        "people": Profile.objects.suggestible().count(),
        "dimension": people.left.rows.shape[1],
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
