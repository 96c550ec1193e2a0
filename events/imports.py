"""Participants in a table: one row a member of the portal, by e-mail address."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from events.models import EventMode
from konnect.accounts.text import tidy
from matching.imports.tables import Record, Refusal, text_of

NEEDED = ("email",)
COLUMNS = (*NEEDED, "mode", "wants_meetings", "maximum_meetings", "note")
YES, NO = (
    frozenset({"", "yes", "y", "1", "true", "예"}),
    frozenset({"no", "n", "0", "false", "아니요"}),
)
LONGEST_NOTE, MOST_MEETINGS = 1000, 100
# What columns are called besides, in small letters.
NAMES = {
    "이메일": "email", "이메일 주소": "email", "e-mail": "email", "e-mail address": "email",
    "참가 방식": "mode", "미팅 희망": "wants_meetings", "최대 미팅 수": "maximum_meetings",
    "메모": "note", "비고": "note",
}  # fmt: skip
# The column and what is wrong in it.
Fault = tuple[str, str]


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


def columns_in(record: Record) -> Record:
    """Return a row by the names that we know of its columns, whatever they are called in it."""
    values = {
        NAMES.get(name := tidy(header).strip().lower(), name): value
        for header, value in record.values.items()
    }
    return replace(record, values=values)


def without_needed(record: Record) -> Refusal | None:
    """Return why a table is not taken when the columns of its rows are not those needed."""
    if all(name in record.values for name in NEEDED):
        return None
    found = ", ".join(name for name in record.values if name)
    return Refusal(record.file, 1, "email", f"{found[:200]}: no column email")


def entrant_in(record: Record) -> Entrant | list[Refusal]:
    """Return whom a row registers, or everything that keeps it from being taken."""
    cells = {name: tidy(str(record.values.get(name) or "")).strip() for name in COLUMNS}
    if faults := [fault for check in CHECKS for fault in check(cells)]:
        return [record.refused(*fault) for fault in faults]
    most = cells["maximum_meetings"]
    return Entrant(
        line=record.line,
        email=cells["email"].lower(),
        mode=cells["mode"].lower(),
        wants_meetings=cells["wants_meetings"].lower() in YES,
        maximum_meetings=int(most) if most else None,
        note=cells["note"],
    )


def wrong_email(cells: Mapping[str, str]) -> Iterator[Fault]:
    """Ask for an address."""
    try:
        validate_email(cells["email"])
    except ValidationError:
        yield "email", f"{cells['email'][:60]!r} is no e-mail address"


def wrong_choices(cells: Mapping[str, str]) -> Iterator[Fault]:
    """Refuse words that there are not."""
    if cells["mode"] and cells["mode"].lower() not in EventMode.values:
        yield "mode", f"{cells['mode'][:20]!r} is not one of on_site, online, hybrid"
    if cells["wants_meetings"].lower() not in YES | NO:
        yield "wants_meetings", f"{cells['wants_meetings'][:20]!r} is neither yes nor no"


def wrong_numbers(cells: Mapping[str, str]) -> Iterator[Fault]:
    """Refuse numbers that are none, and notes that are too long."""
    most = cells["maximum_meetings"]
    is_number = most.isascii() and most.isdigit() and len(most) < 4
    if most and not (is_number and 0 < int(most) <= MOST_MEETINGS):
        yield "maximum_meetings", f"{most[:20]!r} is not a number from 1 to {MOST_MEETINGS}"
    if len(cells["note"]) > LONGEST_NOTE:
        yield "note", f"longer than {LONGEST_NOTE} characters"


CHECKS = (wrong_email, wrong_choices, wrong_numbers)


def with_commas(path: Path) -> None:
    """Write a table anew whose cells stand between semicolons or tabs, as Excel writes them.

    Rows keep their lines; what cannot be read stays as it is, and is refused when it is read.

    Raises:
        FileRefusedError: no encoding fits.
    """
    text, _encoding = text_of(path)
    first = text.partition("\n")[0]
    mark = max(",;\t", key=first.count)
    if mark == ",":
        return
    lines = io.StringIO(newline="")
    with suppress(csv.Error):
        csv.writer(lines).writerows(csv.reader(io.StringIO(text, newline=""), delimiter=mark))
        path.write_text(lines.getvalue(), encoding="utf-8", newline="")
