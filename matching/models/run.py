"""Runs of matching: their input, frozen; their work, in blocks; what was edited since."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from konnect.states import StateChange, Stateful, Transitions
from matching.models.profile import Profile


class MatchRunState(models.TextChoices):
    """Where a run stands."""

    RUNNING = "running", _("running")
    PUBLISHED = "published", _("published")
    SUPERSEDED = "superseded", _("superseded")
    FAILED = "failed", _("failed")
    CANCELLED = "cancelled", _("cancelled")


class MatchRunQuerySet(models.QuerySet["MatchRun"]):
    """Reads of runs."""

    def current(self) -> MatchRun | None:
        """Return the run whose lists people see."""
        return self.filter(state=MatchRunState.PUBLISHED).first()

    def running(self) -> MatchRun | None:
        """Return the run that is being computed."""
        return self.filter(state=MatchRunState.RUNNING).first()


class MatchRun(Stateful):
    """One computation of everybody's suggestions, seen whole or not at all."""

    TRANSITIONS: ClassVar[Transitions] = {
        MatchRunState.RUNNING: frozenset(
            {MatchRunState.PUBLISHED, MatchRunState.FAILED, MatchRunState.CANCELLED}
        ),
        MatchRunState.PUBLISHED: frozenset({MatchRunState.SUPERSEDED}),
        MatchRunState.SUPERSEDED: frozenset(),
        MatchRunState.FAILED: frozenset(),
        MatchRunState.CANCELLED: frozenset(),
    }

    state = models.CharField(max_length=10, choices=MatchRunState, default=MatchRunState.RUNNING)
    embedder = models.CharField(max_length=80)
    english_embedder = models.CharField(max_length=80, blank=True, default="")
    weights_version = models.CharField(max_length=20)
    started_at = models.DateTimeField(default=timezone.now)
    # For people who look: whether the worker lives, its advisory lock says.
    heartbeat_at = models.DateTimeField(default=timezone.now)
    published_at = models.DateTimeField(null=True)
    profile_count = models.PositiveIntegerField(default=0)
    left_count = models.PositiveIntegerField(default=0)
    right_count = models.PositiveIntegerField(default=0)
    # Of the frozen input: two runs with the same one end with the same lists.
    snapshot_hash = models.CharField(max_length=64, blank=True, default="")
    # The earlier run whose frozen input this one computes again.
    repeats = models.ForeignKey("self", models.SET_NULL, null=True, related_name="repetitions")
    # {"topic:12": 2310, ...}: how much each shared tag counts, fixed for the run, so that a list
    # refreshed within it equals one computed with it.
    tag_weights = models.JSONField(default=dict)

    objects = MatchRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("matching run")
        verbose_name_plural = _("matching runs")
        constraints = [
            models.UniqueConstraint(
                fields=["state"],
                condition=models.Q(state=MatchRunState.PUBLISHED),
                name="one_published_run",
            ),
            models.UniqueConstraint(
                fields=["state"],
                condition=models.Q(state=MatchRunState.RUNNING),
                name="one_running_run",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.state}"


class MatchRunChange(StateChange):
    """One state change of a run."""

    match_run = models.ForeignKey(MatchRun, models.CASCADE, related_name="changes")


class BlockKind(models.TextChoices):
    """What the blocks of a run do, in this order."""

    SCORE = "score", _("scoring pairs")
    PRICE = "price", _("spreading attention")
    RANK = "rank", _("ranking lists")


class MatchBlock(models.Model):
    """One piece of a run's work: some rows of one side. A killed worker costs one of them."""

    match_run = models.ForeignKey(MatchRun, models.CASCADE, related_name="blocks")
    kind = models.CharField(max_length=5, choices=BlockKind)
    number = models.PositiveIntegerField()
    # Rows from first to before last; ranking counts the left side's rows, then the right's.
    first = models.PositiveIntegerField()
    last = models.PositiveIntegerField()
    # How often a worker has begun it: a block that kills its workers must not do so for ever.
    tries = models.PositiveSmallIntegerField(default=0)
    result = models.BinaryField(null=True)
    finished_at = models.DateTimeField(null=True)
    worker = models.CharField(max_length=120, blank=True, default="")
    cpu_seconds = models.FloatField(default=0)
    pairs = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("block of a matching run")
        verbose_name_plural = _("blocks of matching runs")
        constraints = [
            models.UniqueConstraint(fields=["match_run", "kind", "number"], name="one_block"),
            models.CheckConstraint(
                condition=models.Q(first__lte=models.F("last")), name="block_not_backwards"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.number} of {self.match_run_id}"


class SnapshotChunk(models.Model):
    """A piece of the frozen input of a run, so that workers on other machines can copy it."""

    match_run = models.ForeignKey(MatchRun, models.CASCADE, related_name="chunks")
    name = models.CharField(max_length=60)
    number = models.PositiveIntegerField()
    data = models.BinaryField()

    class Meta:
        verbose_name = _("chunk of a snapshot")
        verbose_name_plural = _("chunks of snapshots")
        constraints = [
            models.UniqueConstraint(fields=["match_run", "name", "number"], name="one_chunk"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.number} of {self.match_run_id}"


class RunEdit(models.Model):
    """One person as they are now, where a run's frozen input has them as they were."""

    match_run = models.ForeignKey(MatchRun, models.CASCADE, related_name="edits")
    profile = models.ForeignKey(Profile, models.CASCADE, related_name="run_edits")
    # Rises with every edit of the run: a worker reads those after the last one it knows.
    sequence = models.BigIntegerField()
    data = models.BinaryField(default=b"")
    is_gone = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("edit since a run")
        verbose_name_plural = _("edits since a run")
        constraints = [
            models.UniqueConstraint(fields=["match_run", "profile"], name="one_edit_a_person"),
            models.UniqueConstraint(fields=["match_run", "sequence"], name="one_edit_a_number"),
        ]

    def __str__(self) -> str:
        return f"{self.profile_id} since {self.match_run_id}"


class Erasure(models.Model):
    """Somebody who was erased while the input or the lists of a run may still have them.

    Only their number is left, until no run has it any more; nothing else is known by it.
    """

    person_id = models.BigIntegerField()
    erased_at = models.DateTimeField(db_default=Now())
    # The run out of whose lists of others they have been taken.
    out_of_lists_of = models.ForeignKey(MatchRun, models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("erasure that runs have to follow")
        verbose_name_plural = _("erasures that runs have to follow")

    def __str__(self) -> str:
        return str(self.person_id)
