"""The first pass sees offers and requests in fewer dimensions."""

import numpy as np
import pytest

from matching.scoring import STORED
from matching.scoring.projection import basis_of, projected


def unit_rows(count, width, *, rank=None, seed=3):
    chance = np.random.default_rng(seed)
    rows = chance.standard_normal((count, rank or width))
    if rank:
        rows = rows @ chance.standard_normal((rank, width))
    return np.rint(rows / np.linalg.norm(rows, axis=1, keepdims=True) * STORED).astype(np.int16)


def products(rows):
    wide = rows.astype(np.float64) / STORED
    return wide @ wide.T


def test_projection_keeps_products_of_vectors_that_lie_in_few_directions():
    rows = unit_rows(200, 96, rank=20)

    kept = projected(rows, basis_of(rows, dimensions=20))

    assert kept.shape == (200, 20)
    np.testing.assert_allclose(products(kept), products(rows), atol=2e-3)


def test_projection_keeps_more_than_as_many_of_the_given_dimensions():
    rows = unit_rows(300, 96, rank=60)
    cut = rows[:, :40]

    kept = projected(rows, basis_of(rows, dimensions=40))

    def lost(some):
        return np.abs(products(some) - products(rows)).mean()

    assert lost(kept) < lost(cut) / 2


@pytest.mark.parametrize("width", (1, 40, 96))
def test_projection_never_lengthens(width):
    rows = unit_rows(50, width)
    squares = np.square(projected(rows, basis_of(rows, dimensions=64)), dtype=np.int64).sum(axis=1)

    assert (squares <= (STORED + 1) ** 2).all()


def test_person_alone_is_projected_as_among_others():
    rows = unit_rows(70, 96)
    basis = basis_of(rows, dimensions=32)

    together = projected(rows, basis)

    alone = np.concatenate([projected(rows[row : row + 1], basis) for row in range(70)])
    np.testing.assert_array_equal(together, alone)


@pytest.mark.parametrize("count", (0, 1, 5))
def test_basis_of_few_people_keeps_them_whole(count):
    rows = unit_rows(count, 96)

    kept = projected(rows, basis_of(rows, dimensions=32))

    np.testing.assert_allclose(products(kept), products(rows), atol=2e-3)


def test_vector_a_little_too_long_does_not_leave_its_range():
    rows = np.zeros((1, 96), dtype=np.int16)
    rows[0, :2] = 23_175

    kept = projected(rows, basis_of(rows, dimensions=32))

    assert products(kept)[0, 0] == pytest.approx(1, abs=2e-3)
    assert np.abs(kept[0].astype(np.int64)).max() == STORED
    assert np.count_nonzero(np.abs(kept) > 100) == 1
