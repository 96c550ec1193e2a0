"""Organisations in ROR's two shapes: the dump of schema 2, and a flat table."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

from matching.countries import is_country
from matching.imports.tables import Record, Refusal
from matching.models import OrganisationStatus, OrganisationType
from matching.regions import side_of

TABLE_COLUMNS = (
    "ror_id", "name", "name_en", "name_ko", "names_other", "acronyms", "aliases", "types",
    "country_code", "country", "region", "region_code", "city", "lat", "lng", "geonames_id",
    "website", "domains", "established", "isni", "wikidata", "fundref", "grid", "parents",
    "last_modified", "release", "source_schema",
)  # fmt: skip
SCHEMES = ("isni", "wikidata", "fundref", "grid")
ROR_ID = re.compile(r"^(?:https?://)?(?:www\.)?(?:ror\.org/)?(0[0-9a-hjkmnp-tv-z]{6}[0-9]{2})$")
CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"
WEBSITE = re.compile(r"^https?://\S+$", re.IGNORECASE)
# Longest texts that the columns hold.
LONGEST = {
    "name": 300, "name_en": 300, "name_ko": 300, "country": 120, "region": 120,
    "region_code": 10, "city": 120, "website": 500, "source_release": 20, "source_schema": 5,
}  # fmt: skip
LONGEST_PART = {"acronyms": 100, "aliases": 300, "domains": 253}

Values = dict[str, Any]


def short_ror_id(text: str) -> str | None:
    """Return the nine characters of a ROR id if they are one and the check digits fit."""
    match = ROR_ID.match(text.strip().lower())
    return match[1] if match and has_right_check_digits(match[1]) else None


def has_right_check_digits(ror_id: str) -> bool:
    """Compare the last two digits with ISO 7064 mod 97-10 of the six characters before."""
    number = 0
    for character in ror_id[1:7]:
        number = number * 32 + CROCKFORD.index(character)
    return 98 - number * 100 % 97 == int(ror_id[7:])


def parts(text: str) -> list[str]:
    """Return the parts of a cell."""
    return [part.strip() for part in text.split("|") if part.strip()]


def number_of(text: str, kind: Callable[[str], Any]) -> Any:
    """Return a number; None for nothing; the text itself when it is none, to be refused later."""
    try:
        return kind(text) if text.strip() else None
    except ValueError:
        return text


def from_table(record: Record) -> Values:
    """Return the columns of an organisation from a row of the flat table."""
    cells = record.values
    ids = {scheme: parts(cells[scheme]) for scheme in SCHEMES if parts(cells[scheme])}
    same = ("name", "name_en", "name_ko", "country_code", "country", "region", "region_code",
            "city", "website", "source_schema")  # fmt: skip
    return {
        **{name: cells[name].strip() for name in same},
        "ror_id": cells["ror_id"],
        "names_other": [labelled(part) for part in parts(cells["names_other"])],
        **{name: parts(cells[name]) for name in ("acronyms", "aliases", "types", "domains")},
        "latitude": number_of(cells["lat"], float),
        "longitude": number_of(cells["lng"], float),
        "geonames_id": number_of(cells["geonames_id"], int),
        "established": number_of(cells["established"], int),
        "external_ids": ids,
        "parents": parts(cells["parents"]),
        "source_modified_on": number_of(cells["last_modified"], date.fromisoformat),
        "source_release": cells["release"].strip(),
        "status": OrganisationStatus.ACTIVE.value,
        "successor": None,
    }


def labelled(text: str) -> dict[str, str]:
    """Return a name with its language: `fr:Université` or a name alone."""
    language, colon, name = text.partition(":")
    if colon and re.fullmatch(r"[a-z]{2,3}", language):
        return {"language": language, "name": name.strip()}
    return {"language": "", "name": text}


def from_dump(record: Record) -> Values:
    """Return the columns of an organisation from a record of ROR's schema 2."""
    source = record.values
    place = first(source.get("locations"))
    details = place.get("geonames_details") or {}
    modified = (source.get("admin") or {}).get("last_modified") or {}
    related = source.get("relationships") or []
    return {
        **names_in(source.get("names") or []),
        "ror_id": source.get("id") or "",
        "types": source.get("types") or [],
        "country_code": details.get("country_code") or "",
        "country": details.get("country_name") or "",
        "region": details.get("country_subdivision_name") or "",
        "region_code": details.get("country_subdivision_code") or "",
        "city": details.get("name") or "",
        "latitude": details.get("lat"),
        "longitude": details.get("lng"),
        "geonames_id": place.get("geonames_id"),
        "website": website_in(source.get("links") or []),
        "domains": source.get("domains") or [],
        "established": source.get("established"),
        "external_ids": ids_in(source.get("external_ids") or []),
        "parents": [each["id"] for each in related if each["type"] == "parent"],
        "successor": next((each["id"] for each in related if each["type"] == "successor"), None),
        "source_modified_on": number_of(modified.get("date") or "", date.fromisoformat),
        "source_release": "",
        "source_schema": "2",
        "status": source.get("status") or "",
    }


def first(rows: list[Values] | None) -> Values:
    """Return the first row, or an empty one."""
    return rows[0] if rows else {}


def names_in(names: list[Values]) -> Values:
    """Return the names by what they are: displayed, English, Korean, others, short, alternative."""

    def of(kind: str) -> list[Values]:
        return [name for name in names if kind in name["types"]]

    labels = of("label")
    by_language = {name.get("lang"): name["value"] for name in reversed(labels)}
    others = [name for name in labels if name.get("lang") not in {"en", "ko"}]
    return {
        "name": first(of("ror_display")).get("value", ""),
        "name_en": by_language.get("en", ""),
        "name_ko": by_language.get("ko", ""),
        "names_other": [
            {"language": name.get("lang") or "", "name": name["value"]} for name in others
        ],
        "acronyms": [name["value"] for name in of("acronym")],
        "aliases": [name["value"] for name in of("alias")],
    }


def website_in(links: list[Values]) -> str:
    """Return the organisation's own website."""
    return next((link["value"] for link in links if link["type"] == "website"), "")


def ids_in(external_ids: list[Values]) -> dict[str, list[str]]:
    """Return the ids by scheme, the preferred one first."""
    return {
        each["type"]: sorted(each["all"], key=lambda value: value != each.get("preferred"))
        for each in external_ids
    }


def checked(record: Record, values: Values) -> Values | Refusal:
    """Return the columns ready to be stored, or why the row is not taken."""
    ror_id = short_ror_id(str(values["ror_id"]))
    if ror_id is None:
        return record.refused("ror_id", ror_id_words(str(values["ror_id"])))
    for check in CHECKS:
        if found := check(values):
            return record.refused(*found)
    known = {key: value for key, value in values.items() if key not in {"parents", "successor"}}
    parents = [short_ror_id(parent) for parent in values["parents"]]
    successor = short_ror_id(values["successor"]) if values["successor"] else None
    return known | {
        "ror_id": ror_id,
        "side": side_of(values["country_code"]),
        "parent_ror_ids": [parent for parent in parents if parent],
        "successor_ror_id": successor,
    }


def ror_id_words(text: str) -> str:
    """Return what is wrong with a ROR id."""
    if ROR_ID.match(text.strip().lower()):
        return f"{text[:60]!r}: the check digits do not fit; perhaps a typing error"
    return f"{text[:60]!r} is no ROR id"


Check = Callable[[Values], tuple[str, str] | None]


def check_name(values: Values) -> tuple[str, str] | None:
    """Ask for a name."""
    return None if values["name"] else ("name", "missing")


def check_country(values: Values) -> tuple[str, str] | None:
    """Ask for a country that there is."""
    code = values["country_code"]
    return None if is_country(code) else ("country_code", f"{code[:20]!r} is no country")


def check_lengths(values: Values) -> tuple[str, str] | None:
    """Refuse texts that are longer than their columns."""
    for name, longest in LONGEST.items():
        if len(values[name]) > longest:
            return name, f"longer than {longest} characters"
    for name, longest in LONGEST_PART.items():
        if any(len(part) > longest for part in values[name]):
            return name, f"an entry is longer than {longest} characters"
    return None


def check_types(values: Values) -> tuple[str, str] | None:
    """Refuse types that ROR does not have."""
    unknown = [kind for kind in values["types"] if kind not in OrganisationType.values]
    return ("types", f"unknown type {unknown[0][:40]!r}") if unknown else None


def check_numbers(values: Values) -> tuple[str, str] | None:
    """Refuse numbers that are none, or lie off the map."""
    limits = {"latitude": ("lat", -90, 90), "longitude": ("lng", -180, 180),
              "geonames_id": ("geonames_id", 0, 2**31 - 1), "established": ("established", 0, 2100)}  # fmt: skip
    for name, (column, least, most) in limits.items():
        value = values[name]
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if value is not None and not (is_number and least <= value <= most):
            return column, f"{str(value)[:40]!r} is no number from {least} to {most}"
    return None


def check_rest(values: Values) -> tuple[str, str] | None:
    """Refuse websites, dates and states that are none."""
    if values["website"] and not WEBSITE.match(values["website"]):
        return "website", f"{values['website'][:60]!r} is no web address"
    if isinstance(values["source_modified_on"], str):
        return "last_modified", f"{values['source_modified_on'][:20]!r} is no date"
    if values["status"] not in OrganisationStatus.values:
        return "status", f"unknown state {str(values['status'])[:20]!r}"
    return None


CHECKS: tuple[Check, ...] = (
    check_name, check_country, check_lengths, check_types, check_numbers, check_rest,
)  # fmt: skip
