"""Tables that the staff hands in: checked first, taken when somebody says so."""

from __future__ import annotations

from enum import nonmember

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class TableKind(models.TextChoices):
    """What the rows of a table are."""

    PEOPLE = "people", _("People")
    ORGANISATIONS = "organisations", _("Organisations")


class TableImportState(models.TextChoices):
    """Where a table stands."""

    CHECKING = "checking", _("being checked")
    CHECKED = "checked", _("checked, nothing written yet")
    IMPORTING = "importing", _("being taken over")
    DONE = "done", _("taken over")
    DROPPED = "dropped", _("dropped")
    FAILED = "failed", _("failed")

    at_work = nonmember(("checking", "importing"))


class TableImport(models.Model):
    """One file of one member of the staff; its content goes when it is taken or dropped."""

    kind = models.CharField(_("rows are"), max_length=15, choices=TableKind)
    state = models.CharField(
        max_length=10, choices=TableImportState, default=TableImportState.CHECKING
    )
    actor = models.ForeignKey("accounts.User", models.SET_NULL, null=True, related_name="+")
    file_name = models.CharField(max_length=200)
    content = models.BinaryField(null=True)
    is_inviting = models.BooleanField(_("write an invitation to each person"), default=False)
    # {"added": 3, "changed": 0, "known": 2}: counts alone.
    result = models.JSONField(default=dict)
    # [{"line": 3, "column": "email", "reason": "..."}]: what is in a row stays out.
    refusals = models.JSONField(default=list)
    problem = models.CharField(max_length=200, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(db_default=Now())
    created_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("imported table")
        verbose_name_plural = _("imported tables")
        ordering = ("-created_at", "-pk")
        indexes = [
            models.Index(
                fields=["next_try_at"],
                condition=models.Q(state__in=("checking", "importing")),
                name="table_import_due",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=("checking", "checked", "importing"),
                                   content__isnull=False, ended_at=None)
                | models.Q(state__in=("done", "dropped", "failed"),
                           content=None, ended_at__isnull=False),
                name="table_import_ended_is_empty",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.file_name
