"""The published run in the memory of a worker, brought up to date before each task."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from django.db import connection

from matching.models import MatchRun, SnapshotChunk
from matching.scoring import KEEP, RESCORED, RESERVE
from matching.scoring.vectors import Position
from matching.services.live_sides import NOWHERE, LiveSide
from matching.services.packing import Arrays, unpack
from matching.services.run_edits import Edit, edits_since
from matching.services.run_stages import PRICE
from matching.services.snapshot_files import chunk
from matching.services.snapshots import SIDES, Snapshot, opposite, snapshot_of

# Whose list goes down to where, and what each costs: three numbers a person, glued together.
LISTS = """
SELECT string_agg(int8send(profile_id) || int8send(pool_floor) || int8send(demand), ''::bytea)
FROM matching_suggestionlist WHERE match_run_id = %s
"""


@dataclass(frozen=True)
class Limits:
    """How many partners a pool has, how many get the second look, how many are stored."""

    reserve: int = RESERVE
    rescored: int = RESCORED
    keep: int = KEEP


class LiveRun:
    """A published run: its frozen input with all edits since.

    Only the holder of the lock of refreshers may change lists, so what was read at the beginning
    of a task holds until its end. `sequence` is the number of the last edit known here.
    """

    def __init__(self, run: MatchRun, limits: Limits) -> None:
        self.run = run
        self.limits = limits
        self.snapshot: Snapshot = snapshot_of(run)
        found = prices_of(run)
        self.sides = {
            position: LiveSide(self.snapshot, position, found.get(position)) for position in SIDES
        }
        self.sequence = 0

    def side(self, position: Position) -> LiveSide:
        """Return one side."""
        return self.sides[position]

    def opposite(self, position: Position) -> LiveSide:
        """Return the side that people of a position get partners from."""
        return self.sides[opposite(position)]

    def side_of(self, person_id: int) -> LiveSide | None:
        """Return the side that a person stands on, None for strangers."""
        for side in self.sides.values():
            if side.place_of(person_id) != NOWHERE:
                return side
        return None

    def apply(self, edit: Edit) -> None:
        """Take in one edit."""
        for side in self.sides.values():
            if edit.vectors and edit.evidence and side.position == edit.position:
                side.put(edit.person_id, edit.vectors, edit.evidence)
            else:
                side.drop(edit.person_id)

    def synchronise(self) -> None:
        """Learn what other workers did since; two queries, however much it was."""
        for sequence, edit in edits_since(self.run, self.sequence):
            self.apply(edit)
            self.sequence = sequence
        with connection.cursor() as cursor:
            cursor.execute(LISTS, [self.run.pk])
            (glued,) = cursor.fetchone()
        numbers = np.frombuffer(bytes(glued or b""), dtype=">i8").astype(np.int64).reshape(-1, 3)
        for side in self.sides.values():
            side.take_lists(*numbers.T)

    def note_list(self, person_id: int, floor: int) -> None:
        """Remember how far down somebody's pool goes, and that they have a list."""
        for side in self.sides.values():
            if (place := side.place_of(person_id)) != NOWHERE:
                side.floors[place], side.has_list[place] = floor, True

    def strays(self) -> list[int]:
        """Return who was deleted since, and not yet taken out of the lists of others."""
        return [person_id for side in self.sides.values() for person_id in side.strays()]


def prices_of(run: MatchRun) -> Arrays:
    """Return the prices that a run computed, by side and row of its frozen input."""
    try:
        return unpack(chunk(run, PRICE, 0))
    except SnapshotChunk.DoesNotExist:
        return {}


# The last run that this process refreshed lists of.
OPENED: dict[tuple[int, Limits], LiveRun] = {}


def open_live_run(run: MatchRun, limits: Limits | None = None) -> LiveRun:
    """Return a published run as it is now; the caller holds the lock of refreshers.

    Raises:
        SnapshotProblem: its frozen input is no longer kept.
    """
    key = (run.pk, limits or Limits())
    if key not in OPENED:
        OPENED.clear()
        OPENED[key] = LiveRun(run, key[1])
    live = OPENED[key]
    live.synchronise()
    return live


def forget(live: LiveRun) -> None:
    """Read everything anew at the next task: what is in memory may not be what is stored."""
    OPENED.pop((live.run.pk, live.limits), None)
