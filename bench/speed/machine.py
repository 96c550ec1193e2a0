"""What the figures depend on beside the code, and which BLAS kernel is best for whom.

faiss brings an old OpenBLAS of its own that does not know every processor and then falls to a
kernel several times slower; measuring it like that would flatter us. So every kernel that the
processor may run is tried, for numpy's library and for faiss's, and each gets its best.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import time
from importlib import import_module, metadata
from pathlib import Path
from typing import Any

import numpy as np

# OpenBLAS's names, and the processor's flag that each needs. None: what it chooses by itself.
KERNELS = {"SkylakeX": "avx512f", "Haswell": "avx2", "Zen": "avx2"}
# A named kernel must beat the library's own choice by this much.
WORTH_NAMING = 1.05
SHAPE = (2048, 4096, 1152)
FLAGS = ("avx2", "fma", "avx512f", "avx512_vnni", "avx512_bf16", "amx_int8")
TRIES = 5
LIBRARIES = (
    "Django", "numpy", "numba", "onnxruntime", "faiss-cpu", "usearch", "scikit-learn",
)  # fmt: skip


def description() -> dict[str, Any]:
    """Return the machine, its load, and the versions of what was compared."""
    return {
        "processor": cpu_line("model name") or platform.machine(),
        "cores": os.cpu_count(),
        "flags": [flag for flag in FLAGS if flag in cpu_line("flags").split()],
        "memory_gib": round(memory_bytes() / 2**30, 1),
        "load": [round(load, 1) for load in os.getloadavg()],
        "system": platform.platform(),
        "python": platform.python_version(),
        "versions": versions(),
    }


def cpu_line(name: str) -> str:
    """Return a line of what the kernel says of the first processor."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return ""
    found = [line.partition(": ")[2] for line in lines if line.partition("\t")[0] == name]
    return found[0] if found else ""


def memory_bytes() -> int:
    """Return the machine's memory."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def versions() -> dict[str, str]:
    """Return the versions of the libraries that are there."""
    found = {}
    for name in LIBRARIES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "missing"
    return found


def best_kernels() -> dict[str, dict[str, Any]]:
    """Return, for numpy and for faiss, the best kernel and what all of them reached."""
    return {library: best_kernel(library) for library in ("numpy", "faiss")}


def best_kernel(library: str) -> dict[str, Any]:
    """Try every kernel that the processor may run, each in a process of its own."""
    flags = cpu_line("flags").split()
    candidates = [None, *(name for name, flag in KERNELS.items() if flag in flags)]
    tried = {str(name): trial(library, name) for name in candidates}
    rates = {name: row["gflops"] for name, row in tried.items() if row}
    best = max(rates, key=rates.get, default="None")
    if is_no_better(tried.get(best, {}), tried["None"]):
        best = "None"
    return {"chosen": None if best == "None" else best, "tried": tried}


def is_no_better(named: dict[str, Any], own: dict[str, Any]) -> bool:
    """Tell whether naming a kernel changes nothing: the same one runs, or it is hardly faster."""
    if not named or not own:
        return not named
    return named["blas"] == own["blas"] or named["gflops"] < WORTH_NAMING * own["gflops"]


def trial(library: str, kernel: str | None) -> dict[str, Any]:
    """Return the rate of one kernel, and which one really ran; empty when the library is not."""
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    environment.pop("OPENBLAS_CORETYPE", None)
    if kernel:
        environment["OPENBLAS_CORETYPE"] = kernel
    command = (sys.executable, "-m", "bench.speed.machine", library)
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return json.loads(done.stdout) if done.returncode == 0 else {}


def rate_of(library: str) -> float:
    """Return the best rate of some products, in 10**9 operations a CPU second."""
    rows, columns, dimension = SHAPE
    chance = np.random.default_rng(1)
    left = chance.standard_normal((rows, dimension), dtype=np.float32)
    right = chance.standard_normal((columns, dimension), dtype=np.float32)
    call = product_of(library, left, right)
    call()
    times = []
    for _ in range(TRIES):
        began = time.process_time()
        call()
        times.append(time.process_time() - began)
    return 2e-9 * rows * columns * dimension / min(times)


def product_of(library: str, left: np.ndarray, right: np.ndarray) -> Any:
    """Return what is timed: a product, or a search, which is a product and a selection."""
    if library == "numpy":
        return lambda: left @ right.T
    faiss = import_module("faiss")
    faiss.omp_set_num_threads(1)
    return lambda: faiss.knn(left, right, 1, metric=faiss.METRIC_INNER_PRODUCT)


if __name__ == "__main__":
    from bench.speed.child import kernels

    print(json.dumps({"gflops": round(rate_of(sys.argv[1]), 1), "blas": kernels()}))
