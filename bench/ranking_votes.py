"""Votes read from CSV; says the line of whatever is wrong."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator
from pathlib import Path

from funding.ranking import Votes, votes_of
from funding.ranking.votes import Names

COLUMNS = ("panel", "proposal", "reviewer", "score")
NOT_CAST = {"", "na", "nan", "n/a"}
Row = tuple[str, str, str, float | None]


class BadVotesError(Exception):
    """A file that cannot be ranked, and the line that says why; 0 for the file as a whole."""

    def __init__(self, line: int, words: str) -> None:
        """Keep the line beside the words."""
        super().__init__(words)
        self.line = line


def read_votes(path: Path) -> tuple[Votes, Names, int]:
    """Return the votes, their names, and how many were not cast; raises BadVotesError."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadVotesError(0, f"{path} cannot be read: {error}") from error
    rows = list(_rows(text))
    cast = [(panel, one, judge, score) for panel, one, judge, score in rows if score is not None]
    if not cast:
        raise BadVotesError(0, f"{path} has no votes")
    votes, names = votes_of(cast)
    return votes, names, len(rows) - len(cast)


def _rows(text: str) -> Iterator[Row]:
    """Yield the votes of a file; commas, semicolons or tabs part its columns."""
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    seen: dict[tuple[str, ...], int] = {}
    try:
        places = _places(next(lines, []))
        for cells in lines:
            if any(cell.strip() for cell in cells):
                yield _row(cells, places, lines.line_num, seen)
    except csv.Error as error:
        raise BadVotesError(lines.line_num, str(error)) from error


def _places(header: list[str]) -> list[int]:
    """Return where each column is; others may be there too."""
    names = [cell.strip().lower() for cell in header]
    if missing := [column for column in COLUMNS if column not in names]:
        raise BadVotesError(1, f"the header has no column {', '.join(missing)}")
    if twice := [column for column in COLUMNS if names.count(column) > 1]:
        raise BadVotesError(1, f"the header has {', '.join(twice)} twice")
    return [names.index(column) for column in COLUMNS]


def _row(
    cells: list[str], places: list[int], number: int, seen: dict[tuple[str, ...], int]
) -> Row:
    if len(cells) <= max(places):
        raise BadVotesError(number, f"{len(cells)} columns only")
    panel, proposal, reviewer, score = (cells[place].strip() for place in places)
    for column, value in zip(COLUMNS, (panel, proposal, reviewer), strict=False):
        if not value:
            raise BadVotesError(number, f"no {column}")
    first = seen.setdefault((panel, proposal, reviewer), number)
    if first != number:
        raise BadVotesError(number, f"{reviewer} has voted on {proposal} in line {first} already")
    return panel, proposal, reviewer, _score(score, number)


def _score(text: str, number: int) -> float | None:
    """Return a score, None for one that was not given."""
    if text.lower() in NOT_CAST:
        return None
    try:
        score = float(text)
    except ValueError:
        score = math.nan
    if not math.isfinite(score):
        raise BadVotesError(number, f"the score {text!r} is not a number")
    return score
