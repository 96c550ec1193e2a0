"""Funded projects as a table for spreadsheets: nothing that their pages do not show to everybody."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from funding.money import to_major
from funding.services.grant_times import first_day, last_day
from funding.services.projects import Place, places_of
from matching.services.table_exports import csv_text

if TYPE_CHECKING:
    from funding.models import Award, Grant

COLUMNS = (
    "reference", "title", "area", "call", "programme", "places", "countries", "first_day",
    "last_day", "awards", "summary_is_public",
)  # fmt: skip


def as_csv(grants: Iterable[Grant]) -> bytes:
    """Return projects as CSV that spreadsheets read as UTF-8; no cell is a formula."""
    return csv_text((COLUMNS, *map(cells_of, grants))).encode()


def cells_of(grant: Grant) -> Iterator[str]:
    """Yield one project's cells, in the order of the columns."""
    application, places = grant.decision.application, places_of(grant)
    yield grant.reference
    yield application.title
    yield application.area.code if application.area else ""
    yield application.call.number
    yield application.call.programme.code
    yield "|".join(place_words(place) for place in places)
    yield "|".join(dict.fromkeys(place.country_code for place in places))
    yield first_day(grant.period).isoformat()
    yield last_day(grant.period).isoformat()
    yield "|".join(award_words(award) for award in grant.awards.all())
    yield "yes" if getattr(grant, "has_summary", False) else "no"


def place_words(place: Place) -> str:
    """Return where one side works."""
    return str(place.organisation) if place.organisation else place.unlisted


def award_words(award: Award) -> str:
    """Return who pays how much: `rhine-research=13750 EUR`."""
    currency = award.funder.currency
    return f"{award.funder.code}={to_major(award.amount_minor, currency)} {currency}"
