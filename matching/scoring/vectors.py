"""From what is known of people to the vectors whose dot product is the score.

For i on the left (Europe) and j on the right (Korea) the pieces stand so that ONE product has
both directions: i's seeks meet j's offers, i's offers meet j's seeks, hosts meet visitors.
All arithmetic that depends on more than one number is on integers, so a person's vector is the
same whether it is made alone or among thousands.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from matching.scoring.terms import (
    COMPONENT,
    NEUTRAL,
    ORGANISATION_FIT,
    PRODUCT_TERMS,
    STORED,
    WEIGHTS,
)

Integers = NDArray[np.int64]
Short = NDArray[np.int16]
Flags = NDArray[np.bool_]
Position = Literal["left", "right"]
# The constant that meets the other's price, and so the step of prices, in units of 2**-30.
PRICE_STEP = 2**14


@dataclass(frozen=True)
class People:
    """What the score reads of n people of one side, row by row.

    ids: int64 (n,). topic, offers, seeks: int16 (n, d), unit vectors times 32,767, or zeros for
    who wrote nothing of the kind. tags: int64 (n, t), the weight of each area or topic that the
    person has, else 0. organisation_types: bool (n, 9) in the order of ORGANISATION_TYPES.
    hosts, visits: bool (n,). stage: bool (n, 4), one true or, when undeclared, none.
    wished_stages: bool (n, 4), none when the person has no wish. price: int64 (n,), units of
    2**-30, what suggesting the person costs because many want them: 0 or less.

    Raises:
        ValueError: the arrays do not have one row a person.
    """

    ids: Integers
    topic: Short
    offers: Short
    seeks: Short
    tags: Integers
    organisation_types: Flags
    hosts: Flags
    visits: Flags
    stage: Flags
    wished_stages: Flags
    price: Integers

    def __post_init__(self) -> None:
        lengths = {len(getattr(self, field.name)) for field in fields(self)}
        if len(lengths) != 1:
            raise ValueError(f"People's arrays have different lengths: {sorted(lengths)}")

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True)
class Vectors:
    """One side, ready to be multiplied.

    rows: int16 (n, D) times 2**15; ids: int64 (n,). starts: where each product term begins, and
    after them the two columns of prices.
    """

    ids: Integers
    rows: Short
    starts: tuple[int, ...]
    position: Position

    def __len__(self) -> int:
        return len(self.ids)

    def of(self, chosen: Integers | list[int]) -> Vectors:
        """Return some rows only, in the order asked for."""
        return Vectors(self.ids[chosen], self.rows[chosen], self.starts, self.position)


def left_vectors(people: People) -> Vectors:
    """Return the vectors of the left side."""
    return packed(people, "left")


def right_vectors(people: People) -> Vectors:
    """Return the vectors of the right side."""
    return packed(people, "right")


def packed(people: People, position: Position) -> Vectors:
    """Put the pieces of the terms side by side, each times the root of its weight."""
    pieces = {
        "topic": stored_piece(people.topic, "topic"),
        "seeking": stored_piece(people.seeks, "seeking"),
        "offering": stored_piece(people.offers, "offering"),
        "area": area_piece(people.tags),
        "organisation": organisation_piece(people.organisation_types, position),
        "mobility": mobility_piece(people, position),
        "stage": stage_piece(people, position),
    }
    if position == "right":
        pieces["seeking"], pieces["offering"] = pieces["offering"], pieces["seeking"]
    ordered = [pieces[term] for term in PRODUCT_TERMS] + [price_piece(people.price, position)]
    ends = np.cumsum([piece.shape[1] for piece in ordered])
    rows = np.ascontiguousarray(np.concatenate(ordered, axis=1))
    return Vectors(people.ids, rows, (0, *ends[:-1].tolist()), position)


def quantised(values: NDArray[np.float64], term: str, *, share: float = 1.0) -> Short:
    """Return components in [-1, 1] times the root of the weight, as int16 times 2**15.

    Raises:
        ValueError: a value is no number (NaN) or its size is above 1.
    """
    if not (np.abs(values) <= 1 + 1e-9).all():
        problem = "are not numbers" if np.isnan(values).any() else "are not in [-1, 1]"
        raise ValueError(f"The {term} term has components that {problem}")
    return np.rint(values * (COMPONENT * np.sqrt(WEIGHTS[term] * share))).astype(np.int16)


def stored_piece(vectors: Short, term: str) -> Short:
    """Return stored unit vectors, weighted."""
    return quantised(vectors.astype(np.float64) / STORED, term)


def area_piece(tags: Integers) -> Short:
    """Return unit vectors of the tags: their product is the cosine of weighted tags."""
    squares = (tags * tags).sum(axis=1, keepdims=True)
    return quantised(tags / np.sqrt(np.maximum(squares, 1)), "area")


def organisation_piece(types: Flags, position: Position) -> Short:
    """Return shares of types; on the left already met with the table of fits.

    The last column stands for an organisation without a type: its fit is neutral.
    """
    known = types.any(axis=1, keepdims=True)
    counts = types.astype(np.int64)
    counts = np.concatenate([counts, ~known], axis=1).astype(np.int64)
    shares = counts.sum(axis=1, keepdims=True)
    if position == "right":
        return quantised(counts / shares, "organisation")
    size = len(ORGANISATION_FIT)
    fit = np.full((size + 1, size + 1), NEUTRAL, dtype=np.int64)
    fit[:size, :size] = ORGANISATION_FIT
    return quantised(counts @ fit / (shares * 100), "organisation")


def mobility_piece(people: People, position: Position) -> Short:
    """Return who hosts and who visits, crosswise: each direction is half of the term."""
    pair = [people.hosts, people.visits]
    ordered = pair if position == "left" else pair[::-1]
    return quantised(np.stack(ordered, axis=1).astype(np.float64), "mobility", share=0.5)


def stage_piece(people: People, position: Position) -> Short:
    """Return wishes and stages, crosswise; where either is undeclared, half a point.

    Each is an indicator over four stages and a fifth column for *undeclared*. Nothing is ever
    inferred: who declares no wish is neutral to everybody.
    """
    undeclared = ~people.stage.any(axis=1, keepdims=True)
    stages = np.concatenate([people.stage, undeclared], axis=1).astype(np.float64)
    indifferent = ~people.wished_stages.any(axis=1, keepdims=True)
    wishes = np.where(indifferent, 0.5, people.wished_stages.astype(np.float64))
    wishes = np.concatenate([wishes, np.full((len(people), 1), 0.5)], axis=1)
    pair = [wishes, stages] if position == "left" else [stages, wishes]
    return quantised(np.concatenate(pair, axis=1), "stage", share=0.5)


def price_piece(price: Integers, position: Position) -> Short:
    """Return two columns whose products are the prices of both, in steps of 2**-16.

    For one person the own price is the same with everybody: it changes no order.
    """
    steps = price_steps(price).astype(np.int16)
    constant = np.full(len(steps), PRICE_STEP, dtype=np.int16)
    pair = [constant, steps] if position == "left" else [steps, constant]
    return np.stack(pair, axis=1)


def price_steps(price: Integers) -> Integers:
    """Return prices in steps of PRICE_STEP, as retrieval counts them, int64.

    Prices outside half a point below 0 are cut off there, so that they fit 16 bits and scores 32:
    the other products lie between -0.65 and 1.2.

    Raises:
        ValueError: a price is no number (NaN).
    """
    if not np.isfinite(price).all():
        raise ValueError("A price is not a number")
    steps = np.clip(np.rint(price / PRICE_STEP), -COMPONENT, 0)
    return steps.astype(np.int64)


def tag_weights(counts: dict[str, int], population: int) -> dict[str, int]:
    """Return the weight of each tag, the rarer the heavier: 1000 (1 + ln((1 + n) / (1 + c)))."""
    return {
        tag: int(np.rint(1000 * (1 + np.log((1 + population) / (1 + count)))))
        for tag, count in sorted(counts.items())
    }
