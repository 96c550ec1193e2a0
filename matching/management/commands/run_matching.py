"""Compute everybody's suggestions now, or watch the run that is going on."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from matching.models import MatchRun, MatchRunState
from matching.services.matching import complete_run, prepare_run
from matching.services.run_progress import Progress, progress_of
from matching.services.run_states import start_run

PAUSE_SECONDS = 1.0


class Command(BaseCommand):
    """`manage.py run_matching`: begins a run and works on it; `--watch` only looks."""

    help = "Compute everybody's suggestions now, beside the workers; --watch only shows progress."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the options."""
        parser.add_argument("--watch", action="store_true", help="leave the work to the workers")
        parser.add_argument("--repeat", type=int, metavar="RUN", help="repeat an earlier run")

    def handle(self, *args: Any, watch: bool, repeat: int | None, **options: Any) -> None:
        """Begin a run unless one is running, and follow it to its end."""
        run = MatchRun.objects.running() or self.begin(repeat)
        self.stdout.write(f"Run {run.pk}")
        if not prepare_run(run) and not watch:
            raise CommandError("Another process is reading everybody; use --watch.")
        if watch:
            self.follow(run)
        else:
            complete_run(run)
        (shown,) = progress_of([run])
        self.stdout.write(line_of(shown))
        if run.state != MatchRunState.PUBLISHED:
            raise CommandError(f"The run is {run.get_state_display()}: {shown.reason}")

    def begin(self, repeat: int | None) -> MatchRun:
        """Begin a run."""
        source = MatchRun.objects.filter(pk=repeat).first() if repeat else None
        if repeat and not (source and progress_of([source])[0].can_repeat):
            raise CommandError(f"The input of run {repeat} is not kept.")
        run = start_run(repeats=source)
        if run is None:
            raise CommandError("Another run has just begun; use --watch.")
        return run

    def follow(self, run: MatchRun) -> None:
        """Print how far the run is whenever that changes, until it is over."""
        last = ""
        while run.state == MatchRunState.RUNNING:
            line = line_of(progress_of([run])[0])
            if line != last:
                self.stdout.write(line)
            last = line
            time.sleep(PAUSE_SECONDS)
            run.refresh_from_db()


def line_of(shown: Progress) -> str:
    """Return how far a run is, in one line."""
    stages = ", ".join(f"{stage.label} {stage.done}/{stage.total}" for stage in shown.stages)
    return (
        f"{shown.run.get_state_display()}: {stages}; {shown.people} people,"
        f" {shown.cpu_seconds:.1f} CPU s, {shown.scoring.rate:,} pairs per CPU s,"
        f" {len(shown.workers)} workers"
    )
