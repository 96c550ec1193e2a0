"""People in a table: one row a person."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from konnect.accounts.models import Language
from konnect.accounts.text import tidy
from matching.countries import is_country
from matching.imports.ror import short_ror_id
from matching.imports.tables import Record, Refusal
from matching.models import CareerStage

NEEDED = ("email", "display_name")
TEXTS = {
    "display_name": 150, "family_name": 100, "given_name": 100, "hangul_name": 60,
    "unit": 200, "position": 120, "summary_en": 4000, "summary_ko": 4000,
    "methods_en": 2000, "methods_ko": 2000,
}  # fmt: skip
LISTS = {"keywords": 80, "offers": 200, "seeks": 200, "areas": 20, "topics": 60}
COLUMNS = (
    *NEEDED, "family_name", "given_name", "hangul_name", "organisation_ror", "organisation",
    "country", "unit", "position", "career_stage", "areas", "topics", "keywords", "summary_en",
    "summary_ko", "methods_en", "methods_ko", "offers", "seeks", "language", "invented",
)  # fmt: skip
MOST_PARTS = 20
HANGUL = re.compile(r"[가-힣]")


@dataclass(frozen=True)
class Person:
    """One row, checked as far as that needs no database."""

    record: Record
    email: str
    language: str
    texts: Mapping[str, str]
    lists: Mapping[str, list[str]]
    ror_id: str | None
    organisation: str
    country: str
    career_stage: str
    is_invented: bool


def person_in(record: Record) -> Person | Refusal:
    """Return the person of a row, or why the row is not taken."""
    cells = {name: tidy(record.values.get(name) or "").strip() for name in COLUMNS}
    for check in (wrong_email, wrong_text, wrong_list, wrong_choice):
        if found := check(cells):
            return record.refused(*found)
    return Person(
        record=record,
        email=cells["email"].lower(),
        language=cells["language"] or Language.ENGLISH.value,
        texts={name: cells[name] for name in TEXTS},
        lists={name: parts(cells[name]) for name in LISTS},
        ror_id=short_ror_id(cells["organisation_ror"]) if cells["organisation_ror"] else None,
        organisation=cells["organisation"],
        country=cells["country"].upper(),
        career_stage=cells["career_stage"].upper(),
        is_invented=cells["invented"].lower() in {"1", "yes", "true"},
    )


def parts(text: str) -> list[str]:
    """Return the entries of a cell, each once."""
    return list(dict.fromkeys(part.strip() for part in text.split("|") if part.strip()))


Wrong = tuple[str, str] | None


def wrong_email(cells: Mapping[str, str]) -> Wrong:
    """Ask for an address."""
    try:
        validate_email(cells["email"])
    except ValidationError:
        return "email", f"{cells['email'][:60]!r} is no e-mail address"
    return ("email", "longer than 254 characters") if len(cells["email"]) > 254 else None


def wrong_text(cells: Mapping[str, str]) -> Wrong:
    """Ask for a name, and for texts that fit."""
    if not cells["display_name"]:
        return "display_name", "missing"
    for name, longest in {**TEXTS, "organisation": 300}.items():
        if len(cells[name]) > longest:
            return name, f"longer than {longest} characters"
    return None


def wrong_list(cells: Mapping[str, str]) -> Wrong:
    """Refuse too many entries, and entries that are too long."""
    for name, longest in LISTS.items():
        entries = parts(cells[name])
        if len(entries) > MOST_PARTS:
            return name, f"more than {MOST_PARTS} entries"
        if any(len(entry) > longest for entry in entries):
            return name, f"an entry is longer than {longest} characters"
    return None


def wrong_choice(cells: Mapping[str, str]) -> Wrong:
    """Refuse codes that there are not."""
    if cells["language"] and cells["language"] not in Language.values:
        return "language", f"{cells['language'][:20]!r} is neither en nor ko"
    if cells["career_stage"] and cells["career_stage"].upper() not in CareerStage.values:
        return "career_stage", f"{cells['career_stage'][:20]!r} is not one of R1 to R4"
    if cells["country"] and not is_country(cells["country"].upper()):
        return "country", f"{cells['country'][:20]!r} is no country code"
    if cells["organisation_ror"] and short_ror_id(cells["organisation_ror"]) is None:
        return "organisation_ror", f"{cells['organisation_ror'][:60]!r} is no valid ROR id"
    return None


def titles_of(text: str) -> dict[str, str]:
    """Return a title of a listing under the language that it is written in."""
    return {"title_ko": text} if HANGUL.search(text) else {"title_en": text}
