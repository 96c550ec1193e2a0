"""The documentation draws the machines that the code obeys."""

from pathlib import Path

import pytest

from funding.diagrams import diagram, drawn, table
from funding.machines import MACHINES

PAGE = Path(__file__).parents[2] / "docs" / "funding.md"


def test_page_says_what_the_tables_say():
    text = PAGE.read_text(encoding="utf-8")

    assert drawn(text) == text


@pytest.mark.parametrize("name", MACHINES)
def test_every_move_is_drawn_and_listed(name):
    picture, rows = diagram(name), table(name)

    for move in MACHINES[name]:
        assert f"| {move.event} |" in rows
        for source in move.sources:
            assert any(
                line.strip().startswith(f"{source} --> {move.target}:") and move.event in line
                for line in picture.splitlines()
            )


def test_page_that_differs_is_noticed():
    text = PAGE.read_text(encoding="utf-8").replace("draft --> in_approval", "draft --> approved")

    assert drawn(text) != text


def test_page_without_a_machine_is_refused():
    with pytest.raises(ValueError, match="substring not found"):
        drawn("# Nothing")
