"""Measure the portal itself, one process each; peers have `make bench-speed` and `bench-quality`."""

import subprocess
import sys

for module in ("bench.matching", "bench.web", "bench.large_run"):
    print(f"== {module}", flush=True)
    if subprocess.run((sys.executable, "-m", module), check=False).returncode:
        sys.exit(f"{module} failed")
