"""Load the invented people of the demonstration."""

import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from matching.models import Profile
from matching.services.demonstration import demo_accounts, load_demonstration


class Command(BaseCommand):
    """Load invented people at real organisations; a second time changes nothing."""

    help = "Load invented people, with listings, contacts and conversations."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take how many, from which seed, and when to do nothing."""
        parser.add_argument("--people", type=int, default=400, help="how many people (400)")
        parser.add_argument(
            "--seed", type=int, default=2026, help="the same seed, the same people"
        )
        parser.add_argument("--if-empty", action="store_true", help="only if there is nobody yet")
        parser.add_argument("--accounts", action="store_true", help="only print the accounts")
        parser.add_argument("--force", action="store_true", help="load even in production")

    def handle(self, *args: Any, **options: Any) -> None:
        """Load, unless asked not to, and print the accounts.

        Raises:
            CommandError: this is production and nobody insisted.
        """
        if not options["accounts"]:
            self.load(options)
        self.print_accounts()

    def load(self, options: dict[str, Any]) -> None:
        """Load with a line for every step."""
        if settings.PRODUCTION and not options["force"]:
            raise CommandError("These people are invented; use --force to load them here.")
        if options["if_empty"] and Profile.objects.exists():
            self.stdout.write("There are people already; nothing was loaded.")
            return
        start = time.monotonic()
        is_new = load_demonstration(
            count=max(2, options["people"]), seed=options["seed"], say=self.say
        )
        seconds = time.monotonic() - start
        self.stdout.write(
            f"Loaded in {seconds:.1f} s." if is_new else "The invented people are there already."
        )

    def say(self, line: str) -> None:
        """Print one line of progress at once."""
        self.stdout.write(f"  {line}")
        self.stdout.flush()

    def print_accounts(self) -> None:
        """Print whom a visitor can sign in as."""
        self.stdout.write("Accounts of the demonstration (all people are invented):")
        for email, password, description in demo_accounts():
            self.stdout.write(f"  {email:<28} {password:<20} {description}")
