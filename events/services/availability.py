"""When a participant can meet: one choice a slot, on site, online, either or not at all.

What somebody never said follows their registration: no row is written for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from events.clock_faces import Face, faces
from events.models import Availability, EventMode, Registration, Seat, Slot
from events.scheduling.problem import ON_SITE, ONLINE
from events.services.open_slots import MODES, ends_of

if TYPE_CHECKING:
    from konnect.accounts.models import User

EITHER, NEVER = ON_SITE | ONLINE, 0
LABELS: dict[int, str | Promise] = {
    EITHER: _("Either"), ON_SITE: _("On site"), ONLINE: _("Online"), NEVER: _("Not"),
}  # fmt: skip
CHOICES = {
    EventMode.ON_SITE: (ON_SITE, NEVER),
    EventMode.ONLINE: (ONLINE, NEVER),
    EventMode.HYBRID: (EITHER, ON_SITE, ONLINE, NEVER),
}


@dataclass(frozen=True)
class Cell:
    """One slot as a participant has it: on their clock, the event's, and what they said.

    taken: the seat that fills it already, a meeting or a duty; then there is nothing to choose.
    """

    slot: Slot
    own: Face
    event: Face
    modes: int
    choices: tuple[tuple[int, str | Promise], ...]
    taken: Seat | None

    @property
    def is_free(self) -> bool:
        """Whether the person can meet then."""
        return self.modes != NEVER


@dataclass(frozen=True)
class Day:
    """The slots of one day on the participant's clock."""

    day: date
    cells: list[Cell]

    @property
    def free(self) -> int:
        """In how many slots the person can meet."""
        return sum(cell.is_free for cell in self.cells)


def default_modes(registration: Registration) -> int:
    """Return how somebody can meet when they said nothing of a slot."""
    return MODES[EventMode(registration.mode)]


def days_of(registration: Registration) -> list[Day]:
    """Return the slots of an event by day of the participant's zone; three queries."""
    slots = list(Slot.objects.filter(event=registration.event_id).order_by("during"))
    said = dict(registration.availabilities.values_list("slot_id", "modes"))
    seats = seats_of(registration, slots)
    default = default_modes(registration)
    found: dict[date, list[Cell]] = {}
    for slot in slots:
        cell = cell_of(registration, slot, said.get(slot.pk, default), seats)
        found.setdefault(cell.own.starts_at.date(), []).append(cell)
    return [Day(day, cells) for day, cells in found.items()]


def seats_of(registration: Registration, slots: list[Slot]) -> list[Seat]:
    """Return where the person sits while the slots last, at this event or another."""
    if not slots:
        return []
    span = (slots[0].during.lower, slots[-1].during.upper)
    seats = Seat.objects.filter(profile=registration.profile_id, is_live=True)
    return list(seats.filter(during__overlap=span).select_related("meeting", "session"))


def cell_of(registration: Registration, slot: Slot, modes: int, seats: list[Seat]) -> Cell:
    """Return one slot as this participant has it."""
    event = registration.event
    clocks = faces(slot.during, reader_zone=registration.zone, event_zone=event.zone)
    taken = (seat for seat in seats if overlaps(seat, slot))
    offered = CHOICES[EventMode(registration.mode)]
    return Cell(
        slot=slot, own=clocks[0], event=clocks[-1], modes=modes,
        choices=tuple((value, LABELS[value]) for value in offered), taken=next(taken, None),
    )  # fmt: skip


def overlaps(seat: Seat, slot: Slot) -> bool:
    """Tell whether a seat takes a part of a slot."""
    taken_from, taken_until = ends_of(seat.during)
    begins, ends = ends_of(slot.during)
    return taken_from < ends and begins < taken_until


@transaction.atomic
def write_availability(
    registration: Registration, said: Mapping[int, int], *, actor: User | None
) -> int:
    """Keep what somebody said of slots, by slot; return in how many they can meet now.

    Slots of other events, and ways to meet that the registration does not have, are left out.
    """
    allowed = CHOICES[EventMode(registration.mode)]
    own = set(Slot.objects.filter(event=registration.event_id).values_list("pk", flat=True))
    wanted = {pk: modes for pk, modes in said.items() if pk in own and modes in allowed}
    default = default_modes(registration)
    as_registered = [pk for pk, modes in wanted.items() if modes == default]
    registration.availabilities.filter(slot__in=as_registered).delete()
    Availability.objects.bulk_create(
        [
            Availability(registration=registration, slot_id=pk, modes=modes)
            for pk, modes in wanted.items()
            if modes != default
        ],
        update_conflicts=True,
        unique_fields=["registration", "slot"],
        update_fields=["modes"],
    )
    return len(own) - registration.availabilities.filter(modes=NEVER).count()


def follow_mode(registration: Registration) -> None:
    """After the way of taking part has changed: what was said of single slots fits no longer."""
    registration.availabilities.exclude(modes=NEVER).delete()
