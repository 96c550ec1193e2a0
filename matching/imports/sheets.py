"""Tables as CSV or as sheets of a workbook."""

from __future__ import annotations

import datetime
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from matching.imports.tables import Record, Refusal, refuse_file, table_rows

WORKBOOK = ".xlsx"
# A packed file of some kilobytes may unpack to anything.
LARGEST_UNPACKED = 200_000_000
MOST_COLUMNS = 200


def any_table_rows(path: Path, *, needed: Iterable[str]) -> Iterator[Record | Refusal]:
    """Yield the rows of a CSV file, or of the first sheet of a workbook.

    Raises:
        FileRefusedError: the file cannot be read, or columns are missing.
    """
    reader = sheet_rows if path.suffix.lower() == WORKBOOK else table_rows
    return reader(path, needed=needed)


def sheet_rows(path: Path, *, needed: Iterable[str]) -> Iterator[Record | Refusal]:
    """Yield the rows of the first sheet below its first row, which names the columns.

    Raises:
        FileRefusedError: it is no workbook, unpacks to too much, or columns are missing.
    """
    rows = cells_of(path)
    header = names_in(next(rows, ()))
    if missing := [name for name in needed if name not in header]:
        names = ", ".join(missing)
        raise refuse_file(path, f"missing columns: {names}", column=names, line=1)
    for line, cells in enumerate(rows, start=2):
        texts = [text_of_cell(cell) for cell in cells]
        if any(texts):
            yield sheet_row(path, line, header, texts)


def names_in(cells: tuple[Any, ...]) -> list[str]:
    """Return the names of the columns; a first row is as wide as the widest row."""
    names = [text_of_cell(cell) for cell in cells]
    while names and not names[-1]:
        names.pop()
    return names


def sheet_row(path: Path, line: int, header: list[str], texts: list[str]) -> Record | Refusal:
    """Return one row by the names of its columns."""
    if any(texts[len(header) :]):
        return Refusal(path.name, line, "", "more cells than columns")
    if any("\x00" in text for text in texts):
        return Refusal(path.name, line, "", "holds a NUL character")
    padded = texts + [""] * (len(header) - len(texts))
    return Record(path.name, line, dict(zip(header, padded, strict=False)))


def cells_of(path: Path) -> Iterator[tuple[Any, ...]]:
    """Yield the values of the first sheet, row by row.

    Raises:
        FileRefusedError: it is no workbook, or unpacks to too much.
    """
    try:
        check_size(path)
        book = load_workbook(path, read_only=True, data_only=True)
        sheet = book.worksheets[0]
        # Programs write wrong sizes, which would cut rows off.
        sheet.reset_dimensions()
        yield from sheet.iter_rows(values_only=True, max_col=MOST_COLUMNS)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, IndexError, OSError) as error:
        raise refuse_file(path, "not a workbook that can be read; save it as .xlsx") from error


def check_size(path: Path) -> None:
    """Refuse a workbook that would fill the memory.

    Raises:
        FileRefusedError: it unpacks to more than a table of people ever has.
    """
    with zipfile.ZipFile(path) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > LARGEST_UNPACKED:
            raise refuse_file(path, "the workbook is too large")


def text_of_cell(value: Any) -> str:
    """Return a cell as a CSV file would have it: 3.0 is 3, and a day is 2026-11-22."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date().isoformat()
    return str(value).strip()
