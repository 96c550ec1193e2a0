"""Votes of reviewers on proposals, as arrays."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Votes:
    """One entry a vote: numbers of panel, proposal and reviewer from 0, int64, and score, float64.

    A reviewer who sits on two panels is two reviewers there: severity belongs to a panel's talk.
    A proposal has the same number in every panel that votes on it.
    """

    panel: Ints
    proposal: Ints
    reviewer: Ints
    score: Floats

    def __post_init__(self) -> None:
        """Refuse arrays of different lengths, gaps in the proposals, and scores that are none."""
        shapes = {array.shape for array in (self.panel, self.proposal, self.reviewer, self.score)}
        if len(shapes) != 1 or len(self.score) == 0:
            raise ValueError("votes need four arrays of one length, and at least one vote")
        if not np.isfinite(self.score).all():
            raise ValueError("a score is not a number")
        if min(self.panel.min(), self.reviewer.min(), self.proposal.min()) < 0:
            raise ValueError("numbers begin at 0")
        if (np.bincount(self.proposal) == 0).any():
            raise ValueError("a proposal has no votes")

    @cached_property
    def proposals(self) -> int:
        """How many proposals there are."""
        return int(self.proposal.max()) + 1

    @cached_property
    def judges(self) -> tuple[Ints, Ints]:
        """Return reviewers within panels: (panel, reviewer) rows (m, 2), and the row of each vote."""
        pairs = np.column_stack((self.panel, self.reviewer))
        rows, places = np.unique(pairs, axis=0, return_inverse=True)
        return rows, places.reshape(-1)

    def by_proposal(self) -> list[Floats]:
        """Return the scores of each proposal."""
        sorted_scores = self.score[np.argsort(self.proposal, kind="stable")]
        return np.split(sorted_scores, np.cumsum(np.bincount(self.proposal))[:-1])


@dataclass(frozen=True)
class Names:
    """What the numbers of panels, proposals and reviewers stand for, in the order of first mention."""

    panels: tuple[Any, ...]
    proposals: tuple[Any, ...]
    reviewers: tuple[Any, ...]


def votes_of(
    rows: Iterable[tuple[Hashable, Hashable, Hashable, float]],
) -> tuple[Votes, Names]:
    """Number the names in rows of (panel, proposal, reviewer, score)."""
    numbers: tuple[dict[Hashable, int], ...] = ({}, {}, {})
    codes: tuple[list[int], ...] = ([], [], [])
    scores = []
    for *names, score in rows:
        for name, known, code in zip(names, numbers, codes, strict=True):
            code.append(known.setdefault(name, len(known)))
        scores.append(float(score))
    panel, proposal, reviewer = (np.array(code, dtype=np.int64) for code in codes)
    votes = Votes(panel, proposal, reviewer, np.array(scores))
    return votes, Names(*(tuple(known) for known in numbers))
