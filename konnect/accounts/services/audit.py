"""Writing down what the staff did or read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import models

from konnect.accounts.audit import ACTIONS
from konnect.accounts.models import AuditEvent, User


def record(
    actor: User,
    action: str,
    *,
    subject: User | None = None,
    target: models.Model | None = None,
    reason: str = "",
    facts: Mapping[str, Any] | None = None,
) -> AuditEvent:
    """Add one line: who did what, with whose data, to which thing.

    Nothing that a person wrote goes into `facts`: numbers and names of things only.

    Raises:
        KeyError: nobody registered the action.
    """
    if action not in ACTIONS:
        raise KeyError(action)
    return AuditEvent.objects.create(
        actor=actor,
        actor_name=actor.email,
        action=action,
        subject=subject,
        target_kind="" if target is None else target._meta.label_lower,  # noqa: SLF001 - documented API
        target_id="" if target is None else str(target.pk),
        reason=reason[:500],
        facts=dict(facts or {}),
    )
