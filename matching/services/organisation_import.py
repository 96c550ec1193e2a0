"""Organisations from files: added, updated only where something changed, never doubled."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import transaction

from matching.imports.ror import TABLE_COLUMNS, checked, from_dump, from_table
from matching.imports.sheets import any_table_rows
from matching.imports.tables import (
    FileRefusedError,
    Record,
    Refusal,
    json_records,
)
from matching.models import Organisation

BATCH = 1000
COLUMNS = (
    "name", "name_en", "name_ko", "names_other", "acronyms", "aliases", "types", "side",
    "country_code", "country", "region", "region_code", "city", "latitude", "longitude",
    "geonames_id", "website", "domains", "established", "external_ids", "parent_ror_ids",
    "status", "source_modified_on", "source_release", "source_schema",
)  # fmt: skip
WRITTEN = (*COLUMNS, "search_text")
Values = dict[str, Any]


@dataclass
class ImportResult:
    """What an import did, or would do."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    succeeded: int = 0
    refusals: list[Refusal] = field(default_factory=list)


class NothingWrittenError(Exception):
    """The import was undone: a dry run, or a refusal where all or nothing was asked for."""


def import_organisations(
    paths: Sequence[Path],
    *,
    is_dry_run: bool = False,
    is_all_or_nothing: bool = False,
    progress: Callable[[int], None] = lambda _count: None,
) -> ImportResult:
    """Merge the organisations of these files by ROR id; say what happened.

    A dry run does all the work and then undoes it, so that it tells the truth.
    """
    result = ImportResult()
    try:
        with transaction.atomic():
            write_all(paths, result, progress)
            if is_dry_run or (is_all_or_nothing and result.refusals):
                raise NothingWrittenError
    except NothingWrittenError:
        pass
    return result


def write_all(
    paths: Sequence[Path], result: ImportResult, progress: Callable[[int], None]
) -> None:
    """Write batch after batch, then link the successors."""
    heirs: dict[str, str] = {}
    rows = accepted_rows(paths, result)
    while batch := list(islice(rows, BATCH)):
        heirs |= {
            row["ror_id"]: row["successor_ror_id"] for row in batch if row["successor_ror_id"]
        }
        write_batch(batch, result)
        progress(len(batch))
    link_successors(heirs, result)


def accepted_rows(paths: Iterable[Path], result: ImportResult) -> Iterator[Values]:
    """Yield the rows that can be stored, each id once; keep the others as refusals."""
    seen: dict[str, str] = {}
    for path in paths:
        try:
            for row in rows_of(path):
                values = row if isinstance(row, Refusal) else once(row, checked_row(row), seen)
                if isinstance(values, Refusal):
                    result.refusals.append(values)
                else:
                    yield values
        except FileRefusedError as error:
            result.refusals.append(error.refusal)


def rows_of(path: Path) -> Iterator[Record | Refusal]:
    """Yield the rows of a table, a JSON file or a zip file."""
    if path.suffix.lower() in {".json", ".zip"}:
        return json_records(path)
    return any_table_rows(path, needed=TABLE_COLUMNS)


def checked_row(record: Record) -> Values | Refusal:
    """Return the columns of a row of either shape, or why it is not taken."""
    try:
        is_table = "ror_id" in record.values
        return checked(record, from_table(record) if is_table else from_dump(record))
    except (AttributeError, KeyError, TypeError) as error:
        return record.refused(str(error)[:60], "not of the shape of a ROR record, schema 2")


def once(record: Record, values: Values | Refusal, seen: dict[str, str]) -> Values | Refusal:
    """Refuse an id that came before, naming where."""
    if isinstance(values, Refusal):
        return values
    place = f"{record.file}, line {record.line}"
    earlier = seen.setdefault(values["ror_id"], place)
    if earlier == place:
        return values
    return record.refused("ror_id", f"{values['ror_id']} stands already in {earlier}")


def write_batch(batch: Sequence[Values], result: ImportResult) -> None:
    """Add and update one batch, and count."""
    stored = {
        row.ror_id: row
        for row in Organisation.objects.filter(ror_id__in=[values["ror_id"] for values in batch])
    }
    changed = [values for values in batch if differs(stored.get(values["ror_id"]), values)]
    upsert(changed)
    added = sum(values["ror_id"] not in stored for values in batch)
    result.added += added
    result.changed += len(changed) - added
    result.unchanged += len(batch) - len(changed)


def differs(row: Organisation | None, values: Values) -> bool:
    """Say whether a stored row is missing or says something else."""
    return row is None or any(getattr(row, name) != values[name] for name in COLUMNS)


def upsert(batch: Sequence[Values]) -> None:
    """Insert or update by ROR id in one statement."""
    rows = [
        Organisation(ror_id=values["ror_id"], **{name: values[name] for name in COLUMNS})
        for values in batch
    ]
    Organisation.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["ror_id"], update_fields=WRITTEN
    )


def link_successors(heirs: dict[str, str], result: ImportResult) -> None:
    """Point closed organisations at those that took their place, as far as we hold them."""
    wanted = {*heirs, *heirs.values()}
    rows = {row.ror_id or "": row for row in Organisation.objects.filter(ror_id__in=wanted)}
    for ror_id, heir_id in heirs.items():
        row, heir = rows.get(ror_id), rows.get(heir_id)
        if row and heir and row.pk != heir.pk and row.successor_id != heir.pk:
            Organisation.objects.filter(pk=row.pk).update(successor=heir)
            result.succeeded += 1
