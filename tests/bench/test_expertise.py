"""Scoring of outside data: right files give scores, wrong ones say what is wrong with them."""

import json

import pytest

from bench import expertise
from bench.expertise_baselines import language_model, tf_idf

PAPERS = {
    "chess": {"title": "Engines that play chess", "abstract": "Search trees of chess positions."},
    "moves": {"title": "Ordering moves", "abstract": "Game trees are searched in a better order."},
    "soil": {"title": "Soil acidity", "abstract": "Lime raises the pH of acid soils."},
    "untold": {"title": "Bread", "abstract": None},
    "blank": {"title": None, "abstract": " "},
}


def run(tmp_path, profiles, targets, papers=PAPERS):
    names = ("profiles", "papers", "targets")
    for name, found in zip(names, (profiles, papers, targets), strict=True):
        (tmp_path / name).write_text(found if isinstance(found, str) else json.dumps(found))
    out = tmp_path / "out"
    status = expertise.main([str(tmp_path / name) for name in (*names, "out")])
    return status, json.loads(out.read_text()) if out.exists() else None


@pytest.fixture(autouse=True)
def _apart(tmp_path, monkeypatch):
    monkeypatch.setattr(expertise, "RESULT", tmp_path / "results" / "expertise.json")


def test_papers_near_to_a_profile_score_higher(tmp_path):
    targets = {"ada": ["soil", "moves", "untold", "blank"], "bob": ["soil", "moves"]}
    status, found = run(tmp_path, {"ada": ["chess"], "bob": None, "eve": ["soil"]}, targets)

    assert status == 0
    assert found["ada"]["moves"] > found["ada"]["soil"]
    assert found["ada"]["blank"] == 0
    assert found["bob"] == {"soil": 0, "moves": 0}
    assert list(found) == ["ada", "bob"]


def test_draws_give_a_list(tmp_path):
    draws = {"ada": [["chess"], ["soil"]]}
    status, found = run(tmp_path, draws, {"ada": ["moves", "soil"]})

    assert status == 0
    assert [one["ada"]["moves"] > one["ada"]["soil"] for one in found] == [True, False]


@pytest.mark.parametrize(
    ("profiles", "targets", "problem"),
    (
        ({"ada": ["chess"]}, {"bob": ["soil"]}, "without a profile: bob"),
        ({"ada": ["nowhere"]}, {"ada": ["soil"]}, "profile of ada: no such paper: nowhere"),
        ({"ada": ["chess"]}, {"ada": [7]}, "targets of ada: no such paper: 7"),
        ({"ada": "chess"}, {"ada": ["soil"]}, "ada has no list of papers"),
        ({"ada": [["chess"]], "bob": []}, {"ada": ["soil"]}, "different numbers of draws"),
        ("{", {}, "is not JSON"),
        ("[]", {}, "holds no JSON object"),
    ),
)
def test_wrong_files_are_refused_and_nothing_is_written(
    tmp_path, capsys, profiles, targets, problem
):
    status, found = run(tmp_path, profiles, targets)

    assert status == 2
    assert found is None
    assert problem in capsys.readouterr().err


@pytest.mark.parametrize("baseline", (language_model, tf_idf))
def test_baselines_know_near_from_far(baseline):
    found = baseline({"ada": ["chess"]}, PAPERS, {"ada": ["moves", "soil", "blank"]})["ada"]

    assert found["moves"] > found["soil"]
