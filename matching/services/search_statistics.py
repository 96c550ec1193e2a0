"""How frequent words are in what search looks in, as PostgreSQL's own statistics tell."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from threading import Lock

from django.db import connection

SECONDS_KEPT = 600.0
# How much rarer a word is that the statistics do not name than the rarest that they name.
UNNAMED = 4.0
STATISTICS = """
SELECT most_common_elems::text::text[], most_common_elem_freqs, (
    SELECT greatest(reltuples, 0) FROM pg_class WHERE oid = 'matching_searchentry'::regclass)
FROM pg_stats WHERE schemaname = current_schema() AND tablename = 'matching_searchentry'
AND attname = 'words'
"""


@dataclass(frozen=True)
class Frequencies:
    """The share of entries that have each of the most frequent lexemes."""

    shares: dict[str, float]
    rarest: float
    entries: float

    def rows(self, lexeme: str) -> float:
        """Return about how many entries have a lexeme."""
        return self.shares.get(lexeme, self.rarest) * self.entries

    def weight(self, lexeme: str) -> float:
        """Return how much a lexeme tells: the logarithm of its rarity."""
        return math.log(1 + 1 / max(self.shares.get(lexeme, self.rarest), 1e-6))


kept: dict[str, tuple[float, Frequencies]] = {}
lock = Lock()


def frequencies() -> Frequencies:
    """Return the frequencies, at most ten minutes old; one query when they are older."""
    name = str(connection.settings_dict["NAME"])
    until, found = kept.get(name, (0.0, None))
    if found is None or time.monotonic() > until:
        found = read_frequencies()
        with lock:
            kept[name] = (time.monotonic() + SECONDS_KEPT, found)
    return found


def read_frequencies() -> Frequencies:
    """Read them; every lexeme is rare until the table has been analysed."""
    with connection.cursor() as cursor:
        cursor.execute(STATISTICS)
        row = cursor.fetchone()
    if row is None or not row[0]:
        return Frequencies({}, 0.001, 0.0)
    lexemes, shares, entries = row
    # Behind the shares stand their least and greatest.
    named = dict(zip(lexemes, shares[: len(lexemes)], strict=True))
    return Frequencies(named, min(named.values()) / UNNAMED, float(entries))
