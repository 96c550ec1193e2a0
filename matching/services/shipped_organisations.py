"""The organisations that the project ships, written into the database."""

from __future__ import annotations

import csv
from pathlib import Path

from django.db import transaction

from matching.models import Organisation
from matching.regions import side_of

ORGANISATIONS_FILE = Path(__file__).parent.parent / "data" / "organisations.csv"

Row = dict[str, str]


@transaction.atomic
def load_organisations() -> int:
    """Add the shipped organisations that the portal lacks; return how many they were.

    An organisation that is there already, by ROR id or by name and country, stays as it is: it
    may come from a newer ROR release.
    """
    known = known_organisations()
    missing = [row for row in shipped_organisations() if known.isdisjoint(keys_of(row))]
    Organisation.objects.bulk_create([organisation_of(row) for row in missing])
    return len(missing)


def shipped_organisations() -> list[Row]:
    """Return the rows of the shipped file."""
    with ORGANISATIONS_FILE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def known_organisations() -> set[tuple[str, str]]:
    """Return what tells apart the organisations that the portal holds."""
    rows = Organisation.objects.values_list("ror_id", "name", "name_en", "country_code")
    keys = set()
    for ror_id, name, name_en, country_code in rows:
        keys |= {("ROR", ror_id or ""), (country_code, name), (country_code, name_en)}
    return keys - {("ROR", "")}


def keys_of(row: Row) -> set[tuple[str, str]]:
    """Return the keys by which a shipped row is found again."""
    keys = {(row["country_code"], row["name"]), (row["country_code"], row["name_en"])}
    return keys | ({("ROR", short_ror_id(row))} if row["ror_id"] else set())


def short_ror_id(row: Row) -> str:
    """Return the nine characters of a ROR id, without its address."""
    return row["ror_id"].rsplit("/", 1)[-1]


def organisation_of(row: Row) -> Organisation:
    """Return the unsaved organisation of a shipped row."""
    return Organisation(
        ror_id=short_ror_id(row) or None,
        **{name: row[name] for name in ("name", "name_en", "name_ko", "country_code", "region")},
        city=row["city"],
        types=row["types"].split("|"),
        side=side_of(row["country_code"]),
        latitude=float(row["lat"]),
        longitude=float(row["lng"]),
        website=row["website"],
        domains=row["domains"].split("|"),
        established=int(row["established"]) if row["established"] else None,
    )
