"""Pools stay the beginning of the ranking, whoever joins, moves or leaves."""

import numpy as np
import pytest

from matching.services.pools import best_pool


class Drawn:
    """Pools of few people with few different scores."""

    def __init__(self, seed):
        self.random = np.random.default_rng(seed)
        self.ids = self.random.permutation(np.arange(1, 13))
        self.scores = self.random.integers(0, 4, 12)

    def ranking(self):
        return sorted(zip((-self.scores).tolist(), self.ids.tolist(), strict=True))


@pytest.mark.parametrize("seed", range(20))
def test_pools_stay_the_beginning_of_the_ranking(seed):
    drawn = Drawn(seed)
    everybody = np.ones(12, dtype=bool)
    reserve = int(drawn.random.integers(3, 15))
    pool = best_pool(drawn.ids, drawn.scores, everybody, reserve)
    for _number in range(10):
        place = int(drawn.random.integers(0, 12))
        person_id = int(drawn.ids[place])
        drawn.scores[place] = drawn.random.integers(0, 4)
        pool = pool.without(person_id).joined_by(person_id, int(drawn.scores[place]), reserve)

        found = list(zip((-pool.scores).tolist(), pool.ids.tolist(), strict=True))
        assert found == drawn.ranking()[: len(pool)]
        assert not pool.is_complete or len(pool) == 12
        assert pool.is_complete or not len(pool) or pool.floor == pool.scores[-1]
