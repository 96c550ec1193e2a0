"""The measurements of quality: right figures where they are known, a clear word without data."""

import json

import numpy as np
import pytest

from bench import koen_ranking, market, quality

COUNT, DIMENSION = 30, 64


def unit(rows):
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def pairs():
    return {"set": [{"en": f"Text number {n}", "ko": f"{n}번째 글입니다"} for n in range(COUNT)]}


def vectors(noise, seed=1):
    chance = np.random.default_rng(seed)
    subjects, english = chance.normal(size=(2, COUNT, DIMENSION))
    korean = subjects + noise * chance.normal(size=subjects.shape)
    return {"set_en": unit(subjects), "set_ko": unit(korean)}, {"set_en": unit(english)}


def test_translations_are_found_where_both_languages_share_a_space():
    row = koen_ranking.ranking_report(pairs(), *vectors(0.2))["set"]

    assert row["pairs"] == COUNT
    assert row["ko>en"] == row["en>ko"] == row["mixed ko"] == 1
    assert row["mixed"] == pytest.approx((row["mixed ko"] + row["mixed en"]) / 2)


def test_translations_are_not_found_where_vectors_say_nothing():
    row = koen_ranking.ranking_report(pairs(), *vectors(100.0))["set"]

    assert max(row["ko>en"], row["en>ko"], row["mixed"]) < 0.3


def test_a_tie_counts_as_wrong():
    neutral, english = vectors(0.2)
    same = {name: np.tile(rows[:1], (COUNT, 1)) for name, rows in neutral.items()}

    row = koen_ranking.ranking_report(pairs(), same, english)["set"]

    assert row["mixed ko"] == 0


def test_sets_without_vectors_are_left_out_and_wrong_numbers_refused():
    neutral, english = vectors(0.2)
    assert koen_ranking.ranking_report({"other": pairs()["set"]}, neutral, english) == {}
    with pytest.raises(ValueError, match="as many vectors"):
        koen_ranking.ranking_report({"set": pairs()["set"][:-1]}, neutral, english)


def test_without_data_the_market_is_measured_and_the_rest_named(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(quality, "FOLDER", tmp_path / "nowhere")
    monkeypatch.setattr(quality, "RESULT", quality.ROOT / "var" / "test-quality.json")
    monkeypatch.setattr(market, "SEEDS", 1)
    monkeypatch.setattr(market, "CROWDING", (0.5,))

    try:
        assert quality.main() == 0
        written = json.loads(quality.RESULT.read_text())
    finally:
        quality.RESULT.unlink(missing_ok=True)

    assert "are left out" in capsys.readouterr().out
    assert market.gain(written["market"]["0.5"]) > 0.8


@pytest.mark.parametrize(("values", "expected"), (([1, 1, 1], 0), ([0, 0, 3], 2 / 3)))
def test_gini_is_nothing_when_all_have_the_same(values, expected):
    assert market.gini(np.array(values, dtype=float)) == pytest.approx(expected)
