"""What is no longer as it was when a run read its facts, in words for organisers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from events.services.schedule_facts import Facts

Rows = dict[int, dict[str, Any]]
# How many names a page lists before it only counts.
MOST_NAMED = 20
TITLES: dict[tuple[str, str], str | Promise] = {
    ("people", "new"): _("People who have come since"),
    ("people", "gone"): _("People who no longer come"),
    ("people", "other"): _("People with other times, limits or duties"),
    ("wishes", "new"): _("Meetings that were agreed since"),
    ("wishes", "gone"): _("Meetings that are no longer wanted or possible"),
    ("wishes", "other"): _("Meetings with other wishes, pins or people"),
    ("slots", "new"): _("New times"),
    ("slots", "gone"): _("Times that are gone"),
    ("slots", "other"): _("Times that were moved"),
    ("places", "new"): _("New tables and rooms"),
    ("places", "gone"): _("Tables and rooms that are gone"),
    ("places", "other"): _("Tables and rooms with other closed times or hosts"),
}


@dataclass(frozen=True)
class Change:
    """One sort of things that changed, with the numbers of their rows."""

    noun: str
    kind: str
    rows: tuple[int, ...]

    @property
    def title(self) -> str:
        """What changed, in words."""
        return str(TITLES[self.noun, self.kind])

    @property
    def count(self) -> int:
        """How many."""
        return len(self.rows)


def changes_between(before: Facts, now: Facts) -> list[Change]:
    """Return what differs between two readings; empty when they are the same.

    A person whom nobody wants to meet changes no schedule and is not told of.
    """
    found = []
    for noun in ("people", "wishes", "slots", "places"):
        old, new = rows_of(noun, before), rows_of(noun, now)
        found += [
            Change(noun, "new", tuple(sorted(new.keys() - old.keys()))),
            Change(noun, "gone", tuple(sorted(old.keys() - new.keys()))),
            Change(noun, "other", different(old, new)),
        ]
    return [change for change in found if change.rows]


def rows_of(noun: str, facts: Facts) -> Rows:
    """Return the rows of one noun that matter, by number."""
    rows: Iterable[dict[str, Any]] = facts.get(noun, ())
    if noun == "people":
        wanted = wanted_people(facts.get("wishes", ()))
        rows = (row for row in rows if row["id"] in wanted)
    return {row["id"]: row for row in rows}


def wanted_people(wishes: Sequence[dict[str, Any]]) -> set[int]:
    """Return everybody who has a wish."""
    return {person for wish in wishes for person in wish["people"]}


def different(old: Rows, new: Rows) -> tuple[int, ...]:
    """Return the rows that are in both, but not alike."""
    return tuple(sorted(row for row in old.keys() & new.keys() if old[row] != new[row]))
