"""The rank list: weighted score, then what the call said, then the lot; each step can be explained."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from itertools import groupby
from math import isnan
from typing import Any

# What parted two neighbours, besides the codes of the call.
SCORE, LOTTERY, UNDRAWN = "score", "lottery", "undrawn"
Reason = tuple[str, Any, Any]


@dataclass(frozen=True)
class Item:
    """One application: its weighted score, and what ties are broken by.

    keys: by code, a number (higher is better) or a set of what it covers (topics, countries): it
    counts how much of that nobody above it covers yet, as Horizon Europe does. ticket: the lot,
    the lowest first; None before the draw.
    """

    id: Hashable
    score: float
    keys: Mapping[str, Any] = field(default_factory=dict)
    ticket: int | None = None


@dataclass(frozen=True)
class Placed:
    """A position from 1, and which key parted the application from the one above it.

    decided_by: "score", a code, "lottery", or "undrawn" (equal in all, not yet drawn); None for
    the first. above, here: what that key was of the one above and of this one, when it was decided.
    """

    position: int
    id: Any
    decided_by: str | None
    above: Any = None
    here: Any = None


@dataclass(frozen=True)
class RankList:
    """Applications from the best on; positions are unique."""

    placed: tuple[Placed, ...]

    @property
    def ids(self) -> tuple[Any, ...]:
        """The applications in order."""
        return tuple(one.id for one in self.placed)

    @property
    def undrawn(self) -> tuple[Any, ...]:
        """Applications whose order needs a lottery that has not been drawn."""
        needed = [
            pair
            for above, here in zip(self.placed, self.placed[1:], strict=False)
            if here.decided_by == UNDRAWN
            for pair in (above.id, here.id)
        ]
        return tuple(dict.fromkeys(needed))


def order(items: Sequence[Item], tie_break: Sequence[str]) -> RankList:
    """Return the rank list by score, then by the codes in this order, then by ticket.

    Among equals of all these without tickets, the order is that of the items given: say so where it
    is shown. Raises ValueError for an id or a ticket that is there twice, or a key that is missing.
    """
    _check(items, tie_break)
    placed: list[Placed] = []
    covered: dict[str, set[Any]] = {code: set() for code in tie_break}
    last: Item | None = None
    for score, group in groupby(sorted(items, key=lambda item: -item.score), key=_score):
        reason = None if last is None else (SCORE, last.score, score)
        for item, why in _equals(list(group), tie_break, covered):
            placed.append(Placed(len(placed) + 1, item.id, *(why or reason or (None,))))
            last = item
    return RankList(tuple(placed))


def _score(item: Item) -> float:
    return item.score


def _check(items: Sequence[Item], tie_break: Sequence[str]) -> None:
    tickets = [item.ticket for item in items if item.ticket is not None]
    if len({item.id for item in items}) != len(items) or len(set(tickets)) != len(tickets):
        raise ValueError("an application or a ticket is there twice")
    if any(isnan(item.score) for item in items):
        raise ValueError("a score is not a number")
    for item in items:
        if missing := [code for code in tie_break if code not in item.keys]:
            raise ValueError(f"{item.id} has no {', '.join(missing)}")


def _equals(
    group: list[Item], codes: Sequence[str], covered: dict[str, set[Any]]
) -> Iterator[tuple[Item, Reason | None]]:
    """Yield items of one score, the best of those that are left first, and what parted them."""
    reasons: dict[Hashable, Reason] = {}
    while group:
        values = {item.id: _values(item, codes, covered) for item in group}
        best = max(group, key=lambda item: (values[item.id], _lot(item)))
        yield best, reasons.get(best.id)
        group = [item for item in group if item is not best]
        reasons = {item.id: _parted(best, item, codes, values) for item in group}
        for code in codes:
            if isinstance(best.keys[code], Set):
                covered[code] |= set(best.keys[code])


def _values(item: Item, codes: Sequence[str], covered: Mapping[str, set[Any]]) -> tuple[Any, ...]:
    """Return the keys of an item as numbers: of a set, how much of it is new."""
    return tuple(
        len(set(item.keys[code]) - covered[code])
        if isinstance(item.keys[code], Set)
        else item.keys[code]
        for code in codes
    )


def _lot(item: Item) -> tuple[bool, int]:
    """Return what is highest for the lowest ticket, and lowest for none."""
    return item.ticket is not None, -(item.ticket or 0)


def _parted(
    above: Item, here: Item, codes: Sequence[str], values: Mapping[Hashable, tuple[Any, ...]]
) -> Reason:
    """Return the first key in which two items differ, and what it was of each."""
    for code, one, other in zip(codes, values[above.id], values[here.id], strict=True):
        if one != other:
            return code, one, other
    drawn = above.ticket is not None and here.ticket is not None
    return (LOTTERY, above.ticket, here.ticket) if drawn else (UNDRAWN, None, None)
