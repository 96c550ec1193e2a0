"""What happened in funding, in a chain that shows every later change."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from funding.models.people import Person


class LedgerEntry(models.Model):
    """One entry: its hash covers its content and the hash of the one before, of the same object.

    Append-only by trigger. `funding.services.ledger` writes and checks.
    """

    noun = models.CharField(max_length=20)
    object_id = models.BigIntegerField()
    sequence = models.PositiveIntegerField()
    event = models.CharField(max_length=40)
    actor = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=500, blank=True)
    before: models.JSONField[Any, Any] = models.JSONField(default=dict)
    after: models.JSONField[Any, Any] = models.JSONField(default=dict)
    happened_at = models.DateTimeField()
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("entry of the ledger")
        verbose_name_plural = _("entries of the ledger")
        ordering = ("noun", "object_id", "sequence")
        constraints = [
            models.UniqueConstraint(
                fields=["noun", "object_id", "sequence"], name="ledger_sequence_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.noun} {self.object_id}: {self.sequence} {self.event}"


class LedgerHead(models.Model):
    """The newest hash and number of a chain, so that cutting its end is noticed too."""

    noun = models.CharField(max_length=20)
    object_id = models.BigIntegerField()
    sequence = models.PositiveIntegerField()
    hash = models.CharField(max_length=64)
    changed_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("head of the ledger")
        verbose_name_plural = _("heads of the ledger")
        constraints = [
            models.UniqueConstraint(fields=["noun", "object_id"], name="ledger_head_once")
        ]

    def __str__(self) -> str:
        return f"{self.noun} {self.object_id}: {self.sequence}"
