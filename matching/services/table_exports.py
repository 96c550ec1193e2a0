"""People, organisations and listings as tables, in the columns that imports read."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from django.db.models import Prefetch, QuerySet
from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.worksheet.worksheet import Worksheet

from matching.imports.people import COLUMNS as PEOPLE_COLUMNS
from matching.imports.ror import SCHEMES
from matching.imports.ror import TABLE_COLUMNS as ORGANISATION_COLUMNS
from matching.models import Listing, ListingKind, Organisation, Profile

Row = Sequence[str]
# Spreadsheets take text that begins so for a formula.
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
BYTE_ORDER_MARK = "\ufeff"
LISTING_COLUMNS = (
    "id", "kind", "state", "title_en", "title_ko", "description_en", "description_ko", "areas",
    "topics", "author", "organisation", "country", "valid_until", "created_at",
)  # fmt: skip
PIECE = 500


def people() -> Iterator[Row]:
    """Yield everybody who is not erased, in the columns of the import."""
    listings = Prefetch("listings", queryset=Listing.objects.open())
    rows = Profile.objects.select_related("user", "organisation").order_by("pk")
    rows = rows.prefetch_related("areas", "topics", listings)
    for profile in rows.iterator(chunk_size=PIECE):
        cells = person_cells(profile)
        yield [cells[name] for name in PEOPLE_COLUMNS]


def person_cells(profile: Profile) -> dict[str, str]:
    """Return a person's cells by column."""
    plain = {name: str(getattr(profile, name, "")) for name in PEOPLE_COLUMNS}
    open_ones = list(profile.listings.all())
    return plain | {
        "email": profile.user.email,
        "organisation_ror": (profile.organisation.ror_id or "") if profile.organisation else "",
        "organisation": profile.affiliation,
        "country": profile.country_code,
        "areas": joined(area.code for area in profile.areas.all()),
        "topics": joined(topic.code for topic in profile.topics.all()),
        "keywords": joined(profile.keywords),
        "offers": joined(row.title for row in open_ones if row.kind == ListingKind.OFFER),
        "seeks": joined(row.title for row in open_ones if row.kind == ListingKind.REQUEST),
        "language": profile.user.language,
        "invented": "yes" if profile.is_invented else "",
    }


def joined(parts: Iterable[str]) -> str:
    """Return several entries as one cell."""
    return "|".join(part.replace("|", "/") for part in parts)


def organisations() -> Iterator[Row]:
    """Yield every organisation, in the columns of the import."""
    rows = Organisation.objects.order_by("pk")
    for organisation in rows.iterator(chunk_size=PIECE):
        cells = organisation_cells(organisation)
        yield [cells[name] for name in ORGANISATION_COLUMNS]


def organisation_cells(row: Organisation) -> dict[str, str]:
    """Return an organisation's cells by column."""
    plain = {name: text(getattr(row, name, "")) for name in ORGANISATION_COLUMNS}
    others = (f"{entry['language']}:{entry['name']}" for entry in row.names_other)
    return plain | {
        "names_other": joined(others),
        "acronyms": joined(row.acronyms),
        "aliases": joined(row.aliases),
        "types": joined(row.types),
        "domains": joined(row.domains),
        "parents": joined(row.parent_ror_ids),
        "lat": text(row.latitude),
        "lng": text(row.longitude),
        "last_modified": text(row.source_modified_on),
        "release": row.source_release,
        **{scheme: joined(row.external_ids.get(scheme, ())) for scheme in SCHEMES},
    }


def text(value: Any) -> str:
    """Return a value as a cell; nothing for nothing."""
    return "" if value is None else str(value)


def listings() -> Iterator[Row]:
    """Yield every listing that was ever published."""
    rows = Listing.objects.exclude(state="draft").select_related("profile__organisation")
    rows = rows.prefetch_related("areas", "topics").order_by("pk")
    for row in rows.iterator(chunk_size=PIECE):
        cells = listing_cells(row)
        yield [cells[name] for name in LISTING_COLUMNS]


def listing_cells(row: Listing) -> dict[str, str]:
    """Return a listing's cells by column."""
    plain = {name: text(getattr(row, name, "")) for name in LISTING_COLUMNS}
    return plain | {
        "areas": joined(area.code for area in row.areas.all()),
        "topics": joined(topic.code for topic in row.topics.all()),
        "author": row.profile.display_name,
        "organisation": row.profile.affiliation,
        "country": row.profile.country_code,
        "valid_until": row.valid_until.isoformat(),
        "created_at": row.created_at.isoformat(),
    }


TABLES: dict[str, tuple[Sequence[str], Callable[[], Iterator[Row]]]] = {
    "people": (PEOPLE_COLUMNS, people),
    "organisations": (ORGANISATION_COLUMNS, organisations),
    "listings": (LISTING_COLUMNS, listings),
}


def harmless(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(FORMULA_SIGNS) else cell


def csv_text(rows: Iterable[Iterable[str]]) -> str:
    """Return rows as CSV that spreadsheets read as UTF-8; no cell is a formula."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    for row in rows:
        writer.writerow([harmless(cell) for cell in row])
    return BYTE_ORDER_MARK + buffer.getvalue()


def csv_pieces(kind: str) -> Iterator[str]:
    """Yield a table as CSV that spreadsheets read as UTF-8, a row a piece."""
    header, rows = TABLES[kind]
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    yield BYTE_ORDER_MARK
    writer.writerow(header)
    for row in rows():
        writer.writerow([harmless(cell) for cell in row])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue()


def workbook(kind: str) -> bytes:
    """Return a table as a workbook of one sheet, every cell a text."""
    header, rows = TABLES[kind]
    book = Workbook(write_only=True)
    sheet = book.create_sheet(kind)
    sheet.freeze_panes = "A2"
    sheet.append(list(header))
    for row in rows():
        sheet.append([text_cell(sheet, cell) for cell in row])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def text_cell(sheet: Worksheet, value: str) -> Cell:
    """Return a cell that is a text whatever it looks like."""
    cell = WriteOnlyCell(sheet, value=value[:32_767])
    cell.data_type = "s"
    return cell


def count_of(kind: str) -> int:
    """Return how many rows a table has."""
    counted: dict[str, QuerySet[Any]] = {
        "people": Profile.objects.all(),
        "organisations": Organisation.objects.all(),
        "listings": Listing.objects.exclude(state="draft"),
    }
    return counted[kind].count()
