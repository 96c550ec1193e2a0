"""Rows one by one: what cannot be done with one of them keeps nothing from the others."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import TypeVar

from django.db import models, transaction

logger = logging.getLogger(__name__)
Row = TypeVar("Row", bound=models.Model)


def one_by_one(rows: Iterable[Row], act: Callable[[Row], object]) -> int:
    """Do something with each row in a transaction of its own; return with how many it was done.

    A row with which it fails stays as it was, and is logged with where it failed.

    act: False means that there was nothing to do.
    """
    return sum(is_done(row, act) for row in rows)


def is_done(row: Row, act: Callable[[Row], object]) -> bool:
    """Do something with one row; False if there was nothing to do, or if it failed."""
    try:
        with transaction.atomic():
            return act(row) is not False
    except Exception:
        logger.exception("%s failed at %s %s.", act, type(row).__name__, row.pk)
        return False
