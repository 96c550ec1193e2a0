"""Vectors, runs, lists of suggested partners, and what people said to them."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from konnect.states import StateChange, Stateful, Transitions
from matching.models.profile import Profile


class TextEmbedding(models.Model):
    """The vector of one text by one embedder: a cache keyed by content, shared by everybody."""

    text_hash = models.CharField(max_length=64)
    embedder = models.CharField(max_length=80)
    # int16 components, the unit vector times 32,767, little endian.
    vector = models.BinaryField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("text vector")
        verbose_name_plural = _("text vectors")
        constraints = [
            models.UniqueConstraint(fields=["embedder", "text_hash"], name="embedding_once"),
        ]

    def __str__(self) -> str:
        return f"{self.embedder} {self.text_hash[:8]}"


class ProfileVectors(models.Model):
    """What the score reads of one person, made from the vectors of their texts."""

    profile = models.OneToOneField(
        Profile, models.CASCADE, primary_key=True, related_name="vectors"
    )
    embedder = models.CharField(max_length=80)
    # int16 (x 32,767) unit vectors; empty when the person wrote nothing of the kind.
    topic = models.BinaryField()
    offers = models.BinaryField()
    seeks = models.BinaryField()
    # The profile's matching_changed_at when its texts were read.
    built_from = models.DateTimeField()
    built_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("profile vectors")
        verbose_name_plural = _("profile vectors")
        indexes = [models.Index(fields=["embedder"], name="vectors_embedder")]

    def __str__(self) -> str:
        return f"{self.profile_id} {self.embedder}"


class MatchRunState(models.TextChoices):
    """Where a run stands."""

    RUNNING = "running", _("running")
    PUBLISHED = "published", _("published")
    SUPERSEDED = "superseded", _("superseded")
    FAILED = "failed", _("failed")


class MatchRunQuerySet(models.QuerySet["MatchRun"]):
    """Reads of runs."""

    def current(self) -> MatchRun | None:
        """Return the run whose lists people see."""
        return self.filter(state=MatchRunState.PUBLISHED).first()


class MatchRun(Stateful):
    """One computation of everybody's suggestions, seen whole or not at all."""

    TRANSITIONS: ClassVar[Transitions] = {
        MatchRunState.RUNNING: frozenset({MatchRunState.PUBLISHED, MatchRunState.FAILED}),
        MatchRunState.PUBLISHED: frozenset({MatchRunState.SUPERSEDED}),
        MatchRunState.SUPERSEDED: frozenset(),
        MatchRunState.FAILED: frozenset(),
    }

    state = models.CharField(max_length=10, choices=MatchRunState, default=MatchRunState.RUNNING)
    embedder = models.CharField(max_length=80)
    weights_version = models.CharField(max_length=20)
    started_at = models.DateTimeField(default=timezone.now)
    # For people who look: whether the worker lives, its advisory lock says.
    heartbeat_at = models.DateTimeField(default=timezone.now)
    published_at = models.DateTimeField(null=True)
    profile_count = models.PositiveIntegerField(default=0)
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


class SuggestionList(models.Model):
    """One person's suggested partners in one run, best first, as arrays in one row.

    All arrays have the same length. `parts` holds, partner after partner, the weighted terms in
    the order of `matching.scoring.TERMS`; they add up to the score.
    """

    match_run = models.ForeignKey(MatchRun, models.CASCADE, related_name="lists")
    profile = models.ForeignKey(Profile, models.CASCADE, related_name="suggestion_lists")
    partner_ids = ArrayField(models.BigIntegerField())
    scores = ArrayField(models.FloatField())
    parts = ArrayField(models.FloatField())
    # Everybody who may be suggested is in it; else it is the exact beginning of a longer one.
    is_complete = models.BooleanField(default=False)
    # The profile's matching_changed_at when this list was computed: older means stale.
    built_from = models.DateTimeField()
    computed_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("suggestion list")
        verbose_name_plural = _("suggestion lists")
        constraints = [
            models.UniqueConstraint(fields=["match_run", "profile"], name="one_list_a_run"),
        ]

    def __str__(self) -> str:
        return f"{self.profile_id} in {self.match_run_id}"


class Answer(models.TextChoices):
    """What somebody says to a suggestion."""

    INTERESTED = "interested", _("Interested")
    NOT_FOR_ME = "not_for_me", _("Not for me")
    LATER = "later", _("Later")


class DismissalReason(models.TextChoices):
    """Why a suggestion is not for somebody."""

    OTHER_TOPIC = "other_topic", _("Works on something else")
    NOTHING_TO_GAIN = "nothing_to_gain", _("Does not offer what I seek")
    WRONG_STAGE = "wrong_stage", _("Not the career stage I look for")
    WRONG_ORGANISATION = "wrong_organisation", _("Not the kind of organisation I look for")
    KNOWN_ALREADY = "known_already", _("We know each other already")
    OTHER = "other", _("Another reason")


class SuggestionAnswer(models.Model):
    """One answer to one suggested partner; an undone one stays, so that weights can be learned."""

    LATER_DAYS = 30

    profile = models.ForeignKey(Profile, models.CASCADE, related_name="answers")
    partner = models.ForeignKey(Profile, models.CASCADE, related_name="answers_received")
    answer = models.CharField(max_length=12, choices=Answer)
    reason = models.CharField(max_length=20, choices=DismissalReason, blank=True)
    comment = models.CharField(max_length=300, blank=True)
    # The terms of the score as they were shown.
    parts = ArrayField(models.FloatField(), default=list, blank=True)
    weights_version = models.CharField(max_length=20, blank=True)
    answered_at = models.DateTimeField(default=timezone.now)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("answer to a suggestion")
        verbose_name_plural = _("answers to suggestions")
        constraints = [
            models.UniqueConstraint(
                fields=["profile", "partner"],
                condition=models.Q(undone_at__isnull=True),
                name="one_answer_that_counts",
            ),
            models.CheckConstraint(
                condition=~models.Q(profile=models.F("partner")), name="answer_not_to_oneself"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.profile_id} {self.answer} {self.partner_id}"
