"""Vectors, lists of suggested partners, and what people said to them."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from matching.models.profile import Profile
from matching.models.run import MatchRun


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
    # One row an item, and the listing or work that it comes from (0: the profile's own words).
    offer_items = models.BinaryField(default=b"")
    offer_sources = ArrayField(models.BigIntegerField(), default=list)
    seek_items = models.BinaryField(default=b"")
    seek_sources = ArrayField(models.BigIntegerField(), default=list)
    work_items = models.BinaryField(default=b"")
    work_sources = ArrayField(models.BigIntegerField(), default=list)
    # The same for English texts by the embedder that reads English only.
    english_embedder = models.CharField(max_length=80, blank=True, default="")
    english_items = models.BinaryField(default=b"")
    english_sources = ArrayField(models.BigIntegerField(), default=list)
    # Stemmed words and pairs of words: a uint32 hash and a uint16 count each, little endian.
    words = models.BinaryField(default=b"")
    # The profile's matching_changed_at when its texts were read.
    built_from = models.DateTimeField()
    built_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("profile vectors")
        verbose_name_plural = _("profile vectors")
        indexes = [models.Index(fields=["embedder"], name="vectors_embedder")]

    def __str__(self) -> str:
        return f"{self.profile_id} {self.embedder}"


class SuggestionList(models.Model):
    """One person's suggested partners in one run, best first, as arrays in one row.

    `partner_ids` and `scores` have the same length. `parts` holds, partner after partner, the
    weighted terms in the order of `matching.scoring.TERMS`, which add up to the score; `evidence`
    six ids a partner (my work, their work, my request, their offer, my offer, their request; 0 for
    none). Scores and parts count in units of 2**-30. The pool is whom the list was chosen from:
    the exact beginning of everybody's order by the score of the first pass.
    """

    match_run = models.ForeignKey(MatchRun, models.CASCADE, related_name="lists")
    profile = models.ForeignKey(Profile, models.CASCADE, related_name="suggestion_lists")
    partner_ids = ArrayField(models.BigIntegerField())
    scores = ArrayField(models.IntegerField())
    parts = ArrayField(models.IntegerField())
    evidence = ArrayField(models.BigIntegerField(), default=list)
    pool_ids = ArrayField(models.BigIntegerField(), default=list)
    pool_scores = ArrayField(models.IntegerField(), default=list)
    # The pool's last score; the smallest integer when the pool is everybody.
    pool_floor = models.IntegerField(default=-(2**31))
    # The person's own price: how much less they are suggested because many ask for them.
    demand = models.IntegerField(default=0)
    # Everybody who may be suggested is in the pool; else it is the beginning of a longer one.
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
