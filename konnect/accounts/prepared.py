"""Querysets whose SQL is made once, and planned once a connection.

Making it takes Django ten times as long as running it, and planning it takes PostgreSQL longer
than running it.

Only for what every page reads, or the minute before a deadline. The queryset stays the one place that says what is read::

    @prepared
    def account_of(user_id: int) -> QuerySet[User]:
        return User.objects.filter(pk=user_id)

    [user] = account_of.models(user_id=7)

The function runs once, with a stand-in for every argument; so it must not look at them, and must
leave the time to the database (`Now()`).
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar
from weakref import WeakKeyDictionary

from django.db import DEFAULT_DB_ALIAS, InterfaceError, OperationalError, connection
from django.db.models import Model, QuerySet
from django.db.models.query import get_related_populators

M = TypeVar("M", bound=Model)
# Numbers that no row has: larger than any sequence reaches, small enough for a bigint.
FIRST_STAND_IN = 9_100_000_000_000_000_001


@dataclass(frozen=True)
class Argument:
    """A place in the SQL that a call fills in."""

    name: str


@dataclass(frozen=True)
class Statement:
    """SQL with `$1`, `$2` where values go and `%s` where constants go."""

    name: str
    sql: str
    constants: list[Any]

    def rows(self, *values: int | str | list[Any]) -> list[tuple[Any, ...]]:
        """Return what the database finds; it plans the statement once a connection."""
        places = ", ".join(["%s"] * len(values))
        with connection.cursor() as cursor:
            self.ensure_planned()
            cursor.execute(f'EXECUTE "{self.name}" ({places})', values)
            rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows

    def first_rows(self, *values: int | str | list[Any]) -> list[tuple[Any, ...]]:
        """The same, as the first thing that a request reads, without asking whether anybody is there.

        Django would send a query of its own first to see whether the kept connection still
        stands. The statement shows that as well: when it fails, it is sent once more over a new
        connection.
        """
        if connection.connection is None or connection.in_atomic_block:
            return self.rows(*values)
        setattr(connection, "health_check_done", True)  # noqa: B010 - not in the stubs of Django
        try:
            return self.rows(*values) if connection.queries_logged else self.driver_rows(values)
        except (InterfaceError, OperationalError):
            connection.close()
            return self.rows(*values)

    def driver_rows(self, values: Sequence[int | str | list[Any]]) -> list[tuple[Any, ...]]:
        """Return the same from the driver, without what Django adds for those who count queries."""
        with connection.wrap_database_errors:
            self.ensure_planned()
            with connection.connection.cursor() as cursor:
                cursor.execute(
                    f'EXECUTE "{self.name}" ({", ".join(["%s"] * len(values))})', values
                )
                rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows

    def ensure_planned(self) -> None:
        """Give the statement to the database, unless this connection has done so."""
        # The driver's own connection: a new one, after a restart, has no statements.
        planned = PLANNED.setdefault(connection.connection, set())
        if self.name in planned:
            return
        with connection.connection.cursor() as cursor:
            cursor.execute(f'PREPARE "{self.name}" AS {self.sql}', self.constants)
        planned.add(self.name)


# By the driver's connection: the names of its statements.
PLANNED: WeakKeyDictionary[Any, set[str]] = WeakKeyDictionary()


class Prepared(Generic[M]):
    """One queryset with open places."""

    def __init__(self, build: Callable[..., QuerySet[M, Any]]) -> None:
        self.build = build

    def models(self, **values: int | str) -> list[M]:
        """Return what is found as instances, with those that `select_related` names."""
        return [self.instance(row) for row in self.rows(**values)]

    def instance(self, row: Sequence[Any]) -> M:
        """Return one row as an instance, as Django's own iteration makes it."""
        first, end, names = self.own_columns
        found: M = self.queryset.model.from_db(DEFAULT_DB_ALIAS, names, row[first:end])
        for related in self.populators:
            related.populate(row, found)
        return found

    def rows(self, **values: int | str) -> list[Any]:
        """Return what is found as sequences in the order of the columns."""
        rows = self.plan.rows(*(values[each.name] for each in self.stand_ins.values()))
        if self.converters:
            rows = self.compiler.apply_converters(rows, self.converters)
        return list(rows)

    def inside(self, **expressions: str) -> tuple[str, list[Any]]:
        """Return the SQL with other SQL in the open places, and the parameters that stay."""
        pieces = self.sql.split("%s")
        places = [
            expressions[part.name] if isinstance(part, Argument) else "%s"
            for part in self.parameters
        ]
        sql = "".join(piece + place for piece, place in zip(pieces, [*places, ""], strict=True))
        return sql, [part for part in self.parameters if not isinstance(part, Argument)]

    @cached_property
    def plan(self) -> Statement:
        """The statement that the database keeps."""
        names = [each.name for each in self.stand_ins.values()]
        places = {name: f"${number}" for number, name in enumerate(names, start=1)}
        # Functions of two modules may share a name; PostgreSQL reads 63 bytes of it.
        name = f"{self.build.__module__}.{self.build.__qualname__}"[-63:]
        return Statement(name, *self.inside(**places))

    @cached_property
    def stand_ins(self) -> dict[int | str, Argument]:
        """A value for each argument, by which it is found again among the parameters."""
        arguments = inspect.signature(self.build).parameters.values()
        return {
            FIRST_STAND_IN + number
            if argument.annotation in ("int", int)
            else f"stand-in {number}": Argument(argument.name)
            for number, argument in enumerate(arguments)
        }

    @cached_property
    def queryset(self) -> QuerySet[M, Any]:
        """The queryset with stand-ins."""
        return self.build(**{each.name: value for value, each in self.stand_ins.items()})

    @cached_property
    def made(self) -> tuple[Any, str, list[Any]]:
        """What makes the SQL, the SQL, and its parameters with the arguments' places marked.

        The first is typed as anything because Django's stubs leave half of it out.
        """
        compiler = self.queryset.query.get_compiler(DEFAULT_DB_ALIAS)
        sql, parameters = compiler.as_sql()
        marked = [self.stand_ins.get(value, value) if hashable(value) else value
                  for value in parameters]  # fmt: skip
        return compiler, sql, marked

    @property
    def compiler(self) -> Any:
        """What has made the SQL, and so knows its columns and the models that come along."""
        return self.made[0]

    @property
    def sql(self) -> str:
        """The SQL."""
        return self.made[1]

    @property
    def parameters(self) -> list[Any]:
        """The parameters in order: values, and arguments to be filled in."""
        return self.made[2]

    @cached_property
    def own_columns(self) -> tuple[int, int, list[str]]:
        """Where the columns of the model itself begin and end, and their names."""
        places = self.compiler.klass_info["select_fields"]
        first, end = places[0], places[-1] + 1
        own = self.compiler.select[first:end]
        return first, end, [column.target.attname for column, *_rest in own]

    @cached_property
    def populators(self) -> list[Any]:
        """What makes the related instances of a row."""
        # The stubs describe the next version of Django, which wants one argument more.
        make: Any = get_related_populators
        return list(make(self.compiler.klass_info, self.compiler.select, DEFAULT_DB_ALIAS))

    @cached_property
    def converters(self) -> dict[int, Any]:
        """What turns columns into Python's values where the driver does not."""
        columns = [column for column, _sql, _alias in self.compiler.select]
        found: dict[int, Any] = self.compiler.get_converters(columns)
        return found


def prepared(build: Callable[..., QuerySet[M, Any]]) -> Prepared[M]:
    """Make the SQL of a function's queryset at its first use, for all later ones."""
    return Prepared(build)


def hashable(value: Any) -> bool:
    """Tell whether a parameter may be one of the stand-ins."""
    return isinstance(value, int | str)
