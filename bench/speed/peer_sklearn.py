"""scikit-learn; only who measures it imports this."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.neighbors import NearestNeighbors

from bench.speed.contender import KEEP, Integers, TwoSearches

Floats = NDArray[np.float32]


class ScikitLearn(TwoSearches):
    """scikit-learn's brute force by Euclidean distance, its fastest that orders unit vectors so."""

    title = "scikit-learn brute force, two searches"

    def prepare(self) -> None:
        """Fit both sides."""
        super().prepare()
        self.fitted = {
            id(side): NearestNeighbors(
                n_neighbors=KEEP, algorithm="brute", metric="sqeuclidean", n_jobs=1
            ).fit(np.ascontiguousarray(side))
            for side in (self.left, self.right)
        }

    def search(self, base: Floats, queries: Floats) -> Integers:
        """Search one side."""
        queries = np.ascontiguousarray(queries)
        return self.fitted[id(base)].kneighbors(queries, return_distance=False)
