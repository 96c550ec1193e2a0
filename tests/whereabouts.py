"""Where a word stands: in every column of every table, and in every file of the portal."""

import os
from pathlib import Path

from django.db import connection

from konnect import embedded

# The database is searched column by column; its files are none of the portal's.
OF_SERVERS = {"postgres", "database", "pgdata", "valkey", "broker", "static"}


def columns():
    """Return every column of every table."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.table_name, c.column_name, c.data_type FROM information_schema.columns c"
            " JOIN information_schema.tables t USING (table_schema, table_name)"
            " WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE'"
        )
        return cursor.fetchall()


def places_of(*words):
    """Return the (table, column) pairs of the whole database in which a word stands."""
    return {
        (table, column)
        for table, column, kind in columns()
        if any(stands_in(table, column, kind, word) for word in words)
    }


def stands_in(table, column, kind, word):
    """Tell whether a word stands in a column, as text or as bytes in whatever form."""
    text = f"encode(\"{column}\", 'escape')" if kind == "bytea" else f'"{column}"::text'
    with connection.cursor() as cursor:
        cursor.execute(
            f'SELECT EXISTS (SELECT 1 FROM "{table}" WHERE {text} ILIKE %s)', [f"%{word}%"]
        )
        return cursor.fetchone()[0]


def files_with(*words):
    """Return the files of the data directory in which a word stands; the servers' own apart."""
    return [
        path
        for place in embedded.data_directory().iterdir()
        if place.name not in OF_SERVERS
        for path in ([place] if place.is_file() else files_below(place))
        if is_told_by(path, words)
    ]


def files_below(place):
    """Return the files below a directory; other tests may take some away meanwhile."""
    return sorted(Path(way, name) for way, _parts, names in os.walk(place) for name in names)


def is_told_by(path, words):
    """Tell whether a word stands in a file; in none that has gone."""
    try:
        content = path.read_bytes() if path.is_file() else b""
    except FileNotFoundError:
        return False
    return any(word.encode() in content for word in words)
