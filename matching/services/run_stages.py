"""What the blocks of a run compute, stage by stage: scores, prices, lists.

Each function takes a block and the frozen input and returns what to keep of the block's result
and how many pairs it looked at.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from matching.models import BlockKind, MatchBlock, MatchRun, SnapshotChunk
from matching.scoring import RESERVE, Ranked
from matching.scoring.blocks import BlockResult, Survivors
from matching.scoring.prices import NotConverged, prices
from matching.scoring.vectors import PRICE_STEP, Position, price_steps
from matching.services.final_lists import Pools, Prices, final_lists, pass_of
from matching.services.list_rows import ListTable, copy_lists
from matching.services.packing import Arrays, pack, unpack
from matching.services.snapshot_files import chunk, store_chunk
from matching.services.snapshots import Snapshot

Integers = NDArray[np.int64]
logger = logging.getLogger(__name__)

# The right side's lists are merged for so many people at a time: it bounds the memory.
COLUMNS_A_MERGE = 4096
POOL, PRICE = "pool", "price"
# Erasing somebody waits for this transaction; editing them does not.
PRESENT = "SELECT id FROM matching_profile WHERE id = ANY (%s) ORDER BY id FOR KEY SHARE"


@dataclass(frozen=True)
class Span:
    """Rows of one side, from first to before last."""

    position: Position
    first: int
    last: int

    @property
    def rows(self) -> Integers:
        """The rows."""
        return np.arange(self.first, self.last)


def span_of(block: MatchBlock, snapshot: Snapshot) -> Span:
    """Return the rows of a ranking block."""
    left = len(snapshot.left)
    if block.first < left:
        return Span("left", block.first, block.last)
    return Span("right", block.first - left, block.last - left)


# --- Scores ------------------------------------------------------------------------------------


def score(block: MatchBlock, snapshot: Snapshot) -> tuple[bytes, int]:
    """Score some rows of the left against all of the right."""
    run = block.match_run
    thresholds = thresholds_of(run.pk, run.started_at) if block.number else None
    found = pass_of(snapshot.key).score_block((block.first, block.last), thresholds)
    return packed_scores(found, snapshot, with_thresholds=not block.number), found.pairs


def packed_scores(found: BlockResult, snapshot: Snapshot, *, with_thresholds: bool) -> bytes:
    """Return what a block of scores found as bytes: rows instead of ids, 32 bits a number."""
    pools = Pools.of(found.rows, snapshot, "left")
    arrays: Arrays = {
        "pool_rows": pools.rows.astype(np.int32),
        "pool_scores": pools.scores.astype(np.int32),
        "pool_counts": pools.counts.astype(np.int32),
        "column": found.columns.column,
        "row": found.columns.row,
        "score": found.columns.score.astype(np.int32),
    }
    if with_thresholds:
        arrays["thresholds"] = found.thresholds
    return pack(arrays)


@lru_cache(maxsize=2)
def thresholds_of(run_id: int, started_at: datetime) -> NDArray[np.float32]:
    """Return the thresholds that the first block set; started_at: see `stored_prices`."""
    return unpack(result_of(run_id, 0))["thresholds"]


def result_of(run_id: int, number: int) -> bytes:
    """Return what a finished block of scores wrote."""
    blocks = MatchBlock.objects.filter(match_run=run_id, kind=BlockKind.SCORE, number=number)
    return bytes(blocks.values_list("result", flat=True).get() or b"")


# --- Prices ------------------------------------------------------------------------------------


def price(block: MatchBlock, snapshot: Snapshot) -> tuple[bytes, int]:
    """Merge what the blocks found for the right, compute prices, and store pools and prices."""
    run = block.match_run
    left, right = merged_pools(run, snapshot)
    found = prices_of(snapshot, left, right)
    SnapshotChunk.objects.filter(match_run=run, name__in=(POOL, PRICE)).delete()
    store_chunk(run, PRICE, 0, pack({"left": found.left, "right": found.right}))
    for other in run.blocks.filter(kind=BlockKind.RANK).only("number", "first", "last"):
        span = span_of(other, snapshot)
        pools = left if span.position == "left" else right
        store_chunk(run, POOL, other.number, packed_pools(pools, span))
    return b"", 0


def merged_pools(run: MatchRun, snapshot: Snapshot) -> tuple[Pools, Pools]:
    """Return the pools of the left and of the right."""
    numbers = run.blocks.filter(kind=BlockKind.SCORE).values_list("number", flat=True)
    results = [unpack(result_of(run.pk, number)) for number in sorted(numbers)]
    if not results:
        return Pools.empty(len(snapshot.left)), Pools.empty(len(snapshot.right))
    names = ("pool_rows", "pool_scores", "pool_counts")
    pieces = (np.concatenate([result[name] for result in results]) for name in names)
    left = Pools(*(piece.astype(np.int64) for piece in pieces))
    survivors = [
        Survivors(result["column"], result["row"], result["score"].astype(np.int64))
        for result in results
    ]
    return left, merged_columns(snapshot, survivors, results[0]["thresholds"])


def merged_columns(
    snapshot: Snapshot, survivors: list[Survivors], thresholds: NDArray[np.float32]
) -> Pools:
    """Return the pools of the right, some columns at a time."""
    one, count = pass_of(snapshot.key), len(snapshot.right)
    pieces: list[Ranked] = [
        one.merge(survivors, thresholds, (start, min(start + COLUMNS_A_MERGE, count)))
        for start in range(0, count, COLUMNS_A_MERGE)
    ]
    pools = [Pools.of(piece, snapshot, "right") for piece in pieces]
    return Pools(
        np.concatenate([pool.rows for pool in pools]),
        np.concatenate([pool.scores for pool in pools]),
        np.concatenate([pool.counts for pool in pools]),
    )


def prices_of(snapshot: Snapshot, left: Pools, right: Pools) -> Prices:
    """Return what suggesting each person costs, balanced over all pairs of pools."""
    left_rows, right_rows, scores = pairs_of(left, right)
    facts = (snapshot.left_facts, snapshot.right_facts)
    known = [in_steps(side.price) for side in facts]
    values = scores - known[0][left_rows] - known[1][right_rows]
    try:
        found = prices(left_rows, right_rows, values, *(side.capacity for side in facts))
    except NotConverged as problem:
        logger.warning("Run keeps the prices of the last one: %s", problem)
        found = known[0], known[1]
    return Prices(*found)


def pairs_of(left: Pools, right: Pools) -> tuple[Integers, Integers, Integers]:
    """Return the pairs of all pools: rows of the left, rows of the right, scores of retrieval."""
    mine, place = np.nonzero(left.rows >= 0)
    theirs, their_place = np.nonzero(right.rows >= 0)
    return (
        np.concatenate([mine, right.rows[theirs, their_place]]),
        np.concatenate([left.rows[mine, place], theirs]),
        np.concatenate([left.scores[mine, place], right.scores[theirs, their_place]]),
    )


def in_steps(price: Integers) -> Integers:
    """Return prices as retrieval counted them."""
    return price_steps(price) * PRICE_STEP


def packed_pools(pools: Pools, span: Span) -> bytes:
    """Return the pools of a ranking block's people."""
    rows = slice(span.first, span.last)
    return pack(
        {
            "rows": pools.rows[rows].astype(np.int32),
            "scores": pools.scores[rows].astype(np.int32),
            "counts": pools.counts[rows].astype(np.int32),
        }
    )


@lru_cache(maxsize=2)
def stored_prices(run_id: int, started_at: datetime) -> Prices:
    """Return the prices that a run computed.

    started_at: tells runs of one number apart; a database that was restored counts anew.
    """
    arrays = unpack(chunk(run_id, PRICE, 0))
    return Prices(arrays["left"], arrays["right"])


# --- Lists -------------------------------------------------------------------------------------


def rank(block: MatchBlock, snapshot: Snapshot) -> tuple[bytes, int]:
    """Write the lists of some people of one side."""
    run, span = block.match_run, span_of(block, snapshot)
    arrays = unpack(chunk(run.pk, POOL, block.number))
    pools = Pools(*(arrays[name].astype(np.int64) for name in ("rows", "scores", "counts")))
    lists = final_lists(
        snapshot, span.position, span.rows, pools, stored_prices(run.pk, run.started_at)
    )
    copy_lists(run.pk, of_those_who_stay(lists))
    return b"", int(np.minimum(pools.counts, RESERVE).sum())


def of_those_who_stay(lists: ListTable) -> ListTable:
    """Leave out people who were erased since the run began; nobody else is before it commits."""
    with connection.cursor() as cursor:
        cursor.execute(PRESENT, [lists.person_ids.tolist()])
        present = [row[0] for row in cursor.fetchall()]
    return lists.of(np.flatnonzero(np.isin(lists.person_ids, present)))


WORK = {BlockKind.SCORE: score, BlockKind.PRICE: price, BlockKind.RANK: rank}
