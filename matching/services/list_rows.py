"""Writing suggestion lists by COPY: thousands of arrays in one statement."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from matching.scoring import KEEP, RankedList

COLUMNS = (
    "match_run_id, profile_id, partner_ids, scores, parts, is_complete, built_from,"
    " evidence, pool_ids, pool_scores, pool_floor, demand"
)
HEADER = b"PGCOPY\n\xff\r\n\0" + struct.pack(">ii", 0, 0)
END = struct.pack(">h", -1)
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
# Type numbers of PostgreSQL: int8 and int4.
BIGINT, INTEGER = 20, 23
NOTHING = np.zeros(0, dtype=np.int64)


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
            array_bytes(ranked.scores, INTEGER, ">i4"),
            array_bytes(ranked.parts.ravel(), INTEGER, ">i4"),
            struct.pack(">?", len(ranked.partner_ids) < KEEP),
            struct.pack(">q", (built_from[ranked.person_id] - EPOCH) // timedelta(microseconds=1)),
            array_bytes(NOTHING, BIGINT, ">i8"),
            array_bytes(NOTHING, BIGINT, ">i8"),
            array_bytes(NOTHING, INTEGER, ">i4"),
            struct.pack(">i", -(2**31)),
            struct.pack(">i", 0),
        )
        yield struct.pack(">h", len(fields))
        for value in fields:
            yield struct.pack(">i", len(value))
            yield value


def array_bytes(values: NDArray[np.int64], type_number: int, code: str) -> bytes:
    """Return a one-dimensional array as PostgreSQL reads it."""
    if not len(values):
        return struct.pack(">iii", 0, 0, type_number)
    elements = np.empty(len(values), dtype=[("length", ">i4"), ("value", code)])
    elements["length"], elements["value"] = int(code[-1]), values
    return struct.pack(">iiiii", 1, 0, type_number, len(values), 1) + elements.tobytes()
