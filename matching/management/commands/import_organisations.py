"""Read organisations from ROR dumps and tables."""

from __future__ import annotations

import csv
from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from matching.imports.tables import Refusal
from matching.services.organisation_import import ImportResult, import_organisations

REFUSALS_SHOWN = 20


class Command(BaseCommand):
    """`manage.py import_organisations PATH...`; docs/import.md tells more."""

    help = "Merge organisations of ROR v2 dumps (JSON or zip) and CSV tables by ROR id."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the files and the ways to run."""
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")
        parser.add_argument("--dry-run", action="store_true", help="check, but write nothing")
        parser.add_argument(
            "--all-or-nothing", action="store_true", help="write nothing if any row is refused"
        )
        parser.add_argument("--report", type=Path, help="write refused rows into this CSV file")

    def handle(self, *args: Any, **options: Any) -> None:
        """Import, and say what happened."""
        result = import_organisations(
            options["paths"],
            is_dry_run=options["dry_run"],
            is_all_or_nothing=options["all_or_nothing"],
            progress=progress_on(self),
        )
        if options["report"]:
            write_report(options["report"], result.refusals)
        show_refusals(self, result.refusals)
        self.stdout.write(self.style.SUCCESS(words_of(result)))
        if options["dry_run"]:
            self.stdout.write("Dry run: nothing was written.")
        if options["all_or_nothing"] and result.refusals:
            raise CommandError("Nothing was written, because rows were refused.")


def words_of(result: ImportResult) -> str:
    """Return the result in one line."""
    return (
        f"{result.added} added, {result.changed} changed, {result.unchanged} unchanged, "
        f"{result.succeeded} linked to a successor, {len(result.refusals)} refused"
    )


def progress_on(command: BaseCommand) -> Callable[[int], None]:
    """Return what shows progress: one line that counts on, on a terminal only."""
    done = 0

    def show(count: int) -> None:
        nonlocal done
        done += count
        if command.stdout.isatty():
            command.stdout.write(f"\r{done} rows", ending="")
            command.stdout.flush()

    return show


def show_refusals(command: BaseCommand, refusals: Sequence[Refusal]) -> None:
    """Write the first refusals: file, line, column, reason."""
    for each in refusals[:REFUSALS_SHOWN]:
        command.stderr.write(f"{each.file}:{each.line}: {each.column}: {each.reason}")
    if len(refusals) > REFUSALS_SHOWN:
        command.stderr.write(f"... and {len(refusals) - REFUSALS_SHOWN} more; see --report")


def write_report(path: Path, refusals: Sequence[Refusal]) -> None:
    """Write all refusals as a table."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["file", "line", "column", "reason"])
        writer.writerows([each.file, each.line, each.column, each.reason] for each in refusals)
