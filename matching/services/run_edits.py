"""People as they are now, where a run's frozen input has them as they were.

Every refresher writes the edit in the transaction that changes the lists; others learn of it by
its number, on whatever machine they are.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from django.db import connection

from matching.models import MatchRun, RunEdit
from matching.scoring.evidence import Evidence
from matching.scoring.vectors import Position, Vectors
from matching.services.packing import Arrays, pack, unpack

# Counted by PostgreSQL, which never gives a number twice: the last edit's row goes when its person
# is erased, and a worker that knew it would not see another one under the same number.
NUMBERS = """
SELECT nextval(pg_get_serial_sequence('matching_runedit', 'id')),
  (SELECT coalesce(max(sequence), 0) FROM matching_runedit WHERE match_run_id = %s)
"""


@dataclass(frozen=True)
class Edit:
    """One person as they are now: vectors and evidence of one row, neither for who is gone."""

    person_id: int
    vectors: Vectors | None = None
    evidence: Evidence | None = None

    @property
    def position(self) -> Position | None:
        """Where the person stands now, None for who may no longer be suggested."""
        return self.vectors.position if self.vectors else None


class EditsMissed(Exception):  # noqa: N818 - it says what happened
    """Somebody else stored an edit that the writer does not know of."""


def store_edit(run: MatchRun, known: int, edit: Edit) -> int:
    """Write an edit in the place of the person's last one; return its number.

    known: the number of the last edit that the writer knows.

    Raises:
        EditsMissed: there is a later one.
    """
    number, last = numbers_of(run)
    if last > known:
        raise EditsMissed(f"Edit {last} of run {run.pk} is not known, only up to {known}")
    row = RunEdit(
        match_run=run,
        profile_id=edit.person_id,
        sequence=number,
        is_gone=edit.position is None,
        data=packed(edit),
    )
    RunEdit.objects.bulk_create(
        [row],
        update_conflicts=True,
        unique_fields=["match_run", "profile"],
        update_fields=["sequence", "data", "is_gone"],
    )
    return number


def numbers_of(run: MatchRun) -> tuple[int, int]:
    """Return a number for the next edit, and that of the last one that is stored, 0 for none."""
    with connection.cursor() as cursor:
        cursor.execute(NUMBERS, [run.pk])
        number, last = cursor.fetchone()
    return number, last


def edits_since(run: MatchRun, sequence: int) -> list[tuple[int, Edit]]:
    """Return the edits of a run after a number, with their numbers, in their order."""
    rows = RunEdit.objects.filter(match_run=run, sequence__gt=sequence).order_by("sequence")
    columns = rows.values_list("sequence", "profile_id", "is_gone", "data")
    return [
        (number, Edit(person_id) if gone else unpacked(person_id, bytes(data)))
        for number, person_id, gone, data in columns.iterator(chunk_size=200)
    ]


def packed(edit: Edit) -> bytes:
    """Return a person's arrays as bytes, b'' of who is gone."""
    if edit.vectors is None or edit.evidence is None:
        return b""
    facts: Arrays = {
        "rows": edit.vectors.rows,
        "starts": np.array(edit.vectors.starts, dtype=np.int64),
        "is_left": np.array([edit.vectors.position == "left"]),
    }
    return pack({**edit.evidence.to_arrays(), **facts})


def unpacked(person_id: int, data: bytes) -> Edit:
    """Return what `packed` made into bytes; nothing is copied."""
    arrays = unpack(data)
    position: Position = "left" if arrays["is_left"][0] else "right"
    starts = tuple(arrays["starts"].tolist())
    vectors = Vectors(arrays["ids"], arrays["rows"], starts, position)
    return Edit(person_id, vectors, Evidence.from_arrays(arrays))
