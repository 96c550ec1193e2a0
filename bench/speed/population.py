"""Seeded people to match: clustered like real research, or made to be awkward.

A person's vector is a mean that all share, plus one of 40 areas, plus one of 800 sub-topics, plus
noise whose spectrum decays as 1/k; both sides share areas and topics. Real embeddings look like
this, i.i.d. vectors do not. Kinds:

    plain    in random order
    sorted   the same people, ordered by area and topic
    masked   the same people; a pair is allowed when both stand in a common area (about 8 %)
    ties     a third are copies of others, identifiers in random order
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

AREAS, TOPICS = 40, 800
# Squares of the shares of mean, area, topic and noise; they add up to 1.
SHARES = (0.155, 0.20, 0.25, 0.395)
# Who stands in a second area as well: with two areas each, about 8 % of the pairs meet.
SECOND_AREA = 0.8
# Unit vectors are stored times this, as the portal stores them.
COMPONENT = 32_767
PORTION = 4096
KINDS = ("plain", "sorted", "masked", "ties")


@dataclass(frozen=True)
class Side:
    """One side. ids int64 (n,); rows int16 (n, D); areas uint64 (n,), a bit for each area."""

    ids: NDArray[np.int64]
    rows: NDArray[np.int16]
    areas: NDArray[np.uint64]

    def __len__(self) -> int:
        return len(self.ids)

    def of(self, chosen: NDArray[np.int64]) -> Side:
        """Return some people only, in the order asked for."""
        return Side(self.ids[chosen], self.rows[chosen], self.areas[chosen])


@dataclass(frozen=True)
class Centres:
    """What both sides share: unit vectors of the mean, the areas and the topics."""

    mean: NDArray[np.float32]
    areas: NDArray[np.float32]
    topics: NDArray[np.float32]
    spectrum: NDArray[np.float32]

    @classmethod
    def of(cls, dimension: int, seed: int) -> Centres:
        """Draw them."""
        chance = np.random.default_rng([seed, 0])
        everything = chance.standard_normal((1 + AREAS + TOPICS, dimension), dtype=np.float32)
        everything /= np.linalg.norm(everything, axis=1, keepdims=True)
        spectrum = (1 / np.sqrt(np.arange(1, dimension + 1))).astype(np.float32)
        spectrum = chance.permutation(spectrum / np.linalg.norm(spectrum)).astype(np.float32)
        return cls(everything[0], everything[1 : 1 + AREAS], everything[1 + AREAS :], spectrum)


def make_side(count: int, dimension: int, *, seed: int, number: int, kind: str = "plain") -> Side:
    """Return one side (number 0 or 1) of `count` people; the same seed gives the same people."""
    centres = Centres.of(dimension, seed)
    chance = np.random.default_rng([seed, 1 + number])
    topics = chance.integers(TOPICS, size=count)
    areas = topics % AREAS
    rows = np.empty((count, dimension), dtype=np.int16)
    for start in range(0, count, PORTION):
        within = slice(start, start + PORTION)
        rows[within] = unit_rows(centres, areas[within], topics[within], chance)
    ids = np.arange(1, count + 1, dtype=np.int64) + number * count
    side = Side(ids, rows, area_bits(areas, chance))
    if kind == "sorted":
        return side.of(np.lexsort((topics, areas)))
    return with_copies(side, chance) if kind == "ties" else side


def unit_rows(
    centres: Centres,
    areas: NDArray[np.int64],
    topics: NDArray[np.int64],
    chance: np.random.Generator,
) -> NDArray[np.int16]:
    """Return stored unit vectors of people of these areas and topics."""
    mean, area, topic, noise = np.sqrt(SHARES).astype(np.float32)
    size = (len(areas), len(centres.spectrum))
    rows = chance.standard_normal(size, dtype=np.float32) * (centres.spectrum * noise)
    rows += mean * centres.mean + area * centres.areas[areas] + topic * centres.topics[topics]
    rows *= COMPONENT / np.linalg.norm(rows, axis=1, keepdims=True)
    return np.rint(rows).astype(np.int16)


def area_bits(areas: NDArray[np.int64], chance: np.random.Generator) -> NDArray[np.uint64]:
    """Return each person's own area as a bit, and for most a second one."""
    second = chance.integers(AREAS, size=len(areas))
    second = np.where(chance.random(len(areas)) < SECOND_AREA, second, areas)
    one = np.uint64(1)
    bits: NDArray[np.uint64] = (one << areas.astype(np.uint64)) | (one << second.astype(np.uint64))
    return bits


def with_copies(side: Side, chance: np.random.Generator) -> Side:
    """Make a third of the people copies of others, and shuffle the identifiers."""
    count = len(side)
    copies = chance.choice(count, size=count // 3, replace=False)
    rows = side.rows.copy()
    rows[copies] = rows[chance.integers(count, size=len(copies))]
    return Side(chance.permutation(side.ids), rows, side.areas)


def allowed_share(left: Side, right: Side, sample: int = 500) -> float:
    """Return which part of the pairs shares an area, estimated on some rows."""
    chosen = left.areas[np.linspace(0, len(left) - 1, min(sample, len(left))).astype(int)]
    return float(((chosen[:, None] & right.areas[None, :]) != 0).mean())


# --- On disk, so that every contender's process maps the same pages --------------------------


def write(folder: Path, count: int, dimension: int, *, seed: int, kind: str) -> None:
    """Write both sides unless an earlier run did."""
    done = folder / "done.json"
    wanted = {"count": count, "dimension": dimension, "seed": seed, "kind": kind, "version": 1}
    if done.exists() and json.loads(done.read_text()) == wanted:
        return
    folder.mkdir(parents=True, exist_ok=True)
    for number, name in enumerate(("left", "right")):
        side = make_side(count, dimension, seed=seed, number=number, kind=kind)
        for array in ("ids", "rows", "areas"):
            np.save(folder / f"{name}_{array}.npy", getattr(side, array))
        if kind == "plain":
            write_floats(folder / f"{name}_floats.npy", side.rows)
    done.write_text(json.dumps(wanted))


def write_floats(path: Path, rows: NDArray[np.int16]) -> None:
    """Write the same vectors as float32, for libraries that know no integers."""
    file = np.lib.format.open_memmap(path, mode="w+", dtype=np.float32, shape=rows.shape)
    for start in range(0, len(rows), PORTION):
        file[start : start + PORTION] = rows[start : start + PORTION] / np.float32(COMPONENT)
    file.flush()


def read(folder: Path, name: str) -> Side:
    """Return one side, `left` or `right`, its rows mapped read-only."""
    return Side(
        np.load(folder / f"{name}_ids.npy"),
        np.load(folder / f"{name}_rows.npy", mmap_mode="r"),
        np.load(folder / f"{name}_areas.npy"),
    )


def read_floats(folder: Path, name: str) -> NDArray[np.float32]:
    """Return one side's float32 vectors, mapped read-only, every page touched once."""
    floats: NDArray[np.float32] = np.load(folder / f"{name}_floats.npy", mmap_mode="r")
    floats[:, ::512].sum()
    return floats
