"""Whether chains agree, and how many independent draws they are worth.

Gelman, Carlin, Stern, Dunson, Vehtari, Rubin: Bayesian Data Analysis, third edition, 2013,
section 11.4 and 11.5: split R-hat, and the effective number by Geyer's initial positive sequence.
"""

from __future__ import annotations

import numpy as np

from funding.ranking.votes import Floats


def r_hat(draws: Floats) -> Floats:
    """Return the potential scale reduction of each quantity; draws float64 (chains, draws, n).

    1 where a quantity never moves, infinite where chains stand at different places.
    """
    half = draws.shape[1] // 2
    split = np.concatenate((draws[:, :half], draws[:, half : 2 * half]))
    within = split.var(axis=1, ddof=1).mean(axis=0)
    between = half * split.mean(axis=1).var(axis=0, ddof=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        found: Floats = np.sqrt((half - 1) / half + between / (half * within))
    return np.where(between == 0, 1.0, found)


def effective(draws: Floats) -> Floats:
    """Return the effective number of draws of each quantity; draws float64 (chains, draws, n)."""
    chains, count, _quantities = draws.shape
    covariances = _autocovariances(draws).mean(axis=0)
    within = covariances[0] * count / (count - 1)
    overall = within * (count - 1) / count + draws.mean(axis=1).var(axis=0, ddof=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        correlations = 1 - (within - covariances) / overall
    even = count // 2 * 2
    pairs = correlations[0:even:2] + correlations[1:even:2]
    positive = np.cumprod(pairs > 0, axis=0)
    times = np.maximum(2 * (pairs * positive).sum(axis=0) - 1, 1 / np.log10(chains * count))
    return np.where(overall == 0, chains * count, chains * count / times)


def _autocovariances(draws: Floats) -> Floats:
    """Return the autocovariances of each chain and quantity at all lags."""
    count = draws.shape[1]
    spectrum = np.fft.rfft(draws - draws.mean(axis=1, keepdims=True), 2 * count, axis=1)
    found: Floats = np.fft.irfft(np.abs(spectrum) ** 2, axis=1)[:, :count] / count
    return found
