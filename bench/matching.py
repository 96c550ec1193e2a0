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
        stage.record("matching", measure())
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
    result: dict[str, object] = {"people": Profile.objects.suggestible().count()}
    weights = timed(result, "tag_weights", lambda: population.current_tag_weights(name))
    people = timed(result, "load_first", lambda: population.load_population(name, weights))
    people = timed(result, "load_again", lambda: population.load_population(name, weights))
    result["dimension"] = people.left.rows.shape[1]
    rules = timed(result, "pair_rules", lambda: population.pair_rules(people.people))
    timed(result, "top_pairs", lambda: top_pairs(people.left, people.right, rules=rules))
    timed(result, "whole_run", matching.run_matching)
    run = MatchRun.objects.current()
    edited = Profile.objects.order_by("pk")[11]
    mark_matching_changed(edited)
    timed(result, "embed_one_edit", refresh_stale_embeddings)
    timed(result, "refresh_one_edit", matching.refresh_stale_suggestions)
    timed(result, "place_one_edit", lambda: refresh.refresh_profile(edited.pk, run, people))
    return result


def timed(result: dict[str, object], name: str, call: Callable[[], T]) -> T:
    """Call and note CPU and elapsed seconds."""
    start, cpu = time.perf_counter(), time.process_time()
    value = call()
    result[name] = {
        "cpu_s": round(time.process_time() - cpu, 3),
        "elapsed_s": round(time.perf_counter() - start, 3),
    }
    return value


if __name__ == "__main__":
    main()
