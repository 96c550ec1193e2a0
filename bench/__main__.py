"""Run every measurement, one process each."""

import subprocess
import sys

for module in ("bench.matching", "bench.web"):
    print(f"== {module}", flush=True)
    if subprocess.run((sys.executable, "-m", module), check=False).returncode:
        sys.exit(f"{module} failed")
