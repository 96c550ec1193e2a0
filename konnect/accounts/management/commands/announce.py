"""`manage.py announce`: tell everybody who agreed to news about calls and events."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from konnect.accounts.services.announcing import announce


class Command(BaseCommand):
    """Tells an announcement in both languages, once each person and key."""

    help = "Tell everybody who agreed to news about calls and events, once each person and key."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the key, the titles and the page."""
        parser.add_argument("--key", required=True, help="names the announcement: call-2027-1")
        parser.add_argument("--title-en", required=True)
        parser.add_argument("--title-ko", required=True)
        parser.add_argument("--address", required=True, help="a path on this portal: /about/")

    def handle(self, *arguments: str, **options: Any) -> None:
        """Tell it and say how many were told."""
        if not options["address"].startswith("/") or options["address"].startswith("//"):
            raise CommandError("--address is a path on this portal, such as /about/.")
        names = ("key", "title_en", "title_ko", "address")
        told = announce(**{name: options[name] for name in names})
        self.stdout.write(f"{told} people were told.")
