"""Tables that the staff hands in: the worker checks them, and takes them when told to.

The check does all the work and undoes it, so that what is shown is what will be. A worker that
dies leaves a row that is due again when its lease ends; nothing is half taken over, because each
table is one transaction.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils.text import get_valid_filename

from konnect.accounts.doorbell import ring
from konnect.accounts.services.audit import record
from matching.imports.sheets import any_table_rows
from matching.imports.tables import FileRefusedError, Record, Refusal
from matching.models import TableImport, TableImportState, TableKind
from matching.services.organisation_import import import_organisations
from matching.services.profile_import import import_profiles

if TYPE_CHECKING:
    from konnect.accounts.models import User

logger = logging.getLogger(__name__)

TASK = "matching.tasks.work_on_table_imports"
LARGEST_FILE = 20_000_000
LEASE = timedelta(minutes=10)
MOST_TRIES = 3
MOST_REFUSALS = 1000
# What was checked and never taken over.
KEPT = timedelta(days=7)
# Why a table was dropped that nobody dropped.
NAMES_ERASED = "erased"
COUNTS = ("added", "changed", "unchanged", "known", "invited", "succeeded")


class DroppedError(Exception):
    """A table was dropped while it was read: whatever was taken over is undone."""


@transaction.atomic
def hand_in_table(
    *, actor: User, kind: str, file_name: str, content: bytes, is_inviting: bool = False
) -> TableImport:
    """Keep a file and have it checked."""
    row = TableImport.objects.create(
        actor=actor, kind=kind, file_name=file_name[-200:], content=content,
        is_inviting=is_inviting and kind == TableKind.PEOPLE,
    )  # fmt: skip
    ring(TASK)
    return row


@transaction.atomic
def take_table(table: TableImport, *, actor: User) -> bool:
    """Have the good rows of a checked table taken over; false when it is not waiting for that."""
    checked = TableImport.objects.filter(pk=table.pk, state=TableImportState.CHECKED)
    is_taken = checked.update(state=TableImportState.IMPORTING, tries=0, next_try_at=Now())
    if is_taken:
        facts = {"kind": table.kind, **table.result}
        record(actor, "table.imported", target=table, facts=facts)
        ring(TASK)
    return bool(is_taken)


@transaction.atomic
def drop_table(table: TableImport, *, actor: User) -> bool:
    """Forget a table that was not taken over; false when it is too late."""
    states = (TableImportState.CHECKING, TableImportState.CHECKED)
    return end(TableImport.objects.filter(pk=table.pk, state__in=states), "dropped")


def end(rows: Any, state: str, **columns: Any) -> bool:
    """Write that a table is over, and delete its content."""
    return bool(rows.update(state=state, content=None, ended_at=Now(), **columns))


def work_on_table_imports() -> int:
    """Check and take over what is due; return how many tables."""
    fail_exhausted()
    done = 0
    while table := claim_table():
        work_on(table)
        done += 1
    return done


def fail_exhausted() -> None:
    """Give up tables at which workers died again and again."""
    due = TableImport.objects.filter(state__in=TableImportState.at_work, next_try_at__lte=Now())
    end(
        due.filter(tries__gte=MOST_TRIES), "failed", problem="the worker was ended again and again"
    )


@transaction.atomic
def claim_table() -> TableImport | None:
    """Lease the table that has waited for longest, so that no other worker takes it."""
    due = TableImport.objects.filter(state__in=TableImportState.at_work, next_try_at__lte=Now())
    rows = due.select_for_update(skip_locked=True, of=("self",)).order_by("next_try_at", "pk")
    table = rows.first()
    if table is not None:
        same = TableImport.objects.filter(pk=table.pk)
        same.update(tries=F("tries") + 1, next_try_at=Now() + LEASE)
    return table


def work_on(table: TableImport) -> None:
    """Do what a table waits for; what comes of it is written in the same transaction."""
    is_check = table.state == TableImportState.CHECKING
    try:
        with transaction.atomic(), stored_file(table) as path:
            result = run(table, path, is_dry_run=is_check)
            if not note(table, result, is_check=is_check):
                raise DroppedError
    except DroppedError:
        logger.info("Table %s was dropped while it was read: nothing of it was taken.", table.pk)
    except Exception as error:
        logger.exception("Table %s could not be read.", table.pk)
        same = TableImport.objects.filter(pk=table.pk, state=table.state)
        end(same, "failed", problem=f"{type(error).__name__}: {error}"[:200])


@contextmanager
def stored_file(table: TableImport) -> Iterator[Path]:
    """Have the file on this machine's disk, under its own ending, for a while."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / get_valid_filename(table.file_name)
        path.write_bytes(bytes(table.content or b""))
        yield path


def run(table: TableImport, path: Path, *, is_dry_run: bool) -> Any:
    """Read the table with the service of its kind."""
    readers: dict[str, Callable[[], Any]] = {
        TableKind.PEOPLE: lambda: import_profiles(
            path, is_dry_run=is_dry_run, is_inviting=table.is_inviting
        ),
        TableKind.ORGANISATIONS: lambda: import_organisations([path], is_dry_run=is_dry_run),
    }
    return readers[table.kind]()


def note(table: TableImport, result: Any, *, is_check: bool) -> bool:
    """Write what came of it; false when somebody dropped the table meanwhile."""
    counts = {name: getattr(result, name) for name in COUNTS if hasattr(result, name)}
    columns = {"result": counts, "refusals": shown_refusals(result.refusals)}
    same = TableImport.objects.filter(pk=table.pk, state=table.state)
    if is_check:
        return bool(same.update(state=TableImportState.CHECKED, **columns))
    return end(same, TableImportState.DONE, **columns)


def shown_refusals(refusals: list[Refusal]) -> list[dict[str, Any]]:
    """Return the first thousand rows that are not taken, with line, column and reason."""
    kept = [asdict(refusal) for refusal in refusals[:MOST_REFUSALS]]
    return [{name: row[name] for name in ("line", "column", "reason")} for row in kept]


def forget_old_tables() -> int:
    """Drop what was checked a week ago and never taken over; return how many."""
    old = TableImport.objects.filter(state=TableImportState.CHECKED, created_at__lt=Now() - KEPT)
    return int(old.update(state=TableImportState.DROPPED, content=None, ended_at=Now()))


def drop_tables_naming(addresses: Collection[str]) -> int:
    """Drop the waiting tables with a row of somebody who is being erased; return how many.

    Whoever handed one in is told why, and hands it in again without that row.
    """
    sought = {address.casefold() for address in addresses}
    waiting = TableImport.objects.filter(kind=TableKind.PEOPLE).exclude(content=None)
    named = [table.pk for table in waiting.iterator(chunk_size=1) if names_any(table, sought)]
    same = waiting.filter(pk__in=named)
    return int(same.update(state=TableImportState.DROPPED, content=None, ended_at=Now(),
                           problem=NAMES_ERASED, refusals=[]))  # fmt: skip


def names_any(table: TableImport, sought: Collection[str]) -> bool:
    """Tell whether a table has a cell with one of these addresses; one that cannot be read may."""
    try:
        with stored_file(table) as path:
            rows = any_table_rows(path, needed=())
            return any(
                str(cell).strip().casefold() in sought
                for row in rows
                if isinstance(row, Record)
                for cell in row.values.values()
            )
    except FileRefusedError:
        return True
