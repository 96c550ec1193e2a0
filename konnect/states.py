"""The one door through which a noun changes its state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.db import models, transaction

if TYPE_CHECKING:
    from konnect.accounts.models import User

Transitions = dict[str, frozenset[str]]


class TransitionError(Exception):
    """A state change that the table of legal moves, or a faster writer, forbids."""


class StateChange(models.Model):
    """One row of a noun's history; the subclass adds the foreign key, related name `changes`."""

    old_state = models.CharField(max_length=30)
    new_state = models.CharField(max_length=30)
    reason = models.CharField(max_length=500, blank=True)
    # None means that the system did it, or that the person has since been erased.
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    changed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        abstract = True
        ordering = ("changed_at", "pk")

    def __str__(self) -> str:
        return f"{self.old_state} to {self.new_state}"


class Stateful(models.Model):
    """A noun with a `state` column, a table of legal moves and a history."""

    TRANSITIONS: ClassVar[Transitions] = {}
    state: Any
    changes: Any

    class Meta:
        abstract = True

    @transaction.atomic
    def move_to(
        self,
        new_state: str,
        *,
        actor: User | None,
        reason: str = "",
        columns: Mapping[str, Any] | None = None,
    ) -> None:
        """Change state and write the history row.

        `columns` are written in the same statement, for those that a check constraint ties to
        the state (`answered_at` and the like).

        Raises:
            TransitionError: the table forbids the move, or another writer was faster.
        """
        old_state = self.state
        if new_state not in self.TRANSITIONS[old_state]:
            raise TransitionError(f"{old_state} to {new_state}")
        same_row: models.QuerySet[Any] = models.QuerySet(type(self)).filter(pk=self.pk)
        values = {"state": new_state, **(columns or {})}
        if same_row.filter(state=old_state).update(**values) != 1:
            raise TransitionError(f"no longer {old_state}")
        for name, value in values.items():
            setattr(self, name, value)
        self.changes.create(old_state=old_state, new_state=new_state, actor=actor, reason=reason)


def changes_by(model: type[StateChange], user: User) -> models.QuerySet[Any]:
    """Return the rows of a history that somebody caused."""
    return models.QuerySet(model).filter(actor=user)
