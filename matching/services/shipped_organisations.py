"""The organisations that the project ships, written into the database."""

from __future__ import annotations

import csv
from pathlib import Path

from django.db import transaction
from django.db.models import Q

from matching.models import Organisation
from matching.regions import side_of

ORGANISATIONS_FILE = Path(__file__).parent.parent / "data" / "organisations.csv"

Row = dict[str, str]


@transaction.atomic
def load_organisations() -> int:
    """Add the shipped organisations that the portal lacks; return how many they were.

    An organisation that is there already, by ROR id or by name and country, stays as it is: it
    may come from a newer ROR release. It only learns the short names that it does not know.
    """
    known = known_organisations()
    add_short_names()
    missing = [row for row in shipped_organisations() if known.isdisjoint(keys_of(row))]
    Organisation.objects.bulk_create([organisation_of(row) for row in missing])
    return len(missing)


def shipped_organisations() -> list[Row]:
    """Return the rows of the shipped file."""
    with ORGANISATIONS_FILE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def add_short_names() -> None:
    """Give the organisations that are there the acronyms and aliases that they lack."""
    shipped = {key: short_names(row) for row in shipped_organisations() for key in keys_of(row)}
    names = [name for _place, name in shipped]
    for body in Organisation.objects.filter(Q(ror_id__in=names) | Q(name__in=names)):
        by_name = shipped.get((body.country_code, body.name), ([], []))
        learn_names(body, *shipped.get(("ROR", body.ror_id or ""), by_name))


def learn_names(body: Organisation, acronyms: list[str], aliases: list[str]) -> None:
    """Add names that an organisation lacks; write only when there are any."""
    if set(acronyms) <= set(body.acronyms) and set(aliases) <= set(body.aliases):
        return
    body.acronyms = list(dict.fromkeys([*body.acronyms, *acronyms]))
    body.aliases = list(dict.fromkeys([*body.aliases, *aliases]))
    body.save(update_fields=["acronyms", "aliases", "search_text"])


def short_names(row: Row) -> tuple[list[str], list[str]]:
    """Return the acronyms of a shipped row, and the other names by which people know it."""
    return (
        [name for name in row["acronyms"].split("|") if name],
        [name for name in row["aliases"].split("|") if name],
    )


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
    acronyms, aliases = short_names(row)
    return Organisation(
        ror_id=short_ror_id(row) or None,
        **{name: row[name] for name in ("name", "name_en", "name_ko", "country_code", "region")},
        acronyms=acronyms,
        aliases=aliases,
        city=row["city"],
        types=row["types"].split("|"),
        side=side_of(row["country_code"]),
        latitude=float(row["lat"]),
        longitude=float(row["lng"]),
        website=row["website"],
        domains=row["domains"].split("|"),
        established=int(row["established"]) if row["established"] else None,
    )
