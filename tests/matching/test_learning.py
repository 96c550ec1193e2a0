"""Learning weights from answers: finds what is there, keeps its limits, says when it knows little."""

import numpy as np
import pytest

from matching.scoring.learning import LEARNED, Answers, propose
from matching.scoring.terms import TERMS, UNIT, WEIGHTS

TRUE = dict(WEIGHTS) | {"topic": 0.15, "seeking": 0.35}


def answers(viewers, each, *, true=TRUE, steepness=40.0, seed=1):
    """People who answer by weights of their own, suggestions shown with the weights in use."""
    chance = np.random.default_rng(seed)
    count = viewers * each
    features = chance.random((count, len(TERMS)))
    features[:, TERMS.index("novelty") :] = 0
    wishes = features @ np.array([true[term] for term in TERMS])
    welcomed = chance.random(count) < 1 / (1 + np.exp(-steepness * (wishes - wishes.mean())))
    parts = np.rint(features * np.array([WEIGHTS[term] for term in TERMS]) * UNIT)
    return Answers(np.repeat(np.arange(viewers), each), parts.astype(np.int64), welcomed)


@pytest.fixture(scope="module")
def proposal():
    return propose(answers(60, 10), resamples=40)


def test_weights_move_towards_what_people_answer_by(proposal):
    assert proposal.weights["topic"] < 0.28
    assert proposal.weights["seeking"] > 0.22
    low, high = proposal.intervals["seeking"]
    assert low < proposal.weights["seeking"] < high
    assert low > WEIGHTS["seeking"]


def test_gain_is_measured_on_viewers_who_were_not_learned_from(proposal):
    assert proposal.gain[1] > 0
    assert proposal.agreement_then > proposal.agreement_now > 0.5
    assert proposal.objections == ()
    assert (proposal.answers, proposal.viewers) == (600, 60)


def test_sum_and_signs_are_kept(proposal):
    learned = [proposal.weights[term] for term in LEARNED if WEIGHTS[term] > 0]
    assert sum(learned) == pytest.approx(
        sum(WEIGHTS[term] for term in LEARNED if WEIGHTS[term] > 0), abs=1e-3
    )
    assert min(learned) >= 0
    assert proposal.weights["novelty"] <= 0
    assert list(proposal.weights) == list(TERMS)
    assert proposal.weights["demand"] == WEIGHTS["demand"]


def test_answers_by_the_weights_in_use_change_little_and_promise_nothing():
    proposal = propose(answers(40, 8, true=dict(WEIGHTS)), resamples=5)

    assert proposal.weights["topic"] == pytest.approx(WEIGHTS["topic"], abs=0.06)
    assert "no_sure_gain" in proposal.objections


def test_few_answers_are_called_few_and_move_little():
    proposal = propose(answers(3, 6), resamples=5)

    assert "few_answers" in proposal.objections
    assert proposal.weights["topic"] == pytest.approx(WEIGHTS["topic"], abs=0.05)


@pytest.mark.parametrize("welcomed", (True, False))
def test_answers_of_one_kind_teach_nothing(welcomed):
    many = answers(5, 5)
    proposal = propose(Answers(many.viewers, many.parts, np.full(25, welcomed)))

    assert proposal.weights == dict(WEIGHTS)
    assert proposal.pairs == 0
    assert proposal.objections == ("few_answers",)


def test_no_answers_teach_nothing():
    none = Answers(np.zeros(0, np.int64), np.zeros((0, len(TERMS)), np.int64), np.zeros(0, bool))

    assert propose(none).weights == dict(WEIGHTS)


def test_same_answers_give_the_same_proposal():
    assert propose(answers(6, 6), resamples=5) == propose(answers(6, 6), resamples=5)


def test_arrays_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="do not fit"):
        Answers(np.zeros(2, np.int64), np.zeros((2, 3), np.int64), np.zeros(2, bool))
