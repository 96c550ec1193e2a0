"""Delete an account because its owner asked for it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from konnect.accounts.models import User
from konnect.accounts.services import erase_account


class Command(BaseCommand):
    """`delete_account ADDRESS --yes`; without `--yes` it says what it would do."""

    help = "Delete a person's account with everything that hangs on it."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the address, and the word that it is meant."""
        parser.add_argument("address")
        parser.add_argument("--yes", action="store_true", help="really delete")

    def handle(self, *args: Any, **options: Any) -> None:
        """Delete, or say who would be deleted."""
        user = User.objects.filter(email__iexact=options["address"]).first()
        if user is None:
            raise CommandError(f"There is no account with the address {options['address']}.")
        if not options["yes"]:
            self.stdout.write(f"{user} would be deleted. Say --yes to do it.")
            return
        self.stdout.write(f"{erase_account(user)} rows were deleted.")
