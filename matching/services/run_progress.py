"""How far a run is, and how fast it went: read from its blocks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Max, Q, Sum
from django.utils import timezone
from django.utils.translation import gettext

from matching.models import BlockKind, MatchBlock, MatchRun, MatchRunChange, MatchRunState


@dataclass(frozen=True)
class Stage:
    """One kind of blocks: how many there are, how many are done, what they cost."""

    kind: BlockKind
    total: int = 0
    done: int = 0
    pairs: int = 0
    cpu_seconds: float = 0

    @property
    def label(self) -> str:
        """What the stage does, in words."""
        return str(self.kind.label)

    @property
    def percent(self) -> int:
        """How much of it is done."""
        return 100 * self.done // self.total if self.total else 0

    @property
    def rate(self) -> int:
        """Pairs a second of one core, 0 before the first block."""
        return round(self.pairs / self.cpu_seconds) if self.cpu_seconds else 0


@dataclass(frozen=True)
class Progress:
    """What a page or a terminal shows of one run."""

    run: MatchRun
    stages: Sequence[Stage]
    workers: Sequence[str]
    ended_at: datetime | None
    reason: str

    @property
    def is_running(self) -> bool:
        """Whether it goes on."""
        return bool(self.run.state == MatchRunState.RUNNING)

    @property
    def is_preparing(self) -> bool:
        """Whether everybody is still being read."""
        return self.is_running and not self.run.snapshot_hash

    @property
    def can_repeat(self) -> bool:
        """Whether its frozen input is kept."""
        return bool(self.run.state == MatchRunState.PUBLISHED and self.run.snapshot_hash)

    @property
    def people(self) -> int:
        """How many people take part."""
        return self.run.left_count + self.run.right_count

    @property
    def elapsed(self) -> timedelta:
        """How long it took, or has taken so far, in whole seconds."""
        seconds = ((self.ended_at or timezone.now()) - self.run.started_at).total_seconds()
        return timedelta(seconds=round(seconds))

    @property
    def cpu_seconds(self) -> float:
        """What all blocks cost."""
        return sum(stage.cpu_seconds for stage in self.stages)

    @property
    def scoring(self) -> Stage:
        """The stage that looks at all pairs."""
        return next(stage for stage in self.stages if stage.kind == BlockKind.SCORE)


def progress_of(runs: Sequence[MatchRun]) -> list[Progress]:
    """Return how far some runs are, in three queries for all of them."""
    rows = MatchBlock.objects.filter(match_run__in=runs).order_by().values("match_run", "kind")
    counted = rows.annotate(
        total=Count("pk"),
        done=Count("pk", filter=Q(finished_at__isnull=False)),
        all_pairs=Sum("pairs"),
        all_seconds=Sum("cpu_seconds"),
    )
    stages = {
        (row["match_run"], row["kind"]): Stage(
            BlockKind(row["kind"]), row["total"], row["done"], row["all_pairs"], row["all_seconds"]
        )
        for row in counted
    }
    workers = workers_of(runs)
    ends = {change.match_run_id: change for change in last_changes(runs)}
    return [
        Progress(
            run,
            [stages.get((run.pk, kind), Stage(kind)) for kind in BlockKind],
            workers.get(run.pk, []),
            *end_of(ends.get(run.pk)),
        )
        for run in runs
    ]


def workers_of(runs: Sequence[MatchRun]) -> dict[int, list[str]]:
    """Return which workers have begun blocks of each run."""
    begun = MatchBlock.objects.filter(match_run__in=runs).exclude(worker="").order_by("worker")
    found: dict[int, list[str]] = {}
    for run_id, worker in begun.values_list("match_run", "worker").distinct():
        found.setdefault(run_id, []).append(worker)
    return found


def last_changes(runs: Sequence[MatchRun]) -> list[MatchRunChange]:
    """Return the change that ended each run: a published one is superseded later."""
    ends = MatchRunChange.objects.filter(match_run__in=runs, old_state=MatchRunState.RUNNING)
    newest = ends.order_by().values("match_run").annotate(newest=Max("pk")).values("newest")
    return list(MatchRunChange.objects.filter(pk__in=newest))


def end_of(change: MatchRunChange | None) -> tuple[datetime | None, str]:
    """Return when a run ended and why, in the reader's language where it is one of our reasons."""
    if change is None:
        return None, ""
    return change.changed_at, gettext(change.reason) if change.reason else ""
