"""What a person may take with them, and what must follow when they are erased or stay away.

Applications register in `AppConfig.ready` what they hold of a person; accounts stands left of all
of them and knows none. A test fails when a model that leads to an account is named here by nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.backends.postgresql.psycopg_any import Range
from django.dispatch import Signal
from django.utils.functional import Promise

from konnect.accounts.models import User

Row = Mapping[str, Any]
Rows = Callable[[User], Iterable[Row]]

# Sent with `user`; receivers return the words by which texts of others may name the person.
words_wanted = Signal()
# Sent with `user`, `words` (a konnect.accounts.services.erasure.Words) and `keeps_messages`, in
# the transaction that erases, before the account itself goes.
erasing = Signal()
# Sent with `user` when somebody has not been here for long, and when such a person comes back.
hidden_for_absence = Signal()
came_back = Signal()
# Sent every hour, when what is over is forgotten: for what no rule of retention.yaml can say.
over = Signal()


@dataclass(frozen=True)
class ExportPart:
    """One noun of a person's copy of their data.

    name: the name of its file, in English; label: its heading in the person's language; rows:
    what is held of one person, as dictionaries of what JSON knows, dates and times; models: the
    labels of the models that the rows come from, `matching.Profile`, the first one for the
    headings of the columns.
    """

    name: str
    label: str | Promise
    rows: Rows
    models: tuple[str, ...] = ()


EXPORTS: dict[str, ExportPart] = {}
# Models that lead to an account and are in no export, each with its reason.
EXEMPT: dict[str, str] = {}


def register_export(
    name: str, label: str | Promise, rows: Rows, *, models: Iterable[str] = ()
) -> None:
    """Make one noun a part of everybody's copy of their data; twice does no harm."""
    EXPORTS[name] = ExportPart(name, label, rows, tuple(models))


def exempt_from_export(reasons: Mapping[str, str]) -> None:
    """Name models that lead to an account and need no export, with the reason of each."""
    EXEMPT.update(reasons)


def export_parts() -> tuple[ExportPart, ...]:
    """Return every registered noun, in the order of registration."""
    return tuple(EXPORTS.values())


def columns_of(instance: models.Model, *, leave_out: Iterable[str] = ()) -> dict[str, Any]:
    """Return a row as a dictionary: every column of its own except those left out."""
    hidden = set(leave_out)
    return {
        field.attname: plain(field.value_from_object(instance))
        for field in instance._meta.concrete_fields  # noqa: SLF001 - documented API
        if field.attname not in hidden and not isinstance(field, models.BinaryField)
    }


def plain(value: Any) -> Any:
    """Return a value as files can hold it: a period as ISO 8601 writes one, its end outside."""
    if isinstance(value, Range):
        return "/".join(edge.isoformat() if edge else ".." for edge in (value.lower, value.upper))
    return value


def table(queryset: models.QuerySet[Any], *, leave_out: Iterable[str] = ()) -> list[Row]:
    """Return the rows of a queryset as dictionaries."""
    return [columns_of(row, leave_out=leave_out) for row in queryset]
