"""Measure the portal itself, one process each; peers have `make bench-speed` and `bench-quality`."""

import subprocess
import sys

for module in (
    "bench.matching",
    "bench.web",
    "bench.large_run",
    "bench.search",
    "bench.search_quality",
    "bench.twinnings",
    "bench.publish",
    "bench.meetings",
    "bench.registration",
    "bench.submissions",
    "bench.schedule",
    "bench.assignment",
    "bench.ranking",
):
    print(f"== {module}", flush=True)
    if subprocess.run((sys.executable, "-m", module), check=False).returncode:
        sys.exit(f"{module} failed")
