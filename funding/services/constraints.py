"""Which promise of the database a write would have broken."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.db import IntegrityError, transaction

from funding.refusing import Blocker, RefusedError


def constraint_of(error: IntegrityError) -> str:
    """Return the constraint that a write broke; '' where the database names none."""
    cause: Any = error.__cause__
    return (cause.diag.constraint_name or "") if hasattr(cause, "diag") else ""


def check_now(*names: str) -> None:
    """Let the database say at once what it would say of these promises before the commit."""
    with transaction.get_connection().cursor() as cursor:
        cursor.execute(f"SET CONSTRAINTS {', '.join(names)} IMMEDIATE")
        cursor.execute(f"SET CONSTRAINTS {', '.join(names)} DEFERRED")


@contextmanager
def kept(promises: Mapping[str, Blocker]) -> Iterator[None]:
    """Say in words which of these promises a write would break; nothing of it is kept.

    promises: what to say, by the name of a constraint.

    Raises:
        RefusedError: it would break one of them.
    """
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        name = constraint_of(error)
        if name not in promises:
            raise
        raise RefusedError([promises[name]]) from error
