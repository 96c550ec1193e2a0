"""Contenders that need nothing but numpy: the bare product, what one writes by hand, a loop."""

from __future__ import annotations

import time

import numpy as np
from numpy.typing import NDArray

from bench.speed import population
from bench.speed.contender import KEEP, Contender, Integers, TwoSearches

Floats = NDArray[np.float32]


class Product(Contender):
    """The machine's own rate of float32 products: the best of some shapes of blocks.

    Its `seconds` are those of the product alone of all pairs, once: the least that anything built
    on float32 needs.
    """

    title = "sgemm alone (the product of all pairs)"
    has_recall = False
    shapes = ((512, 4096), (1024, 4096), (2048, 2048), (4096, 4096))
    seconds_a_shape = 0.4

    def prepare(self) -> None:
        """Map a piece of both sides."""
        plain, most = self.case.of_kind("plain"), max(max(shape) for shape in self.shapes)
        self.left = np.ascontiguousarray(population.read_floats(plain, "left")[:most])
        self.right = np.ascontiguousarray(population.read_floats(plain, "right")[:most])
        self.rates: dict[str, float] = {}

    def run(self) -> float:
        """Multiply blocks of each shape; return the best shape's share of the job."""
        began = time.process_time()
        rates = {}
        for rows, columns in self.shapes:
            left, right = self.left[:rows], self.right[:columns]
            rates[f"{len(left)} x {len(right)}"] = self.rate(left, right)
        self.rates = rates
        whole = 2.0 * self.case.count**2 * self.case.dimension / max(rates.values())
        return (time.process_time() - began) / whole

    def rate(self, left: Floats, right: Floats) -> float:
        """Return the operations a CPU second of one shape."""
        out, turned = np.empty((len(left), len(right)), np.float32), right.T
        np.matmul(left, turned, out=out)
        began, times = time.process_time(), 0
        while (spent := time.process_time() - began) < self.seconds_a_shape:
            np.matmul(left, turned, out=out)
            times += 1
        return 2.0 * left.shape[0] * right.shape[0] * left.shape[1] * times / spent

    def about(self) -> dict[str, object]:
        """Return each shape's rate in the last round."""
        return {"gflops": {shape: round(rate / 1e9, 1) for shape, rate in self.rates.items()}}


class NumpyPartition(TwoSearches):
    """What one writes with numpy: a product, argpartition, a sort of what is left."""

    title = "numpy matmul + argpartition, two searches"

    def search(self, base: Floats, queries: Floats) -> Integers:
        """Multiply, cut, sort."""
        scores = queries @ base.T
        best = np.argpartition(scores, -KEEP, axis=1)[:, -KEEP:]
        order = np.argsort(-np.take_along_axis(scores, best, axis=1), axis=1)
        return np.take_along_axis(best, order, axis=1)


class PairLoop(Contender):
    """Plain Python, pair by pair, on a small sample."""

    title = "Python loop over pairs, two searches"
    has_recall = False
    opposite = 100

    def prepare(self) -> None:
        """Take some people as lists of floats, as a model's field would hold them."""
        plain = self.case.of_kind("plain")
        self.people = population.read_floats(plain, "left")[: self.opposite].tolist()
        self.others = population.read_floats(plain, "right")[: self.opposite].tolist()

    def run(self) -> float:
        """Rank some people's others; return the share of pairs, of two directions."""
        began, pairs = time.process_time(), 0
        for person in self.people:
            scores = [
                (sum(a * b for a, b in zip(person, other, strict=True)), number)
                for number, other in enumerate(self.others)
            ]
            scores.sort(reverse=True)
            pairs += len(scores)
            if time.process_time() - began > self.case.seconds / 2:
                break
        return pairs / (2.0 * self.case.count**2)
