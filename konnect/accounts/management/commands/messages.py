"""Collect, check and compile the message catalogues."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from konnect.accounts import catalogue


class Command(BaseCommand):
    """`--collect` after changing texts, `--check` before a commit, `--compile` at set-up."""

    help = "Collect, check or compile the message catalogues."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take one of three actions."""
        group = parser.add_mutually_exclusive_group(required=True)
        group.add_argument(
            "--collect", action="store_true", help="bring the catalogues up to date"
        )
        group.add_argument("--check", action="store_true", help="fail when Korean is incomplete")
        group.add_argument("--compile", action="store_true", help="write the binary catalogues")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do what was asked."""
        if options["collect"]:
            self.collect()
        elif options["check"]:
            self.check_korean()
        else:
            for path in catalogue.compile_all():
                self.stdout.write(str(path.relative_to(settings.BASE_DIR)))

    def collect(self) -> None:
        """Bring the Korean catalogue up to the messages in the code."""
        came, went = catalogue.update("ko")
        self.stdout.write(f"ko: {came} new, {went} no longer used")

    def check_korean(self) -> None:
        """Fail, naming each message, unless Korean is complete."""
        problems = catalogue.problems("ko")
        for problem in problems:
            self.stderr.write(problem)
        if problems:
            raise CommandError(f"The Korean catalogue has {len(problems)} problems.")
