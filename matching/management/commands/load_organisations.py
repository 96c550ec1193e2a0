"""Load the organisations that the project ships."""

from typing import Any

from django.core.management.base import BaseCommand

from matching.services.shipped_organisations import load_organisations


class Command(BaseCommand):
    """Add the shipped organisations that the portal lacks; a second time adds none."""

    help = "Add the organisations that the project ships, unless they are there already."

    def handle(self, *args: Any, **options: Any) -> None:
        """Load and say how many were new."""
        self.stdout.write(f"{load_organisations()} organisations added.")
