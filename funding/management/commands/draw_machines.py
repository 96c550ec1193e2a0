"""Draw the diagrams of the state machines in the documentation anew."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from funding.diagrams import drawn

PAGE = Path(settings.BASE_DIR) / "docs" / "funding.md"


class Command(BaseCommand):
    """`manage.py draw_machines [--check]`."""

    help = "Draw the state machines in docs/funding.md from the tables in funding/machines.py."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take --check: write nothing, fail if something would change."""
        parser.add_argument("--check", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the page.

        Raises:
            CommandError: --check, and the page says otherwise than the tables.
        """
        old = PAGE.read_text(encoding="utf-8")
        new = drawn(old)
        if options["check"] and new != old:
            raise CommandError("docs/funding.md differs from funding/machines.py.")
        if new != old:
            PAGE.write_text(new, encoding="utf-8")
