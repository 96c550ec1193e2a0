"""Instances of the published B2B meeting-scheduling problem, read from MiniZinc data files.

Takes what files of this family have and what MiniZinc allows in their place: comments, ranges,
`array1d` and `array2d`, declared types, fields in any order, `fixat` for `fixed`, and leaves out
what is not needed. Says the line of whatever is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.schedule_tokens import BadFileError, Field, fields_of

# Sessions: slots of the morning only, of the afternoon only, any.
MORNING, AFTERNOON, ANY = 1, 2, 3


@dataclass(frozen=True)
class Instance:
    """One file as it is; people, meetings and slots are numbered from 1, as there."""

    name: str
    people: int
    tables: int
    slots: int
    morning: int
    # (one person, the other, session) of each meeting.
    requested: list[tuple[int, int, int]]
    # Of each person: slots in which they cannot meet.
    forbidden: list[set[int]]
    # Of each meeting: its slot, 0 if it is free to choose.
    fixed: list[int]
    # Of each meeting: those that must come strictly before it.
    precedences: list[set[int]]


def read_instance(path: Path) -> Instance:
    """Read a file; raises BadFileError with the line for one that makes no sense."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadFileError(0, f"cannot be read: {error}") from error
    return _Reader(path.stem, fields_of(text)).instance()


@dataclass
class _Reader:
    name: str
    fields: dict[str, Field]

    def instance(self) -> Instance:
        people, slots = self.number("nBusiness"), self.number("nTotalSlots")
        requested = self.requested(people)
        meetings = len(requested)
        return Instance(
            name=self.name,
            people=people,
            tables=self.number("nTables"),
            slots=slots,
            morning=self.morning(slots, requested),
            requested=requested,
            forbidden=self.sets("forbidden", people, slots),
            fixed=self.fixed(meetings, slots),
            precedences=self.sets("precedences", meetings, meetings),
        )

    def number(self, name: str) -> int:
        field = self.field(name)
        if not isinstance(field.value, int) or field.value < 0:
            raise BadFileError(field.line, f"{name} must be a number of at least 0")
        return field.value

    def field(self, name: str) -> Field:
        if name not in self.fields:
            raise BadFileError(0, f"{name} is missing")
        return self.fields[name]

    def requested(self, people: int) -> list[tuple[int, int, int]]:
        """Return the rows of meetings; a flat list is taken in threes."""
        field = self.field("requested")
        numbers = _flat(field, "requested")
        declared = self.number("nMeetings") if "nMeetings" in self.fields else len(numbers) // 3
        if len(numbers) != 3 * declared:
            raise BadFileError(
                field.line, f"requested has {len(numbers)} numbers, not 3 × {declared}"
            )
        rows = [(a, b, c) for a, b, c in zip(*[iter(numbers)] * 3, strict=True)]
        for place, (one, other, session) in enumerate(rows, 1):
            if one == other or not (1 <= one <= people and 1 <= other <= people):
                raise BadFileError(field.line, f"meeting {place} is between {one} and {other}")
            if session not in (MORNING, AFTERNOON, ANY):
                raise BadFileError(
                    field.line, f"meeting {place} has session {session}, not 1, 2 or 3"
                )
        return rows

    def morning(self, slots: int, requested: Sequence[tuple[int, int, int]]) -> int:
        """Return the slots of the morning; needed only if some meeting keeps to a session."""
        if "nMorningSlots" not in self.fields and all(row[2] == ANY for row in requested):
            return slots
        morning = self.number("nMorningSlots")
        if morning > slots:
            raise BadFileError(
                self.field("nMorningSlots").line, "more slots in the morning than in all"
            )
        return morning

    def sets(self, name: str, count: int, highest: int) -> list[set[int]]:
        """Return so many sets of numbers from 1; numbers below 1 stand for nothing."""
        if name not in self.fields:
            return [set() for _ in range(count)]
        field = self.fields[name]
        found = _list(field, name, count, lambda value: isinstance(value, set))
        if any(number > highest for numbers in found for number in numbers):
            raise BadFileError(field.line, f"{name} has a number above {highest}")
        return [{number for number in numbers if number > 0} for numbers in found]

    def fixed(self, meetings: int, slots: int) -> list[int]:
        """Return the fixed slots, under either name."""
        found = [0] * meetings
        for name in ("fixed", "fixat"):
            if name not in self.fields:
                continue
            field = self.fields[name]
            own = _list(field, name, meetings, lambda value: isinstance(value, int))
            if any(not 0 <= slot <= slots for slot in own):
                raise BadFileError(field.line, f"{name} has a slot that is not in 0 to {slots}")
            if any(a and b and a != b for a, b in zip(found, own, strict=True)):
                raise BadFileError(field.line, "fixed and fixat contradict each other")
            found = [a or b for a, b in zip(found, own, strict=True)]
        return found


def _flat(field: Field, name: str) -> list[int]:
    if not isinstance(field.value, list):
        raise BadFileError(field.line, f"{name} must be an array")
    numbers: list[Any] = []
    for value in field.value:
        numbers.extend(value if isinstance(value, list) else [value])
    if not all(isinstance(number, int) for number in numbers):
        raise BadFileError(field.line, f"{name} must be made of numbers")
    return numbers


def _list(field: Field, name: str, count: int, is_right: Callable[[Any], bool]) -> list[Any]:
    if not isinstance(field.value, list) or not all(map(is_right, field.value)):
        raise BadFileError(field.line, f"{name} must be an array of another kind")
    if len(field.value) != count:
        raise BadFileError(field.line, f"{name} has {len(field.value)} entries, not {count}")
    return field.value
