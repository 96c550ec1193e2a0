"""faiss-cpu; only who measures it imports this."""

from __future__ import annotations

import faiss
import numpy as np
from numpy.typing import NDArray

from bench.speed.contender import KEEP, Integers, OneIndex, TwoSearches

Floats = NDArray[np.float32]


class FaissFlat(TwoSearches):
    """faiss, exact: two searches with a batch that fills its own blocks."""

    title = "faiss-cpu flat, two searches"
    batch, least_batches = 4096, 2

    def prepare(self) -> None:
        """Hold both sides as indexes, as one would."""
        super().prepare()
        faiss.omp_set_num_threads(1)
        self.indexes = {}
        for side in (self.left, self.right):
            self.indexes[id(side)] = faiss.IndexFlatIP(self.case.dimension)
            self.indexes[id(side)].add(side)

    def search(self, base: Floats, queries: Floats) -> Integers:
        """Search one index."""
        return self.indexes[id(base)].search(np.ascontiguousarray(queries), KEEP)[1]


class FaissHnsw(OneIndex):
    """faiss, approximate."""

    title = "faiss-cpu HNSW"
    links = 32

    def build(self) -> None:
        """Add everybody, one thread."""
        faiss.omp_set_num_threads(1)
        self.index = faiss.IndexHNSWFlat(
            self.case.dimension, self.links, faiss.METRIC_INNER_PRODUCT
        )
        self.index.add(np.ascontiguousarray(self.right))

    def search(self, base: Floats, queries: Floats) -> Integers:
        """Search with the chosen breadth."""
        self.index.hnsw.efSearch = self.breadth
        return self.index.search(np.ascontiguousarray(queries), KEEP)[1]
