"""What is kept no longer than retention.yaml, and with it the privacy policy, says."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from allauth.usersessions.models import UserSession
from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Now

from konnect.accounts.retention_file import ForgetRule, tables
from konnect.accounts.rights import over
from konnect.accounts.services.erasure import forget_farewells, ledgers_open
from konnect.accounts.services.erasure_log import note_missing_in_log

# So that no transaction holds many locks for long; what is left goes an hour later.
BATCH = 5_000


def forget_what_is_over() -> int:
    """Delete what its time is over for, by the rules of the file; return how many rows."""
    note_missing_in_log()
    rows = forget_farewells() + forget_traces()
    for table in tables():
        rows += sum(forget(apps.get_model(table.label), rule) for rule in table.forget)
    over.send(None)
    return rows


@transaction.atomic
def forget(model: Any, rule: ForgetRule) -> int:
    """Delete the rows of one rule; the ledgers let go of what is old."""
    old: QuerySet[Any] = model.objects.filter(
        **{f"{rule.by}__lt": Now() - timedelta(days=rule.after_days)}, **rule.only
    )
    with ledgers_open():
        rows: int = model.objects.filter(pk__in=first_keys(old)).delete()[0]
    return rows


def first_keys(rows: QuerySet[Any]) -> Iterable[Any]:
    """Return the keys of so many rows as one transaction deletes."""
    return list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH])


@transaction.atomic
def forget_traces() -> int:
    """Delete the network addresses of sessions that have ended."""
    live = Session.objects.filter(session_key=OuterRef("session_key"), expire_date__gt=Now())
    return UserSession.objects.filter(~Exists(live)).delete()[0]
