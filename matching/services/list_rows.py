"""Writing suggestion lists by COPY: thousands of arrays in one statement."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from matching.scoring import KEEP, RankedList, as_floats

COLUMNS = "match_run_id, profile_id, partner_ids, scores, parts, is_complete, built_from"
HEADER = b"PGCOPY\n\xff\r\n\0" + struct.pack(">ii", 0, 0)
END = struct.pack(">h", -1)
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
# Type numbers of PostgreSQL: int8 and float8.
BIGINT, DOUBLE = 20, 701


def copy_lists(run_id: int, lists: Iterable[RankedList], built_from: dict[int, datetime]) -> None:
    """Append everybody's list to a run."""
    file = io.BytesIO(HEADER + b"".join(rows(run_id, lists, built_from)) + END)
    with connection.cursor() as cursor:
        copy = f"COPY matching_suggestionlist ({COLUMNS}) FROM STDIN (FORMAT binary)"
        cursor.copy_expert(copy, file)


def rows(
    run_id: int, lists: Iterable[RankedList], built_from: dict[int, datetime]
) -> Iterator[bytes]:
    """Yield one row a list in PostgreSQL's binary format."""
    for ranked in lists:
        fields = (
            struct.pack(">q", run_id),
            struct.pack(">q", ranked.person_id),
            array_bytes(ranked.partner_ids, BIGINT, ">i8"),
            array_bytes(as_floats(ranked.scores), DOUBLE, ">f8"),
            array_bytes(as_floats(ranked.parts).ravel(), DOUBLE, ">f8"),
            struct.pack(">?", len(ranked.partner_ids) < KEEP),
            struct.pack(">q", (built_from[ranked.person_id] - EPOCH) // timedelta(microseconds=1)),
        )
        yield struct.pack(">h", len(fields))
        for value in fields:
            yield struct.pack(">i", len(value))
            yield value


def array_bytes(
    values: NDArray[np.int64] | NDArray[np.float64], type_number: int, code: str
) -> bytes:
    """Return a one-dimensional array as PostgreSQL reads it."""
    if not len(values):
        return struct.pack(">iii", 0, 0, type_number)
    elements = np.empty(len(values), dtype=[("length", ">i4"), ("value", code)])
    elements["length"], elements["value"] = 8, values
    return struct.pack(">iiiii", 1, 0, type_number, len(values), 1) + elements.tobytes()
