"""What every contender answers: prepare, do a measured share of the job, find for the recall.

The job is the portal's: everybody's best 50 on the other side, for both sides. A contender that
knows no such thing searches twice, once in each direction. One that is slow does a number of
queries of each round, and its time is scaled to the whole job; the table says so.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.speed import population
from bench.speed.oracle import recall

Integers = NDArray[np.int64]
KEEP = 50


class NotRunError(Exception):
    """A contender that cannot run here; the table says why, and no target counts as held."""


@dataclass(frozen=True)
class Case:
    """What is matched. folder: where the plain people lie; seconds: of CPU, for slow contenders."""

    folder: Path
    count: int
    dimension: int
    seconds: float

    def of_kind(self, kind: str) -> Path:
        """Return where people of a kind lie; masked are plain people asked otherwise."""
        return self.folder / ("plain" if kind == "masked" else kind)


class Contender:
    """One way to do the job. The class is what the table calls `title`."""

    title = ""
    # Whether to compare what it finds with the truth.
    has_recall = True

    def __init__(self, case: Case) -> None:
        self.case = case

    def prepare(self) -> None:
        """Load, or build an index."""

    def run(self) -> float:
        """Do a part of the job; return how much of the whole it was, in (0, 1]."""
        raise NotImplementedError

    def find(self, rows: Integers) -> Integers:
        """Return the best right rows of some left rows: int64 (n, KEEP)."""
        raise NotImplementedError

    def cpu_elsewhere(self) -> float:
        """Return seconds of CPU spent for this contender in other processes so far."""
        return 0.0

    def about(self) -> dict[str, object]:
        """Return what else the results should say."""
        return {}

    def close(self) -> None:
        """Let go."""


class TwoSearches(Contender):
    """A library that searches one direction at a time: batches of both, taking turns."""

    batch = 1024
    least_batches = 1

    def prepare(self) -> None:
        """Map both sides."""
        plain = self.case.of_kind("plain")
        self.left = population.read_floats(plain, "left")
        self.right = population.read_floats(plain, "right")

    def search(self, base: NDArray[np.float32], queries: NDArray[np.float32]) -> Integers:
        """Return each query's best rows of the base."""
        raise NotImplementedError

    def run(self) -> float:
        """Search batches of both directions until the time is up or all is done."""
        started, done = time.process_time(), 0
        elsewhere = self.cpu_elsewhere()
        for number, start in enumerate(range(0, self.case.count, self.batch), start=1):
            batch = slice(start, start + self.batch)
            self.search(self.right, self.left[batch])
            self.search(self.left, self.right[batch])
            done += len(self.left[batch])
            spent = time.process_time() - started + self.cpu_elsewhere() - elsewhere
            if spent > self.case.seconds and number >= self.least_batches:
                break
        return done / self.case.count

    def find(self, rows: Integers) -> Integers:
        """Search for some left rows."""
        return np.asarray(self.search(self.right, self.left[rows]), dtype=np.int64)


class OneIndex(TwoSearches):
    """An approximate index over the right side; the job needs two, so its time counts twice."""

    # Breadths of search; the first with the wanted recall is measured.
    breadths = (50, 64, 100, 128, 200, 256, 400)
    wanted_recall = 0.99
    trial = 200

    def prepare(self) -> None:
        """Build over the right side, and note what that costs."""
        super().prepare()
        began = time.process_time() + self.cpu_elsewhere()
        self.build()
        self.build_cpu = time.process_time() + self.cpu_elsewhere() - began
        self.breadth = self.breadths[0]

    def build(self) -> None:
        """Make the index."""
        raise NotImplementedError

    def choose_breadth(self, rows: Integers, truth: Integers) -> None:
        """Take the narrowest search that finds enough."""
        for breadth in self.breadths:
            self.breadth = breadth
            if recall(self.find(rows[: self.trial]), truth[: self.trial]) >= self.wanted_recall:
                return

    def run(self) -> float:
        """Search with batches of the left side; the other direction would cost the same."""
        started, done = time.process_time(), 0
        elsewhere = self.cpu_elsewhere()
        for start in range(0, self.case.count, self.batch):
            found = self.search(self.right, self.left[start : start + self.batch])
            done += len(found)
            spent = time.process_time() - started + self.cpu_elsewhere() - elsewhere
            if spent > self.case.seconds:
                break
        return done / self.case.count / 2

    def about(self) -> dict[str, object]:
        """Return the breadth of search, and the CPU of the two indexes that the job needs."""
        return {"breadth": self.breadth, "build_cpu": round(2 * self.build_cpu, 3)}
