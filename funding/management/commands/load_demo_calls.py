"""Load the invented mobility calls of the demonstration."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from funding.services.demonstration import load_calls


class Command(BaseCommand):
    """Load invented calls for the invented people; a second time changes nothing."""

    help = "Load invented mobility calls, with applications, reviews, decisions and grants."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take whether somebody insists."""
        parser.add_argument("--force", action="store_true", help="load even in production")

    def handle(self, *args: Any, **options: Any) -> None:
        """Load with a line for every call.

        Raises:
            CommandError: this is production and nobody insisted.
        """
        if settings.PRODUCTION and not options["force"]:
            raise CommandError("These calls are invented; use --force to load them here.")
        if not load_calls(say=self.say):
            self.stdout.write("The invented calls are there already, or there are no people.")

    def say(self, line: str) -> None:
        """Print one line of progress at once."""
        self.stdout.write(f"  {line}")
        self.stdout.flush()
