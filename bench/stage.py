"""The stage of pages and pieces: ten thousand generated people with texts, kept between runs."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.utils import timezone

from bench import stage_servers
from bench.servers import RESULTS
from bench.speed.machine import description
from bench.table_rows import empty, make_people, multiply
from matching.embedding import get_embedder, identity
from matching.models import Listing, MatchRun, Profile
from matching.services.embeddings import refresh_stale_embeddings
from matching.services.matching import run_matching

# Fewer for a first look: KONNECT_BENCH_SIDE=300.
A_SIDE = int(os.environ.get("KONNECT_BENCH_SIDE", "5000"))
WORDS = [
    "perovskite", "graphene", "catalysis", "genomics", "robotics", "lithography",
    "hydrogen", "battery", "vaccine", "sensor", "membrane", "photonics",
    "plasma", "polymer", "proteomics", "quantum", "radar", "semiconductor",
    "spectroscopy", "turbine", "wireless", "enzyme", "imaging", "nanowire",
]  # fmt: skip


@contextmanager
def prepared() -> Iterator[None]:
    """Run the servers, with the people, their texts and their suggestions."""
    with stage_servers.running():
        if not fits():
            empty()
            generate()
        yield


def fits() -> bool:
    """Tell whether the people of an earlier run are whole and scored with today's embedder."""
    run = MatchRun.objects.current()
    return (
        Profile.objects.count() == 2 * A_SIDE
        and run is not None
        and run.embedder == identity(get_embedder())
    )


def generate() -> None:
    """Write people and listings, then embed and score them."""
    make_people(A_SIDE, {"summary_en": sentence(40)})
    make_listings()
    done = 0
    while count := refresh_stale_embeddings(seconds=10):
        done += count
        print(f"  {done} of {2 * A_SIDE} embedded", flush=True)
    print("  scoring", flush=True)
    run_matching()


def sentence(words: int) -> str:
    """Return SQL of a sentence of made-up research, another for each `number`."""
    known = ", ".join(f"'{word}'" for word in WORDS)
    return (
        f"(SELECT 'We study ' || string_agg((ARRAY[{known}])[1 + (hashint8(number * {words}"
        f" + place) & 65535) % {len(WORDS)}], ' ') || '.' FROM generate_series(1, {words}) place)"
    )


def make_listings() -> None:
    """Let everybody offer one thing and seek another."""
    first = Profile.objects.order_by("pk")[0]
    listing = Listing.objects.create(
        profile=first, kind="offer", state="open", title_en="Made for measurements.",
        valid_until=timezone.now() + timedelta(days=3650),
    )  # fmt: skip
    multiply(Listing, listing.pk, 4 * A_SIDE, {
        "profile_id": f"{first.pk} + (number - 1) / 2",
        "kind": "(ARRAY['request', 'offer'])[1 + number % 2]",
        "title_en": sentence(5),
        "description_en": sentence(12),
    })  # fmt: skip


def record(name: str, result: dict[str, object], columns: tuple[str, ...]) -> None:
    """Print a result's rows as a table, and keep the result in bench/results/."""
    result["machine"] = description()
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps(result, indent=2) + "\n")
    print(f"{'':36}" + "".join(f"{column.replace('_', ' '):>16}" for column in columns))
    for title, row in result["rows"].items():
        print(f"{title:36}" + "".join(f"{row[column]:>16}" for column in columns))
    print(f"{result['machine']}\n", flush=True)
