"""What is wrong with a schedule of the published problem: plain loops over the file's own data.

Shares nothing with the solver, so that a mistake there cannot hide here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bench.schedule_data import AFTERNOON, MORNING, Instance


def holes_of(instance: Instance, schedule: Sequence[int]) -> list[int]:
    """Return the holes of each person: idle periods between their first and last meeting."""
    holes = []
    for person in range(1, instance.people + 1):
        busy = [False] * (instance.slots + 2)
        for (one, other, _session), slot in zip(instance.requested, schedule, strict=True):
            if person in (one, other):
                busy[slot] = True
        blocks = 0
        for slot in range(1, instance.slots + 1):
            if busy[slot] and not busy[slot - 1]:
                blocks += 1
        holes.append(blocks - 1 if blocks else 0)
    return holes


def violations(instance: Instance, schedule: Sequence[int], gap: int, holes: int) -> list[str]:
    """Return a sentence for each broken rule; `holes` is what the solver says it has."""
    if len(schedule) != len(instance.requested):
        return [f"{len(schedule)} slots for {len(instance.requested)} meetings"]
    outside = [slot for slot in schedule if not 1 <= slot <= instance.slots]
    if outside:
        return [f"there is no slot {slot}" for slot in outside]
    return [
        *_wrong_slots(instance, schedule),
        *_clashes(instance, schedule),
        *_full_slots(instance, schedule),
        *_wrong_order(instance, schedule),
        *_wrong_holes(instance, schedule, gap, holes),
    ]


def _wrong_slots(instance: Instance, schedule: Sequence[int]) -> Iterator[str]:
    for meeting, (one, other, session) in enumerate(instance.requested):
        slot, fixed = schedule[meeting], instance.fixed[meeting]
        if session == MORNING and slot > instance.morning:
            yield f"meeting {meeting + 1} is in slot {slot}, not in the morning"
        if session == AFTERNOON and slot <= instance.morning:
            yield f"meeting {meeting + 1} is in slot {slot}, not in the afternoon"
        if fixed and slot != fixed:
            yield f"meeting {meeting + 1} is in slot {slot}, fixed in {fixed}"
        for person in (one, other):
            if slot in instance.forbidden[person - 1]:
                yield f"meeting {meeting + 1} is in slot {slot}, forbidden to person {person}"


def _clashes(instance: Instance, schedule: Sequence[int]) -> Iterator[str]:
    seen = {}
    for meeting, (one, other, _session) in enumerate(instance.requested):
        for person in (one, other):
            place = (person, schedule[meeting])
            if place in seen:
                yield f"person {person} has meetings {seen[place]} and {meeting + 1} at once"
            seen[place] = meeting + 1


def _full_slots(instance: Instance, schedule: Sequence[int]) -> Iterator[str]:
    for slot in range(1, instance.slots + 1):
        held = sum(1 for one in schedule if one == slot)
        if held > instance.tables:
            yield f"slot {slot} has {held} meetings at {instance.tables} tables"


def _wrong_order(instance: Instance, schedule: Sequence[int]) -> Iterator[str]:
    for later, earlier in enumerate(instance.precedences):
        for one in sorted(earlier):
            if schedule[one - 1] >= schedule[later]:
                yield f"meeting {one} is not before meeting {later + 1}"


def _wrong_holes(
    instance: Instance, schedule: Sequence[int], gap: int, holes: int
) -> Iterator[str]:
    own = holes_of(instance, schedule)
    if sum(own) != holes:
        yield f"{sum(own)} holes, not {holes}"
    if own and max(own) - min(own) > gap:
        yield f"somebody has {max(own)} holes, somebody {min(own)}: more than {gap} apart"
