"""Pairs of texts become vectors in their order, or a sentence says what is wrong with them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from bench import koen
from matching.embedding.gate import gate_pairs
from tests.processes import PATIENCE

ROOT = Path(koen.__file__).resolve().parent.parent


def write_pairs(folder, content):
    path = folder / "pairs.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def some_pairs(count=6):
    return [{"en": en, "ko": ko} for en, ko in list(zip(*gate_pairs(), strict=True))[:count]]


def run_alone(*arguments):
    """Run the command as others would, where no database answers."""
    return subprocess.run(
        [sys.executable, "-m", "bench.koen", *map(str, arguments)],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": "postgres://nobody@127.0.0.1:1/nothing"},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )


def test_vectors_and_ranking_need_no_database(tmp_path):
    pairs = {"sentences": some_pairs(), "one": some_pairs(1), "none": []}
    out = tmp_path / "vectors.npz"

    done = run_alone(write_pairs(tmp_path, pairs), out, "--ranking")

    assert done.returncode == 0, done.stderr
    with np.load(out) as stored:
        vectors = {name: stored[name] for name in stored}
    assert {name: rows.shape for name, rows in vectors.items()} == {
        "sentences_en": (6, 512),
        "sentences_ko": (6, 512),
        "one_en": (1, 512),
        "one_ko": (1, 512),
        "none_en": (0, 512),
        "none_ko": (0, 512),
    }
    np.testing.assert_allclose(np.linalg.norm(vectors["sentences_ko"], axis=1), 1, atol=1e-3)
    np.testing.assert_array_equal(vectors["sentences_en"][:1], vectors["one_en"])
    likeness = vectors["sentences_ko"] @ vectors["sentences_en"].T
    assert likeness.argmax(axis=1).tolist() == list(range(6))
    assert done.stdout.split()[:1] == ["use-multilingual@3-0.2.1"]
    assert "sentences             6     1.000     1.000     1.000" in done.stdout
    assert "final ranking" in done.stdout


@pytest.mark.parametrize(
    ("content", "words"),
    (
        ("{", "is not JSON"),
        ("\ufeff\x00", "is not JSON"),
        ([], "holds no object of sets"),
        ({}, "holds no object of sets"),
        ({"a": {}}, "a: not a list of pairs"),
        ({"a": [{"en": "x", "ko": "가"}, ["x", "가"]]}, "a, pair 1: no text 'en'"),
        ({"a": [{"en": "x"}]}, "a, pair 0: no text 'ko'"),
        ({"a": [{"en": "x", "ko": None}]}, "a, pair 0: no text 'ko'"),
        ({"a": [{"en": " \n", "ko": "가"}]}, "a, pair 0: no text 'en'"),
        ('{"a": [{"en": "\\ud800", "ko": "x"}]}', "a, pair 0: no text 'en'"),
    ),
)
def test_malformed_pairs_are_named(tmp_path, capsys, content, words):
    out = tmp_path / "vectors.npz"

    assert koen.main([str(write_pairs(tmp_path, content)), str(out)]) == 2

    assert words in capsys.readouterr().err
    assert not out.exists()


def test_a_missing_file_is_named(tmp_path, capsys):
    assert koen.main([str(tmp_path / "away.json"), str(tmp_path / "vectors.npz")]) == 2
    assert "away.json" in capsys.readouterr().err


def test_text_that_is_not_utf_8_is_named(tmp_path, capsys):
    path = tmp_path / "pairs.json"
    path.write_bytes(b'{"a": "\xff"}')

    assert koen.main([str(path), str(tmp_path / "vectors.npz")]) == 2
    assert "is not JSON" in capsys.readouterr().err


def test_something_must_be_asked_for(tmp_path, capsys):
    with pytest.raises(SystemExit, match="2"):
        koen.main([str(write_pairs(tmp_path, {"a": []}))])

    assert "OUT.npz or --ranking is needed" in capsys.readouterr().err
