"""Read people from a table."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from matching.management.commands.import_organisations import (
    progress_on,
    show_refusals,
    write_report,
)
from matching.services.profile_import import import_profiles


class Command(BaseCommand):
    """`manage.py import_profiles FILE.csv`; docs/import.md names the columns."""

    help = "Add the people of a CSV file as invited profiles that nobody sees until they confirm."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the file and the ways to run."""
        parser.add_argument("path", type=Path, metavar="FILE")
        parser.add_argument("--dry-run", action="store_true", help="check, but write nothing")
        parser.add_argument("--invite", action="store_true", help="write a letter to each")
        parser.add_argument(
            "--publish",
            action="store_true",
            help="show them at once: for stand-in and test data only",
        )
        parser.add_argument("--report", type=Path, help="write refused rows into this CSV file")

    def handle(self, *args: Any, **options: Any) -> None:
        """Import, and say what happened."""
        result = import_profiles(
            options["path"],
            is_dry_run=options["dry_run"],
            is_inviting=options["invite"],
            is_publishing=options["publish"],
            progress=progress_on(self),
        )
        if options["report"]:
            write_report(options["report"], result.refusals)
        show_refusals(self, result.refusals)
        self.stdout.write(
            self.style.SUCCESS(
                f"{result.added} added, {result.known} known already, {result.invited} invited, "
                f"{len(result.refusals)} refused"
            )
        )
        if options["dry_run"]:
            self.stdout.write("Dry run: nothing was written.")
