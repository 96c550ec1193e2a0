"""The problem as a formula: who is busy when, where blocks start, how many holes that makes."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass

from events.scheduling.holes.domains import Masks
from events.scheduling.holes.formula import Formula
from events.scheduling.holes.problem import HolesProblem
from events.scheduling.own_slots import bits, matched

# (meeting, slot) -> the variable that says that it is held then.
Held = dict[tuple[int, int], int]
# Of one person by slot: the variable that says whether there is a meeting then; 0 if never.
Row = list[int]

# Slots beyond a person's meetings from which on there are many ways to have no hole.
MANY_WINDOWS = 5


@dataclass(frozen=True)
class Encoded:
    """A formula, and which of its variables say what."""

    formula: Formula
    held: Held
    # Of each person: has at least one hole, at least two, and so on.
    holes: list[list[int]]

    @property
    def objective(self) -> list[int]:
        """Return the variables of which as few as possible are to be true."""
        return [hole for own in self.holes for hole in own]

    def schedule(self, true: Set[int]) -> tuple[int, ...]:
        """Return the slot of each meeting, given the variables that are true."""
        chosen = {meeting: slot for (meeting, slot), held in self.held.items() if held in true}
        return tuple(chosen[meeting] for meeting in range(len(chosen)))


@dataclass(frozen=True)
class Encoder:
    """States one problem, rule by rule."""

    problem: HolesProblem
    masks: Masks
    formula: Formula
    held: Held

    def busy(self, meetings: Sequence[int]) -> Row:
        """State that a person is in one meeting at a time; return when the person is in one."""
        row = [0] * self.problem.slots
        for slot in range(self.problem.slots):
            here = [self.held[one, slot] for one in meetings if (one, slot) in self.held]
            if here:
                row[slot] = self.formula.variable()
                self.formula.choose([*here, -row[slot]])
        self.formula.count([b for b in row if b], len(meetings), len(meetings))
        self._sessions(meetings, row)
        return row

    def _sessions(self, meetings: Sequence[int], row: Row) -> None:
        """State how many meetings at least a person has in slots that some cannot leave."""
        masks = [self.masks[meeting] for meeting in meetings]
        for within in set(masks):
            inside = sum(not mask & ~within for mask in masks)
            slots = [row[slot] for slot in bits(within)]
            if 1 < inside < len(meetings):
                self.formula.count(slots, inside, len(slots))

    def order(self) -> None:
        """State what must come before what, seen from both meetings."""
        for later, earlier in enumerate(self.problem.before):
            for one in earlier:
                for slot in bits(self.masks[later]):
                    self._needs(later, slot, one, self.masks[one] & ((1 << slot) - 1))
                for slot in bits(self.masks[one]):
                    self._needs(one, slot, later, self.masks[later] & ~((2 << slot) - 1))

    def _needs(self, meeting: int, slot: int, other: int, slots: int) -> None:
        there = [self.held[other, one] for one in bits(slots)]
        self.formula.need(-self.held[meeting, slot], *there)

    def tables(self, busy: Sequence[Row]) -> None:
        """State for each slot that tables suffice, and that the others could not take the rest.

        Meetings that share a person count as one. The same said of people is needless and what
        proofs are made of: without it some take a hundred times as long.
        """
        rest = self.problem.tables * (self.problem.slots - 1)
        fewest = len(self.problem.meetings) - rest
        seats = {len(people) for people in self.problem.meetings}
        for slot in range(self.problem.slots):
            self.formula.count(self._clusters(slot, busy), fewest, self.problem.tables)
            people = [row[slot] for row in busy if row[slot]]
            if len(seats) == 1:
                (size,) = seats
                self.formula.count(people, size * fewest, size * self.problem.tables)

    def _clusters(self, slot: int, busy: Sequence[Row]) -> list[int]:
        """Return literals that are true as often as meetings are held in a slot."""
        open_then = {meeting for meeting, mask in enumerate(self.masks) if mask >> slot & 1}
        left = set(open_then)
        literals = []
        while left:
            person = max(
                range(self.problem.people),
                key=lambda one: len(left.intersection(self.problem.meetings_of[one])),
            )
            group = left.intersection(self.problem.meetings_of[person])
            here = [self.held[meeting, slot] for meeting in sorted(group)]
            if len(here) == 1:
                literals += here
            elif group == open_then.intersection(self.problem.meetings_of[person]):
                literals.append(busy[person][slot])
            else:
                literals.append(self.formula.any_of(here))
            left -= group
        return literals

    def holes(self, meetings: Sequence[int], row: Row, floor: int, cap: int) -> list[int]:
        """State when a person has at least one hole, at least two, … up to `cap`; return these."""
        if len(meetings) < 2:
            return []
        holes = [self.formula.variable() for _ in range(cap)]
        for more, fewer in zip(holes[1:], holes, strict=False):
            self.formula.imply(more, fewer)
        for hole in holes[:floor]:
            self.formula.need(hole)
        # As many starts as holes and one more.
        starts = self._starts(row)
        self.formula.count([*starts, *(-hole for hole in holes)], cap + 1, cap + 1)
        if floor == 0:
            self.formula.choose([*self._windows(meetings, row, holes[:1]), *holes[:1]])
        return holes

    def _starts(self, row: Row) -> list[int]:
        """Return literals of the slots in which a block of meetings begins."""
        starts = []
        for busy, before in zip(row, [0, *row], strict=False):
            if busy and before:
                start = self.formula.variable()
                self.formula.imply(start, busy, -before)
                self.formula.need(start, -busy, before)
                starts.append(start)
            elif busy:
                starts.append(busy)
        return starts

    def _windows(self, meetings: Sequence[int], row: Row, hole: list[int]) -> list[int]:
        """Return variables of the ways to have no hole: one row of slots as long as needed.

        Where there are many, it is said twice where the row lies: slot by slot, and by whether the
        person has begun by then ("begins after slot 4" is one fact to learn, not five).
        """
        found = []
        masks = [self.masks[meeting] for meeting in meetings]
        has_many = len(row) - len(meetings) >= MANY_WINDOWS
        begun = self._begun(row, len(meetings), hole) if has_many else []
        for first in range(len(row) - len(meetings) + 1):
            window = ((1 << len(meetings)) - 1) << first
            if matched([mask & window for mask in masks]) is None:
                continue
            found.append(self.formula.variable())
            if begun:
                self.formula.imply(found[-1], begun[first], *(-one for one in begun[:first][-1:]))
            for slot, busy in enumerate(row):
                if busy:
                    self.formula.imply(found[-1], busy if window >> slot & 1 else -busy)
        return found

    def _begun(self, row: Row, count: int, hole: list[int]) -> list[int]:
        """Return for each slot whether the first meeting is then or before; bind it to no hole."""
        begun = [self.formula.variable() for _ in row]
        for slot, busy in enumerate(row):
            earlier = begun[:slot][-1:]
            over = begun[: max(0, slot - count + 1)][-1:]
            self.formula.need(-begun[slot], *earlier, *([busy] if busy else []))
            for one in earlier:
                self.formula.imply(one, begun[slot])
            if busy:
                self.formula.imply(busy, begun[slot])
                self.formula.need(*hole, -begun[slot], *over, busy)
                for one in over:
                    self.formula.need(*hole, -busy, -one)
            else:
                self.formula.need(*hole, -begun[slot], *over)
        return begun

    def fair(self, holes: Sequence[Sequence[int]], fairness: int) -> None:
        """State that nobody has more holes than anybody else by more than so many."""
        for level in range(1, max(map(len, holes), default=0) - fairness + 1):
            everybody = self.formula.variable()
            for own in holes:
                self.formula.need(-everybody, *own[level - 1 : level])
                if len(own) >= level + fairness:
                    self.formula.need(-own[level + fairness - 1], everybody)


def encoded(problem: HolesProblem, masks: Masks, floors: Sequence[int], fairness: int) -> Encoded:
    """State the problem in the slots that are left, with each person's holes from `floors` up."""
    formula = Formula()
    held = _held(formula, masks)
    encoder = Encoder(problem, masks, formula, held)
    busy = [encoder.busy(meetings) for meetings in problem.meetings_of]
    encoder.order()
    encoder.tables(busy)
    caps = most_holes(problem, fairness)
    columns = zip(problem.meetings_of, busy, floors, caps, strict=True)
    holes = [encoder.holes(*column) for column in columns]
    encoder.fair(holes, fairness)
    return Encoded(formula, held, holes)


def most_holes(problem: HolesProblem, fairness: int) -> list[int]:
    """Return the most holes that each person can have."""
    caps = [max(0, min(len(own), problem.slots - len(own) + 1) - 1) for own in problem.meetings_of]
    return [min(cap, min(caps, default=0) + fairness) for cap in caps]


def _held(formula: Formula, masks: Masks) -> Held:
    held: Held = {}
    for meeting, mask in enumerate(masks):
        slots = bits(mask)
        held.update({(meeting, slot): formula.variable() for slot in slots})
        formula.choose(held[meeting, slot] for slot in slots)
    return held
