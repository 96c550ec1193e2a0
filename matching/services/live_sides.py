"""One side of a published run in the memory of a worker: the frozen input, and edits over it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from matching.scoring import Vectors, exact_scores
from matching.scoring.evidence import Evidence, joined
from matching.scoring.rules import row_numbers
from matching.scoring.vectors import Position
from matching.services.list_rows import SMALLEST
from matching.services.snapshots import Snapshot

Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]
NOWHERE = -1


class LiveSide:
    """People of one side by place: those of the frozen input first, then those who joined.

    Frozen rows stay mapped from their file; rows of people who were edited since lie beside them.
    ids, floors, demand: int64 (n,); floors are the smallest integer where the pool is everybody.
    is_placed: bool (n,), who stands here according to the input and the edits. has_list: bool
    (n,), who has a list in the run; others were deleted.
    """

    def __init__(
        self, snapshot: Snapshot, position: Position, prices: Integers | None = None
    ) -> None:
        self.position: Position = position
        self.frozen = snapshot.vectors(position)
        self.frozen_evidence = snapshot.evidence(position)
        self.facts = snapshot.facts(position)
        self.edits: dict[int, tuple[Vectors, Evidence]] = {}
        count = len(self.frozen)
        self.ids = self.frozen.ids.copy()
        self.order = np.argsort(self.ids, kind="stable")
        self.floors = np.full(count, SMALLEST, dtype=np.int64)
        # Whoever hides and comes back costs what they cost before.
        self.prices = np.zeros(count, dtype=np.int64) if prices is None else prices
        self.demand = self.prices.copy()
        self.is_placed = np.ones(count, dtype=np.bool_)
        self.has_list = np.zeros(count, dtype=np.bool_)

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def is_alive(self) -> Flags:
        """Who may be a partner, bool (n,)."""
        return self.is_placed & self.has_list

    def places_of(self, person_ids: Integers | Sequence[int]) -> Integers:
        """Return each person's place, NOWHERE for strangers."""
        wanted = np.asarray(person_ids, dtype=np.int64)
        places, known = row_numbers(wanted, self.ids, self.order)
        return np.where(known, places, NOWHERE)

    def place_of(self, person_id: int) -> int:
        """Return a person's place, NOWHERE for who does not stand here."""
        place = int(self.places_of([person_id])[0])
        return place if place != NOWHERE and self.is_placed[place] else NOWHERE

    def price_of(self, person_id: int) -> int:
        """Return the price by which retrieval ran, 0 for newcomers; units of 2**-30."""
        row = int(self.facts.rows_of([person_id])[0])
        return int(self.facts.price[row]) if row >= 0 else 0

    def put(self, person_id: int, vectors: Vectors, evidence: Evidence) -> None:
        """Let somebody stand here as they are now: one row of each."""
        place = int(self.places_of([person_id])[0])
        if place == NOWHERE:
            place = self.append(person_id)
        self.edits[place] = (vectors, evidence)
        self.is_placed[place] = True

    def append(self, person_id: int) -> int:
        """Make a place for somebody new."""
        self.ids = np.append(self.ids, person_id)
        self.order = np.argsort(self.ids, kind="stable")
        self.floors = np.append(self.floors, SMALLEST)
        self.prices, self.demand = np.append(self.prices, 0), np.append(self.demand, 0)
        self.is_placed = np.append(self.is_placed, True)
        self.has_list = np.append(self.has_list, False)
        return len(self.ids) - 1

    def drop(self, person_id: int) -> None:
        """Let somebody no longer stand here."""
        place = int(self.places_of([person_id])[0])
        if place != NOWHERE:
            self.is_placed[place] = False
            self.edits.pop(place, None)

    def take_lists(self, person_ids: Integers, floors: Integers, demand: Integers) -> None:
        """Note who has a list, down to where their pool goes, and their own price."""
        places = self.places_of(person_ids)
        here = places != NOWHERE
        self.has_list[:] = False
        self.has_list[places[here]] = True
        self.floors[places[here]] = floors[here]
        self.demand[:] = self.prices
        self.demand[places[here]] = demand[here]

    def strays(self) -> list[int]:
        """Return who stands here without a list: they were deleted since."""
        found: list[int] = self.ids[self.is_placed & ~self.has_list].tolist()
        return found

    def scores(self, person: Vectors) -> Integers:
        """Return one person's products with everybody here, novelty apart: int64 (n,)."""
        scores = np.zeros(len(self), dtype=np.int64)
        scores[: len(self.frozen)] = exact_scores(person, self.frozen)
        places = np.array(sorted(self.edits), dtype=np.int64)
        if len(places):
            scores[places] = exact_scores(person, self.vectors_of(places))
        return scores

    def vectors_of(self, places: Integers) -> Vectors:
        """Return the vectors of some people here, as they are now."""
        rows = np.empty((len(places), self.frozen.rows.shape[1]), dtype=np.int16)
        edited = self.edited_among(places)
        rows[~edited] = self.frozen.rows[places[~edited]]
        for index in np.flatnonzero(edited).tolist():
            rows[index] = self.edits[int(places[index])][0].rows[0]
        return Vectors(self.ids[places], rows, self.frozen.starts, self.position)

    def evidence_of(self, places: Integers) -> Evidence:
        """Return the single texts of some people here, as they are now."""
        edited = self.edited_among(places)
        frozen = self.frozen_evidence.of(places[~edited])
        if not edited.any():
            return frozen
        together = joined([frozen, *(self.edits[place][1] for place in places[edited].tolist())])
        # Back to the order asked for: frozen ones came first.
        order = np.argsort(np.argsort(edited, kind="stable"), kind="stable")
        return together.of(order)

    def edited_among(self, places: Integers) -> Flags:
        """Tell which of some people were edited since, bool (k,)."""
        return np.array([place in self.edits for place in places.tolist()], dtype=np.bool_)
