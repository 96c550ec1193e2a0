"""The command for tables of affinities: every form of table, proofs, and errors with their place."""

import json

import numpy as np
import pytest

from bench import assignment, assignment_compared
from bench.assignment_rivals import RIVALS
from bench.assignment_table import BadTableError, read_table
from funding.assignment import FaultCode, Problem, faults

PLAIN = "1,1,1\n0,0,0.24\n0.25,0.25,0.5\n"


def written(tmp_path, text):
    path = tmp_path / "affinity.csv"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "text",
    (
        "0.1,0.2\n0.3,-1\n",
        "0.1,0.2\r\n\r\n0.3,\r\n",
        "\ufeffp1,p2\n0.1,0.2\n0.3,-1\n",
        "r1,0.1,0.2\nr2,0.3,-1\n",
        ",p1,p2\nr1,0.1,0.2\nr2,0.3,-1\n",
        "reviewer,p1,p2\n한국,0.1,0.2\nr2,0.3,\n",
        ",1,2\n1,0.1,0.2\n2,0.3,-1.0\n",
    ),
)
def test_every_form_of_table_says_the_same(tmp_path, text):
    table = read_table(written(tmp_path, text))

    assert table.affinity.tolist() == [[0.1, 0.2], [0.3, 0.0]]
    assert table.forbidden.tolist() == [[False, False], [False, True]]


@pytest.mark.parametrize(
    ("text", "line", "column"),
    (
        ("0.1,0.2\n0.3,zero\n", 2, 2),
        ("0.1,word\n0.3,0.2\n", 1, 2),
        ("a,p1,p2\nr1,0.1,0.2\nr2,0.3,1.2\n", 3, 3),
        ("0.1,0.2\n\n0.3\n", 3, 0),
        ("0.1,0.2\n0.3,nan\n", 2, 2),
        ("0.1,0.2\n0.3,-0.5\n", 2, 2),
        ("\n", 0, 0),
    ),
)
def test_what_cannot_be_read_is_an_error_with_its_place(tmp_path, capsys, text, line, column):
    path = written(tmp_path, text)

    with pytest.raises(BadTableError) as error:
        read_table(path)
    code = assignment.main([str(path), "--demand", "1", "--max-load", "1"])

    assert (error.value.line, error.value.column) == (line, column)
    assert code == assignment.BAD
    assert json.loads(capsys.readouterr().out)["line"] == line


def test_a_table_is_assigned_with_proof(tmp_path, capsys):
    path = str(written(tmp_path, PLAIN))

    assert assignment.main([path, "--demand", "1", "--max-load", "1"]) == 0
    fair = json.loads(capsys.readouterr().out)
    assignment.main([path, "--demand", "1", "--max-load", "1", "--objective", "total"])
    total = json.loads(capsys.readouterr().out)

    assert (fair["worst"], fair["total"], fair["bound"], fair["loads"]) == (
        0.24,
        1.49,
        0.24,
        [1, 1, 1],
    )
    assert (total["worst"], total["total"], total["bound"]) == (0.0, 1.5, 1.5)
    assert fair["is_optimal"]
    assert total["is_optimal"]


def test_what_cannot_be_done_says_what_to_give_up(tmp_path, capsys):
    path = str(written(tmp_path, "0.1,0.2\n-1,0.4\n"))

    code = assignment.main([path, "--demand", "2", "--max-load", "2"])

    found = json.loads(capsys.readouterr().out)
    assert (code, found["status"]) == (assignment.IMPOSSIBLE, "infeasible")
    assert found["relaxations"] == [{"code": "demand", "by": 1, "application": 0}]


@pytest.mark.parametrize("name", tuple(RIVALS))
def test_rivals_keep_the_rules_that_they_know(name):
    random = np.random.default_rng(3)
    problem = Problem(
        affinity=random.random((9, 12)).round(3),
        forbidden=random.random((9, 12)) < 0.2,
        demand=np.full(12, 3),
        least=np.full(9, 2),
        most=np.full(9, 5),
    )

    found = faults(problem, RIVALS[name](problem))

    # Only the flows know of a least load.
    assert {fault.code for fault in found} <= {FaultCode.LEAST}


def test_a_rival_that_breaks_a_proof_ends_the_comparison():
    rows = [
        {"faults": [], "beyond": 0, "worst": 0.5, "total": 3.0},
        {"faults": [], "beyond": 0, "bound_worst": 0.4, "bound_total": 3.0},
        {"faults": [], "beyond": 0, "bound_worst": 0.4, "bound_total": 3.0},
    ]

    assert assignment_compared.is_broken({"rows": rows})
    assert not assignment_compared.is_broken({"rows": [{**rows[0], "worst": 0.4}, *rows[1:]]})


@pytest.mark.parametrize(("place", "is_broken"), ((0, False), (1, True), (2, True)))
def test_only_the_portal_has_to_keep_every_rule(place, is_broken):
    rows = [
        {"faults": [], "beyond": 0, "worst": 0.4, "total": 3.0},
        {"faults": [], "beyond": 0, "bound_worst": 0.4, "bound_total": 3.0},
        {"faults": [], "beyond": 0, "bound_worst": 0.4, "bound_total": 3.0},
    ]
    rows[place]["beyond"] = 2

    assert assignment_compared.is_broken({"rows": rows}) == is_broken
