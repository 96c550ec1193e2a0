"""The command for votes: what it prints of a file, and what it says of a bad one."""

import json
import subprocess
import sys

import numpy as np
import pytest

from bench.ranking import main
from bench.ranking_made import CASES, made, trimmed
from bench.ranking_votes import BadVotesError, read_votes

PLAIN = """panel,proposal,reviewer,score
p,sea,anna,5
p,sea,minji,4.5
p,sky,anna,3
p,sky,minji,2.5
p,sun,anna,1
p,sun,minji,NA
"""
ODD = """\ufeffScore; Reviewer ;note;PANEL;proposal\r
5;anna;"a; b";p;sea\r
4.5;minji;;p;sea\r
\r
3;anna;;p;sky\r
2.5;minji;;p;sky\r
1;anna;"two
lines";p;sun\r
;minji;;p;sun\r
"""


def written(tmp_path, text):
    path = tmp_path / "votes.csv"
    path.write_text(text, encoding="utf-8", newline="")
    return path


def test_odd_forms_say_the_same_as_the_plain_one(tmp_path):
    (votes, names, left_out), (odd, odd_names, odd_left_out) = (
        read_votes(written(tmp_path, text)) for text in (PLAIN, ODD)
    )

    assert (names, left_out) == (odd_names, odd_left_out)
    assert left_out == 1
    assert names.proposals == ("sea", "sky", "sun")
    assert votes.score.tolist() == odd.score.tolist() == [5, 4.5, 3, 2.5, 1]
    assert votes.proposal.tolist() == odd.proposal.tolist() == [0, 0, 1, 1, 2]


def test_table_and_json_are_printed(tmp_path, capsys):
    status = main([str(written(tmp_path, PLAIN)), "--fund", "1", "--draws", "400"])

    *table, last = capsys.readouterr().out.splitlines()
    report = json.loads(last)
    assert status == 0
    assert table[1].startswith("sea")
    assert [row["proposal"] for row in report["proposals"]] == ["sea", "sky", "sun"]
    for kind in ("raw", "corrected"):
        rows = [row[kind] for row in report["proposals"]]
        assert [row["expected_rank"] for row in rows] == sorted(r["expected_rank"] for r in rows)
        assert {row["zone"] for row in rows} <= {"fund", "draw", "not"}
        assert all(1 <= low <= high <= 3 for low, high in (row["interval90"] for row in rows))
        assert sum(report["shares"][kind].values()) == pytest.approx(1)
    assert report["fundable"] == 1


@pytest.mark.parametrize(
    ("text", "line", "words"),
    (
        ("", 1, "no column panel, proposal, reviewer, score"),
        (PLAIN.replace("panel,", "group,"), 1, "no column panel"),
        (PLAIN.replace("reviewer,", "panel,"), 1, "no column reviewer"),
        (PLAIN.replace("panel,", "panel,score,"), 1, "score twice"),
        (PLAIN.replace("sky,anna,3", "sky,anna,three"), 4, "'three' is not a number"),
        (PLAIN.replace("sky,anna,3", "sky,anna,inf"), 4, "'inf' is not a number"),
        (PLAIN.replace("sky,anna,3", "sky,,3"), 4, "no reviewer"),
        (PLAIN.replace("p,sky,anna,3", "p,sky"), 4, "2 columns only"),
        (PLAIN.replace("sky,anna,3", "sea,anna,3"), 4, "anna has voted on sea in line 2"),
        (PLAIN.replace("sky,anna,3", '"sky'), 7, "unexpected end of data"),
        ("panel,proposal,reviewer,score\n", 0, "has no votes"),
    ),
)
def test_bad_files_are_named_with_their_line(tmp_path, text, line, words):
    with pytest.raises(BadVotesError, match=words) as caught:
        read_votes(written(tmp_path, text))

    assert caught.value.line == line


def test_command_ends_with_2_for_a_bad_file(tmp_path):
    path = written(tmp_path, PLAIN.replace(",4.5", ",x"))
    command = (sys.executable, "-m", "bench.ranking", str(path))

    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.endswith("votes.csv, line 3: the score 'x' is not a number\n")


def test_command_ends_with_2_for_a_file_that_is_not_there(tmp_path, capsys):
    assert main([str(tmp_path / "none.csv")]) == 2
    assert "cannot be read" in capsys.readouterr().err


@pytest.mark.parametrize("name", CASES)
def test_made_votes_are_as_many_as_said_and_nobody_votes_twice(name):
    votes = made(name, 1).votes

    pairs = set(zip(votes.proposal.tolist(), votes.reviewer.tolist(), strict=True))
    assert (votes.proposals, len(votes.score), len(pairs)) == (400, 3000, 3000)
    assert len(set(votes.panel.tolist())) == CASES[name][1]


def test_trimmed_mean_leaves_out_both_ends():
    assert trimmed(np.array([0.0, 3, 3.5, 4, 5])) == 3.5
