"""The frozen input of a run: the same for every worker on every machine, and for a repetition.

The worker that begins a run reads everybody once and writes named arrays; they are kept in
PostgreSQL in chunks, copied once to each machine's data directory, and mapped there read-only.
People stand in the order of the pass (`scoring.sides.hashes`), so that a block is a random sample
and its rows lie together.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matching.embedding import get_embedder, get_english_embedder, identity
from matching.models import MatchRun, MatchRunState, Side, SuggestionList
from matching.scoring import PairRules, Vectors, left_vectors, right_vectors, tag_weights
from matching.scoring.evidence import ITEM_KINDS, Evidence, starts_of
from matching.scoring.reference import CORPUS, Reference, chosen, reference_of
from matching.scoring.rules import row_numbers
from matching.scoring.sides import hashes
from matching.scoring.vectors import Position
from matching.services.members import (
    PORTION,
    Members,
    Shape,
    basis_for,
    count_tags,
    member_ids,
    read_portions,
)
from matching.services.pairs import pair_rules
from matching.services.snapshot_copies import (
    SnapshotError,
    directory_of,
    fetch,
    keep_directory,
    new_directory,
)
from matching.services.snapshot_files import (
    Arrays,
    ArrayWriter,
    copy_chunks,
    map_arrays,
    read_manifest,
    store_chunks,
)

Integers = NDArray[np.int64]
SIDES: dict[Position, Side] = {"left": Side.EUROPE, "right": Side.KOREA}
PAIRS = ("forbidden", "hidden_from_left", "hidden_from_right", "worked_together")
# A published run's snapshot serves edits while the next one is computed.
OPEN_AT_ONCE = 2


@dataclass(frozen=True)
class SideFacts:
    """What else is frozen of n people of one side; rows as in the vectors.

    built_from: int64 (n,), microseconds since 2000. capacity: int64 (n,), open partner places.
    price: int64 (n,), units of 2**-30, by which retrieval ran. organisations: int64 (n,), 0 for
    none. order: int64 (n,), the rows by rising id.
    """

    ids: Integers
    built_from: Integers
    capacity: Integers
    price: Integers
    organisations: Integers
    order: Integers

    def rows_of(self, person_ids: Integers | list[int]) -> Integers:
        """Return the row of each person, -1 for who is not in it."""
        wanted = np.asarray(person_ids, dtype=np.int64)
        rows, known = row_numbers(wanted, self.ids, self.order)
        return np.where(known, rows, -1)


@dataclass(frozen=True)
class Snapshot:
    """Everything that a run's lists follow from, mapped from files."""

    key: str
    left: Vectors
    right: Vectors
    left_evidence: Evidence
    right_evidence: Evidence
    left_facts: SideFacts
    right_facts: SideFacts
    reference: Reference
    rules: PairRules
    shape: Shape
    arrays: Arrays

    def vectors(self, position: Position) -> Vectors:
        """Return one side's vectors."""
        return self.left if position == "left" else self.right

    def evidence(self, position: Position) -> Evidence:
        """Return one side's single texts."""
        return self.left_evidence if position == "left" else self.right_evidence

    def facts(self, position: Position) -> SideFacts:
        """Return what else is frozen of one side."""
        return self.left_facts if position == "left" else self.right_facts


def opposite(position: Position) -> Position:
    """Return the other side."""
    return "right" if position == "left" else "left"


# --- Writing -----------------------------------------------------------------------------------


def make_snapshot(run: MatchRun, *, beat: Callable[[], None] = lambda: None) -> Snapshot:
    """Read everybody, freeze it, and store it in the database; `beat` is called now and then."""
    with new_directory() as directory:
        writer = ArrayWriter(directory)
        ids = {position: member_ids(run.embedder, side) for position, side in SIDES.items()}
        shape = shape_of(run, ids)
        writer.append("basis", shape.basis)
        for position, people in ids.items():
            write_side(writer, position, people, shape, beat)
        write_pairs(writer)
        write_reference(writer)
        beat()
        key = writer.finish(facts_of(shape))
        store_chunks(run, directory)
        keep_directory(directory, key)
    return open_snapshot(key)


def shape_of(run: MatchRun, ids: dict[Position, Integers]) -> Shape:
    """Return what everybody's arrays have in common in this run."""
    everybody = np.concatenate(list(ids.values()))
    english, dimension = get_english_embedder(), get_embedder().dimension
    witnesses = everybody[chosen(everybody, CORPUS)]
    return Shape(
        embedder=run.embedder,
        english_embedder=run.english_embedder,
        tag_weights=tag_weights(count_tags(everybody), len(everybody)),
        dimension=dimension,
        english_dimension=english.dimension if english else 1,
        prices=current_prices(),
        basis=basis_for(witnesses, run.embedder, dimension),
    )


def facts_of(shape: Shape) -> dict[str, Any]:
    """Return the part of the shape that the manifest keeps."""
    names = ("embedder", "english_embedder", "tag_weights", "dimension", "english_dimension")
    return {name: getattr(shape, name) for name in names}


def embedders() -> dict[str, str]:
    """Return the identities of the embedders that a run started now would use."""
    english = get_english_embedder()
    return {
        "embedder": identity(get_embedder()),
        "english_embedder": identity(english) if english else "",
    }


def current_prices() -> dict[int, int]:
    """Return everybody's price in the published run: where the next one starts from."""
    lists = SuggestionList.objects.filter(match_run__state=MatchRunState.PUBLISHED)
    return dict(lists.exclude(demand=0).values_list("profile_id", "demand"))


def write_side(
    writer: ArrayWriter,
    position: Position,
    ids: Integers,
    shape: Shape,
    beat: Callable[[], None],
) -> None:
    """Write one side in the order of the pass, a portion of people at a time."""
    ordered = ids[np.argsort(hashes(ids), kind="stable")]
    counts: dict[str, list[Integers]] = {name: [] for name in (*ITEM_KINDS, "words")}
    # An empty side has arrays too: one portion of nobody gives them their types.
    for members in read_portions(ordered, shape, SIDES[position], portion=PORTION):
        write_members(writer, position, members, counts)
        beat()
    for name, found in counts.items():
        starts = starts_of(np.concatenate(found))
        writer.append(f"{position}_{name}_start", starts)


def write_members(
    writer: ArrayWriter, position: Position, members: Members, counts: dict[str, list[Integers]]
) -> None:
    """Write a portion of one side; how many texts each person has is noted in `counts`."""
    pack = left_vectors if position == "left" else right_vectors
    vectors = pack(members.people)
    evidence = members.evidence.to_arrays()
    rows: Arrays = {
        "rows": vectors.rows,
        "built_from": members.built_from,
        "capacity": members.capacity,
        "price": members.people.price,
        "organisations": members.organisations,
        **{name: array for name, array in evidence.items() if not name.endswith("_start")},
    }
    for name, array in rows.items():
        writer.append(f"{position}_{name}", array)
    for name, found in counts.items():
        found.append(np.diff(evidence[f"{name}_start"]))
    if f"{position}_starts" not in writer.files:
        writer.append(f"{position}_starts", np.array(vectors.starts, dtype=np.int64))


def write_pairs(writer: ArrayWriter) -> None:
    """Write what is decided about pairs, as it is now."""
    rules = pair_rules()
    for name in PAIRS:
        writer.append(name, getattr(rules, name))


def write_reference(writer: ArrayWriter) -> None:
    """Write the panels and weights of the run, chosen from what has been written so far."""
    arrays = writer.mapped()
    sides = (Evidence.from_arrays(arrays, f"{position}_") for position in SIDES)
    for name, array in reference_of(*sides).to_arrays().items():
        writer.append(f"reference_{name}", array)


def repeat_snapshot(source: MatchRun, run: MatchRun) -> None:
    """Give a run the frozen input of an earlier one."""
    copy_chunks(source, run)


# --- Reading -----------------------------------------------------------------------------------


def snapshot_of(run: MatchRun) -> Snapshot:
    """Return the frozen input of a run, copied to this machine when it is not yet here.

    Raises:
        SnapshotError: it is no longer kept, or what is kept is not what was written.
        CopyError: this machine cannot write a copy.
    """
    if not run.snapshot_hash:
        raise SnapshotError(f"Run {run.pk} has no frozen input")
    if not directory_of(run.snapshot_hash).exists():
        fetch(run)
    return open_snapshot(run.snapshot_hash)


@lru_cache(maxsize=OPEN_AT_ONCE)
def open_snapshot(key: str) -> Snapshot:
    """Map a snapshot that lies on this machine."""
    directory = directory_of(key)
    manifest = read_manifest(directory)
    arrays = map_arrays(directory, manifest["arrays"])
    return Snapshot(
        key=key,
        left=side_vectors(arrays, "left"),
        right=side_vectors(arrays, "right"),
        left_evidence=Evidence.from_arrays(arrays, "left_"),
        right_evidence=Evidence.from_arrays(arrays, "right_"),
        left_facts=side_facts(arrays, "left"),
        right_facts=side_facts(arrays, "right"),
        reference=reference_from(arrays),
        rules=PairRules(**{name: np.array(arrays[name]) for name in PAIRS}),
        shape=Shape(**manifest["facts"], basis=np.array(arrays["basis"])),
        arrays=arrays,
    )


def side_vectors(arrays: Arrays, position: Position) -> Vectors:
    """Return one side's vectors from the arrays."""
    starts = tuple(arrays[f"{position}_starts"].tolist())
    return Vectors(
        np.array(arrays[f"{position}_ids"]), arrays[f"{position}_rows"], starts, position
    )


def side_facts(arrays: Arrays, position: Position) -> SideFacts:
    """Return what else is frozen of one side from the arrays."""
    names = ("ids", "built_from", "capacity", "price", "organisations")
    columns = {name: np.array(arrays[f"{position}_{name}"]) for name in names}
    return SideFacts(**columns, order=np.argsort(columns["ids"], kind="stable"))


def reference_from(arrays: Arrays) -> Reference:
    """Return the panels and weights from the arrays, read into memory: every person needs them."""
    start = "reference_"
    return Reference.from_arrays(
        {
            name.removeprefix(start): np.array(array)
            for name, array in arrays.items()
            if name.startswith(start)
        }
    )
