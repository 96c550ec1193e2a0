"""Reads one person's list after the other until told to stop; see `bench.write`."""

from __future__ import annotations

import json
import os
import random
import select
import sys
import time

import psycopg2

PAUSE = 0.002
READ = """
SELECT run.id, list.partner_ids[1:50], list.scores[1:50]
FROM matching_matchrun run JOIN matching_suggestionlist list ON list.match_run_id = run.id
WHERE run.state = 'published' AND list.profile_id = $1
"""


def main() -> None:
    """Print a line when ready; then what was read, when a line comes in."""
    first, last = (int(word) for word in sys.argv[1:])
    connection = psycopg2.connect(os.environ["KONNECT_BENCH_DATABASE"])
    connection.autocommit = True
    cursor = connection.cursor()
    cursor.execute(f"PREPARE one_list (bigint) AS {READ}")
    chance, reads = random.Random(3), []
    print("ready", flush=True)
    while not select.select([sys.stdin], [], [], PAUSE)[0]:
        person, began = chance.randint(first, last), time.monotonic()
        cursor.execute("EXECUTE one_list (%s)", [person])
        rows = cursor.fetchall()
        spent = time.monotonic() - began
        reads.append({"at": began, "ms": 1000 * spent, "found": len(rows) == 1})
    print(json.dumps(reads), flush=True)


if __name__ == "__main__":
    main()
