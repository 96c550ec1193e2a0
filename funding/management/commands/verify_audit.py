"""Read the whole ledger of funding, and say where it was tampered with."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from funding.models import LedgerEntry
from funding.services.ledger import faults, seal


class Command(BaseCommand):
    """`manage.py verify_audit [--seal NUMBER]`: exits with 1 when anything does not fit."""

    help = "Check the chains of the ledger; --seal compares with a number noted earlier today."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take a seal that was noted."""
        parser.add_argument("--seal", default="")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print each fault on a line, and the seal when there is none."""
        found = list(faults())
        for fault in found:
            self.stdout.write(f"{fault.noun} {fault.object_id} #{fault.sequence}: {fault.code}")
        number = seal()
        if options["seal"] and options["seal"] != number:
            raise CommandError("The seal differs from the one that was noted.")
        if found:
            raise CommandError(f"{len(found)} faults")
        self.stdout.write(f"{LedgerEntry.objects.count()} entries fit. Seal: {number}")
