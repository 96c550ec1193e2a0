"""`manage.py read_bounces`: take in mail that came back, as a mail server's pipe or from a Maildir."""

from __future__ import annotations

import mailbox
import sys
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Mapping
from email import message_from_bytes
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError

from konnect.accounts.services.bounces import take_back

# A report quotes the letter; nothing that is longer is a report.
MOST_BYTES = 2_000_000
# sysexits.h, EX_TEMPFAIL: the mail server keeps the message and tries again.
TRY_AGAIN = 75


class Command(BaseCommand):
    """Reads one message on standard input, or every new one of a Maildir."""

    help = "Take in mail that came back: one message on standard input, or a Maildir."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the recipient as the mail server knows it, and the Maildir."""
        parser.add_argument("--recipient", default="", help="the envelope's recipient")
        parser.add_argument("--maildir", default="", help="read and remove what lies there")

    def handle(self, *arguments: str, **options: Any) -> None:
        """Say in a word for each message what it was."""
        try:
            if options["maildir"]:
                self.read_maildir(Path(options["maildir"]))
            else:
                self.stdout.write(read_one(sys.stdin.buffer.read(MOST_BYTES), options))
        except OperationalError as error:
            raise CommandError("The database is away.", returncode=TRY_AGAIN) from error

    def read_maildir(self, path: Path) -> None:
        """Take in every message, and remove it when that is done."""
        if not path.is_dir():
            raise CommandError(f"There is no Maildir {path}.")
        box = mailbox.Maildir(path, create=False)
        found: Counter[str] = Counter()
        for key in list(box.iterkeys()):
            found[read_one(box.get_bytes(key)[:MOST_BYTES], {})] += 1
            box.discard(key)
        self.stdout.write(", ".join(f"{word} {count}" for word, count in sorted(found.items())))


def read_one(content: bytes, options: Mapping[str, Any]) -> str:
    """Take in one message; return what it was."""
    return take_back(message_from_bytes(content), recipient=options.get("recipient", ""))
