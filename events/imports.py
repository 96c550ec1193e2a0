"""Participants in a table: one row a member of the portal, by e-mail address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from events.models import EventMode
from konnect.accounts.text import tidy
from matching.imports.tables import Record, Refusal

NEEDED = ("email",)
COLUMNS = (*NEEDED, "mode", "wants_meetings", "maximum_meetings", "note")
YES, NO = (
    frozenset({"", "yes", "y", "1", "true", "예"}),
    frozenset({"no", "n", "0", "false", "아니요"}),
)
LONGEST_NOTE, MOST_MEETINGS = 1000, 100
Wrong = tuple[str, str] | None


@dataclass(frozen=True)
class Entrant:
    """One row: who is to be registered, and how; line: where it stands, 0 for none.

    mode: '' takes the event's.
    """

    line: int
    email: str
    mode: str = ""
    wants_meetings: bool = True
    maximum_meetings: int | None = None
    note: str = ""


def entrant_in(record: Record) -> Entrant | Refusal:
    """Return whom a row registers, or why it is not taken."""
    cells = {name: tidy(str(record.values.get(name) or "")).strip() for name in COLUMNS}
    for check in (wrong_email, wrong_choice, wrong_number):
        if found := check(cells):
            return record.refused(*found)
    most = cells["maximum_meetings"]
    return Entrant(
        line=record.line,
        email=cells["email"].lower(),
        mode=cells["mode"].lower(),
        wants_meetings=cells["wants_meetings"].lower() in YES,
        maximum_meetings=int(most) if most else None,
        note=cells["note"],
    )


def wrong_email(cells: Mapping[str, str]) -> Wrong:
    """Ask for an address."""
    try:
        validate_email(cells["email"])
    except ValidationError:
        return "email", f"{cells['email'][:60]!r} is no e-mail address"
    return None


def wrong_choice(cells: Mapping[str, str]) -> Wrong:
    """Refuse words that there are not."""
    if cells["mode"] and cells["mode"].lower() not in EventMode.values:
        return "mode", f"{cells['mode'][:20]!r} is not one of on_site, online, hybrid"
    if cells["wants_meetings"].lower() not in YES | NO:
        return "wants_meetings", f"{cells['wants_meetings'][:20]!r} is neither yes nor no"
    return None


def wrong_number(cells: Mapping[str, str]) -> Wrong:
    """Refuse numbers that are none, and notes that are too long."""
    most = cells["maximum_meetings"]
    is_number = most.isascii() and most.isdigit() and len(most) < 4
    if most and not (is_number and 0 < int(most) <= MOST_MEETINGS):
        return "maximum_meetings", f"{most[:20]!r} is not a number from 1 to {MOST_MEETINGS}"
    return (
        ("note", f"longer than {LONGEST_NOTE} characters") if len(cells["note"]) > 1000 else None
    )
