"""Contenders taking turns: each in its process, one share of the job a round, A B C A B C."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from bench.speed.contender import Case

# One thread each; numbers are compared a CPU second.
ONE_THREAD = dict.fromkeys(
    ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1"
)
Row = dict[str, Any]


class Child:
    """One contender's process."""

    def __init__(self, name: str, case: Case, kernel: str | None) -> None:
        described = {**asdict(case), "folder": str(case.folder)}
        environment = {**os.environ, **ONE_THREAD}
        environment.pop("OPENBLAS_CORETYPE", None)
        if kernel:
            environment["OPENBLAS_CORETYPE"] = kernel
        command = (sys.executable, "-m", "bench.speed.child", name, json.dumps(described))
        self.process = subprocess.Popen(
            command, env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self.name, self.rounds = name, []
        self.hello = self.answer()

    @property
    def is_there(self) -> bool:
        """Whether it runs here at all."""
        return "missing" not in self.hello

    def ask(self, word: str) -> Row:
        """Send a word, wait for the answer."""
        if not self.is_there:
            return {}
        try:
            self.process.stdin.write(word + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            return self.give_up()
        return self.answer()

    def answer(self) -> Row:
        """Read a line; a process that died is not there from then on."""
        line = self.process.stdout.readline()
        return json.loads(line) if line else self.give_up()

    def give_up(self) -> Row:
        """Say that it ended, and how."""
        self.hello = {"missing": f"ended with {self.process.wait()}; its message stands above"}
        return self.hello

    def stop(self) -> None:
        """End it."""
        self.ask("stop")
        self.process.stdin.close()
        self.process.wait()


@contextmanager
def children(
    names: list[str], case: Case, kernels: dict[str, str | None]
) -> Iterator[list[Child]]:
    """Start contenders one after the other, so that each prepares alone; stop them at the end."""
    started: list[Child] = []
    try:
        for name in names:
            print(f"  preparing {name}", flush=True)
            kernel = kernels["faiss" if name.startswith("faiss") else "numpy"]
            started.append(Child(name, case, kernel))
        yield started
    finally:
        for child in started:
            child.stop()


def measure(
    names: list[str], case: Case, rounds: int, kernels: dict[str, str | None]
) -> dict[str, Row]:
    """Return what each contender needed, by name."""
    with children(names, case, kernels) as started:
        for child in started:
            child.ask("choose")
        for number in range(1, rounds + 1):
            for child in started:
                if "cpu" in (row := child.ask("run")):
                    child.rounds.append(row)
            print(f"  round {number} of {rounds} done", flush=True)
        return {child.name: conclusion(child) for child in started}


def conclusion(child: Child) -> Row:
    """Return one contender's row of the results."""
    facts = {**child.hello, **child.ask("about")}
    if child.is_there and facts.get("recall"):
        facts["recall"] = round(child.ask("find")["recall"], 4)
    if not child.is_there or not child.rounds:
        return {"missing": child.hello.get("missing", "no round was finished")}
    return {**facts, **summary(child.rounds, facts.get("build_cpu", 0.0))}


def summary(rounds: list[Row], build: float) -> Row:
    """Return medians over the rounds, scaled to the whole job, an index's making included."""
    scaled = [build + row["cpu"] / row["share"] for row in rounds]
    shares = [row["share"] for row in rounds]
    return {
        "cpu": statistics.median(scaled),
        "cpu_rounds": scaled,
        "wall": statistics.median(build + row["wall"] / row["share"] for row in rounds),
        "measured_share": statistics.median(shares),
        "peak": max(row["peak"] for row in rounds),
    }


def ratio(results: dict[str, Row], above: str, below: str) -> float | None:
    """Return the median over the rounds of one contender's CPU through another's, or None."""
    pair = [results.get(name, {}).get("cpu_rounds") for name in (above, below)]
    if not all(pair):
        return None
    return statistics.median(one / other for one, other in zip(*pair, strict=False))
