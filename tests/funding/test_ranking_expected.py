"""Expected ranks against what can be worked out without sampling, and against the truth."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm, spearmanr

from funding.ranking import expected_ranks, votes_of
from funding.ranking.convergence import effective, r_hat
from tests.funding.votes_made import made


def rank_of_differences(means, deviations):
    """Return expected ranks from posterior means and deviations of differences, (..., n, n)."""
    better = norm.cdf((means[..., None, :] - means[..., :, None]) / deviations)
    return 0.5 + better.sum(axis=-1)


def standardised(scores):
    return (scores - scores.mean()) / scores.std()


def half_cauchy(deviation):
    return 1 / (1 + deviation**2)


def test_balanced_votes_without_severity_agree_with_the_integral():
    scores = np.array([[4.5, 4, 5], [4, 3.5, 4.5], [3, 3.5, 2], [2.5, 4, 3], [1, 2, 1.5]])
    votes, _names = votes_of((0, i, j, scores[i, j]) for i, j in np.ndindex(scores.shape))
    marks = standardised(scores)
    means, count, each = marks.mean(axis=1), *scores.shape
    within, between = ((marks - means[:, None]) ** 2).sum(), count * means.var()
    lowest = 0.5 / np.sqrt(12) / scores.std()
    tau, sigma = np.meshgrid(np.geomspace(1e-3, 50, 300), np.geomspace(lowest, 20, 300))
    of_means = tau**2 + sigma**2 / each
    logarithm = (
        -(count * (each - 1)) * np.log(sigma)
        - within / (2 * sigma**2)
        - (count - 1) / 2 * np.log(of_means)
        - between / (2 * of_means)
    )
    weights = np.exp(logarithm) * half_cauchy(tau) * half_cauchy(sigma) * tau * sigma
    shrunk = (tau**2 / of_means)[..., None] * means
    spread = np.sqrt(2 * tau**2 * sigma**2 / each / of_means)[..., None, None]
    ranks = (rank_of_differences(shrunk, spread) * weights[..., None]).sum(axis=(0, 1))

    found = expected_ranks(votes, seed=3, draws=20_000, correct_severity=False)

    assert found.expected == pytest.approx(ranks / weights.sum(), abs=0.02)
    share = (weights * tau**2 / (tau**2 + sigma**2)).sum() / weights.sum()
    assert found.shares.proposal == pytest.approx(share, abs=0.01)
    assert found.shares.reviewer == found.shares.panel == 0


def test_corrected_ranks_agree_with_the_integral():
    cells = {
        (0, 0): 4,
        (0, 1): 3,
        (1, 1): 3.5,
        (1, 2): 5,
        (2, 0): 3,
        (2, 2): 4,
        (3, 0): 2,
        (3, 1): 1,
    }
    votes, _names = votes_of((0, i, j, score) for (i, j), score in cells.items())
    scores = np.array(list(cells.values()), dtype=float)
    marks, lowest = standardised(scores), 0.5 / np.sqrt(12) / scores.std()
    own = np.array([[i == k for k in range(4)] for i, _j in cells], dtype=float)
    judged = np.array([[j == k for k in range(3)] for _i, j in cells], dtype=float)
    total, ranks = 0.0, np.zeros(4)
    grid = np.geomspace(5e-3, 20, 26)
    for tau, lam, sigma in product(grid, grid, np.geomspace(lowest, 10, 26)):
        # A mean of any size, as good as flat.
        cover = tau**2 * own @ own.T + lam**2 * judged @ judged.T + sigma**2 * np.eye(8) + 1e4
        solved = np.linalg.solve(cover, np.column_stack((marks, tau**2 * own)))
        density = np.exp(-0.5 * (marks @ solved[:, 0] + np.linalg.slogdet(cover)[1]))
        weight = density * np.prod([half_cauchy(one) * one for one in (tau, lam, sigma)])
        left = tau**2 * np.eye(4) - tau**2 * own.T @ solved[:, 1:]
        apart = np.maximum(np.add.outer(np.diag(left), np.diag(left)) - 2 * left, 1e-12)
        ranks += weight * rank_of_differences(tau**2 * own.T @ solved[:, 0], np.sqrt(apart))
        total += weight

    found = expected_ranks(votes, seed=5, draws=20_000, correct_severity=True)

    assert found.expected == pytest.approx(ranks / total, abs=0.03)


@pytest.mark.parametrize("panels", (1, 3))
def test_intervals_cover_the_truth_as_often_as_they_say(panels):
    inside50 = inside90 = wide50 = count = 0
    better = []
    for seed in range(16):
        votes, quality = made(seed, panels=panels, reviewers=15)
        true = 1 + (quality[None] > quality[:, None]).sum(axis=1)
        ranks = expected_ranks(votes, seed=seed, draws=1200, correct_severity=True)
        inside50 += ((ranks.low50 <= true) & (true <= ranks.high50)).sum()
        inside90 += ((ranks.low90 <= true) & (true <= ranks.high90)).sum()
        wide50, count = wide50 + (ranks.high50 - ranks.low50).sum(), count + len(true)
        plain = spearmanr(ranks.mean, quality).statistic
        better.append(spearmanr(-ranks.expected, quality).statistic - plain)

    assert 0.85 <= inside90 / count <= 0.95
    # Ranks are whole: an interval of 50 per cent holds a little more.
    assert 0.45 <= inside50 / count <= 0.65
    assert wide50 / count < 15
    assert np.mean(better) > 0.01


def test_severity_of_reviewers_is_found_and_made_up_for():
    votes, quality = made(1, proposals=60, reviewers=6, votes=3, severity=1.0, noise=0.3)
    raw, corrected = (
        expected_ranks(votes, seed=1, correct_severity=correct) for correct in (False, True)
    )

    agreement = [spearmanr(-ranks.expected, quality).statistic for ranks in (raw, corrected)]
    assert agreement[1] > agreement[0] + 0.05
    assert corrected.shares.reviewer > 0.2
    cast = [votes.score[votes.reviewer == judge].mean() for _panel, judge in corrected.judges]
    assert spearmanr(corrected.severity, cast).statistic > 0.8
    assert not raw.severity.any()


def test_the_same_seed_gives_the_same_and_another_nearly():
    votes, _quality = made(2)
    first, again, other = (
        expected_ranks(votes, seed=seed, correct_severity=True) for seed in (1, 1, 2)
    )

    assert (first.expected == again.expected).all()
    assert (first.expected != other.expected).any()
    assert first.expected == pytest.approx(other.expected, abs=1.5)


def test_chains_agree_and_say_so():
    ranks = expected_ranks(made(3, panels=3, reviewers=15)[0], seed=1, correct_severity=True)

    assert ranks.convergence.is_reached
    assert ranks.convergence.r_hat <= 1.01
    assert ranks.convergence.effective >= 400


def test_diagnostics_see_chains_that_do_not_agree():
    chance = np.random.default_rng(1)
    good = chance.standard_normal((4, 1000, 2))
    stuck = good + np.arange(4)[:, None, None] * np.array([0.0, 3.0])
    slow = np.cumsum(good, axis=1)

    assert r_hat(good) == pytest.approx([1, 1], abs=0.01)
    assert effective(good) == pytest.approx([4000, 4000], rel=0.15)
    assert r_hat(stuck)[0] < 1.01 < 2 < r_hat(stuck)[1]
    assert (effective(slow) < 60).all()


def test_scale_of_the_scores_does_not_matter():
    votes, _quality = made(4)
    ranks = expected_ranks(votes, seed=1, correct_severity=True)
    percent = expected_ranks(
        replace(votes, score=votes.score * 20 + 7), seed=1, correct_severity=True
    )

    assert percent.expected == pytest.approx(ranks.expected, abs=0.3)
    assert percent.corrected == pytest.approx(ranks.corrected * 20 + 7, abs=1)


@pytest.mark.parametrize("correct_severity", (True, False))
def test_equal_votes_leave_the_order_open(correct_severity):
    votes, _names = votes_of((0, i, j, 3.0) for i in range(6) for j in range(2))

    ranks = expected_ranks(votes, seed=1, correct_severity=correct_severity)

    assert ranks.expected == pytest.approx([3.5] * 6, abs=0.3)


@pytest.mark.parametrize("correct_severity", (True, False))
def test_votes_that_all_agree_part_what_they_part(correct_severity):
    votes, _names = votes_of((0, i, j, i / 2) for i in range(8) for j in range(4))

    ranks = expected_ranks(votes, seed=1, correct_severity=correct_severity)

    assert ranks.expected == pytest.approx(np.arange(8, 0, -1), abs=0.2)
    assert ranks.spread.max() == 0


def test_one_vote_is_the_first_rank():
    ranks = expected_ranks(votes_of([("p", "a", "r", 4)])[0], seed=1, correct_severity=True)

    assert (ranks.expected[0], ranks.low90[0], ranks.high90[0]) == (1, 1, 1)
    assert (ranks.mean[0], ranks.median[0], ranks.spread[0]) == (4, 4, 0)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 2), st.integers(0, 6), st.integers(0, 4), st.integers(0, 10)),
        min_size=1,
        max_size=25,
    ),
    st.booleans(),
)
def test_whatever_is_voted_ranks_make_sense(rows, correct_severity):
    votes, names = votes_of((panel, one, judge, half / 2) for panel, one, judge, half in rows)

    ranks = expected_ranks(votes, seed=1, draws=400, correct_severity=correct_severity)

    count = len(names.proposals)
    assert ranks.expected.sum() == pytest.approx(count * (count + 1) / 2)
    assert (ranks.low90 <= ranks.low50).all()
    assert (ranks.high50 <= ranks.high90).all()
    assert ranks.low90.min() >= 1
    assert ranks.high90.max() <= count
    assert sum(vars(ranks.shares).values()) == pytest.approx(1)
    assert np.isfinite(ranks.corrected).all()


@pytest.mark.parametrize(
    ("change", "words"),
    (
        ({"score": np.array([1.0, np.nan])}, "not a number"),
        ({"score": np.array([1.0])}, "one length"),
        ({"proposal": np.array([0, 2])}, "no votes"),
        ({"reviewer": np.array([0, -1])}, "begin at 0"),
    ),
)
def test_votes_that_make_no_sense_are_refused(change, words):
    votes, _names = votes_of([(0, "a", 0, 1), (0, "b", 1, 2)])

    with pytest.raises(ValueError, match=words):
        replace(votes, **change)


def test_too_few_draws_are_refused():
    with pytest.raises(ValueError, match="at least 400 draws"):
        expected_ranks(made(1)[0], seed=1, draws=100, correct_severity=True)
