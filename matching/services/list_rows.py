"""Writing suggestion lists by COPY: thousands of arrays in one statement.

PostgreSQL's binary format puts a length before every field and every element of an array. Lists
of equal length have equal bytes except for their numbers, so numpy writes the numbers of a
thousand lists at once into copies of one row (PostgreSQL documentation, COPY, "Binary Format";
`array_send` in src/backend/utils/adt/arrayfuncs.c).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray

from matching.scoring import TERMS

Integers = NDArray[np.int64]
EVIDENCE = 6
PORTION = 512
HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
END = b"\xff\xff"
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
# PostgreSQL's numbers of the types int8 and int4, by numpy's names of what is sent.
TYPES = {">i8": 20, ">i4": 23}
SMALLEST = -(2**31)
# The columns in the order in which they are sent, with the type of a number.
COLUMNS = {
    "match_run_id": ">i8",
    "profile_id": ">i8",
    "partner_ids": ">i8",
    "scores": ">i4",
    "parts": ">i4",
    "evidence": ">i8",
    "pool_ids": ">i8",
    "pool_scores": ">i4",
    "pool_floor": ">i4",
    "demand": ">i4",
    "is_complete": "?",
    "built_from": ">i8",
}
CHANGED = [name for name in COLUMNS if name not in ("match_run_id", "profile_id", "built_from")]
NEW_LISTS = f"""
CREATE TEMPORARY TABLE new_lists ON COMMIT DROP AS
SELECT {", ".join(COLUMNS)} FROM matching_suggestionlist WITH NO DATA
"""  # noqa: S608 - the names of our own columns
TAKE_NEW_LISTS = f"""
UPDATE matching_suggestionlist AS list
SET {", ".join(f"{name} = new.{name}" for name in CHANGED)},
  built_from = CASE WHEN list.profile_id = %s THEN new.built_from ELSE list.built_from END
FROM new_lists AS new
WHERE list.match_run_id = new.match_run_id AND list.profile_id = new.profile_id
"""  # noqa: S608 - the names of our own columns


@dataclass(frozen=True)
class ListTable:
    """The lists of n people, one row each; what lies beyond a count is not read.

    person_ids, counts, pool_counts, pool_floor, demand: int64 (n,). partner_ids, scores: int64
    (n, keep), best first. parts: int64 (n, keep, TERMS), adding up to the scores. evidence: int64
    (n, keep, 6). pool_ids, pool_scores: int64 (n, reserve). is_complete: bool (n,). built_from:
    int64 (n,), microseconds since 2000. Scores, parts and demand count in units of 2**-30.

    Raises:
        ValueError: an array has another shape, a count is too large, or a number is too large
            for its column.
    """

    person_ids: Integers
    counts: Integers
    partner_ids: Integers
    scores: Integers
    parts: Integers
    evidence: Integers
    pool_ids: Integers
    pool_scores: Integers
    pool_counts: Integers
    pool_floor: Integers
    demand: Integers
    is_complete: NDArray[np.bool_]
    built_from: Integers

    def __post_init__(self) -> None:
        for name, shape in self.shapes().items():
            if getattr(self, name).shape != shape:
                raise ValueError(f"{name} is {getattr(self, name).shape}, not {shape}")
        if len(self) and (
            self.counts.max() > self.partner_ids.shape[1]
            or self.pool_counts.max() > self.pool_ids.shape[1]
        ):
            raise ValueError("A list is longer than the table is wide")
        for name in ("scores", "parts", "pool_scores", "pool_floor", "demand"):
            require_integers_of_32_bits(name, getattr(self, name))

    def __len__(self) -> int:
        return len(self.person_ids)

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Return the shape that each array must have."""
        count, keep = len(self), self.partner_ids.shape[-1]
        pool = (count, self.pool_ids.shape[-1])
        wide = {
            "partner_ids": (count, keep),
            "scores": (count, keep),
            "parts": (count, keep, len(TERMS)),
            "evidence": (count, keep, EVIDENCE),
            "pool_ids": pool,
            "pool_scores": pool,
        }
        return {field.name: wide.get(field.name, (count,)) for field in fields(self)}

    def of(self, rows: Integers) -> ListTable:
        """Return some rows only, in the order asked for."""
        return ListTable(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})


def require_integers_of_32_bits(name: str, values: Integers) -> None:
    """Refuse what PostgreSQL's integer cannot hold.

    Raises:
        ValueError: a value is too large or too small.
    """
    if values.size and not SMALLEST <= values.min() <= values.max() < 2**31:
        raise ValueError(f"{name} has a value that does not fit into 32 bits")


def copy_lists(run_id: int, table: ListTable, *, into: str = "matching_suggestionlist") -> None:
    """Append lists to a run, in one statement; memory stays at a portion of them."""
    columns = ", ".join(COLUMNS)
    with connection.cursor() as cursor:
        cursor.copy_expert(
            f"COPY {into} ({columns}) FROM STDIN (FORMAT binary)",
            Pieces(binary_rows(run_id, table)),
        )


def change_lists(run_id: int, table: ListTable, *, dated: int) -> None:
    """Put new lists in the place of those that these people have in a run.

    Rows are changed where they are, so that whoever waits for one of them finds it. Only the list
    of the person `dated` is made from another edit of its owner than before.
    """
    if not len(table):
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(NEW_LISTS)
        copy_lists(run_id, table, into="new_lists")
        cursor.execute(TAKE_NEW_LISTS, [dated])
        cursor.execute("DROP TABLE new_lists")


class Pieces:
    """A file for the driver: each reading gives the next piece, whatever its size."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self.pieces = pieces

    def read(self, _size: int = -1) -> bytes:
        """Return the next piece, b'' at the end."""
        return next(self.pieces, b"")


def binary_rows(run_id: int, table: ListTable) -> Iterator[bytes]:
    """Yield a table in PostgreSQL's binary format, portion by portion."""
    yield HEADER
    widths = np.stack([table.counts, table.pool_counts], axis=1)
    shapes, which = np.unique(widths, axis=0, return_inverse=True)
    for number, (count, pool_count) in enumerate(shapes.tolist()):
        rows = np.flatnonzero(which.reshape(-1) == number)
        yield from rows_of_one_shape(run_id, table, rows, count, pool_count)
    yield END


def rows_of_one_shape(
    run_id: int, table: ListTable, rows: Integers, count: int, pool_count: int
) -> Iterator[bytes]:
    """Yield rows whose lists have `count` partners and whose pools have `pool_count`."""
    lengths = lengths_of(count, pool_count)
    buffer = blank_rows(min(PORTION, len(rows)), lengths)
    for start in range(0, len(rows), PORTION):
        chosen = rows[start : start + PORTION]
        portion = buffer[: len(chosen)]
        for name, values in columns_of(run_id, table, chosen, count, pool_count).items():
            where = portion[name]["elements"] if name in lengths else portion[name]
            where["value"] = values
        yield portion.tobytes()


def columns_of(
    run_id: int, table: ListTable, rows: Integers, count: int, pool_count: int
) -> dict[str, Any]:
    """Return the numbers of some lists by column."""
    return {
        "match_run_id": run_id,
        "profile_id": table.person_ids[rows],
        "partner_ids": table.partner_ids[rows, :count],
        "scores": table.scores[rows, :count],
        "parts": table.parts[rows, :count].reshape(len(rows), -1),
        "evidence": table.evidence[rows, :count].reshape(len(rows), -1),
        "pool_ids": table.pool_ids[rows, :pool_count],
        "pool_scores": table.pool_scores[rows, :pool_count],
        "pool_floor": table.pool_floor[rows],
        "demand": table.demand[rows],
        "is_complete": table.is_complete[rows],
        "built_from": table.built_from[rows],
    }


def lengths_of(count: int, pool_count: int) -> dict[str, int]:
    """Return the length of each array of a list."""
    return {
        "partner_ids": count,
        "scores": count,
        "parts": count * len(TERMS),
        "evidence": count * EVIDENCE,
        "pool_ids": pool_count,
        "pool_scores": pool_count,
    }


def blank_rows(count: int, lengths: dict[str, int]) -> NDArray[Any]:
    """Return rows with all lengths and types in place and no numbers yet."""
    layout = [("fields", np.dtype(">i2"))]
    layout += [(name, field_layout(code, lengths.get(name))) for name, code in COLUMNS.items()]
    [blank] = blanks = np.zeros(1, dtype=np.dtype(layout))
    blank["fields"] = len(COLUMNS)
    for name, code in COLUMNS.items():
        fill_lengths(blank[name], code, lengths.get(name))
    rows = np.empty((count, blanks.dtype.itemsize), dtype=np.uint8)
    rows[:] = np.frombuffer(blanks.tobytes(), dtype=np.uint8)
    return rows.view(blanks.dtype).reshape(count)


def field_layout(code: str, length: int | None) -> np.dtype[Any]:
    """Return the bytes of one field: a number, or an array of that length."""
    number = np.dtype([("length", ">i4"), ("value", code)])
    if length is None:
        return number
    head = ["length", "dimensions", "has_nulls", "type"]
    # PostgreSQL knows no array of one dimension and no elements: that one has no dimension.
    head += ["count", "first_index"] * (length > 0)
    return np.dtype([*((name, ">i4") for name in head), ("elements", number, (length,))])


def fill_lengths(field: Any, code: str, length: int | None) -> None:
    """Write what PostgreSQL must know before it reads the numbers."""
    size = np.dtype(code).itemsize
    field["length"] = size if length is None else field.dtype.itemsize - 4
    if length is None:
        return
    field["type"] = TYPES[code]
    if length:
        field["dimensions"], field["count"], field["first_index"] = 1, length, 1
        field["elements"]["length"] = size


def microseconds(moment: datetime) -> int:
    """Return a moment as PostgreSQL counts it: microseconds since 2000."""
    return (moment - EPOCH) // timedelta(microseconds=1)
