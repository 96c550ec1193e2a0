"""pgvector in real PostgreSQL: the same embedded server as the portal's, with room to work in.

CPU counts on both sides: this process and the backend that serves it. Queries run inside the
database, a batch a statement, so that no vector crosses the connection; vectors lie in the
table's own pages (STORAGE PLAIN), which is the fastest that pgvector knows.
"""

from __future__ import annotations

import io
import os
import struct
from pathlib import Path

import numpy as np
import psutil
import psycopg2
from numpy.typing import NDArray

from bench.speed.contender import KEEP, Case, Integers, NotRunError, OneIndex, TwoSearches

Floats = NDArray[np.float32]
PORTION = 2000
# How many queries lie in the table: more than any round does.
MOST_QUERIES = 20_000
SEARCH = """
SELECT query.id, near.id FROM {queries} query CROSS JOIN LATERAL (
  SELECT base.id FROM {base} base ORDER BY base.v <#> query.v LIMIT {keep}
) near WHERE query.id = ANY (%s)
"""


def backend_cpu(pid: int) -> float:
    """Return a process's seconds of CPU, to the microsecond where the kernel tells."""
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9
    except (OSError, ValueError, IndexError):
        times = psutil.Process(pid).cpu_times()
        return times.user + times.system


def copy_bytes(start: int, vectors: Floats) -> bytes:
    """Return rows (int4 id, vector) in PostgreSQL's binary format."""
    count, dimension = vectors.shape
    row = np.dtype(
        [
            ("fields", ">i2"), ("id_length", ">i4"), ("id", ">i4"), ("length", ">i4"),
            ("dimension", ">i2"), ("unused", ">i2"), ("values", ">f4", (dimension,)),
        ]
    )  # fmt: skip
    rows = np.zeros(count, dtype=row)
    rows["fields"], rows["id_length"], rows["id"] = 2, 4, np.arange(start, start + count)
    rows["length"], rows["dimension"], rows["values"] = 4 + 4 * dimension, dimension, vectors
    header = b"PGCOPY\n\xff\r\n\0" + struct.pack(">ii", 0, 0)
    return header + rows.tobytes() + struct.pack(">h", -1)


class Database:
    """One connection, its backend, and the tables of a case."""

    def __init__(self, case: Case) -> None:
        if "KONNECT_BENCH_DATABASE" not in os.environ:
            raise NotRunError("no PostgreSQL was started")
        self.connection = psycopg2.connect(os.environ["KONNECT_BENCH_DATABASE"])
        self.connection.autocommit = True
        self.cursor = self.connection.cursor()
        self.pid = self.connection.get_backend_pid()
        self.prefix = f"speed_{os.getpid()}"
        self.case = case
        self.execute("CREATE EXTENSION IF NOT EXISTS vector")
        self.execute("SET max_parallel_workers_per_gather = 0")
        self.execute("SET max_parallel_maintenance_workers = 0")
        self.execute("SET maintenance_work_mem = '2GB'")
        self.execute("SET jit = off")

    def execute(self, statement: str) -> None:
        """Run a statement."""
        self.cursor.execute(statement)

    def load(self, name: str, vectors: Floats) -> str:
        """Write a table; return what it is called."""
        table = f"{self.prefix}_{name}"
        self.execute(f"CREATE UNLOGGED TABLE {table} (id int, v vector({self.case.dimension}))")
        self.execute(f"ALTER TABLE {table} ALTER COLUMN v SET STORAGE PLAIN")
        for start in range(0, len(vectors), PORTION):
            data = copy_bytes(start, vectors[start : start + PORTION])
            self.cursor.copy_expert(f"COPY {table} FROM STDIN (FORMAT binary)", io.BytesIO(data))
        self.execute(f"CREATE INDEX ON {table} (id)")
        self.execute(f"VACUUM ANALYZE {table}")
        return table

    def search(self, base: str, queries: str, rows: list[int]) -> Integers:
        """Return the best rows of the base for some rows of the queries, in that order."""
        statement = SEARCH.format(base=base, queries=queries, keep=KEEP)
        self.cursor.execute(statement, [rows])
        found: dict[int, list[int]] = {row: [] for row in rows}
        for row, near in self.cursor.fetchall():
            found[row].append(near)
        short = [(found[row] + [-1] * KEEP)[:KEEP] for row in rows]
        return np.array(short, dtype=np.int64)

    def close(self) -> None:
        """Drop the tables."""
        for name in ("left", "right"):
            self.execute(f"DROP TABLE IF EXISTS {self.prefix}_{name}")
        self.connection.close()


class PgvectorExact(TwoSearches):
    """pgvector without an index."""

    title = "pgvector exact, two searches"
    batch = 10

    def prepare(self) -> None:
        """Load both sides into tables."""
        super().prepare()
        self.database = Database(self.case)
        self.tables = {
            id(self.left): self.database.load("left", self.left),
            id(self.right): self.database.load("right", self.right),
        }

    def run(self) -> float:
        """Search batches of both directions until the time is up."""
        left, right = self.tables[id(self.left)], self.tables[id(self.right)]
        spent, done = self.cpu_elsewhere(), 0
        while done < self.case.count and self.cpu_elsewhere() - spent < self.case.seconds:
            rows = list(range(done, min(done + self.batch, self.case.count)))
            self.database.search(right, left, rows)
            self.database.search(left, right, rows)
            done += len(rows)
        return done / self.case.count

    def find(self, rows: Integers) -> Integers:
        """Search for some left rows."""
        left, right = self.tables[id(self.left)], self.tables[id(self.right)]
        return self.database.search(right, left, rows.tolist())

    def cpu_elsewhere(self) -> float:
        """Return the backend's CPU."""
        return backend_cpu(self.database.pid)

    def close(self) -> None:
        """Drop the tables."""
        self.database.close()


class PgvectorHnsw(OneIndex):
    """pgvector with an HNSW index; nothing is filtered, which it would not survive."""

    title = "pgvector HNSW, unmasked"
    breadths = (60, 100, 200, 400, 800)

    def prepare(self) -> None:
        """Load both sides; building the index alone is counted."""
        self.database = Database(self.case)
        TwoSearches.prepare(self)
        self.queries = self.database.load("left", self.left[:MOST_QUERIES])
        self.base = self.database.load("right", self.right)
        super().prepare()

    def build(self) -> None:
        """Make the index over the right side."""
        self.database.execute(
            f"CREATE INDEX ON {self.base} USING hnsw (v vector_ip_ops)"
            " WITH (m = 16, ef_construction = 64)"
        )

    def run(self) -> float:
        """Search some left rows; the other direction would cost the same."""
        self.use_breadth()
        spent, done = self.cpu_elsewhere(), 0
        most = min(self.case.count, MOST_QUERIES)
        while done < most and self.cpu_elsewhere() - spent < self.case.seconds:
            rows = list(range(done, min(done + self.batch, most)))
            self.database.search(self.base, self.queries, rows)
            done += len(rows)
        return done / self.case.count / 2

    def find(self, rows: Integers) -> Integers:
        """Search for some left rows, none of them beyond those that were loaded."""
        self.use_breadth()
        return self.database.search(self.base, self.queries, rows.tolist())

    def use_breadth(self) -> None:
        """Tell the backend how broadly to search."""
        self.database.execute(f"SET hnsw.ef_search = {self.breadth}")

    def cpu_elsewhere(self) -> float:
        """Return the backend's CPU."""
        return backend_cpu(self.database.pid)

    def close(self) -> None:
        """Drop the tables."""
        self.database.close()
