"""usearch; only who measures it imports this."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from usearch.index import Index, MetricKind
from usearch.index import search as exact_search

from bench.speed.contender import KEEP, Integers, OneIndex, TwoSearches

Floats = NDArray[np.float32]


class UsearchExact(TwoSearches):
    """usearch, exact."""

    title = "usearch exact, two searches"
    batch = 128

    def search(self, base: Floats, queries: Floats) -> Integers:
        """Search by brute force."""
        queries = np.ascontiguousarray(queries)
        return exact_search(base, queries, KEEP, MetricKind.IP, exact=True, threads=1).keys


class UsearchHnsw(OneIndex):
    """usearch, approximate."""

    title = "usearch HNSW"
    batch = 256

    def build(self) -> None:
        """Add everybody, one thread."""
        self.index = Index(ndim=self.case.dimension, metric="ip", dtype="f32", connectivity=16)
        self.index.add(np.arange(len(self.right)), self.right, threads=1)

    def search(self, base: Floats, queries: Floats) -> Integers:
        """Search with the chosen breadth."""
        self.index.expansion_search = self.breadth
        return self.index.search(np.ascontiguousarray(queries), KEEP, threads=1).keys
