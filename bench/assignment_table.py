"""Tables of affinities as people send them: comma-separated, with or without names."""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from funding.assignment import Flags, Floats

# Of a conflict of interest, besides an empty cell.
CONFLICT = -1.0


class BadTableError(Exception):
    """A table that cannot be read; line and column count from 1, 0 means the whole file."""

    def __init__(self, line: int, column: int, message: str) -> None:
        """Keep the place and what is wrong there."""
        place = f"line {line}, column {column}: " if column else f"line {line}: " if line else ""
        super().__init__(place + message)
        self.line = line
        self.column = column


@dataclass(frozen=True)
class Table:
    """Affinities and conflicts, (reviewers, applications), and the names where there are any."""

    affinity: Floats
    forbidden: Flags
    reviewers: list[str]
    applications: list[str]


def read_table(path: Path) -> Table:
    """Return the table of a file; raises BadTableError.

    The first row or column holds names if all of its cells are words, or if numbers in it are too
    large for affinities; the corner is then a word or empty. Any other word is an error.
    """
    rows = _rows(path)
    first = rows[0][1]
    is_open = first[0] == "" or _is_word(first[0])
    header = len(rows) > 1 and is_open and (len(first) == 1 or _are_names(first[1:]))
    body = rows[1:] if header else rows
    if not body:
        raise BadTableError(0, 0, "there are names, but no affinities")
    beside = [cells[0] for _line, cells in body]
    aside = (header and first[0] == "") or _are_names(beside, are_numbers=header)
    values = _values(body, int(aside))
    forbidden = values == CONFLICT
    return Table(
        np.where(forbidden, 0.0, values),
        forbidden,
        beside if aside else [],
        first[int(aside) :] if header else [],
    )


def _rows(path: Path) -> list[tuple[int, list[str]]]:
    """Return the rows that are not blank, each with its line."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise BadTableError(0, 0, f"cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadTableError(0, 0, "is not a text in UTF-8") from error
    reader = csv.reader(text.splitlines())
    try:
        rows = [(reader.line_num, [cell.strip() for cell in cells]) for cells in reader]
    except csv.Error as error:
        raise BadTableError(reader.line_num, 0, str(error)) from error
    found = [(line, cells) for line, cells in rows if any(cells)]
    if not found:
        raise BadTableError(0, 0, "the file is empty")
    return found


def _is_word(cell: str) -> bool:
    """Return whether a cell is neither empty nor a number."""
    try:
        float(cell or "0")
    except ValueError:
        return True
    return False


def _are_names(cells: list[str], *, are_numbers: bool = True) -> bool:
    """Return whether cells are words, or numbers of which one is too large for an affinity."""
    words = [_is_word(cell) for cell in cells]
    if all(words) or not all(cells):
        return bool(cells) and all(words)
    return are_numbers and not any(words) and max(float(cell) for cell in cells) > 1


def _values(body: list[tuple[int, list[str]]], aside: int) -> Floats:
    """Return the numbers of a table; conflicts are CONFLICT."""
    width = len(body[0][1])
    if width == aside:
        raise BadTableError(body[0][0], 0, "there are no affinities")
    for line, cells in body:
        if len(cells) != width:
            raise BadTableError(line, 0, f"{len(cells)} columns, not {width} as above")
    return np.array(
        [
            [_value(cell, line, aside + number) for number, cell in enumerate(cells[aside:], 1)]
            for line, cells in body
        ]
    )


def _value(cell: str, line: int, column: int) -> float:
    """Return one affinity or CONFLICT."""
    if cell == "":
        return CONFLICT
    try:
        value = float(cell)
    except ValueError:
        raise BadTableError(line, column, f"{cell!r} is not a number") from None
    if not math.isfinite(value) or not (value == CONFLICT or 0 <= value <= 1):
        raise BadTableError(line, column, f"{cell} is neither -1 nor between 0 and 1")
    return value
