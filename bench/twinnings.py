"""How long it takes to suggest organisations to each other: one core, invented organisations."""

from __future__ import annotations

import os
import time

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from matching.scoring.twinning import Bodies, propose

SIZES = (2_000, 10_000)
DIMENSION, AREAS = 512, 5


def bodies(random: np.random.Generator, count: int, first: int) -> Bodies:
    """Return organisations with vectors of any direction."""
    vectors = (random.integers(-32_767, 32_768, (count, DIMENSION)) for _kind in range(3))
    return Bodies(np.arange(first, first + count), *vectors, random.integers(0, 9, (count, AREAS)))


def main() -> None:
    """Print one line a size."""
    random = np.random.default_rng(2026)
    for count in SIZES:
        left, right = bodies(random, count, 1), bodies(random, count, count + 1)
        started, used = time.perf_counter(), time.process_time()
        found = len(propose(left, right))
        wall, cpu = time.perf_counter() - started, time.process_time() - used
        print(
            f"twinnings: {count:,} + {count:,} organisations, {found:,} suggestions, "
            f"{cpu:.1f} s CPU, {wall:.1f} s"
        )


if __name__ == "__main__":
    main()
