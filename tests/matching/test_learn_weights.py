"""Learning weights from answers: what is read, what is printed, and that nothing changes."""

import json
from io import StringIO

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from matching.models import SuggestionAnswer
from matching.scoring import TERMS, UNIT, WEIGHTS, WEIGHTS_VERSION
from matching.services.answers import answers_to_learn_from
from tests.factories.matching import (
    AcceptedContactRequestFactory,
    KoreanProfileFactory,
    ProfileFactory,
)

PARTS = [0.25, 0.125, *[0.0] * (len(TERMS) - 2)]


def give(profile, partner, answer, **columns):
    columns = {"parts": PARTS, "weights_version": WEIGHTS_VERSION} | columns
    return SuggestionAnswer.objects.create(
        profile=profile, partner=partner, answer=answer, **columns
    )


def run(**options):
    out = StringIO()
    call_command("learn_weights", stdout=out, **options)
    return out.getvalue()


def test_welcomed_and_dismissed_are_read(minji, anna, omar):
    give(minji, anna, "interested")
    give(minji, omar, "not_for_me", reason="other_topic")

    answers = answers_to_learn_from()

    assert answers.viewers.tolist() == [minji.pk] * 2
    assert answers.welcomed.tolist() == [True, False]
    assert answers.parts[0].tolist() == [round(part * UNIT) for part in PARTS]


def test_accepted_contact_is_a_welcome_whoever_asked(minji, anna, omar):
    give(minji, anna, "later")
    give(minji, omar, "later")
    AcceptedContactRequestFactory(sender=anna, recipient=minji)

    assert answers_to_learn_from().welcomed.tolist() == [True]


@pytest.mark.parametrize(
    "columns",
    (
        {"answer": "later"},
        {"answer": "not_for_me", "reason": "known_already"},
        {"answer": "interested", "weights_version": "2020-1"},
        {"answer": "interested", "parts": []},
        {"answer": "interested", "parts": PARTS[:-2]},
        {"answer": "interested", "undone_at": "2026-01-01T00:00:00Z"},
    ),
)
def test_answers_that_say_nothing_about_the_weights_are_not_read(minji, anna, columns):
    give(minji, anna, **columns)

    assert len(answers_to_learn_from().viewers) == 0


def test_without_answers_it_says_so_and_keeps_the_weights(db, tmp_path):
    printed = run(output=tmp_path / "proposal.json")
    proposal = json.loads((tmp_path / "proposal.json").read_text())

    assert "0 answers" in printed
    assert "Too few answers" in printed
    assert proposal["proposed"] == proposal["now"] == dict(WEIGHTS)
    assert proposal["objections"] == ["few_answers"]


def test_many_answers_that_agree_move_the_weight_they_are_about(db, tmp_path):
    """Forty people welcome who offers what they seek, and dismiss who writes what they write."""
    chance = np.random.default_rng(3)
    partners = ProfileFactory.create_batch(8)
    rows = [
        SuggestionAnswer(
            profile=viewer, partner=partner, parts=shown(chance, is_welcome=place < 4),
            answer="interested" if place < 4 else "not_for_me", weights_version=WEIGHTS_VERSION,
        )
        for viewer in KoreanProfileFactory.create_batch(40)
        for place, partner in enumerate(partners)
    ]  # fmt: skip
    SuggestionAnswer.objects.bulk_create(rows)

    printed = run(output=tmp_path / "proposal.json")
    proposal = json.loads((tmp_path / "proposal.json").read_text())

    assert (proposal["answers"], proposal["people"], proposal["pairs"]) == (320, 40, 640)
    assert proposal["proposed"]["seeking"] > WEIGHTS["seeking"]
    assert proposal["proposed"]["topic"] < WEIGHTS["topic"]
    assert proposal["intervals"]["seeking"][0] > WEIGHTS["seeking"]
    assert f"{proposal['proposed']['seeking']:.3f}" in printed
    assert proposal["objections"] == []
    assert "Worth a discussion" in printed


def shown(chance, *, is_welcome):
    """Return terms in which a welcome shows as something sought, a dismissal as likeness."""
    terms = dict.fromkeys(TERMS, 0.0)
    terms["topic"] = WEIGHTS["topic"] * (chance.random() * 0.3 + 0.2 * (not is_welcome))
    terms["seeking"] = WEIGHTS["seeking"] * (chance.random() * 0.2 + 0.6 * is_welcome)
    return list(terms.values())


def test_file_that_cannot_be_written_is_a_clear_error(db, tmp_path):
    with pytest.raises(CommandError, match="cannot be written"):
        run(output=tmp_path / "nowhere" / "proposal.json")
