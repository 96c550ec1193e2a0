"""Load the invented events of the demonstration."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from events.services.demonstration import load_events
from konnect.accounts.models import User
from matching.services.demonstration import ORGANISER


class Command(BaseCommand):
    """Load invented events for the invented people; a second time changes nothing."""

    help = "Load invented events, with registrations, requests, meetings and feedback."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take whether somebody insists."""
        parser.add_argument("--force", action="store_true", help="load even in production")

    def handle(self, *args: Any, **options: Any) -> None:
        """Load with a line for every event.

        Raises:
            CommandError: this is production and nobody insisted.
        """
        if settings.PRODUCTION and not options["force"]:
            raise CommandError("These events are invented; use --force to load them here.")
        organiser = User.objects.filter(email=ORGANISER).first()
        if not load_events(organiser=organiser, say=self.say):
            self.stdout.write("The invented events are there already, or there are no people.")

    def say(self, line: str) -> None:
        """Print one line of progress at once."""
        self.stdout.write(f"  {line}")
        self.stdout.flush()
