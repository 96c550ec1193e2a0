"""One contender in a process of its own: `python -m bench.speed.child NAME CASE` (JSON).

A process of its own gives each contender its own BLAS kernel, its own peak of memory, and no
other's threads. The parent writes one word a line (`run`, `find`, `about`, `stop`) and reads one
line of JSON for each. What libraries print goes to standard error.
"""

from __future__ import annotations

import json
import os
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import TextIO

import numpy as np

from bench.speed.contender import Case, Contender, NotRunError, OneIndex
from bench.speed.oracle import recall

try:
    from threadpoolctl import threadpool_info
except ImportError:
    # The portal's own environment has no peers.
    threadpool_info = None

# By name: module and class. Each module imports what only it needs.
CONTENDERS = {
    "product": ("plain", "Product"),
    "ours": ("ours", "Ours"),
    "ours-int8": ("ours", "OursInt8"),
    "ours-pool": ("ours", "OursPool"),
    "ours-sorted": ("ours", "OursSorted"),
    "ours-masked": ("ours", "OursMasked"),
    "faiss": ("peer_faiss", "FaissFlat"),
    "faiss-hnsw": ("peer_faiss", "FaissHnsw"),
    "usearch": ("peer_usearch", "UsearchExact"),
    "usearch-hnsw": ("peer_usearch", "UsearchHnsw"),
    "sklearn": ("peer_sklearn", "ScikitLearn"),
    "numpy": ("plain", "NumpyPartition"),
    "pgvector": ("postgres", "PgvectorExact"),
    "pgvector-hnsw": ("postgres", "PgvectorHnsw"),
    "loop": ("plain", "PairLoop"),
}
Answer = dict[str, object]


def class_of(name: str) -> type[Contender]:
    """Return a contender's class."""
    module, title = CONTENDERS[name]
    return getattr(import_module(f"bench.speed.{module}"), title)


def peak_memory() -> int:
    """Return the most bytes that this process has held at once, mapped files included."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0


def forget_peak() -> None:
    """Start the peak anew from what is held now."""
    Path("/proc/self/clear_refs").write_text("5")


def kernels() -> list[str]:
    """Return the BLAS libraries in this process with their kernels."""
    if threadpool_info is None:
        return []
    pools = [pool for pool in threadpool_info() if pool["user_api"] == "blas"]
    return sorted(
        f"{pool['internal_api']} {pool['version']} {pool.get('architecture')},"
        f" {pool['num_threads']} thread"
        for pool in pools
    )


class Stage:
    """What answers the parent's words."""

    def __init__(self, contender: Contender, folder: Path) -> None:
        self.contender = contender
        self.folder = folder

    def cpu(self) -> float:
        """Return seconds of CPU so far, wherever they were spent."""
        return time.process_time() + self.contender.cpu_elsewhere()

    def run(self) -> Answer:
        """Do one measured share of the job."""
        forget_peak()
        began, cpu = time.perf_counter(), self.cpu()
        share = self.contender.run()
        spent, waited = self.cpu() - cpu, time.perf_counter() - began
        return {"cpu": spent, "wall": waited, "share": share, "peak": peak_memory()}

    def choose(self) -> Answer:
        """Let an approximate index find how broadly it must search."""
        if isinstance(self.contender, OneIndex):
            self.contender.choose_breadth(*self.truth())
        return {}

    def find(self) -> Answer:
        """Compare with the truth."""
        rows, truth = self.truth()
        return {"recall": recall(self.contender.find(rows), truth)}

    def truth(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the sampled left rows and the right rows that are their best."""
        return np.load(self.folder / "rows.npy"), np.load(self.folder / "truth.npy")

    def about(self) -> Answer:
        """Return what else is known."""
        return dict(self.contender.about())

    def stop(self) -> Answer:
        """Let go."""
        self.contender.close()
        return {}


def serve(out: TextIO) -> None:
    """Prepare, then answer until told to stop."""
    name, described = sys.argv[1], json.loads(sys.argv[2])
    case = Case(Path(described.pop("folder")), **described)
    try:
        contender = class_of(name)(case)
        contender.prepare()
    except (ImportError, NotRunError) as error:
        tell(out, {"missing": f"{type(error).__name__}: {error}"})
        return
    tell(out, {"title": contender.title, "blas": kernels(), "recall": contender.has_recall})
    stage = Stage(contender, case.folder)
    for line in sys.stdin:
        tell(out, getattr(stage, line.strip())())
        if line.strip() == "stop":
            return


def tell(out: TextIO, answer: Answer) -> None:
    """Write one line."""
    out.write(json.dumps(answer) + "\n")
    out.flush()


if __name__ == "__main__":
    with os.fdopen(os.dup(1), "w") as pipe:
        os.dup2(2, 1)
        serve(pipe)
