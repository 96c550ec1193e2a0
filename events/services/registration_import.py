"""Registering members on their behalf: one by e-mail address, or a table of them.

Nobody is put into the list of participants by somebody else: that stays the person's own consent.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.text import get_valid_filename

from events.imports import Entrant, columns_in, entrant_in, with_commas, without_needed
from events.models import Event, EventMode, Registration
from events.registering import profile_blockers
from events.services.intents import intents_from_profile, write_intents
from events.services.locking import lock_event
from events.services.registration_notices import notify_of_state
from events.services.registrations import enter
from matching.imports.sheets import WORKBOOK, any_table_rows
from matching.imports.tables import FileRefusedError, Record, Refusal
from matching.models import Profile
from matching.permissions.contacts import RefusedError

if TYPE_CHECKING:
    from konnect.accounts.models import User

MOST_ROWS = 2000
A_BATCH = 25
LARGEST_FILE = 2_000_000
UNKNOWN = "no member has this address"
ALREADY = "is registered already"
TWICE = "stands above already"


@dataclass
class Import:
    """What comes of a table: whom it registers, and which rows are not taken, with their reasons."""

    entrants: list[Entrant] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)

    @property
    def rows_refused(self) -> int:
        """How many rows are not taken; one may have several reasons."""
        return len({refusal.line for refusal in self.refusals})


@dataclass
class Added:
    """Who was registered, and which rows were not."""

    registrations: list[Registration] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)


def read_table(event: Event, file_name: str, content: bytes) -> Import:
    """Return whom a CSV file or workbook would register; every bad row is reported by its line."""
    found = Import()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / get_valid_filename(file_name)
        path.write_bytes(content)
        try:
            if path.suffix.lower() != WORKBOOK:
                with_commas(path)
            take_rows(found, any_table_rows(path, needed=()))
        except FileRefusedError as error:
            found.refusals.append(error.refusal)
    return checked(event, found)


def take_rows(found: Import, rows: Iterable[Record | Refusal]) -> None:
    """Keep the rows of a table; one that lacks a column is refused as a whole."""
    for row in rows:
        if isinstance(row, Refusal):
            found.refusals.append(row)
            continue
        record = columns_in(row)
        if refusal := without_needed(record):
            found.refusals = [refusal]
            return
        keep(found, entrant_in(record))


def keep(found: Import, row: Entrant | list[Refusal]) -> None:
    """Put a row where it belongs; what lies beyond the most rows is refused."""
    if isinstance(row, list):
        found.refusals += row
    elif len(found.entrants) >= MOST_ROWS:
        found.refusals.append(refused(row, f"more than {MOST_ROWS} rows"))
    else:
        found.entrants.append(row)


def checked(event: Event, found: Import) -> Import:
    """Leave only those who can be registered; three queries for all."""
    people = people_by_email(found.entrants)
    there = set(
        Registration.objects.live()
        .filter(event=event, profile__in=people.values())
        .values_list("profile_id", flat=True)
    )
    good: dict[str, Entrant] = {}
    for row in found.entrants:
        if reason := why_not(event, row, people.get(row.email), there, good):
            found.refusals.append(refused(row, reason))
        else:
            good[row.email] = row
    found.refusals.sort(key=lambda refusal: refusal.line)
    return Import(list(good.values()), found.refusals)


def why_not(
    event: Event, row: Entrant, profile: Profile | None, there: set[int], good: dict[str, Entrant]
) -> str:
    """Return why somebody cannot be registered, '' when they can."""
    if profile is None:
        return UNKNOWN
    if profile.pk in there:
        return ALREADY
    if row.email in good:
        return TWICE
    if event.mode != EventMode.HYBRID and row.mode not in ("", event.mode):
        return f"the event is {event.mode} only"
    blockers = profile_blockers(event, profile, row.wants_meetings)
    return str(blockers[0].code).replace("_", " ") if blockers else ""


def people_by_email(rows: Iterable[Entrant]) -> dict[str, Profile]:
    """Return the profiles of members by their address."""
    wanted = [row.email for row in rows]
    people = Profile.objects.filter(user__email__in=wanted, user__is_active=True)
    return {each.user.email.lower(): each for each in people.select_related("user")}


def refused(row: Entrant, reason: str) -> Refusal:
    """Return why one row is not taken."""
    return Refusal("", row.line, "email", reason)


def add_people(event: Event, rows: Sequence[Entrant], *, actor: User | None) -> Added:
    """Register members; places are given in the order of the rows, then the list is used.

    What cannot be done any more is reported, and the others are registered all the same. Each
    batch is a transaction: people who register at the same time wait for a few rows, not for all.
    """
    added = Added()
    for first in range(0, len(rows), A_BATCH):
        batch = add_batch(event, rows[first : first + A_BATCH])
        added.registrations += batch.registrations
        added.refusals += batch.refusals
    return added


@transaction.atomic
def add_batch(event: Event, rows: Sequence[Entrant]) -> Added:
    """Register some members under the lock of the event."""
    found = checked(event, Import(list(rows)))
    people = people_by_email(found.entrants)
    added, event = Added(refusals=found.refusals), lock_event(event)
    for row in found.entrants:
        try:
            added.registrations.append(add_one(event, row, people[row.email]))
        except RefusedError as error:
            added.refusals.append(refused(row, str(error)))
    return added


def add_one(event: Event, row: Entrant, profile: Profile) -> Registration:
    """Register one member; the event is locked.

    Raises:
        RefusedError: there is no place and no list.
    """
    columns = {
        "mode": row.mode or event.mode, "is_listed": False, "note": row.note,
        "wants_meetings": row.wants_meetings and event.has_meetings,
        "zone": profile.user.time_zone, "maximum_meetings": row.maximum_meetings,
    }  # fmt: skip
    registration = enter(event, profile, columns, is_invited=True)
    write_intents(registration, intents_from_profile(profile))
    notify_of_state(registration)
    return registration
