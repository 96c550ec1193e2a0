"""Which organisations of the two sides fit together, from what their people publish.

The score of a pair is one dot product of integers, so that sums do not depend on their order: the
float64 product below is exact, because no sum comes near 2**53. Its parts are the same product cut
into pieces, and so they add up. Numbers of people do not count: every organisation's vectors have
length one, whoever works there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching.scoring.terms import COMPONENT, STORED

Integers = NDArray[np.int64]
Short = NDArray[np.int16]

# Seen from the first organisation: `seeking` is its requests against the other one's offers.
TWINNING_WEIGHTS = {"topic": 0.35, "areas": 0.25, "seeking": 0.2, "offering": 0.2}
TWINNING_TERMS = tuple(TWINNING_WEIGHTS)
# Per organisation.
KEPT = 10
BLOCK = 512
PAIRS_SHOWN = 3
# Squares of such numbers, a thousand a row, stay below 2**63.
FITTING_BITS = 26


@dataclass(frozen=True)
class Bodies:
    """What is read of n organisations of one side, row by row.

    ids: int64 (n,). topic, offers, seeks: int64 (n, d), sums over members of unit vectors times
    32,767, zeros for none. areas: int64 (n, t), how many members named each area.
    """

    ids: Integers
    topic: Integers
    offers: Integers
    seeks: Integers
    areas: Integers

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True)
class Proposal:
    """One partner for one organisation. score and parts: units of 2**-30; the parts add up."""

    organisation: int
    partner: int
    score: int
    parts: tuple[int, ...]


def propose(left: Bodies, right: Bodies, *, keep: int = KEPT) -> list[Proposal]:
    """Return the best partners of everybody on both sides, best first, equal scores by id.

    Only pairs of a positive score; an organisation of which nothing is known gets none.
    """
    first, second = packed(left, swapped=False), packed(right, swapped=True)
    starts = starts_of(left)
    found = best_of(left, right, first, second, starts, keep)
    back = best_of(right, left, second, first, starts, keep)
    return found + [swapped(proposal) for proposal in back]


def swapped(proposal: Proposal) -> Proposal:
    """Return a proposal with its parts as the other side calls them."""
    topic, areas, seeking, offering = proposal.parts
    parts = (topic, areas, offering, seeking)
    return Proposal(proposal.organisation, proposal.partner, proposal.score, parts)


def starts_of(bodies: Bodies) -> list[int]:
    """Return where each term begins in the packed vectors."""
    size, tags = bodies.topic.shape[1], bodies.areas.shape[1]
    return [0, size, size + tags, 2 * size + tags]


def packed(bodies: Bodies, *, swapped: bool) -> Short:
    """Return the pieces of the terms side by side, int16 (n, D) times 2**15.

    swapped: whether offers stand where the other side has its requests.
    """
    wishes = [bodies.seeks, bodies.offers]
    pieces = [bodies.topic, bodies.areas, *(wishes[::-1] if swapped else wishes)]
    weighted = [
        unit_rows(piece) * (COMPONENT * np.sqrt(weight))
        for piece, weight in zip(pieces, TWINNING_WEIGHTS.values(), strict=True)
    ]
    return np.rint(np.concatenate(weighted, axis=1)).astype(np.int16)


def unit_rows(sums: Integers) -> NDArray[np.float64]:
    """Return rows of length one; rows of zeros stay."""
    largest = int(np.abs(sums).max(initial=0))
    # On integers up to the root: the same in every order. Shifted so that squares fit.
    whole = sums >> max(0, largest.bit_length() - FITTING_BITS)
    lengths = np.sqrt((whole * whole).sum(axis=1).astype(np.float64))
    return whole / np.maximum(lengths, 1.0)[:, None]


def best_of(
    mine: Bodies, theirs: Bodies, rows: Short, columns: Short, starts: list[int], keep: int
) -> list[Proposal]:
    """Return the best partners of each of `mine` among `theirs`."""
    if not len(mine) or not len(theirs):
        return []
    found: list[Proposal] = []
    by_id = np.argsort(theirs.ids, kind="stable")
    others = columns[by_id].astype(np.float64)
    for start in range(0, len(mine), BLOCK):
        block = rows[start : start + BLOCK]
        scores = (block.astype(np.float64) @ others.T).astype(np.int64)
        best = np.argsort(-scores, axis=1, kind="stable")[:, :keep]
        for offset, places in enumerate(best):
            chosen = places[scores[offset, places] > 0]
            parts = parts_of(block[offset], columns[by_id[chosen]], starts)
            found.extend(
                Proposal(int(mine.ids[start + offset]), int(theirs.ids[by_id[place]]),
                         int(scores[offset, place]), tuple(part.tolist()))
                for place, part in zip(chosen, parts, strict=True)
            )  # fmt: skip
    return found


def parts_of(row: Short, columns: Short, starts: list[int]) -> Integers:
    """Return the terms of one organisation with some others, int64 (k, 4)."""
    products = columns.astype(np.int64) * row.astype(np.int64)
    sums: Integers = np.add.reduceat(products, starts, axis=1)
    return sums


def best_pairs(
    mine: Short, theirs: Short, *, keep: int = PAIRS_SHOWN
) -> list[tuple[int, int, float]]:
    """Return the closest pairs (row of mine, row of theirs, cosine), each row at most once.

    mine, theirs: int16 (k, d), unit vectors times 32,767.
    """
    if not len(mine) or not len(theirs):
        return []
    products = mine.astype(np.float64) @ theirs.astype(np.float64).T
    found: list[tuple[int, int, float]] = []
    while len(found) < keep and products.max() > 0:
        place = int(np.argmax(products))
        row, column = divmod(place, products.shape[1])
        found.append((row, column, float(products[row, column]) / STORED**2))
        products[row, :], products[:, column] = 0, 0
    return found
