"""Erase again, in a restored backup, whoever was erased since it was made."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from konnect.accounts.models import User
from konnect.accounts.services import erase_account
from konnect.accounts.services.erasure_log import ErasureLine, lines_of


class Command(BaseCommand):
    """`erase_again --log FILE --yes`; without `--yes` it says what it would do."""

    help = "Erase again whoever the log of erasures names; run it before anybody uses a restored backup."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the logs, one of each machine, and the word that it is meant."""
        parser.add_argument("--log", action="append", required=True, help="a log of erasures")
        parser.add_argument("--yes", action="store_true", help="really erase")

    def handle(self, *args: Any, **options: Any) -> None:
        """Erase, or say how many would be erased."""
        users = [user for line in self.lines(options["log"]) for user in erased_once(line)]
        noun = "account" if len(users) == 1 else "accounts"
        if not options["yes"]:
            self.stdout.write(f"{len(users)} {noun} would be erased again. Say --yes to do it.")
            return
        for user in users:
            erase_account(user, says_farewell=False)
        self.stdout.write(f"{len(users)} {noun} were erased again.")

    def lines(self, logs: list[str]) -> list[ErasureLine]:
        """Return the lines of every log.

        Raises:
            CommandError: a log cannot be read.
        """
        try:
            return [line for log in logs for line in lines_of(Path(log))]
        except OSError as error:
            raise CommandError(f"The log cannot be read: {error}") from error


def erased_once(line: ErasureLine) -> list[User]:
    """Return the account of a line; one that came later only bears the same number."""
    older = User.objects.filter(pk=line.account_id, joined_at__lte=line.erased_at)
    return list(older)
